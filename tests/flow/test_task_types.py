"""The task types of CMS, judged with real compilers in the real sandbox: managers with several processes, named files, outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from unit.app.package.foreign import TASK, italian

from flow.test_verify import call, lines

pytestmark = pytest.mark.root


MANAGER = r"""
#include <cstdio>
#include <cstdlib>
#include <cstring>
int main(int count, char **words) {
    int a, b, half = 0, sum = 0;
    if (scanf("%d %d", &a, &b) != 2) return 1;
    if (count != 5) { fprintf(stderr, "%d words", count); return 2; }
    FILE *from0 = fopen(words[1], "r"), *to0 = fopen(words[2], "w"), *from1 = fopen(words[3], "r"), *to1 = fopen(words[4], "w");
    if (!from0 || !to0 || !from1 || !to1) return 3;
    fprintf(to0, "%d\n", a); fflush(to0);
    if (fscanf(from0, "%d", &half) != 1) { puts("0"); fputs("the first one said nothing", stderr); return 0; }
    if (half == 666) abort();
    if (half == 777) for (;;) { __asm__ volatile(""); }
    fprintf(to1, "%d %d\n", half, b); fflush(to1);
    if (fscanf(from1, "%d", &sum) != 1) { puts("0"); fputs("the second one said nothing", stderr); return 0; }
    printf("%s\n", sum == a + b ? "1.0" : sum == a + b + 1 ? "0.5" : "0.0");
    fputs(sum == a + b ? "translate:success" : "the sum is another one", stderr);
}
"""
STUB = r"""
#include <cstdio>
#include <cstdlib>
#include "plus.h"
int main(int, char **words) {
    FILE *in = fopen(words[1], "r"), *out = fopen(words[2], "w");
    int a, b;
    if (atoi(words[3]) == 0) { if (fscanf(in, "%d", &a) == 1) fprintf(out, "%d\n", first(a)); }
    else if (fscanf(in, "%d %d", &a, &b) == 2) fprintf(out, "%d\n", second(a, b));
    fclose(out);
}
"""
PYTHON_STUB = """import sys
import plus
came, said = open(sys.argv[1]), open(sys.argv[2], "w")
if sys.argv[3] == "0":
    print(plus.first(int(came.readline())), file=said, flush=True)
else:
    line = came.readline()
    if line:
        print(plus.second(*map(int, line.split())), file=said, flush=True)
