"""Packages of other systems, judged as their authors expect, with real compilers in the real sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.app.package.foreign import CHECKED, elements, italian, polygon, problem_xml

from flow.test_verify import call, lines

pytestmark = pytest.mark.root

INTERACTOR = r"""
#include "testlib.h"
int main(int argc, char **argv) {
    int secret, guess, tries = 0;
    registerInteraction(argc, argv);
    if (fscanf(input_file, "%d", &secret) != 1) quit(_fail, "FAIL no secret");
    while (tries++ < 8 && scanf("%d", &guess) == 1) {
        if (guess == secret) { fprintf(told_file, "%d\n", tries); quit(_ok, "ok found"); }
        printf("%s\n", guess < secret ? "more" : "less");
        fflush(stdout);
    }
    quit(_wa, "wrong answer not found");
}
"""
TRIES = r"""
#include "testlib.h"
int main(int argc, char **argv) {
    int tries;
    registerTestlibCmd(argc, argv);
    if (fscanf(output_file, "%d", &tries) != 1) quit(_fail, "FAIL the interactor told nothing");
    if (tries > 7) quit(_wa, "wrong answer too many tries");
    quit(_ok, "ok few tries");
}
"""
HALVES = """low, high = 0, 100
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    try: said = input()
    except EOFError: break
    if said == "more": low = middle + 1
    else: high = middle
"""
STEPS = "import sys\nfor guess in range(100):\n    print(guess, flush=True)\n    if not sys.stdin.readline(): break\n"
INTERACTIVE = (
    '<checker type="testlib"><source path="files/tries.cpp" type="cpp.g++17"/></checker>'
    '<interactor><source path="files/interactor.cpp" type="cpp.g++17"/></interactor>'
)


@pytest.mark.full
def test_polygon(tmp_path: Path, cache: Path) -> None:
    """A checker's codes for right, wrong and badly formed, its words for the jury; a validator that refuses an input."""
    package = polygon(tmp_path / "plus", problem_xml(elements(), assets=CHECKED))
    done = call(cache, "verify", package, "--json")
    found = lines(done)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: one["verdict"] for path, one in found.items()} == {
        "accepted/plus.py": "AC",
        "time_limit_exceeded/spin.cpp": "TLE",
        "time_limit_exceeded_or_accepted/maybe.py": "AC",
        "wrong_answer/times.cpp": "WA",
        "wrong_answer/twice.cpp": "WA",
    }
    (package / "tests/04").write_text("500 60\n")
    (package / "tests/04.a").write_text("561\n")
    done = call(cache, "verify", package, "--json")
    assert "data/secret/0004.in: input_validators/validator0 does not accept it" in done.stderr
    assert lines(done)["accepted/plus.py"]["reason"] == (
        "secret/0004: expected AC, got WA: wrong answer these differ"
    )  # fmt: skip


def test_polygon_with_points(tmp_path: Path, cache: Path) -> None:
    """Groups give their points whole, single tests theirs; a failed group closes those that depend on it."""
    points = {1: ("0", 0), 2: ("1", 30), 3: ("2", 50), 4: ("2", 20)}
    groups = (
        '<groups><group name="1" points="30" points-policy="complete-group"/>'
        '<group name="2" points-policy="each-test"/></groups>'
    )
    wrong_once = "a, b = map(int, input().split())\nprint(a + abs(b))\n"
    package = polygon(
        tmp_path / "plus", problem_xml(elements(points), groups, CHECKED), {"solutions/maybe.py": wrong_once}
    )
    found = lines(call(cache, "verify", package, "--json"))
    assert found["accepted/plus.py"]["score"] == 100
    assert found["time_limit_exceeded_or_accepted/maybe.py"]["score"] == 50


