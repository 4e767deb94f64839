"""Hostile submissions and packages through the whole pipeline: each gets a verdict, and never makes the machine look broken."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from sandbox.workbench import Bench, guests_of, limits

from app.core.judgement import Run
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.loader import load_languages
from judge_node.pipeline.job import JobLimits, JobTest, JobValidator, JudgeJob, JudgeResult, Watcher
from judge_node.pipeline.judging import Workshop, judge
from judge_node.pipeline.programs import ValidatorStore
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.linux.box import LinuxSandbox
from judge_node.sandbox.outcome import Limit

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is missing"),
]
LANGUAGES = load_languages()


def judged(
    sandbox: LinuxSandbox,
    folder: Path,
    files: dict[str, str],
    language: str = "c",
    *,
    validator: str | None = None,
    tests: int = 1,
    memory_mib: int = 64,
    all_tests: bool = False,
) -> JudgeResult:
    """Judges one submission; every test's input and answer is the word `canary`."""
    (folder / "data").write_text("canary\n")
    (folder / "work").mkdir()
    one = folder / "data"
    check = (
        None if validator is None else JobValidator((SourceFile("check.py", validator.encode()),), LANGUAGES["python3"])
    )
    job = JudgeJob(
        files=tuple(SourceFile(name, text.encode()) for name, text in files.items()),
        language=LANGUAGES[language],
        tests=tuple(JobTest(f"secret/{n}", False, one, one) for n in range(1, tests + 1)),
        limits=JobLimits(cpu_seconds=1.0, memory_bytes=memory_mib << 20, validation_seconds=10),
        validator=check,
        all_tests=all_tests,
    )
    result = judge(job, Workshop(sandbox, ValidatorStore(folder / "validators", {})), folder / "work", Watcher())
    assert guests_of(sandbox) == [] or "submission" not in guests_of(sandbox)
    return result


def verdicts(runs: Sequence[Run]) -> list[Verdict]:
    return [run.verdict for run in runs]


@pytest.mark.parametrize(
    "files",
    [
        {"a.c": "int main(void) { return 0; }", "a": "", "a/b.c": ""},
        {f"{'d/' * 120}{n}.h": "" for n in range(2)}
        | {f"{n}/{'e/' * 110}x.h": "" for n in range(60)}
        | {"m.c": "int main;"},
        {"a.c\n": "int main(void) { return 0; }"},
    ],
    ids=["a-file-and-a-folder", "very-many-folders", "line-end"],
)
def test_names_that_cannot_be_laid_out_are_the_teams_affair(
    sandbox: LinuxSandbox, tmp_path: Path, files: dict[str, str]
) -> None:
    """File names that contradict each other or fill the compiler's folder are a compilation error, never a broken machine."""
    result = judged(sandbox, tmp_path, files)
    assert (result.verdict, result.runs) == (Verdict.CE, ())


@pytest.mark.parametrize("path", ["/nowhere/ld.so", "/bin/true", "/proc/self/exe"])
def test_a_program_that_cannot_be_started_is_a_crash(sandbox: LinuxSandbox, tmp_path: Path, path: str) -> None:
    """A binary that asks for an interpreter of its own is not started, which is the team's run-time error."""
    source = f'__asm__(".section .interp,\\"a\\"\\n.string \\"{path}\\"\\n.text");\nint main(void) {{ return 0; }}\n'
    result = judged(sandbox, tmp_path, {"a.c": source})
    assert result.verdict in {Verdict.RTE, Verdict.CE}


# Without a library: smaller than the container's own init, so that its size does not make it the kernel's first choice.
TINY_HOARDER = """
#include <fcntl.h>
static char block[4096];
static long call(long number, long a, long b, long c)
{
  long answer;
  __asm__ volatile("syscall" : "=a"(answer) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return answer;
}
void _start(void)
{
  char name[2] = {'a', 0};
  for (; name[0] < 'i'; name[0]++) {
    long file = call(2, (long)name, O_CREAT | O_RDWR, 0600);
    for (int i = 0; i < 1900; i++) call(1, file, (long)block, sizeof block);
  }
  call(231, 0, 0, 0);
}
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the program is written in x86-64's system calls")
def test_memory_that_is_nobodys_does_not_kill_init(bench: Bench, tmp_path: Path) -> None:
    """A program smaller than the container's init fills its memory with files: it is ended, not the container."""
    tmp_path.chmod(0o755)
    (tmp_path / "tiny.c").write_text(TINY_HOARDER)
    flags = ("-static", "-nostdlib", "-O1", "-fno-stack-protector")
    subprocess.run(["gcc", *flags, "-o", tmp_path / "tiny", tmp_path / "tiny.c"], check=True)
    box = bench.sandbox.container(View(program=tmp_path, profile="native"), memory_bytes=16 << 20, processes=8)
    try:
        for _ in range(3):
            facts = box.run(Command(["/program/tiny"]), limits(memory=16, processes=8))
            assert (facts.limit, facts.signal) == (Limit.MEMORY, 9)
    finally:
        box.close()