"""
BUSY = "while (clock() < 0.35 * CLOCKS_PER_SEC) {}"


def both(first: str, second: str) -> str:
    includes = "".join(f"#include {one}\n" for one in ('"plus.h"', "<cstdlib>", "<ctime>", "<unistd.h>"))
    return f"{includes}int first(int a) {{ {first} }}\nint second(int half, int b) {{ {second} }}\n"


TALK = {
    "task.yaml": TASK + "num_processes: 2\nuser_io: fifo_io\n",
    "check/checker.cpp": None,
    "check/manager.cpp": MANAGER,
    "sol/plus.h": "int first(int);\nint second(int, int);\n",
    "sol/stub.cpp": STUB,
    "sol/stub.py": PYTHON_STUB,
    "sol/solution.cpp": both("return a;", "return half + b;"),
    "sol/solution.py": "def first(a):\n    return a\ndef second(half, b):\n    return half + b\n",
    "sol/near.py": "def first(a):\n    return a\ndef second(half, b):\n    return half + b + (half == 10)\n",
    "sol/off.py": None,
    "sol/wrong.cpp": both("return a;", "return half - b;"),
    "sol/crash.cpp": both("abort();", "return half + b;"),
    "sol/late_crash.cpp": both("return a;", "abort();"),
    "sol/silent.cpp": both("exit(0);", "return half + b;"),
    "sol/kills_manager.cpp": both("return 666;", "return half + b;"),
}

SINGLE: dict[str, str | None] = {
    **TALK,
    "task.yaml": TASK.replace("n_input: 4", "n_input: 1") + "num_processes: 2\n",
    "gen/GEN": "#ST: 100\n1 2\n",
    **{f"{folder}/{folder}{number}.txt": None for folder in ("input", "output") for number in (1, 2, 3)},
}


def test_a_manager_with_two_processes(tmp_path: Path, cache: Path) -> None:
    """Two copies of each submission over FIFOs: right, half right, wrong, dead, silent, slow and waiting ones; a manager that dies."""
    done = call(cache, "verify", italian(tmp_path / "plus", TALK), "--json")
    found = lines(done)
    got = {path: (one["verdict"], one["score"]) for path, one in found.items()}
    assert got == {
        "accepted/solution.cpp": ("AC", 100),
        "accepted/solution.py": ("AC", 100),
        "other/near.py": ("AC", 65),
        "other/wrong.cpp": ("AC", 0),
        "other/crash.cpp": ("AC", 0),
        "other/late_crash.cpp": ("AC", 0),
        "other/silent.cpp": ("AC", 0),
        "other/kills_manager.cpp": ("JE", None),
    }, done.stdout + done.stderr
    assert "The manager ended with signal 6" in found["other/kills_manager.cpp"]["message"]


def once(cache: Path, package: Path, name: str, source: str, *more: str) -> dict[str, Any]:
    (package / name).write_text(source)
    document: dict[str, Any] = json.loads(call(cache, "once", package, package / name, "--json", *more).stdout)
    return document


@pytest.mark.full
def test_what_single_runs_of_processes_end_as(tmp_path: Path, cache: Path) -> None:
    """The first process that ended badly gives the verdict; whoever sleeps is too slow; the time of all processes is one time."""
    package = italian(tmp_path / "plus", SINGLE)
    cases = {
        "crash": ("RTE", "Process 0.", both("abort();", "return half + b;")),
        "late_crash": ("RTE", "Process 1.", both("return a;", "abort();")),
        "silent": ("WA", "the first one said nothing", both("exit(0);", "return half + b;")),
        "waits": ("TLE", "Process 0.", both("sleep(100); return a;", "return half + b;")),
        "shared": ("TLE", "The processes together", both(f"{BUSY} return a;", f"{BUSY} return half + b;")),
    }
    for name, (verdict, words, source) in cases.items():
        run = once(cache, package, f"{name}.cpp", source)["runs"][0]
        assert (run["verdict"], words in run["message"]) == (verdict, True), (name, run)


def test_a_manager_on_standard_streams(tmp_path: Path, cache: Path) -> None:
    """One process whose standard streams lead to the manager."""
    manager = r"""
