"""Which submitted file is the output of which test, where a problem asks for outputs instead of a program.

A file is called like its test (`secret/02-big`: 02-big, 02-big.ans, 02-big.out or 02-big.txt, with or without its folders) or by the test's
number, as output-only tasks have it (`output_002.txt` for the test named 0002).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

_DIGITS = re.compile(r"\d+$")
_NUMBERED = re.compile(r"\d{4}")
_ENDINGS = (".ans", ".out", ".txt", "")


def names_of(test: str) -> Iterator[str]:
    """The names that the output of a test may have, the most exact first; `test` with or without its folders."""
    yield from (f"{test}{ending}" for ending in _ENDINGS)
    digits = _DIGITS.search(test)
    if digits is not None:
        number = int(digits.group())
        yield from (f"output_{number:03d}.txt", f"output{number}.txt", f"output_{number}.txt")


def usual_name(test: str, tests: Sequence[str]) -> str:
    """The name that people are told: the last part of the test's, with its folders only where another test's ends alike."""
    last = test.rpartition("/")[2]
    if _NUMBERED.fullmatch(last):
        return f"output_{int(last):03d}.txt"
    alone = sum(one.rpartition("/")[2] == last for one in tests) == 1
    return f"{last if alone else test}.out"


def test_for(file: str, tests: Collection[str]) -> str | None:
    """The test that a file of this name is the output of; None for no one's."""
    for test in tests:
        if file in names_of(test):
            return test
    last = file.rpartition("/")[2]
    return next((test for test in tests if last in names_of(test.rpartition("/")[2])), None)
