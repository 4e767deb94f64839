"""Graders of a legacy package's own, in the real sandbox: they decide groups, and what they do wrong is ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.app.package.packages import write

from flow.test_verify import call, lines

pytestmark = pytest.mark.root
BEST = """import sys
assert sys.argv[1:] == ["half", "best=2"], sys.argv
grades = [line.split() for line in sys.stdin]
scores = sorted((float(score) for verdict, score in grades if verdict == "AC"), reverse=True)
print("AC" if scores else "WA", sum(scores[:2]) / 2)
"""
PACKAGE = {
    "problem.yaml": "name: Sum\ntype: scoring\nlimits: {time_limit: 1}\n",
    "data/testdata.yaml": "on_reject: continue\ngrader_flags: ignore_sample\nrange: 0 100\n",
    "data/secret/testdata.yaml": "on_reject: continue\ngrading: custom\ngrader_flags: half best=2\naccept_score: 30\nrange: 0 30\n",
    "graders/best.py": BEST,
    "submissions/accepted/all.py": "print(sum(map(int, input().split())))\n",
    "submissions/partially_accepted/one.py": "a, b = map(int, input().split())\nprint(a + b if a == 5 else 0)\n",
    "submissions/wrong_answer/none.py": "print('x')\n",
    **{f"data/secret/0{number}.in": f"{number} 1\n" for number in (3, 4, 5)},
    **{f"data/secret/0{number}.ans": f"{number + 1}\n" for number in (3, 4, 5)},
}


def test_a_grader_decides(tmp_path: Path, cache: Path) -> None:
    """The grader's own flags and arithmetic: the best two of a group's tests, halved."""
    package = write(tmp_path / "sum", PACKAGE)
    (package / "data/secret/01.in").unlink(missing_ok=True)
    (package / "data/secret/01.ans").unlink(missing_ok=True)
    done = call(cache, "verify", package, "--json")
    found = lines(done)
    wanted = {"accepted/all.py": ("AC", 30), "partially_accepted/one.py": ("AC", 15), "wrong_answer/none.py": ("WA", 0)}
    assert {path: (found[path]["verdict"], found[path]["score"]) for path in wanted} == wanted, (
        done.stdout + done.stderr
    )


@pytest.mark.parametrize(
    ("grader", "words"),
    [
        ("raise SystemExit(3)\n", "ended by exit code 3"),
        ("print('GREAT 7')\n", "said 'GREAT 7' instead of"),
        ("print('AC 31')\n", "out of the group's range"),
        ("print('AC 1\\nAC 2')\n", "instead of a verdict and a score"),
        ("def f(:\n", "cannot be compiled"),
    ],
)
def test_what_a_grader_does_wrong_is_a_judging_error(tmp_path: Path, cache: Path, grader: str, words: str) -> None:
    """Never a verdict, and with the grader's words."""
    package = write(tmp_path / "sum", {**PACKAGE, "graders/best.py": grader})
    done = call(cache, "once", package, package / "submissions/accepted/all.py", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["verdict"], document["score"]) == (1, "JE", None)
    assert words in document["message"]