#include <cstdio>
int main(int, char **words) {
    int a, b, sum;
    FILE *test = fopen("input.txt", "r"), *from = fopen(words[1], "r"), *to = fopen(words[2], "w");
    if (!test || !from || !to || fscanf(test, "%d %d", &a, &b) != 2) return 1;
    fprintf(to, "%d %d\n", a, b); fclose(to);
    if (fscanf(from, "%d", &sum) != 1) sum = -1;
    puts(sum == a + b ? "1" : "0");
}
"""
    alone = {**dict.fromkeys(TALK), "task.yaml": TASK + "user_io: std_io\n", "check/manager.cpp": manager}
    alone |= {
        "sol/solution.py": "print(sum(map(int, input().split())))\n",
        "sol/off.py": "print(3)\n",
        "sol/near.py": None,
    }
    found = lines(call(cache, "verify", italian(tmp_path / "plus", alone), "--json"))
    assert {path: one["score"] for path, one in found.items()} == {"accepted/solution.py": 100, "other/off.py": 0}


FILES = {"task.yaml": TASK.replace('infile: ""', "infile: in.txt").replace('outfile: ""', "outfile: out.txt")}
READS = "a, b = map(int, open('in.txt').read().split())\n"


def test_named_files(tmp_path: Path, cache: Path) -> None:
    """Input and output are files with names; who prints instead or links the output away has written none."""
    sources = {
        "sol/solution.py": f"{READS}print(a + b, file=open('out.txt', 'w'))\n",
        "sol/near.py": f"{READS}print(a + b)\n",
        "sol/off.py": "import os\nos.symlink('/etc/passwd', 'out.txt')\n",
    }
    package = italian(tmp_path / "plus", {**FILES, **sources})
    found = lines(call(cache, "verify", package, "--json"))
    assert {path: one["score"] for path, one in found.items()} == {
        "accepted/solution.py": 100, "other/near.py": 0, "other/off.py": 0,
    }  # fmt: skip
    first = {name: once(cache, package, name, sources[f"sol/{name}"])["runs"][0] for name in ("near.py", "off.py")}
    assert [one["verdict"] for one in first.values()] == ["NO", "NO"]
    assert first["near.py"]["message"] == "The submission wrote no file out.txt."


def test_outputs_are_the_submission(tmp_path: Path, cache: Path) -> None:
    """Output-only tasks: a folder of outputs is judged file by file; a missing one gives nothing."""
    changes: dict[str, str | None] = {"task.yaml": TASK + "output_only: true\n"}
    changes |= dict.fromkeys(("sol/solution.py", "sol/near.py", "sol/off.py"))
    changes |= {f"sol/solution/output_{number:03d}.txt": text for number, text in enumerate(("3", "7", "6", "110"))}
    changes |= {"sol/part/output_001.txt": "7\n", "sol/part/output_002.txt": "7\n", "sol/part/output_003.txt": "110\n"}
    package = italian(tmp_path / "plus", changes)
    found = lines(call(cache, "verify", package, "--json"))
    assert {path: (one["verdict"], one["score"]) for path, one in found.items()} == {
        "accepted/solution": ("AC", 100), "other/part": ("AC", 65),
    }  # fmt: skip
    runs = once(cache, package, "output_001.txt", "7\n", "--all-tests")["runs"]
    assert [one["verdict"] for one in runs] == ["NO", "AC", "NO", "NO"]


@pytest.mark.full
def test_products_and_thresholds(tmp_path: Path, cache: Path) -> None:
    """GroupMul multiplies the parts of its tests; GroupThreshold gives all where no value is over the bound."""
    rows = "score_type_parameters: [[0, 1], [40, 1], [60, '00[23]']]\n"
    found = lines(
        call(
            tmp_path, "verify", italian(tmp_path / "a", {"task.yaml": f"{TASK}score_type: GroupMul\n{rows}"}), "--json"
        )
    )
    assert {path: one["score"] for path, one in found.items()} == {
        "accepted/solution.py": 100, "other/near.py": 70, "other/off.py": 40,
    }  # fmt: skip
    counts = (
        "#include <fstream>\n#include <iostream>\n"
        "int main(int, char **w) { std::ifstream o(w[3]); int n; std::cout << (o >> n ? n : -1); }\n"
    )
    rows = "score_type: GroupThreshold\nscore_type_parameters: [[10, 2, 7], [20, 1, 6.5], [70, 1, 109]]\n"
    package = italian(tmp_path / "b", {"task.yaml": TASK + rows, "check/checker.cpp": counts})
    found = lines(call(cache, "verify", package, "--json"))
    assert {path: one["score"] for path, one in found.items()} == {
        "accepted/solution.py": 30, "other/near.py": 10, "other/off.py": 100,
    }  # fmt: skip


@pytest.mark.full
def test_inputs_are_validated(tmp_path: Path, cache: Path) -> None:
    """A validator in C++ is shown each input with the number of its subtask; what it refuses is told."""
    valid = (
        "#include <cstdio>\n#include <cstdlib>\nint main(int, char **words) {\n"
        '    FILE *in = fopen(words[1], "r"); int a, b; if (!in || fscanf(in, "%d %d", &a, &b) != 2) return 2;\n'
        '    if (atoi(words[2]) == 2 && a != 3) return 3; if (a == 50) { fprintf(stderr, "50 in %s", words[2]); return 1; } }\n'
    )
    done = call(cache, "verify", italian(tmp_path / "plus", {"gen/valida.cpp": valid}), "--json")
    said = [line for line in done.stderr.splitlines() if "valida" in line]
    assert said == [
        "error: data/secret/002/0003.in: input_validators/valida does not accept it (ended with exit code 43): 50 in 3"
    ], done.stderr


def test_fifos_in_the_other_direction(tmp_path: Path, cache: Path) -> None:
    """Managers and stubs that use the two FIFOs the other way round: an answer left behind is still read, and who leaves while the
    manager has megabytes to say breaks nothing."""
    manager = r"""