@pytest.mark.full
def test_polygon_interactive(tmp_path: Path, cache: Path) -> None:
    """An interactor talks to the solution, and a checker judges what the interactor wrote."""
    package = polygon(
        tmp_path / "guess",
        problem_xml(elements(), assets=INTERACTIVE),
        {
            "files/interactor.cpp": INTERACTOR,
            "files/tries.cpp": TRIES,
            "solutions/plus.py": HALVES,
            "solutions/maybe.py": HALVES,
            "solutions/times.cpp": None,
            "solutions/twice.cpp": None,
            "solutions/times.py": STEPS,
            "tests/03": "99\n",
            **{f"tests/0{number}": f"{secret}\n" for number, secret in ((1, 50), (2, 7), (4, 63))},
        },
    )
    text = (package / "problem.xml").read_text().replace("times.cpp", "times.py")
    (package / "problem.xml").write_text(text)
    done = call(cache, "verify", package, "--json")
    found = lines(done)
    assert {path: one["verdict"] for path, one in found.items()} == {
        "accepted/plus.py": "AC",
        "time_limit_exceeded/spin.cpp": "TLE",
        "time_limit_exceeded_or_accepted/maybe.py": "AC",
        "wrong_answer/times.py": "WA",
    }, done.stdout + done.stderr


GENERATOR = '#include <cstdio>\nint main(int, char **words) { printf("%s %s\\n", words[1], words[2]); }\n'


