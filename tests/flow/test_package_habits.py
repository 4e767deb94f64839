"""Problem setters: what real packages do beside the letter of their formats, judged in the real sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.app.package.foreign import elements, polygon, problem_xml
from unit.app.package.packages import write

from flow.test_verify import FAST, call, lines

pytestmark = pytest.mark.root

BUILD = "#!/bin/sh\ncc -O1 judge.c -o judge\n"
RUN = '#!/bin/sh\nHERE=$(dirname "$0")\n"$HERE/judge" "$1"\n'
JUDGE = """
#include <stdio.h>
int main(int argc, char **argv) {
    FILE *in = fopen(argv[1], "r"); int a, b, c;
    if (argc != 2 || !in || fscanf(in, "%d %d", &a, &b) != 2) return 1;
    return scanf("%d", &c) == 1 && c == a + b ? 42 : 43;
}
"""
PSEUDO = """
import os, sys
a, b = open(sys.argv[1]).read().split()
print(a, b, flush=True)
os.close(1)
sys.exit(42 if sys.stdin.readline().split() == [str(int(a) + int(b))] else 43)
"""


def test_a_validator_that_builds_itself(tmp_path: Path, cache: Path) -> None:
    """Scripts build and run make a validator, whatever their modes; a build that fails is the package's fault by name."""
    changes: dict[str, str | None] = {
        "output_validator/build": BUILD,
        "output_validator/run": RUN,
        "output_validator/judge.c": JUDGE,
        "submissions/wrong_answer/less.py": "print(sum(map(int, input().split())) - 1)\n",
    }
    done = call(cache, "verify", write(tmp_path / "sum", changes), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: one["verdict"] for path, one in lines(done).items()} == {
        "accepted/sum.py": "AC",
        "wrong_answer/less.py": "WA",
    }
    broken = call(cache, "verify", write(tmp_path / "broken", {**changes, "output_validator/run": None}), "--json")
    said = lines(broken)["accepted/sum.py"]
    assert (said["verdict"], said["ok"]) == ("JE", False)
    assert "There is no file run after build." in said["message"]


def test_reading_to_the_end_of_a_dialogue(tmp_path: Path, cache: Path) -> None:
    """A validator says all it has to say, closes its stdout and waits: a submission may read to the end of its input."""
    package = write(
        tmp_path / "sum",
        {
            "problem.yaml": "problem_format_version: 2025-09\nname: Sum\nuuid: 1\ntype: interactive\nlimits: {time_limit: 2}\n",
            "output_validator/judge.py": PSEUDO,
            "submissions/accepted/sum.py": "import sys\nprint(sum(map(int, sys.stdin.read().split())))\n",
        },
    )
    done = call(cache, "verify", package, "--json")
    assert lines(done)["accepted/sum.py"]["verdict"] == "AC", done.stdout + done.stderr


def test_several_packages_and_foreign_languages(tmp_path: Path, cache: Path) -> None:
    """A folder of packages is judged package by package: one that is broken and a language that is not here keep none from it."""
    write(tmp_path / "all" / "one", {"submissions/accepted/sum.zz": "?", "submissions/mine/sum.py": "print(0)\n"})
    write(tmp_path / "all" / "two", {"problem.yaml": "name: [\n"})
    rules = "mine:\n  permitted: [AC, WA]\n  sample:\n    required: [WA]\n"
    write(tmp_path / "all" / "three", {"submissions/mine/silent.py": "", "submissions/submissions.yaml": rules})
    done = call(cache, "verify", tmp_path / "all", "--json")
    found = lines(done)
    assert done.returncode == 1
    assert "error: two: problem.yaml, line 2" in done.stderr
    assert "1 skipped: no toolchain" in done.stderr
    assert "submissions did not" not in done.stderr
    assert (found["accepted/sum.zz"]["verdict"], found["accepted/sum.zz"]["package"]) == (None, "one")
    assert found["accepted/sum.zz"]["skipped"].startswith("no toolchain")
    assert (found["mine/silent.py"]["verdict"], found["mine/silent.py"]["ok"]) == ("NO", True)


