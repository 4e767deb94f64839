"""What the jury's solutions are expected to end as: directories, tags, rules (PROBLEM_FORMATS 6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.verdict import Verdict
from app.package.expectations import glob_matches
from app.package.manifest import JurySolution
from unit.app.package.packages import read


def solution(folder: Path, name: str, source: str = "", rules: str | None = None) -> JurySolution:
    package = read(folder, {f"submissions/{name}": source, "submissions/submissions.yaml": rules})
    return next(one for one in package.submissions if name.startswith(one.path))


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("accepted/b.py", "", "AC"),
        ("wrong_answer/b.py", "", "WA"),
        ("time_limit_exceeded/b.py", "", "TLE"),
        ("run_time_error/b.py", "", "RTE"),
        ("rejected/b.py", "", "RTE TLE WA"),
        ("brute_force/b.py", "", "RTE TLE"),
        ("memory_limit/b.py", "", "MLE"),
        ("compile_error/b.py", "", "CE"),
        ("runtime-error/b.py", "", "RTE"),
        ("Wrong_Answer/b.py", "", "WA"),
        ("timelimit/b.py", "", "TLE"),
        ("mixed/b.py", "", ""),
        ("mixed/b.py", "# @EXPECTED_RESULTS@: WRONG-ANSWER, timelimit\n", "TLE WA"),
        ("mixed/b.c", "/* @EXPECTED_RESULTS@: MEMORY-LIMIT */\n", "MLE"),
        ("run_time_error/b.py", "# @expected_results@: OUTPUT-LIMIT", "OLE"),
        ("wrong_answer/b.py", "# @EXPECTED_RESULTS@: WRONG-ANSWER, TIMELIMIT\n", "WA"),
        ("wrong_answer/b.py", "# @EXPECTED_RESULTS@: NO-OUTPUT\n# @EXPECTED_RESULTS@: CORRECT\n", "WA"),
        ("mixed/b.py", "# @EXPECTED_RESULTS@: CHECK-MANUALLY\n", ""),
        ("mixed/b/Main.java", "// @EXPECTED_RESULTS@: COMPILER-ERROR\n", "CE"),
        ("mixed/b.py", "# @EXPECTED_RESULTS@: RUN_TIME_ERROR, Memory_Limit_Exceeded\n", "MLE RTE"),
        ("mixed/b.py", "# @EXPECTED_SCORE@: CORRECT, wrong-answer\n", "AC WA"),
        ("mixed/b.py", "# @EXPECTED_SCORE@: 30\n", ""),
        ("mixed/b.py", "# @EXPECTED_SCORE@: CORRECT\n# @EXPECTED_RESULTS@: TIMELIMIT\n", "TLE"),
    ],
)
def test_directories_and_tags(tmp_path: Path, name: str, source: str, expected: str) -> None:
    """A directory says what is expected; a tag does where the directory does not agree with it."""
    assert " ".join(sorted(solution(tmp_path, name, source).expected)) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("mixed/*.py:\n  required: [MLE]\n", "MLE"),
        ("mixed:\n  permitted: [WA, NO]\n", "NO WA"),
        ("mixed/{a,b}.*:\n  required: NO\n", "NO"),
        ("mixed/c.py:\n  required: [MLE]\n", ""),
        ("mixed/*/x:\n  required: [MLE]\n", ""),
        ("mixed:\n  required: [WA]\nmixed/b.py:\n  required: [TLE]\n", "TLE"),
    ],
)
def test_rules(tmp_path: Path, rules: str, expected: str) -> None:
    """submissions.yaml has the last word; an unquoted NO is the verdict and not the word false."""
    assert " ".join(sorted(solution(tmp_path, "mixed/b.py", rules=rules).expected)) == expected


def test_rules_name_language_and_entry_point(tmp_path: Path) -> None:
    """A rule may say in which language and by which file a solution starts."""
    rules = "accepted/b:\n  language: python3\n  entrypoint: start.py\n"
    found = solution(tmp_path, "accepted/b/start.py", rules=rules)
    assert (found.program.language, found.program.entry_point) == ("python3", "start.py")
    assert found.expected == {Verdict.AC}


def test_rules_that_one_test_does_not_settle(tmp_path: Path) -> None:
    """May be WRONG anywhere but must be SLOW somewhere: only all tests can tell."""
    rules = "mixed/b.py:\n  permitted: [AC, WA, TLE]\n  required: [TLE]\n"
    assert solution(tmp_path / "a", "mixed/b.py", rules=rules).needs_all_tests
    assert not solution(tmp_path / "b", "wrong_answer/b.py").needs_all_tests


def test_globs() -> None:
    """A star stays within one name; brackets mean themselves; a folder stands for everything below it."""
    assert glob_matches("a/*", "a/b/c.py")
    assert glob_matches("a", "a/b/c.py")
    assert not glob_matches("*.py", "a/b.py")
    assert not glob_matches("a/b/c/d", "a/b/c")
    assert glob_matches("a/[b].py", "a/[b].py")
    assert not glob_matches("a/[b].py", "a/b.py")


def test_verdicts_named(tmp_path: Path) -> None:
    """One NO-OUTPUT anywhere in the package makes the whole package exact."""
    package = read(tmp_path, {"submissions/mixed/b.py": "# @EXPECTED_RESULTS@: NO-OUTPUT\n"})
    assert package.verdicts_named == {Verdict.AC, Verdict.NO}
