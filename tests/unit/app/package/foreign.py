"""Small packages of other systems for the tests. Their testlib.h is a few lines of our own with the calls that the programs make."""

from __future__ import annotations

from pathlib import Path

TESTLIB = r"""
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
// The real one has such names as well, and so may whoever uses it.
static int tout, ended, answer, points, SCORING;
enum { _ok = 0, _wa = 1, _pe = 2, _fail = 3, _points = 7 };
static FILE *input_file, *output_file, *answer_file, *told_file;
static void registerTestlibCmd(int count, char **words) {
    if (count != 4) exit(_fail);
    input_file = fopen(words[1], "r"), output_file = fopen(words[2], "r"), answer_file = fopen(words[3], "r");
    if (!input_file || !output_file || !answer_file) exit(_fail);
}
static void registerInteraction(int count, char **words) {
    if (count != 4) exit(_fail);
    input_file = fopen(words[1], "r"), told_file = fopen(words[2], "w"), answer_file = fopen(words[3], "r");
    if (!input_file || !told_file || !answer_file) exit(_fail);
}
static void quit(int code, const char *text) { fprintf(stderr, "%s\n", text); if (told_file) fclose(told_file); exit(code); }
"""
CHECKER = r"""
#include "testlib.h"
int main(int argc, char **argv) {
    long long got, wanted; char more;
    registerTestlibCmd(argc, argv);
    if (fscanf(answer_file, "%lld", &wanted) != 1) quit(_fail, "FAIL no answer");
    if (fscanf(output_file, "%lld", &got) != 1) quit(_pe, "wrong output format Expected integer");
    if (fscanf(output_file, " %c", &more) == 1) quit(_pe, "wrong output format Extra token");
    if (got != wanted) quit(_wa, "wrong answer these differ");
    quit(_ok, "ok one number");
}
"""
VALIDATOR = '#include <cstdio>\nint main() { int a, b; return scanf("%d %d", &a, &b) == 2 && a < 100 ? 0 : 3; }\n'
PYTHON_SUM = "print(sum(map(int, input().split())))\n"
TESTS = {1: "1 2", 2: "3 4", 3: "10 -4", 4: "50 60"}


def elements(points: dict[int, tuple[str, int]] | None = None) -> str:
    """The <test> elements; `points` maps numbers to group and points."""
    rows = []
    for number in TESTS:
        group, worth = (points or {}).get(number, ("", 0))
        scored = f' group="{group}" points="{worth}"' if points else ""
        sample = ' sample="true"' if number == 1 else ""
        rows.append(f'<test method="manual"{sample}{scored}/>')
    return "".join(rows)


def problem_xml(tests: str, groups: str = "", assets: str = "") -> str:
    """A problem.xml with these parts."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<problem revision="3" short-name="plus" url="https://example.org/plus">
<names><name language="english" value="Plus"/><name language="russian" value="Плюс"/></names>
<statements><statement charset="UTF-8" language="english" path="statements/.html/english/problem.html" type="text/html"/></statements>
<judging input-file="" output-file=""><testset name="tests"><time-limit>500</time-limit><memory-limit>67108864</memory-limit>
<test-count>{len(TESTS)}</test-count><input-path-pattern>tests/%02d</input-path-pattern>
<answer-path-pattern>tests/%02d.a</answer-path-pattern><tests>{tests}</tests>{groups}</testset></judging>
<files><resources><file path="files/testlib.h" type="h.g++"/></resources></files>
<assets>{assets}<solutions>
<solution tag="main"><source path="solutions/plus.py" type="python.3"/></solution>
<solution tag="wrong-answer"><source path="solutions/times.cpp" type="cpp.g++17"/></solution>
<solution tag="presentation-error"><source path="solutions/twice.cpp" type="cpp.g++17"/></solution>
<solution tag="time-limit-exceeded"><source path="solutions/spin.cpp" type="cpp.g++17"/></solution>
<solution tag="time-limit-exceeded-or-accepted"><source path="solutions/maybe.py" type="python.3"/></solution>
</solutions></assets></problem>
"""


CHECKED = (
    '<checker name="std::ncmp.cpp" type="testlib"><source path="files/check.cpp" type="cpp.g++17"/></checker>'
    '<validators><validator><source path="files/val.cpp" type="cpp.g++17"/></validator></validators>'
)


def polygon(folder: Path, xml: str, changes: dict[str, str | None] | None = None) -> Path:
    """Writes a Polygon package with all its tests."""
    reads = '#include <cstdio>\nint main() { long long a, b; if (scanf("%lld %lld", &a, &b) != 2) return 1; '
    files: dict[str, str | None] = {
        "problem.xml": xml,
        "files/testlib.h": TESTLIB,
        "files/check.cpp": CHECKER,
        "files/val.cpp": VALIDATOR,
        "statements/.html/english/problem.html": "<html><body><p>Add two numbers.</p></body></html>",
        "solutions/plus.py": PYTHON_SUM,
        "solutions/maybe.py": PYTHON_SUM,
        "solutions/times.cpp": reads + 'printf("%lld\\n", a * b); }\n',
        "solutions/twice.cpp": reads + 'printf("%lld %lld\\n", a + b, a + b); }\n',
        "solutions/spin.cpp": 'int main() { for (;;) { __asm__ volatile(""); } }\n',
    }
    for number, text in TESTS.items():
        files[f"tests/{number:02d}"] = text + "\n"
        files[f"tests/{number:02d}.a"] = f"{sum(map(int, text.split()))}\n"
    return _written(folder, {**files, **(changes or {})})


PARTIAL = r"""
#include <fstream>
#include <iostream>
int main(int, char **words) {
    std::ifstream answer(words[2]), output(words[3]);
    long long wanted, got;
    if (!(answer >> wanted)) return 1;
    if (!(output >> got)) { std::cout << 0.0; std::cerr << "No number"; return 0; }
    std::cerr << (got == wanted ? "Right" : "Near");
    std::cout << (got == wanted ? 1.0 : got == wanted + 1 ? 0.5 : 0.0) << std::endl;
}
"""
TASK = """name: plus
title: Plus
time_limit: 0.5
memory_limit: 64
infile: ""
outfile: ""
n_input: 4
"""
GEN = "# tests\n#ST: 0\n#COPY: example.txt\n#ST: 30\n3 4 # small\n\n#ST: 70\n10 -4\n50 60\n"


def italian(folder: Path, changes: dict[str, str | None] | None = None) -> Path:
    """Writes an Italian task with inputs, outputs, subtasks and a checker that gives parts."""
    files: dict[str, str | None] = {
        "task.yaml": TASK,
        "gen/GEN": GEN,
        "check/checker.cpp": PARTIAL,
        "statement/statement.pdf": "%PDF-1.4",
        "att/example.txt": "1 2",
        "sol/solution.py": PYTHON_SUM,
        "sol/near.py": "a, b = map(int, input().split())\nprint(a + b + (a == 10))\n",
        "sol/off.py": "a, b = map(int, input().split())\nprint(a + b if a < 10 else 0)\n",
    }
    for number, text in TESTS.items():
        files[f"input/input{number - 1}.txt"] = text + "\n"
        files[f"output/output{number - 1}.txt"] = f"{sum(map(int, text.split()))}\n"
    return _written(folder, {**files, **(changes or {})})


def _written(folder: Path, files: dict[str, str | None]) -> Path:
    for name, text in files.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    return folder
