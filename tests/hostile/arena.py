"""Where hostile cases are judged: the real pipeline, canaries on the host, and a look round after each case."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.workbench import guests_of

from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.definition import Language
from app.languages.loader import load_languages
from hostile.catalogue import Case
from judge_node.pipeline.job import MEBIBYTE, JobLimits, JobTest, JobValidator, JudgeJob, JudgeResult, Watcher
from judge_node.pipeline.judging import Workshop, judge
from judge_node.pipeline.programs import ValidatorStore
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import RunLimits
from judge_node.sandbox.linux import rootless
from judge_node.sandbox.linux.box import LinuxSandbox

SECRET = "S3CRET-canary"
# Where cases were compiled outside (`python -m hostile.prebuilt`), canaries have to be where those programs look for them.
PREBUILT = os.environ.get("CONTESTBOX_PREBUILT", "")
SLOWNESS = (
    4 if PREBUILT else 1
)  # of an emulated processor, at computing; at calling the kernel it is slower still (prebuilt.py)
PREBUILT_CANARIES = {
    "SECRET": "/tmp/hostile-canaries/secret",
    "ANSWER": "/tmp/hostile-canaries/answer",
    "SOCKET": "/tmp/hostile-canaries/socket",
    "PORT": "45871",
    "ABSTRACT": "contestbox-canary",
    "PID": "300",
    "ROOT": "1",
}
_CPU_SECONDS = {"c": 0.4, "cpp": 0.4, "py": 1.0, "java": 2.0}
_MEMORY_MIB = {"c": 64, "cpp": 64, "py": 128, "java": 128}
_SETTINGS = ("kernel/hostname", "kernel/domainname", "kernel/core_pattern", "kernel/sysrq", "kernel/randomize_va_space",
             "vm/overcommit_memory", "vm/memfd_noexec", "vm/swappiness", "fs/protected_hardlinks", "kernel/panic")  # fmt: skip
_SHARED_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run/contestbox", "/run/lock")
_HELD = (
    "#include <stdio.h>\n#include <unistd.h>\n"
    'int main(void) { long s = 0; for (int i = 0; i < 1000000; i++) s += i; printf("%ld\\n", s); return 0; }\n'
)


@dataclass(frozen=True, slots=True)
class Traces:
    """What a submission could change on this machine and must not."""

    settings: tuple[str, ...]
    ipc: str
    mounts: int

    @staticmethod
    def of_this_machine(sandbox: LinuxSandbox) -> Traces:
        """As it is now. Of IPC objects those of the slot's own ids count: others' tests leave the IPC namespace out."""
        guests = range(sandbox._slot.first_id(0), sandbox._slot.first_id(16))
        settings = tuple(_text(Path("/proc/sys") / name) for name in _SETTINGS)
        lines = "".join(_text(Path("/proc/sysvipc") / kind) for kind in ("msg", "sem", "shm")).splitlines()
        queues = "".join(line for line in lines if any(word.isdigit() and int(word) in guests for word in line.split()))
        mounts = _text(Path("/proc/self/mounts")).splitlines()
        return Traces(settings, queues, sum(1 for line in mounts if line.split()[0] in {"contestbox", "scratch"}))


@dataclass
class Arena:
    """One slot of this machine, its canaries, and what the machine looked like before."""

    sandbox: LinuxSandbox
    folder: Path
    bystander: subprocess.Popen[bytes]
    listeners: tuple[socket.socket, ...]
    before: Traces
    plain: Path
    languages: dict[str, Language]
    slowness: float = 0.0
    """Of an emulated processor at what the slow cases do; 0 on a real one."""

    @property
    def canaries(self) -> dict[str, str]:
        """Where the canaries are, for sources that know it."""
        return {
            "SECRET": str(self.folder / "secret"),
            "ANSWER": str(self.folder / "answer"),
            "PID": str(self.bystander.pid),
            "ROOT": "0" if rootless.here() else "1",
            "PORT": str(self.listeners[0].getsockname()[1]),
            "SOCKET": str(self.folder / "socket"),
            "ABSTRACT": PREBUILT_CANARIES["ABSTRACT"] + ("" if PREBUILT else f"-{os.getpid()}"),
        }

    def judge(self, case: Case, profile: str | None = None) -> JudgeResult:
        """Judges a case as the node would; `profile` takes another table of system calls than the language's own. On an emulated
        processor what is only too slow for its limit is judged once more, with as much as was measured."""
        result = self._judge(case, profile, SLOWNESS)
        if not self.slowness or result.verdict is not Verdict.TLE or Verdict.TLE in case.allowed:
            return result
        return self._judge(case, profile, max(2 * SLOWNESS, self.slowness))

    def _judge(self, case: Case, profile: str | None, slowness: float) -> JudgeResult:
        language = self.languages[case.language]
        if PREBUILT and case.extension == "c":
            source = SourceFile(case.file_name, Path(PREBUILT, case.id).read_bytes())
            copied = ("/bin/sh", "-c", 'cp "$0" "$1/submission" && chmod 755 "$1/submission"', "{files}", "{program}")
            language = replace(language, compile=replace(language.compile, argv=copied))
        else:
            source = SourceFile(case.file_name, case.source(self.canaries).encode())
        listening = b"import sys\nfor line in sys.stdin:\n    pass\n" if case.bullet == "interactors" else b""
        fair = SourceFile("fair.py", b"print('held', flush=True)\n" + listening)
        validator = None
        if case.bullet in {"validators", "interactors"}:
            validator = JobValidator((source,), language)
            source, language = fair, self.languages["python3"]
        if profile is not None:
            language = replace(language, run=replace(language.run, profile=profile))
        language = replace(language, run=replace(language.run, processes=int(case.options.get("processes", "48"))))
        tests = int(case.options.get("tests", "1"))
        job = JudgeJob(
            files=(source,),
            language=language,
            tests=tuple(self._test(number) for number in range(1, tests + 1)),
            limits=_limits(case, slowness),
            validator=validator,
            all_tests=True,
            interactive=case.bullet == "interactors",
        )
        with tempfile.TemporaryDirectory(dir=self.folder) as work:
            store = ValidatorStore(Path(work) / "validators", {})
            (Path(work) / "job").mkdir()
            return judge(job, Workshop(self.sandbox, store), Path(work) / "job", Watcher())

    def _test(self, number: int) -> JobTest:
        return JobTest(f"secret/{number}", False, self.folder / "question", self.folder / "answer")

    def look_round(self) -> None:
        """Fails where anything is left, changed or ended, or where a plain solution is not judged in normal time."""
        assert guests_of(self.sandbox) == [], "a process is left"
        assert self.bystander.poll() is None, "a process of the host was ended"
        assert _text(Path(f"/proc/{self.bystander.pid}/stat")).split(") ")[1][0] in "SRD", "a process was stopped"
        assert (self.folder / "secret").read_text() == SECRET
        assert (self.folder / "question").read_text() == "canary\n", "the input is another now"
        assert (self.folder / "question").stat().st_mode & 0o777 == 0o644
        assert {path.name for path in self.folder.iterdir()} == {"secret", "answer", "question", "socket", "plain"}
        assert Traces.of_this_machine(self.sandbox) == self.before, "the machine was changed"
        self._nobody_called()
        self._no_group_left()
        self._no_file_left()
        self._plain_solution()

    def _nobody_called(self) -> None:
        for listener in self.listeners:
            try:
                listener.accept()
            except BlockingIOError:
                continue
            raise AssertionError("somebody connected")

    def _no_group_left(self) -> None:
        self.sandbox._spare.wait()
        for folder in self.sandbox._tree.folders:
            left = [path.name for path in folder.iterdir() if path.is_dir()]
            assert len(left) <= len(self.sandbox._taken), f"control groups are left: {left}"

    def _no_file_left(self) -> None:
        first, last = self.sandbox._slot.first_id(0), self.sandbox._slot.first_id(16)
        for folder in _SHARED_FOLDERS:
            for entry in os.scandir(folder) if os.path.isdir(folder) else ():
                try:
                    owner = entry.stat(follow_symlinks=False).st_uid
                except FileNotFoundError:
                    continue
                assert not first <= owner < last, f"{entry.path} was left"

    def _plain_solution(self) -> None:
        box = self.sandbox.container(View(program=self.plain, profile="native"), memory_bytes=32 << 20, processes=8)
        try:
            facts = box.run(Command(["/program/plain"]), RunLimits(1, 4, 32 << 20, processes=8))
        finally:
            box.close()
        assert (facts.exit_code, facts.limit, facts.stdout_head) == (0, None, b"499999500000\n")
        # What the host takes from an emulated processor looks like work to it.
        assert facts.cpu_seconds < 0.1 * max(SLOWNESS, self.slowness), "a plain solution is slow now"
        assert facts.memory_bytes < 12 << 20, "memory of others is charged to a plain solution"


@contextmanager
def open_arena(sandbox: LinuxSandbox) -> Iterator[Arena]:
    """Sets the canaries up, in a folder that guests could read if they reached it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hostile-")))
        if PREBUILT:
            folder = folder.rename(Path(PREBUILT_CANARIES["SECRET"]).parent)
        folder.chmod(0o755)
        for name, text in {"secret": SECRET, "answer": "held\n", "question": "canary\n"}.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o644)
        plain = folder / "plain"
        plain.mkdir()
        plain.chmod(0o755)
        (plain / "plain.c").write_text(_HELD)
        subprocess.run(["gcc", "-O0", "-static", "-o", plain / "plain", plain / "plain.c"], check=True)
        bystander = stack.enter_context(subprocess.Popen(["sleep", "3600"], env={"SECRET": SECRET}))
        stack.callback(bystander.kill)
        addresses: tuple[tuple[socket.AddressFamily, object], ...] = (
            (socket.AF_INET, ("127.0.0.1", int(PREBUILT_CANARIES["PORT"]) if PREBUILT else 0)),
            (socket.AF_UNIX, str(folder / "socket")),
            (socket.AF_UNIX, "\0" + PREBUILT_CANARIES["ABSTRACT"] + ("" if PREBUILT else f"-{os.getpid()}")),
        )
        listeners = tuple(stack.enter_context(_listening(family, where)) for family, where in addresses)
        (folder / "socket").chmod(0o777)
        before, languages = Traces.of_this_machine(sandbox), dict(load_languages())
        yield Arena(sandbox, folder, bystander, listeners, before, plain, languages, _slowness())


def _slowness() -> float:
    if not PREBUILT:
        return 0.0
    from hostile.prebuilt import slowness

    return slowness(Path(PREBUILT))


def _listening(family: socket.AddressFamily, where: object) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(where)  # type: ignore[arg-type]
    listener.listen()
    listener.setblocking(False)
    return listener


def _limits(case: Case, slowness: float) -> JobLimits:
    return JobLimits(
        cpu_seconds=_CPU_SECONDS[case.extension] * slowness,
        memory_bytes=_MEMORY_MIB[case.extension] * MEBIBYTE,
        output_bytes=8 * MEBIBYTE,
        compile_seconds=4.0,
        compile_memory_bytes=512 * MEBIBYTE,
        validation_seconds=1.0,
        validation_memory_bytes=128 * MEBIBYTE,
        validation_output_bytes=MEBIBYTE,
    )


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def seed_of_today() -> int:
    """Another choice each day."""
    return int(time.time() // 86_400)