#include <cstdio>
#include <unistd.h>
int main(int, char **words) {
    int a, b, sum = -1;
    FILE *test = fopen("input.txt", "r"), *to = fopen(words[1], "w"), *from = fopen(words[2], "r");
    if (!test || !to || !from || fscanf(test, "%d %d", &a, &b) != 2) return 1;
    fprintf(to, "%d %d\n", a, b); fflush(to);
    usleep(200000);
    if (fscanf(from, "%d", &sum) != 1) for (int i = 0; i < 3000000; i++) fputc('x', to);
    fclose(to);
    puts(sum == a + b ? "1" : "0");
}
"""
    stub = r"""
#include <cstdio>
#include "plus.h"
int main(int, char **words) {
    FILE *in = fopen(words[2], "r"), *out = fopen(words[1], "w");
    int a, b;
    if (fscanf(in, "%d %d", &a, &b) == 2) fprintf(out, "%d\n", second(a, b));
}
"""
    changes: dict[str, str | None] = {
        **SINGLE,
        "task.yaml": str(SINGLE["task.yaml"]).replace("num_processes: 2\n", ""),
        "check/manager.cpp": manager,
        "sol/stub.cpp": stub,
    }
    package = italian(tmp_path / "plus", changes)
    answers = {"said.cpp": both("return a;", "return half + b;"), "left.cpp": both("return a;", "exit(0);")}
    runs = {name: once(cache, package, name, source)["runs"][0] for name, source in answers.items()}
    assert {name: (run["verdict"], run["message"]) for name, run in runs.items()} == {
        "said.cpp": ("AC", ""), "left.cpp": ("WA", ""),
    }  # fmt: skip


CHECKS = {
    "check/checker.c": r"""
#include <stdio.h>
int main(int count, char **words) {
    FILE *answer = fopen(words[2], "r"), *output = fopen(words[3], "r");
    long long wanted, got;
    if (count != 4 || !answer || fscanf(answer, "%lld", &wanted) != 1) return 1;
    if (!output || fscanf(output, "%lld", &got) != 1) got = -1;
    puts(got == wanted ? "1.0" : got == wanted + 1 ? "0.5" : "0.0");
    return 0;
}
""",
    "check/checker": """#!/usr/bin/env python3
import sys
wanted, got = (int(open(name).read()) for name in sys.argv[2:])
print(1.0 if got == wanted else 0.5 if got == wanted + 1 else 0.0)
""",
}


@pytest.mark.parametrize("name", CHECKS)
def test_checkers_in_other_languages(tmp_path: Path, cache: Path, name: str) -> None:
    """A checker in C or Python gives the same points as one in C++."""
    package = italian(tmp_path / "plus", {"check/checker.cpp": None, name: CHECKS[name]})
    found = lines(call(cache, "verify", package, "--json"))
    assert {path: one["score"] for path, one in found.items()} == {
        "accepted/solution.py": 100, "other/near.py": 65, "other/off.py": 30,
    }  # fmt: skip
