"""The hostile cases as data: small programs by the bullet of the threat list, each with the verdicts that it may get.

A file `cases/BULLET.EXTENSION.cases` begins with a sentence. Each case begins with a line
`//// NAME: VERDICT... | OPTION...` (`####` in Python); options are `key=value` or the word `slow`. Python, C and Java
cases are completed by a prelude; those for compilers stand as they are. `validators` are output validators,
`interactors` validators that talk.
Words between @ are filled in with the canaries of this machine.
"""

from __future__ import annotations

import platform
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from app.core.verdict import Verdict

HERE = Path(__file__).parent
LANGUAGES = {"c": "c", "cpp": "cpp", "py": "python3", "java": "java"}
NAMES = {"c": "attack.c", "cpp": "attack.cpp", "py": "attack.py", "java": "Main.java"}
IN_THE_DEFAULT_RUN = 20


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile program. `bullet` is the file it stands in, `allowed` the verdicts it may get."""

    bullet: str
    name: str
    extension: str
    allowed: frozenset[Verdict]
    text: str
    options: Mapping[str, str]

    @property
    def id(self) -> str:
        """Its name in reports."""
        return f"{self.bullet}-{self.extension}-{self.name}"

    @property
    def language(self) -> str:
        """The id of its language."""
        return LANGUAGES[self.extension]

    @property
    def file_name(self) -> str:
        """What its source file is called."""
        return unquote(self.options.get("name", NAMES[self.extension]))

    @property
    def slow(self) -> bool:
        """Too long for the run that every change must pass."""
        return "slow" in self.options or self.extension == "java"

    def source(self, canaries: Mapping[str, str]) -> str:
        """The whole source, with the canaries' places filled in."""
        text = self.text
        if self.extension == "c":
            text = (HERE / "preludes/attack.c").read_text() + text
        elif self.extension == "py":
            text = (HERE / "preludes/attack.py.txt").read_text() + text
        elif self.extension == "java":
            text = (HERE / "preludes/Main.java.txt").read_text().replace("@BODY@", text)
        for word, value in canaries.items():
            text = text.replace(f"@{word}@", value)
        return text


def read_cases() -> list[Case]:
    """All cases that this machine's processor can run, in the order of the files."""
    found = [case for path in sorted((HERE / "cases").glob("*.cases")) for case in _read(path)]
    return [case for case in found if case.options.get("machine", platform.machine()) == platform.machine()]


def chosen(cases: Sequence[Case], seed: int, everything: bool) -> list[Case]:
    """All cases in random order, or some of them: each bullet is there, the rest as it comes."""
    dice = random.Random(seed)
    order = dice.sample(list(cases), len(cases))
    if everything:
        return order
    quick = [case for case in order if not case.slow]
    first = {case.bullet: case for case in reversed(quick)}
    rest = [case for case in quick if case is not first[case.bullet]]
    return [*first.values(), *rest][:IN_THE_DEFAULT_RUN]


def _read(path: Path) -> Iterator[Case]:
    bullet, extension, _ = path.name.split(".")
    mark = "####" if extension == "py" else "////"
    for part in path.read_text().split(f"\n{mark} ")[1:]:
        head, _, text = part.partition("\n")
        told, _, options = head.partition("|")
        name, _, verdicts = told.partition(":")
        allowed = frozenset(Verdict(word) for word in verdicts.split())
        pairs = {word.partition("=")[0]: word.partition("=")[2] for word in options.split()}
        yield Case(bullet, name.strip(), extension, allowed, text + "\n", pairs)
