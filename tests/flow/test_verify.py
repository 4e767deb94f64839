"""Problem setters: verify and once, with real compilers in the real sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from unit.app.package.packages import write

pytestmark = pytest.mark.root

EXACT = {
    "submissions/accepted/sum.c": '#include <stdio.h>\nint main(void) { int a, b; scanf("%d %d", &a, &b); printf("%d\\n", a + b); }\n',
    "submissions/accepted/sum/Main.java": (
        "public class Main { public static void main(String[] x) {\n"
        "  var s = new java.util.Scanner(System.in); System.out.println(s.nextInt() + s.nextInt()); } }\n"
    ),
    "submissions/wrong_answer/product.py": "a, b = map(int, input().split())\nprint(a * b)\n",
    "submissions/time_limit_exceeded/spin.c": 'int main(void) { for (;;) { __asm__ volatile(""); } }\n',
    "submissions/time_limit_exceeded/sleep.py": "import time\ntime.sleep(60)\n",
    "submissions/run_time_error/late.py": "print(sum(map(int, input().split())))\nraise SystemExit(3)\n",
    "submissions/memory_limit/hoard.c": (
        "#include <stdlib.h>\n#include <string.h>\n"
        "int main(void) { for (;;) { char *p = malloc(1 << 20); if (p) memset(p, 1, 1 << 20); } }\n"
    ),
    "submissions/memory_limit/heap/Main.java": (
        "import java.util.*; public class Main { public static void main(String[] x) {\n"
        "  List<long[]> all = new ArrayList<>(); while (true) all.add(new long[1 << 17]); } }\n"
    ),
    "submissions/output_limit/flood.c": '#include <stdio.h>\nint main(void) { for (int i = 0; i < 3000000; i++) puts("flood"); }\n',
    "submissions/no_output/silent.py": "input()\n",
    "submissions/compile_error/broken.c": "int main(void) { return }\n",
    "submissions/compile_error/broken.py": "def f(:\n",
}
FAST = "problem_format_version: 2025-09\nname: Sum\nuuid: 1\nlimits: {time_limit: 0.4, memory: 64}\n"

CHECK = """
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
    FILE *in = fopen(argv[1], "r"), *say; char path[300]; int a, b, c; char more;
    if (argc != 5 || strcmp(argv[4], "strict") || !in || fscanf(in, "%d %d", &a, &b) != 2) return 1;
    if (fopen(argv[2], "r") == NULL || fopen("/etc/shadow", "r") != NULL) return 1;
    sprintf(path, "%sjudgemessage.txt", argv[3]);
    say = fopen(path, "w");
    if (scanf("%d %c", &c, &more) == 1 && c == a + b) { fprintf(say, "fine\\n"); fclose(say); return 42; }
    fprintf(say, "%d + %d is something else\\n", a, b); fclose(say); return 43;
}
"""


def call(cache: Path, *words: str | Path, umask: int = -1) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from judge_node.main import main; main()", *words],
        capture_output=True, text=True, timeout=100, env={**os.environ, "XDG_CACHE_HOME": str(cache)}, umask=umask,
    )  # fmt: skip


def lines(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["submission"]: one for one in found}


def test_verify(tmp_path: Path) -> None:
    """Every solution of a package ends as its directory says: all verdicts, four ways to be slow or greedy, three
    languages.
    """
    package = write(tmp_path / "sum", {**EXACT, "problem.yaml": FAST})
    done = call(tmp_path, "verify", package, "--json", "--jobs", "2")
    found = lines(done)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: one["verdict"] for path, one in found.items()} == {
        "accepted/sum": "AC",
        "accepted/sum.c": "AC",
        "accepted/sum.py": "AC",
        "compile_error/broken.c": "CE",
        "compile_error/broken.py": "CE",
        "memory_limit/heap": "MLE",
        "memory_limit/hoard.c": "MLE",
        "no_output/silent.py": "NO",
        "output_limit/flood.c": "OLE",
        "run_time_error/late.py": "RTE",
        "time_limit_exceeded/sleep.py": "TLE",
        "time_limit_exceeded/spin.c": "TLE",
        "wrong_answer/product.py": "WA",
    }
    assert set(found["accepted/sum.c"]) == {
        "submission", "language", "expected", "verdict", "score", "ok", "cpu_seconds", "runs",
    }  # fmt: skip
    first = found["accepted/sum.c"]
    assert (first["language"], first["expected"], first["score"], first["ok"], first["runs"]) == (
        "c",
        ["AC"],
        None,
        True,
        2,
    )


def test_verify_disagrees_and_remembers(tmp_path: Path) -> None:
    """One solution that breaks its promise fails the package; the second time nothing is judged, and --fresh judges
    again.
    """
    package = write(tmp_path / "sum", {"submissions/wrong_answer/right.py": "print(sum(map(int, input().split())))\n"})
    first = call(tmp_path, "verify", package)
    assert first.returncode == 1
    assert "1 of the package's submissions did not do" in first.stderr
    assert "WRONG wrong_answer/right.py" in first.stdout
    again = call(tmp_path, "verify", package)
    assert (again.returncode, again.stdout.count("(from the cache)")) == (1, 2)
    assert call(tmp_path, "verify", package, "--fresh").stdout.count("(from the cache)") == 0
    (package / "submissions/wrong_answer/none.py").write_text("print(0)\n")
    (package / "statement/problem.en.md").write_text("Add them.\n")
    more = call(tmp_path, "verify", package).stdout
    assert (more.count("(from the cache)"), "ok    wrong_answer/none.py" in more) == (2, True)
    (package / "submissions/wrong_answer/none.py").unlink()
    (package / "data/secret/01.ans").write_text("8\n")
    changed = lines(call(tmp_path, "verify", package, "--json"))
    assert [one["verdict"] for one in changed.values()] == ["WA", "WA"]


def test_time_limit_is_measured(tmp_path: Path) -> None:
    """A legacy package without a time limit is judged by a multiple of its accepted solutions, at least a second."""
    package = write(
        tmp_path / "sum", {"problem.yaml": "name: Sum\n", "submissions/time_limit_exceeded/spin.py": "while 1: pass"}
    )
    found = lines(call(tmp_path, "verify", package, "--json"))
    assert found["time_limit_exceeded/spin.py"]["verdict"] == "TLE"
    assert 0.1 < found["time_limit_exceeded/spin.py"]["cpu_seconds"] < 2.0


def test_once(tmp_path: Path) -> None:
    """A setter judges one file: every run with its measurements, and all tests when asked."""
    package = write(tmp_path / "sum", {f"data/secret/0{n}{end}": "5 5\n" for n in (2, 3) for end in (".in", ".ans")})
    source = package / "submissions/accepted/sum.py"
    done = call(tmp_path, "once", package, source, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], found["score"], found["compile"]["ok"]) == (0, "WA", None, True)
    assert [(run["test"], run["verdict"]) for run in found["runs"]] == [
        ("sample/1", "AC"), ("secret/01", "AC"), ("secret/02", "WA"),
    ]  # fmt: skip
    last = found["runs"][-1]
    assert 0 < last["cpu_seconds"] < last["wall_seconds"] + 0.1
    assert last["memory_bytes"] > 1 << 20
    assert 'expected "5", got "10"' in last["message"]
    everything = json.loads(call(tmp_path, "once", package, source, "--json", "--all-tests").stdout)
    assert [run["verdict"] for run in everything["runs"]] == ["AC", "AC", "WA", "WA"]


def test_a_strict_umask_changes_nothing(tmp_path: Path) -> None:
    """An organiser whose shell gives new files to nobody else judges as everybody, also with a validator of the package."""
    check = "import sys\nsys.exit(42 if open(sys.argv[2]).read().split() == sys.stdin.read().split() else 43)\n"
    package = write(tmp_path / "sum", {"output_validator/check.py": check})
    plain = write(
        tmp_path / "plain", {"submissions/accepted/sum/Main.java": EXACT["submissions/accepted/sum/Main.java"]}
    )
    for folder in (package, plain):
        done = call(tmp_path / "cache", "verify", folder, "--json", umask=0o077)
        assert (done.returncode, {one["verdict"] for one in lines(done).values()}) == (0, {"AC"}), done


def test_once_says_what_the_compiler_said(tmp_path: Path) -> None:
    """A compilation error is a verdict, with the compiler's words and the line of the source."""
    package = write(tmp_path / "sum")
    (tmp_path / "a.c").write_text("int main(void) {\n  retrun 0;\n}\n")
    done = call(tmp_path, "once", package, tmp_path / "a.c", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], found["runs"]) == (0, "CE", [])
    assert "a.c:2:" in found["compile"]["output"]


