"""Problem setters: what submissions.yaml asks of single tests, groups, messages and times (PROBLEM_FORMATS 6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.verdict import Verdict
from app.package.expectations import expanded
from app.package.known_keys import unsupported_keys
from app.package.manifest import Bound, JurySolution, Rule
from app.package.reader import open_package
from unit.app.package.packages import read, write

AC, WA, TLE = Verdict.AC, Verdict.WA, Verdict.TLE


def solution(folder: Path, name: str, rules: str) -> JurySolution:
    package = read(folder, {f"submissions/{name}": "", "submissions/submissions.yaml": rules})
    return next(one for one in package.submissions if one.path == name)


def test_every_matching_glob_asks_something(tmp_path: Path) -> None:
    """A rule for one file comes on top of its directory's; both hold, and only all tests can tell."""
    rules = "mine:\n  permitted: [AC, WA]\n  required: [WA]\nmine/*.py:\n  required: [AC]\n"
    found = solution(tmp_path, "mine/a.py", rules)
    assert found.rules == (
        Rule(permitted=frozenset({AC, WA}), required=frozenset({WA})),
        Rule(required=frozenset({AC})),
    )
    assert found.needs_all_tests


def test_the_name_of_a_known_directory_changes_its_meaning(tmp_path: Path) -> None:
    """What is not given stays as the format has it; a glob into the directory adds to it instead."""
    changed = solution(tmp_path / "a", "time_limit_exceeded/a.py", "time_limit_exceeded:\n  permitted: [AC, WA, TLE]\n")
    assert (changed.permitted, changed.required) == ({AC, WA, TLE}, {TLE})
    added = solution(tmp_path / "b", "time_limit_exceeded/a.py", "time_limit_exceeded/*:\n  permitted: [AC, WA, TLE]\n")
    assert (added.permitted, added.required) == ({AC, TLE}, {TLE})


def test_rules_for_tests_and_groups(tmp_path: Path) -> None:
    """Keys that are no keys of a rule are globs over tests; a score there is the group's."""
    rules = (
        "mine/a.py:\n  sample:\n    permitted: [AC]\n  secret/*{1, 3}:\n    required: [WA]\n    message: too big\n"
        "  secret/big:\n    score: [10, 20.5]\n    use_for_time_limit: upper\n"
    )
    found = solution(tmp_path, "mine/a.py", rules)
    assert found.rules == (
        Rule(tests=("sample",), permitted=frozenset({AC})),
        Rule(tests=("secret/*1", "secret/*3"), required=frozenset({WA}), message="too big"),
        Rule(tests=("secret/big",), score=(10_000_000, 20_500_000), bound=Bound.UPPER),
    )
    assert found.expected == frozenset()
    assert found.needs_all_tests


@pytest.mark.parametrize(
    ("word", "bound"),
    [("lower", Bound.LOWER), ("upper", Bound.UPPER), ("false", Bound.NONE), ("true", Bound.AS_VERDICTS_TELL)],
)
def test_use_for_time_limit(tmp_path: Path, word: str, bound: Bound) -> None:
    """A solution may be taken out of the measuring of the limit, or be told to bound it from one side."""
    found = solution(tmp_path, "accepted/a.py", f"accepted/a.py:\n  permitted: [AC]\n  use_for_time_limit: {word}\n")
    assert found.rules[-1].bound is bound


def test_slips_are_told(tmp_path: Path) -> None:
    """Words without a meaning are named with the line that has them; a score that is none refuses the package."""
    rules = "mine/a.py:\n  permited: [AC]\n  secret:\n    requird: [WA]\nmine/{b,c}.py:\n  required: [WA]\n"
    package = read(tmp_path, {"submissions/mine/a.py": "", "submissions/submissions.yaml": rules})
    assert [one for one in package.warnings if "submissions.yaml" in one] == [
        "submissions/submissions.yaml, line 2: permited is no key of a rule and no tests; it does nothing.",
        "submissions/submissions.yaml, line 3: requird is no key of a rule; it does nothing.",
        "submissions/submissions.yaml, line 5: mine/{b,c}.py matches no submission; it does nothing.",
    ]


def test_braces() -> None:
    """Choices multiply, may be empty, and blanks around one mean nothing."""
    assert expanded("a{,1}{b, c }") == ("ab", "ac", "a1b", "a1c")
    assert expanded("plain") == ("plain",)


def test_python_2_is_told_by_the_first_line(tmp_path: Path) -> None:
    """To the file's name the two are one language, to its first line they are not."""
    package = read(
        tmp_path,
        {
            "submissions/accepted/old.py": "#!/usr/bin/env python2\nprint 7\n",
            "submissions/accepted/new.py": "#!/usr/bin/env python3\n# not python2\n",
        },
    )
    assert {one.path: one.program.language for one in package.submissions} == {
        "accepted/old.py": "python2",
        "accepted/new.py": None,
        "accepted/sum.py": None,
    }


def test_samples_alone_are_a_warning(tmp_path: Path) -> None:
    """A package whose secret data is kept elsewhere can be tried with its samples."""
    package = read(tmp_path, {"data/secret/01.in": None, "data/secret/01.ans": None})
    assert [test.name for test in package.tests] == ["sample/1"]
    assert "data/secret: there is no secret test case; the samples decide alone." in package.warnings


def test_keys_of_tests_and_of_the_ini(tmp_path: Path) -> None:
    """What would be dropped in silence is named, also in the files of single tests and in DOMjudge's own."""
    changes = {
        "data/secret/01.yaml": "hint: small\nargz: [a]\n",
        "domjudge-problem.ini": "; ours\ntimelimit='2'\nspecial_compare = float\n",
    }
    with open_package(write(tmp_path / "sum", changes)) as opened:
        assert unsupported_keys(opened.tree) == (
            "data/secret/01.yaml, line 2: the key argz has no meaning and does nothing.",
            "domjudge-problem.ini, line 3: the key special_compare has no meaning and does nothing.",
        )