@pytest.mark.full
def test_a_checker_in_python(tmp_path: Path, cache: Path) -> None:
    """Polygon's checkers need not be C++: its exit codes and its words for the jury are understood all the same."""
    package = polygon(
        tmp_path / "plus",
        problem_xml(
            elements(), assets='<checker type="testlib"><source path="files/check.py" type="python.3"/></checker>'
        ),
    )
    (package / "files/check.py").write_text(
        "import sys\n_, output, answer = (open(name).read().split() for name in sys.argv[1:4])\n"
        "if output != answer: print('these differ', file=sys.stderr)\nsys.exit(output != answer)\n"
    )
    done = call(cache, "verify", package, "--json")
    found = lines(done)
    assert found["accepted/plus.py"]["verdict"] == "AC", done.stdout + done.stderr
    assert (found["wrong_answer/twice.cpp"]["verdict"], found["wrong_answer/twice.cpp"]["ok"]) == ("WA", True)


def test_outputs_that_the_package_has_an_opinion_of(tmp_path: Path, cache: Path) -> None:
    """What is kept as valid and refused, or as invalid and accepted, is named with the validator's words."""
    package = write(
        tmp_path / "sum",
        {
            "data/valid_output/zero.in": "0 0\n",
            "data/valid_output/zero.ans": "0\n",
            "data/valid_output/zero.out": "0\n",
            "data/valid_output/off.in": "0 0\n",
            "data/valid_output/off.ans": "0\n",
            "data/valid_output/off.out": "1\n",
            "data/invalid_output/more.in": "1 1\n",
            "data/invalid_output/more.ans": "2\n",
            "data/invalid_output/more.out": "2 2\n",
            "data/invalid_output/right.in": "1 1\n",
            "data/invalid_output/right.ans": "2\n",
            "data/invalid_output/right.out": "2\n",
        },
    )
    done = call(cache, "verify", package)
    assert done.returncode == 1
    assert "the package itself has 2 errors" in done.stderr
    assert "data/valid_output/off.out: the output validator refuses it (line 1, column 1" in done.stderr
    assert "data/invalid_output/right.out: the output validator accepts it, though it is kept as invalid" in done.stderr


def test_a_module_beside_the_solutions(tmp_path: Path, cache: Path) -> None:
    """A package adds a module for Python: solutions whose names come after it are started all the same."""
    files = {
        "include/python3/given.py": "step = {{step}}\n",
        "submissions/accepted/zebra.py": "import given\nprint(sum(map(int, input().split())) * given.step)\n",
        "submissions/wrong_answer/other.py": "print(7)\n",
        "problem.yaml": "problem_format_version: 2025-09\nname: Sum\nuuid: 7e0b1d3a-53b1-4d0b-9d0a-0a4cfb7d5b11\n"
        "limits:\n  time_limit: 2\nconstants:\n  step: 1\n",
    }
    found = lines(call(cache, "verify", write(tmp_path / "sum", files), "--json"))
    assert (found["accepted/zebra.py"]["verdict"], found["accepted/zebra.py"]["ok"]) == ("AC", True)
    assert (found["wrong_answer/other.py"]["verdict"], found["wrong_answer/other.py"]["ok"]) == ("WA", True)


def test_a_source_larger_than_submissions_may_be(tmp_path: Path, cache: Path) -> None:
    """It cannot be judged: skipped where nothing is promised of it, a failure where the package promises something."""
    large = f"print(3)  # {'x' * 2000}\n"
    changes = {"problem.yaml": FAST.replace("memory: 64", "memory: 64, code: 1"), "submissions/mine/large.py": large}
    package = write(
        tmp_path / "sum", {**changes, "submissions/accepted/sum.py": "print(sum(map(int, input().split())))\n"}
    )
    done = call(cache, "verify", package, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert lines(done)["mine/large.py"]["skipped"] == "The sources are larger than the limit of 1 KiB."
    (package / "submissions/mine").rename(package / "submissions/wrong_answer")
    done = call(cache, "verify", package, "--json")
    assert (done.returncode, lines(done)["wrong_answer/large.py"]["verdict"]) == (1, "JE")
