"""Kinds of 2025-09 beside programs and outputs: static validators, and submissions that are answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.app.package.packages import write

from flow.test_verify import call, lines

pytestmark = pytest.mark.root
YAML = "problem_format_version: 2025-09\nname: Sum\nuuid: 1\nlimits: {{time_limit: 1}}\ntype: {}\n"
GOLF = """import pathlib, sys
language, entry, feedback, most = sys.argv[1:]
assert (language, entry) == ("python3", sys.argv[2]) and pathlib.Path(entry).exists(), sys.argv
text = pathlib.Path(entry).read_text()
said = pathlib.Path(feedback + "judgemessage.txt")
if "crash" in text: raise SystemExit(7)
if "eval" in text:
    said.write_text("eval is not allowed")
    raise SystemExit(43)
pathlib.Path(feedback + "score_multiplier.txt").write_text("1" if len(text) <= int(most) else "0.5")
raise SystemExit(42)
"""
STATIC = {
    "problem.yaml": YAML.format("scoring"),
    "static_validator/golf.py": GOLF,
    "data/secret/test_group.yaml": "max_score: 100\nscore_aggregation: sum\n",
    "data/secret/01.in": None,
    "data/secret/01.ans": None,
    "data/secret/a/test_group.yaml": (
        "max_score: 100\nscore_aggregation: sum\nstatic_validation_score: 40\nstatic_validator_args: ['45']\n"
    ),
    **{f"data/secret/a/{number}.in": f"{number} 1\n" for number in (1, 2)},
    **{f"data/secret/a/{number}.ans": f"{number + 1}\n" for number in (1, 2)},
    "submissions/accepted/sum.py": "print(sum(map(int, input().split())))\n",
    "submissions/accepted/long.py": "a, b = map(int, input().split())\nprint(a + b)  # and more of it\n",
    "submissions/wrong_answer/eval.py": "print(eval(input().replace(' ', '+')))\n",
    "submissions/wrong_answer/crash.py": "print(1)  # crash\n",
}


def static_package(folder: Path) -> Path:
    """A problem whose sources count as well as what they print."""
    package = write(folder, {name: text for name, text in STATIC.items() if text is not None})
    for name in ("01.in", "01.ans"):
        (package / "data/secret" / name).unlink()
    return package


def test_a_static_validator(tmp_path: Path, cache: Path) -> None:
    """It looks at the sources once a group, gives its part of the points or none; what it does wrong is a judging error."""
    package = static_package(tmp_path / "sum")
    done = call(cache, "verify", package, "--json")
    found = lines(done)
    wanted = {"accepted/sum.py": ("AC", 100), "accepted/long.py": ("AC", 80), "wrong_answer/eval.py": ("AC", 60)}
    assert {path: (found[path]["verdict"], found[path]["score"]) for path in wanted} == wanted, (
        done.stdout + done.stderr
    )
    assert found["wrong_answer/crash.py"]["verdict"] == "JE"
    assert "The static validator ended with exit code 7" in found["wrong_answer/crash.py"]["message"]
    once = json.loads(call(cache, "once", package, package / "submissions/wrong_answer/eval.py", "--json").stdout)
    assert once["runs"][1]["test"] == "secret/a/static_validation", once["runs"]
    assert once["runs"][1]["message"] == "eval is not allowed"


def test_answers_are_submitted(tmp_path: Path, cache: Path) -> None:
    """A submit-answer problem: the file named like the test is its output; a single one is that of the only secret test."""
    files = {
        "problem.yaml": YAML.format("submit-answer").replace("limits: {time_limit: 1}\n", ""),
        "submissions/accepted/two/01.out": "3\n",
        "submissions/accepted/two/1.ans": "5\n",
        "submissions/accepted/one.ans": "3\n",
        "submissions/wrong_answer/one.ans": "4\n",
    }
    package = write(tmp_path / "sum", {**files, "data/secret/01.in": "1 2\n", "data/secret/01.ans": "3\n"})
    found = lines(call(cache, "verify", package, "--json"))
    got = {path: found[path]["verdict"] for path in ("accepted/one.ans", "wrong_answer/one.ans")}
    assert got == {"accepted/one.ans": "AC", "wrong_answer/one.ans": "WA"}, found
