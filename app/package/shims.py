"""C++ that stands between our protocol of validators (PROBLEM_FORMATS 4.1) and programs written for another one.

Theory of operation. The foreign program keeps its `main`. A constructor runs before it, forks, gives the child the arguments that
it knows by changing argv in place (glibc hands it to constructors), and lets the child go on into main; the parent waits, and ends
with the exit code of our protocol. So nothing of the program has to be changed, and a `main` without return stays legal. Only an
interactor with a checker behind it are two mains in one program: there both are renamed, each in a namespace of its own.
"""

from __future__ import annotations

PYTHON_CHECKER = """#!/bin/sh
# A checker in Python: INPUT OUTPUT ANSWER, 0 is right, 1, 2, 4 and 8 are wrong, what it says on stderr is for the jury.
output="${TMPDIR:-/tmp}/contestbox_output"
cat > "$output" || exit 1
python3 checker.py "$1" "$output" "$2" 2> "$3judgemessage.txt"
code=$?
case $code in
0) exit 42 ;;
1 | 2 | 4 | 8) exit 43 ;;
esac
exit $code
"""

_HEADERS = r"""#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
"""

_COMMON = r"""
#define CONTESTBOX_HOOK __attribute__((constructor(101))) static void
static char output_name[] = "contestbox_output";
static void say_to(int target, const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s%s", folder, name);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0 || dup2(file, target) < 0) _exit(1);
}
static void keep_output(void) {
    static char buffer[65536];
    int file = open(output_name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) _exit(1);
    for (ssize_t got; (got = read(0, buffer, sizeof buffer)) > 0;)
        for (ssize_t done = 0, put; done < got; done += put)
            if ((put = write(file, buffer + done, (size_t)(got - done))) <= 0) _exit(1);
    close(file);
}
static int ended(pid_t child) {
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}
"""

_TESTLIB_CODES = r"""
static void put(const char *folder, const char *name, double value) {
    char path[4096];
    snprintf(path, sizeof path, "%s%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file || fprintf(file, "%.9f\n", value) < 0 || fclose(file)) _exit(1);
}
static void points(const char *folder) {
    char path[4096], line[512] = "";
    double value = 0, other = 0;
    int found = 0;
    snprintf(path, sizeof path, "%sjudgemessage.txt", folder);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        int named = !strncmp(line, "points ", 7);
        if ((named || !found) && sscanf(line, "%*[^0-9.+-]%lf", &other) == 1) value = other, found = 1;
    }
    if (!found) _exit(7);
    put(folder, "score.txt", value);
    _exit(42);
}
static void answer(int code, const char *folder) {
    if (code == 0) _exit(42);
    if (code == 1 || code == 2 || code == 4 || code == 8) _exit(43);
    if (code == 7 && CONTESTBOX_SCORING) points(folder);
    if (code > 8 && code <= 100 && code != 42 && code != 43 && CONTESTBOX_SCORING) {
        put(folder, "score_multiplier.txt", code / 100.0);
        _exit(42);
    }
    _exit(code < 0 || code == 42 || code == 43 ? 1 : code);
}
"""

_TESTLIB_CHECKER = r"""
CONTESTBOX_HOOK hook(int count, char **words, char **) {
    if (count < 4) _exit(1);
    char *expected = words[2], *folder = words[3];
    keep_output();
    pid_t child = fork();
    if (child == 0) {
        say_to(2, folder, "judgemessage.txt");
        words[2] = output_name;
        words[3] = expected;
        return;
    }
    answer(ended(child), folder);
}
"""

_INPUT_VALIDATOR = r"""
CONTESTBOX_HOOK hook(int, char **, char **) {
    pid_t child = fork();
    if (child == 0) return;
    _exit(ended(child) == 0 ? 42 : 43);
}
"""

_CMS_VALIDATOR = r"""
CONTESTBOX_HOOK hook(int count, char **words, char **) {
    if (count != 3) _exit(1);
    snprintf(output_name, sizeof output_name, "%s", words[1]);
    keep_output();
    pid_t child = fork();
    if (child == 0) return;
    _exit(ended(child) == 0 ? 42 : 43);
}
"""

_CMS_PYTHON_VALIDATOR = """import pathlib
import runpy
import sys
import traceback

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here))
pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())
try:
    runpy.run_path(str(here / "valida.py"), run_name="__main__")
except SystemExit as ended:
    if ended.code not in (None, 0):
        print(ended.code, file=sys.stderr)
        sys.exit(43)
except BaseException:
    traceback.print_exc()
    sys.exit(43)
sys.exit(42)
"""

