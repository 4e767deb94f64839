"""What tests of the sandbox share: a slot of this machine, containers, and programs compiled on the spot."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux import rootless
from judge_node.sandbox.linux.box import LinuxSandbox, open_sandbox
from judge_node.sandbox.linux.container import LinuxContainer
from judge_node.sandbox.outcome import Outcome

HERE = Path(__file__).parent


def limits(
    cpu: float = 2.0, wall: float = 6.0, memory: int = 64, processes: int = 32, output: int = 8 * MEBIBYTE
) -> RunLimits:
    """Limits of a test's run; memory in MiB."""
    return RunLimits(cpu, wall, memory * MEBIBYTE, output_bytes=output, processes=processes)


@dataclass
class Bench:
    """Containers with one folder of programs, closed at the end of the test."""

    sandbox: LinuxSandbox
    programs: Path
    made: list[LinuxContainer] = field(default_factory=list)

    def box(self, profile: str = "runtime", memory: int = 256, processes: int = 64, **view: object) -> LinuxContainer:
        """A container that shows the programs; memory in MiB."""
        shown = View(program=self.programs, profile=profile, **view)  # type: ignore[arg-type]
        box = self.sandbox.container(shown, memory_bytes=memory * MEBIBYTE, processes=processes)
        self.made.append(box)
        return box

    def guest(self, *words: str | int, box: LinuxContainer | None = None, run: RunLimits | None = None) -> Outcome:
        """Runs the multi-purpose guest once."""
        return (box or self.box()).run(guest(*words), run or limits())

    def close(self) -> None:
        """Ends every container of the test."""
        for box in self.made:
            box.close()


def guest(*words: str | int) -> Command:
    """The command for one behaviour of guest.c."""
    return Command(["/program/guest", *map(str, words)])


def shell(line: str, environment: Mapping[str, str] | None = None) -> Command:
    """A shell line inside."""
    return Command(["/bin/sh", "-c", line], environment or {})


def python(text: str) -> Command:
    """A few lines of Python inside."""
    return Command(["/usr/bin/python3", "-c", text])


def compile_c(source: Path, target: Path) -> None:
    """Compiles a guest statically, outside any container."""
    subprocess.run(["gcc", "-std=gnu11", "-O1", "-static", "-w", "-o", target, source, "-pthread"], check=True)


def require_root() -> None:
    """Skips a test that needs a real sandbox where there can be none. CONTESTBOX_WITHOUT_ROOT asks for the one without root."""
    if os.environ.get("CONTESTBOX_WITHOUT_ROOT"):
        rootless.enter()
    if os.geteuid() != 0:
        pytest.skip("the sandbox needs root and control groups")
    if shutil.which("gcc") is None:
        pytest.skip("the guests are compiled with gcc, which is missing")


def guests_of(sandbox: LinuxSandbox) -> list[str]:
    """Command names of processes that run under one of the slot's host ids, without the inits of its containers."""
    first = sandbox._slot.first_id(0)
    last = sandbox._slot.first_id(16)
    sandbox.wait_until_prepared()  # else the pool's thread gives birth to an init between our two looks
    starters = {box._starter.pid for box in list(sandbox._taken.values()) if box is not None}
    if rootless.here():  # everybody has our own id here: what counts is who lives below an init
        inits = [init for starter in starters for init in _children(starter)]
        return [Path(f"/proc/{pid}/comm").read_text().strip() for init in inits for pid in _children(init)]
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if first <= entry.stat().st_uid < last and parent not in starters:
                found.append((entry / "comm").read_text().strip())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _children(pid: int) -> list[int]:
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


@pytest.fixture(scope="session")
def sandbox() -> Iterator[LinuxSandbox]:
    """One slot of this machine for all tests of the session."""
    require_root()
    # As a judge's self-test does: an interpreter that is read cold is charged to the run that reads it, which at its limit reads it
    # again and again instead of ending.
    subprocess.run(["/usr/bin/python3", "-c", "import os, socket, ctypes, subprocess, threading"], check=False)
    with open_sandbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the compiled guest."""
    require_root()
    folder = tmp_path_factory.mktemp("programs")
    folder.chmod(0o755)
    compile_c(HERE / "guest.c", folder / "guest")
    return folder


@pytest.fixture
def bench(sandbox: LinuxSandbox, programs: Path) -> Iterator[Bench]:
    """Containers of one test."""
    opened = Bench(sandbox, programs)
    try:
        yield opened
    finally:
        opened.close()
