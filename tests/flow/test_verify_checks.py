"""Problem setters: what verify says of the package itself, and why a solution disagrees."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from unit.app.package.packages import write

from flow.test_verify import call, lines

pytestmark = pytest.mark.root

STRICT = "import re, sys\nsys.exit(42 if re.fullmatch(r'\\d+ \\d+\\n', sys.stdin.read()) else 1)\n"
EXACT = (
    "import pathlib, sys\nsum_ = sum(map(int, pathlib.Path(sys.argv[1]).read_text().split()))\n"
    "right = sys.stdin.read() == f'{sum_}\\n' and sys.argv[2:] in ([], ['big'])\n"
    "print('no sum', file=sys.stderr)\nsys.exit(42 if right else 7)\n"
)
SUM = "print(sum(map(int, input().split())))\n"


def test_inputs_are_validated(tmp_path: Path) -> None:
    """An input that the package's own validators refuse, and an invalid one that all accept, fail the package by name."""
    package = write(
        tmp_path / "sum",
        {
            "input_validators/strict.py": STRICT,
            "input_validators/sum.ctd": "INT(0,9) SPACE INT(0,9) NEWLINE EOF\n",
            "data/secret/02.in": "3  4\n",
            "data/secret/02.ans": "7\n",
            "data/secret/03.in": "30 4\n",
            "data/secret/03.ans": "34\n",
            "data/invalid_input/negative.in": "-1 2\n",
            "data/invalid_input/fine.in": "1 2\n",
        },
    )
    done = call(tmp_path, "verify", package, "--json")
    assert done.returncode == 1
    assert "the package itself has 4 errors" in done.stderr
    assert "data/secret/02.in: input_validators/strict.py does not accept it (ended with exit code 1)" in done.stderr
    assert "data/secret/02.in: input_validators/sum.ctd does not accept it" in done.stderr
    assert "data/secret/03.in: input_validators/sum.ctd does not accept it" in done.stderr
    assert "data/invalid_input/fine.in: every input validator accepts it" in done.stderr
    assert lines(done)["accepted/sum.py"]["ok"] is True
    again = call(tmp_path, "verify", package)
    assert (again.returncode, again.stderr.count("does not accept")) == (1, 3)


def test_answers_are_validated(tmp_path: Path) -> None:
    """Answer validators see each answer beside its input, with their group's arguments; a script sees the answer alone."""
    package = write(
        tmp_path / "sum",
        {
            "answer_validators/exact.py": EXACT,
            "answer_validators/number.ctd": "INT(0,99) NEWLINE EOF\n",
            "data/secret/test_group.yaml": "answer_validator_args: [big]\n",
            "data/secret/02.in": "3 5\n",
            "data/secret/02.ans": "8 \n",
        },
    )
    done = call(tmp_path, "verify", package, "--json")
    assert done.returncode == 1
    assert "the package itself has 2 errors" in done.stderr
    assert "data/secret/02.ans: answer_validators/exact.py does not accept it (ended with exit code 7)" in done.stderr
    assert "data/secret/02.ans: answer_validators/number.ctd does not accept it" in done.stderr
    write(tmp_path / "sum", {"data/secret/02.in": "3 5\n", "data/secret/02.ans": "8\n"})
    done = call(tmp_path, "verify", package)
    assert done.returncode == 0
    assert "2 answer validator(s) agree with all 3 answers." in done.stderr


def test_keys_and_reasons(tmp_path: Path) -> None:
    """A misspelt key is an error with its line; a wrong answer is explained by test, line and column; the picture opens."""
    package = write(
        tmp_path / "sum",
        {
            "problem.yaml": "problem_format_version: 2025-09\nname: Sum\nuuid: 1\nlimits: {time_limit: 2, memroy: 64}\n",
            "submissions/accepted/product.py": "a, b = map(int, input().split())\nprint('', a * b)\n",
            "submissions/wrong_answer/right.py": SUM,
        },
    )
    done = call(tmp_path, "verify", package, "--json", "--times", tmp_path / "times.svg")
    found = lines(done)
    assert done.returncode == 1
    assert "error: problem.yaml, line 4: the key limits.memroy has no meaning" in done.stderr
    said = found["accepted/product.py"]["reason"]
    assert said.startswith("sample/1: expected AC, got WA: line 1, column 2, token 1")
    assert 'expected "3", got "2"' in said
    assert found["wrong_answer/right.py"]["reason"] == "No test ended as WA: it passed 2 of 2 tests."
    assert "reason" not in found["accepted/sum.py"]
    picture = ElementTree.fromstring((tmp_path / "times.svg").read_text())
    assert len(picture.findall(".//{*}g")) == 6
    assert call(tmp_path, "verify", package, "--times", tmp_path / "times.pdf").returncode == 1


def test_limit_is_measured(tmp_path: Path) -> None:
    """Without a time limit it is the slowest accepted run times two; a slow solution that keeps it fails the package."""
    package = write(
        tmp_path / "sum",
        {
            "problem.yaml": "problem_format_version: 2025-09\nname: Sum\nuuid: 1\nlimits: {time_resolution: 0.5}\n",
            "submissions/time_limit_exceeded/quick.py": SUM,
            "submissions/time_limit_exceeded/spin.py": "while True:\n    pass\n",
        },
    )
    done = call(tmp_path, "verify", package)
    assert done.returncode == 1
    assert "note: the time limit is measured: 0.5 s." in done.stderr
    assert "error: submissions/time_limit_exceeded/quick.py: it is to be too slow, but needs at most" in done.stderr
    assert "spin.py" not in done.stderr