def test_a_compiler_runs_nothing_of_a_python_submission(sandbox: LinuxSandbox, tmp_path: Path) -> None:
    """Files named after the compiler's own modules are not executed when a submission is compiled."""
    evil = "open('made_by_the_compiler', 'w').write('x')\n"
    files = dict.fromkeys(("py_compile.py", "os.py", "traceback.py", "struct.py"), evil)
    main = "import pathlib\nprint('canary' if not list(pathlib.Path('/program').glob('made*')) else 'executed')\n"
    result = judged(
        sandbox,
        tmp_path,
        {**files, "main.py": main.replace("import pathlib", "import sys; sys.path.pop(0)\nimport pathlib")},
        "python3",
    )
    assert verdicts(result.runs) == [Verdict.AC], result.runs[:1] or result.compile


FILL = """
import os
try:
  f = open('/work/big', 'wb')
  while True: f.write(bytes(1 << 20)); f.flush()
except OSError: pass
try:
  for n in range(10**6): open(f'/work/{n}', 'w').close()
except OSError: pass
"""
HOSTILE_CHECKS = {
    "next-feedback-is-a-link": "import os\nos.symlink('/etc', '/work/feedback-2')",
    "next-feedback-is-a-file": "open('/work/feedback-2', 'w')",
    "full": FILL,
    "closed": "import os\nos.chmod('/work', 0o500)",
}


@pytest.mark.parametrize("check", HOSTILE_CHECKS.values(), ids=HOSTILE_CHECKS.keys())
def test_what_a_validator_leaves_is_not_there_for_the_next_test(
    sandbox: LinuxSandbox, tmp_path: Path, check: str
) -> None:
    """A package's validator that spoils its own folder spoils nothing else: the next test's call begins afresh."""
    text = f"import sys\nif sys.argv[1].endswith('/1.in'):\n  exec({check!r})\nsys.exit(42)\n"
    result = judged(sandbox, tmp_path, {"a.c": "int main(void) { return 0; }"}, validator=text, tests=2)
    assert verdicts(result.runs) == [Verdict.AC, Verdict.AC]


def test_a_validators_feedback_is_untrusted(sandbox: LinuxSandbox, tmp_path: Path) -> None:
    """Feedback that is a link, a pipe or far too much becomes at most a short text."""
    text = """
import os, sys
where = sys.argv[3] + 'judgemessage.txt'
number = sys.argv[1][6]
if number == '1': os.symlink('/etc/passwd', where)
if number == '2':
  try: os.mkfifo(where)
  except OSError: pass
if number == '3': open(where, 'wb').write(b'\\xff\\0' * 1000000)
if number == '4': os.mkdir(where)
if number == '5': os.rmdir(sys.argv[3]) if not os.listdir(sys.argv[3]) else os.rename(sys.argv[3], '/work/gone')
sys.exit(43)
"""
    files = {"a.c": '#include <stdio.h>\nint main(void) { puts("42"); return 0; }'}
    result = judged(sandbox, tmp_path, files, validator=text, tests=5, all_tests=True)
    assert verdicts(result.runs) == [Verdict.WA] * 5
    assert all(
        "root" not in run.message and len(run.message) <= 8192 and "\0" not in run.message for run in result.runs
    )


@pytest.mark.parametrize("code", [42, 43])
def test_exit_codes_of_the_submission_decide_nothing(sandbox: LinuxSandbox, tmp_path: Path, code: int) -> None:
    """A submission that ends as a validator would is a crash, with the right output too."""
    files = {"a.c": f'#include <stdio.h>\nint main(void) {{ puts("canary"); return {code}; }}'}
    assert judged(sandbox, tmp_path, files).verdict is Verdict.RTE


def test_nothing_is_carried_from_test_to_test(sandbox: LinuxSandbox, tmp_path: Path) -> None:
    """A submission that leaves files, a daemon and a full folder finds the next test as the first one was."""
    source = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fcntl.h>
int main(void) {
  struct stat found;
  int seen = !stat("note", &found) || !stat("/tmp/note", &found) || !stat("/dev/shm/note", &found);
  close(open("note", O_CREAT | O_WRONLY, 0600)); close(open("/tmp/note", O_CREAT | O_WRONLY, 0600));
  puts(seen ? "seen" : "canary");
  return 0;
}
"""
    result = judged(sandbox, tmp_path, {"a.c": source}, tests=3)
    assert verdicts(result.runs) == [Verdict.AC] * 3