def test_what_a_guest_says_commands_no_terminal(tmp_path: Path) -> None:
    """Colours and titles in a source that the compiler quotes, or in a validator's words, reach the setter as plain text."""
    check = "import sys\nopen(sys.argv[3] + 'judgemessage.txt', 'w').write('\\x1b[31mno\\x07')\nsys.exit(9)\n"
    package = write(tmp_path / "sum", {"output_validator/check.py": check})
    (tmp_path / "a.c").write_text("#error \033[31mred\033]0;title\007\n")
    for source in (tmp_path / "a.c", package / "submissions/accepted/sum.py"):
        done = call(tmp_path, "once", package, source)
        assert "[31m" in done.stdout + done.stderr
        assert not {"\033", "\007"} & set(done.stdout + done.stderr)


def test_once_refuses_sources(tmp_path: Path) -> None:
    """A link, a source that is too large and one of no language get exit 1 and a sentence, and nothing on stdout."""
    package = write(tmp_path / "sum")
    (tmp_path / "link.c").symlink_to(package / "submissions/accepted/sum.py")
    (tmp_path / "large.c").write_text("x" * (129 * 1024))
    (tmp_path / "what.txt").write_text("")
    (tmp_path / "tree/a.c").mkdir(parents=True)
    (tmp_path / "tree/a.c/b.c").write_text("")
    (tmp_path / "a.c").write_text("int main;")
    both = call(tmp_path, "once", package, tmp_path / "tree", tmp_path / "a.c", "--json")
    assert (both.returncode, both.stdout, "of a file and of a folder" in both.stderr) == (1, "", True), both
    for name, sentence in {"link.c": "is a link", "large.c": "larger than", "what.txt": "--language"}.items():
        done = call(tmp_path, "once", package, tmp_path / name, "--json")
        assert (done.returncode, done.stdout, sentence in done.stderr) == (1, "", True), done