def test_polygon_generates_what_is_missing(tmp_path: Path, cache: Path) -> None:
    """A standard package: inputs come from its generator, answers from its main solution, in verify and as a whole folder."""
    made = elements().replace('<test method="manual"/>', '<test method="generated" cmd="gen 70 8"/>')
    xml = problem_xml(made, assets=CHECKED).replace(
        "</resources>",
        '</resources><executables><executable><source path="files/gen.cpp" type="cpp.g++17"/></executable></executables>',
    )
    lacking = {f"tests/{number:02d}{end}": None for number in (2, 3, 4) for end in ("", ".a")}
    package = polygon(tmp_path / "plus", xml, {**lacking, "tests/01.a": None, "files/gen.cpp": GENERATOR})
    done = call(cache, "verify", package, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert lines(done)["accepted/plus.py"]["runs"] == 4
    whole = tmp_path / "whole"
    assert call(cache, "complete", package, whole).stdout == f"{whole}: 7 files made.\n"
    assert ((whole / "tests/04").read_text(), (whole / "tests/04.a").read_text()) == ("70 8\n", "78\n")
    assert not (package / "tests/04").exists()
    (package / "files/gen.cpp").write_text("int main() { return 1; }\n")
    broken = call(cache, "complete", package, tmp_path / "other")
    assert broken.returncode == 1
    assert "The generator gen of test 2 ended by exit code 1" in broken.stderr
    assert not (tmp_path / "other").exists()


def test_italian(tmp_path: Path, cache: Path) -> None:
    """A checker that gives parts, subtasks by their worst test, and a grader in C++ around a function."""
    grader = '#include <cstdio>\nint plus(int, int);\nint main() { int a, b; scanf("%d %d", &a, &b); printf("%d\\n", plus(a, b)); }\n'
    found = lines(call(cache, "verify", italian(tmp_path / "plus"), "--json"))
    assert {path: one["score"] for path, one in found.items()} == {
        "accepted/solution.py": 100,
        "other/near.py": 65,
        "other/off.py": 30,
    }
    around = italian(
        tmp_path / "around",
        {
            "sol/grader.cpp": grader,
            "sol/solution.py": None,
            "sol/solution.cpp": "int plus(int a, int b) { return a + b; }\n",
            "check/checker.cpp": None,
            "sol/near.py": None,
            "sol/off.py": None,
        },
    )
    done = call(cache, "verify", around, "--json")
    assert lines(done)["accepted/solution.cpp"]["score"] == 100, done.stderr


FIRST = r"""
#include "testlib.h"
int main(int argc, char **argv) {
    int a, b, said;
    registerInteraction(argc, argv);
    if (fscanf(input_file, "half %d", &a) == 1) {
        printf("half %d\n", a);
        fflush(stdout);
        if (scanf("%d", &said) != 1) quit(_pe, "wrong output format nothing in the second run");
        fprintf(told_file, "%d\n", said);
        quit(_ok, "ok second run");
    }
    rewind(input_file);
    if (fscanf(input_file, "%d %d", &a, &b) != 2) quit(_fail, "FAIL no input");
    printf("%d %d\n", a, b);
    fflush(stdout);
    if (scanf("%d", &said) != 1) quit(_pe, "wrong output format nothing");
    if (said != a + b) quit(_wa, "wrong answer first run");
    fprintf(told_file, "half %d\n", said * 2);
    quit(_ok, "ok first run");
}
"""
SECOND = r"""
#include "testlib.h"
int main(int argc, char **argv) {
    int a, b, said;
    registerTestlibCmd(argc, argv);
    if (fscanf(input_file, "%d %d", &a, &b) != 2) quit(_fail, "FAIL no input");
    if (fscanf(output_file, "%d", &said) != 1) quit(_pe, "wrong output format nothing");
    if (said != a + b) quit(_wa, "wrong answer second run");
    quit(_ok, "ok both runs");
}
"""
RUNS = (
    '<checker type="testlib"><source path="files/second.cpp" type="cpp.g++17"/></checker>'
    '<interactor><source path="files/first.cpp" type="cpp.g++17"/></interactor>'
)
PRINTING = r"""
#include "testlib.h"
int main(int argc, char **argv) {
    int a, b, said;
    registerTestlibCmd(argc, argv);
    if (fscanf(output_file, "%d", &said) != 1) quit(_pe, "wrong output format nothing");
    if (fscanf(input_file, "half %d", &a) == 1) quit(said * 2 == a ? _ok : _wa, said * 2 == a ? "ok" : "wrong answer second run");
    rewind(input_file);
    if (fscanf(input_file, "%d %d", &a, &b) != 2) quit(_fail, "FAIL no input");
    if (said != a + b) quit(_wa, "wrong answer first run");
    printf("half %d\n", said * 2);
    fflush(stdout);
    quit(_ok, "ok first run");
}
"""
TWICE = "w = input().split()\nprint(int(w[1]) // 2 if w[0] == 'half' else int(w[0]) + int(w[1]))\n"
FORWARD = TWICE.replace("else int(w[0]) + int(w[1])", "else f'half {(int(w[0]) + int(w[1])) * 2}'")


@pytest.mark.parametrize(
    ("assets", "right"),
    [
        (RUNS, TWICE),
        pytest.param(
            RUNS.replace("/></inter", "/><runs><run>1</run><run>2</run></runs></inter"), TWICE, marks=pytest.mark.full
        ),
        pytest.param(RUNS.partition("<interactor>")[0], FORWARD, marks=pytest.mark.full),
        pytest.param(
            RUNS.partition("<interactor>")[0].replace("second.cpp", "third.cpp"), TWICE, marks=pytest.mark.full
        ),
    ],
    ids=["the first is a dialogue", "both are", "none is", "the checker prints"],
)
def test_polygon_solutions_run_twice(tmp_path: Path, cache: Path, assets: str, right: str) -> None:
    """What the first run told is the second one's input; the checker sees the test's own input and the last words."""
    solutions = {
        "main": right,
        "wrong-answer": right.replace("// 2", "// 2 + 1"),
        "rejected": right.replace("// 2", "// 0"),
    }
    tagged = "".join(
        f'<solution tag="{tag}"><source path="solutions/{tag}.py" type="python.3"/></solution>' for tag in solutions
    )
    xml = problem_xml(elements(), assets=assets).replace("<judging ", '<judging run-count="2" ')
    xml = f"{xml.partition('<solutions>')[0]}<solutions>{tagged}</solutions></assets></problem>"
    files = {"files/first.cpp": FIRST, "files/second.cpp": SECOND, "files/third.cpp": PRINTING}
    package = polygon(
        tmp_path / "plus", xml, {**files, **{f"solutions/{tag}.py": text for tag, text in solutions.items()}}
    )
    done = call(cache, "verify", package, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: one["verdict"] for path, one in lines(done).items()} == {
        "accepted/main.py": "AC",
        "rejected/rejected.py": "RTE",
        "wrong_answer/wrong-answer.py": "WA",
    }
    found = call(cache, "once", package, package / "solutions/wrong-answer.py", "--json").stdout
    assert "Pass 2: " in found
    assert "wrong answer second run" in found


def test_the_sample_task_of_cms(cache: Path) -> None:
    """Functions in four languages, a checker that gives parts, subtasks: the sample scores as its statement says."""
    done = call(cache, "verify", Path(__file__).resolve().parents[2] / "problems/ebb", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 input validator(s) agree with all 9 inputs." in done.stderr
    assert {path: one["score"] for path, one in lines(done).items()} == {
        **{f"accepted/solution.{ending}": 100 for ending in ("c", "cpp", "java", "py")},
        "other/every_pair.py": 40, "other/highest_and_lowest.c": 0, "other/only_the_fall.py": 50,
    }  # fmt: skip