_CMS_CHECKER = r"""
CONTESTBOX_HOOK hook(int count, char **words, char **) {
    if (count < 4) _exit(1);
    char *folder = words[3];
    keep_output();
    pid_t child = fork();
    if (child == 0) {
        say_to(2, folder, "judgemessage.txt");
        say_to(1, "", "contestbox_score");
        words[3] = output_name;
        return;
    }
    double value = 0;
    int code = ended(child);
    FILE *file = fopen("contestbox_score", "r");
    if (code != 0 || !file || fscanf(file, "%lf", &value) != 1 || value != value) _exit(1);
    if (value < 0 && CONTESTBOX_RAW) _exit(43);
    if (value < 0 || (value > 1 && !CONTESTBOX_RAW)) _exit(1);
    if (value == 0 && !CONTESTBOX_RAW) _exit(43);
    char path[4096];
    snprintf(path, sizeof path, CONTESTBOX_RAW ? "%sscore.txt" : "%sscore_multiplier.txt", folder);
    FILE *score = fopen(path, "w");
    if (!score || fprintf(score, "%.9f\n", value) < 0 || fclose(score)) _exit(1);
    _exit(42);
}
"""

_INTERACTOR = r"""
namespace contestbox_interactor {
#define main contestbox_main
#include "contestbox_interactor.h"
#undef main
}
"""
_CHECKER_BEHIND = r"""
namespace contestbox_checker {
#define main contestbox_main
#include "contestbox_checker.h"
#undef main
}
"""
_INTERACTIVE_MAIN = r"""
static char contestbox_told[] = "contestbox_tout";
int main(int count, char **words) {
    if (count < 4) return 1;
    char *folder = words[3];
    char *call[] = {words[0], words[1], contestbox_told, words[2], nullptr};
    pid_t child = fork();
    if (child == 0) {
        contestbox_shim::say_to(2, folder, "judgemessage.txt");
        exit(contestbox_interactor::contestbox_main(4, call));
    }
    close(0);
    close(1);
    int code = contestbox_shim::ended(child);
    if (code != 0 || !CONTESTBOX_CHECKER) contestbox_shim::answer(code, folder);
#if CONTESTBOX_CHECKER
    child = fork();
    if (child == 0) {
        contestbox_shim::say_to(2, folder, "judgemessage.txt");
        exit(contestbox_checker::contestbox_main(4, call));
    }
    contestbox_shim::answer(contestbox_shim::ended(child), folder);
#endif
}
"""


def testlib_checker(*, scoring: bool) -> str:
    """Beside a testlib checker: INPUT OUTPUT ANSWER, exit codes of testlib."""
    return f"{_HEADERS}{_COMMON}#define CONTESTBOX_SCORING {int(scoring)}{_TESTLIB_CODES}{_TESTLIB_CHECKER}"


def testlib_interactor(*, scoring: bool, checker: bool) -> str:
    """Around `contestbox_interactor.h` and, with `checker`, `contestbox_checker.h`: sources with a main each."""
    return interactive_head(scoring=scoring, checker=checker, interactor=True) + _INTERACTIVE_MAIN


def interactive_head(*, scoring: bool, checker: bool, interactor: bool) -> str:
    """What stands before a main of ours: our helpers, and interactor and checker in namespaces of their own."""
    parts = [
        '#include <bits/stdc++.h>\n#include "testlib.h"\n',
        _HEADERS,
        "namespace contestbox_shim {",  # testlib has names of its own, and so have those who use it
        _COMMON,
        f"#define CONTESTBOX_SCORING {int(scoring)}\n#define CONTESTBOX_CHECKER {int(checker)}",
        _TESTLIB_CODES,
        "}",
        _INTERACTOR if interactor else "",
        _CHECKER_BEHIND if checker else "",
    ]
    return "".join(parts)


def testlib_validator() -> str:
    """Beside an input validator that says 0 for valid."""
    return _HEADERS + _COMMON + _INPUT_VALIDATOR


def cms_validator() -> str:
    """Beside a validator of CMS's: FILE SUBTASK, 0 for valid. It is called with the name that its input is to have, and the subtask."""
    return _HEADERS + _COMMON + _CMS_VALIDATOR


def cms_python_validator() -> str:
    """The same for one in Python, named valida.py: the main file beside it."""
    return _CMS_PYTHON_VALIDATOR


def cms_checker(*, raw: bool) -> str:
    """Beside a CMS checker: INPUT ANSWER OUTPUT, a number from 0 to 1 on stdout; with `raw` any number that is not negative."""
    return f"{_HEADERS}{_COMMON}#define CONTESTBOX_RAW {int(raw)}{_CMS_CHECKER}"