def test_custom_validator(tmp_path: Path) -> None:
    """A package's own validator decides, gets its arguments and the tests' files, and its message reaches the jury."""
    changes: dict[str, str | None] = {
        "output_validator/check.c": CHECK,
        "data/secret/test_group.yaml": "output_validator_args: [strict]\n",
        "data/sample/test_group.yaml": "output_validator_args: [strict]\n",
        "data/secret/01.ans": "nobody compares with this\n",
        "submissions/wrong_answer/more.py": "print(sum(map(int, input().split())), 1)\n",
    }
    package = write(tmp_path / "sum", changes)
    done = call(tmp_path, "verify", package, "--json")
    assert (done.returncode, [one["verdict"] for one in lines(done).values()]) == (0, ["AC", "WA"]), done
    once = json.loads(call(tmp_path, "once", package, package / "submissions/wrong_answer/more.py", "--json").stdout)
    assert once["runs"][0]["message"] == "1 + 2 is something else"


@pytest.mark.parametrize(
    ("check", "words"),
    [("raise SystemExit(7)", "exit code 7"), ("def f(:", "cannot be compiled"), ("print('x' * 50_000_000)", "limit")],
)
def test_a_broken_validator_is_a_judging_error(tmp_path: Path, check: str, words: str) -> None:
    """Where the validator fails, the setter gets JE with the reason and exit 1, and no verdict of the submission."""
    package = write(tmp_path / "sum", {"output_validator/check.py": check})
    done = call(tmp_path, "once", package, package / "submissions/accepted/sum.py", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], words in found["message"]) == (1, "JE", True), done


def test_files_and_arguments_of_a_test(tmp_path: Path) -> None:
    """A test's own files lie in the working directory and its arguments on the command line, of that test only."""
    reads = "import os, sys\nprint(open('extra/n.txt').read() if len(sys.argv) > 1 else os.listdir('.'))\n"
    changes: dict[str, str | None] = {
        "data/secret/02.in": "", "data/secret/02.ans": "77", "data/secret/02.files/extra/n.txt": "77",
        "data/secret/02.yaml": "args: [read]\n", "data/secret/03.in": "", "data/secret/03.ans": "[]",
        "data/secret/01.in": "", "data/secret/01.ans": "[]", "data/sample/1.ans": "[]",
        "submissions/accepted/sum.py": reads.replace("os.listdir('.')", "[n for n in os.listdir('.') if n[0] != '.']"),
    }  # fmt: skip
    done = call(tmp_path, "verify", write(tmp_path / "sum", changes), "--json")
    assert done.returncode == 0, done.stdout + done.stderr


def test_compare_command(tmp_path: Path) -> None:
    """The default validator can be asked from the command line."""
    (tmp_path / "ans").write_text("1.0\n")
    words = [sys.executable, "-c", "from judge_node.main import main; main()", "compare"]
    for arguments, output, code in ((["float_tolerance", "1e-1"], "1.05", 42), ([], "1.05", 43), (["fuzzy"], "1.0", 2)):
        done = subprocess.run(
            [*words, *arguments, "ans", "ans"], input=output, text=True, cwd=tmp_path, capture_output=True
        )
        assert done.returncode == code, done


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_verify_is_stopped_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C ends a verification at once: one word on stderr, no container, no process and no temporary file left."""
    spinning = {f"submissions/time_limit_exceeded/spin{n}.py": "while True: pass\n" for n in range(4)}
    package = write(tmp_path / "sum", {**spinning, "problem.yaml": FAST.replace("0.4", "60")})
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    words = [
        sys.executable,
        "-c",
        "from judge_node.main import main; main()",
        "verify",
        package,
        "--json",
        "--jobs",
        "2",
    ]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "TMPDIR": str(temporary)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert "accepted/sum.py" in process.stdout.readline()
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        if number is signal.SIGTERM:  # as `timeout` and others do it: the program, then its group
            process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors.strip()) == (130, "contestbox-judge: Stopped.")
    assert children
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
    assert list(temporary.iterdir()) == []
