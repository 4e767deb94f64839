"""How far the CPU time of the same program differs from run to run, in the sandbox and bare, while another core is busy.

A batch in which the machine under us was given to somebody else (steal) is repeated, twice at most, and that is told.
"""

from __future__ import annotations

import os
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

from judge_node.bench.programs import spread
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux.box import LinuxSandbox

_LIMITS = RunLimits(cpu_seconds=10, wall_seconds=60, memory_bytes=256 * MEBIBYTE)
_MOST_REPEATS = 2
_STEAL_FIELD = 8


@dataclass(frozen=True, slots=True)
class Repeatability:
    """(max - min) / median of CPU seconds: in the sandbox, and bare and pinned to the same core."""

    loop_spread: float
    loop_spread_bare: float
    runs: int
    disturbed_batches: int


def repeatability(sandbox: LinuxSandbox, program: Path, runs: int) -> Repeatability:
    """Runs a loop of about half a second or a second `runs` times each way, in turn; another core spins meanwhile."""
    rounds = str(_rounds(program))
    disturbed = 0
    while True:
        before = _steal(sandbox.core)
        boxed, bare = _batch(sandbox, program, rounds, runs)
        if _steal(sandbox.core) == before or disturbed == _MOST_REPEATS:
            return Repeatability(spread(boxed), spread(bare), runs, disturbed)
        disturbed += 1


def _batch(sandbox: LinuxSandbox, program: Path, rounds: str, runs: int) -> tuple[list[float], list[float]]:
    view = View(program=program.parent, profile="native")
    container = sandbox.container(view, memory_bytes=_LIMITS.memory_bytes, processes=_LIMITS.processes)
    others = sorted(os.sched_getaffinity(0) - {sandbox.core})
    spinner = subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) if others else None
    boxed, bare = [], []
    try:
        if spinner is not None:
            os.sched_setaffinity(spinner.pid, others[:1])
        for _ in range(runs):
            boxed.append(container.run(Command([f"/program/{program.name}", rounds]), _LIMITS).cpu_seconds)
            bare.append(_bare(program, rounds, sandbox.core))
    finally:
        if spinner is not None:
            spinner.kill()
            spinner.wait()
        container.close()
    return boxed, bare


def _rounds(program: Path) -> int:
    """How many rounds half a second of CPU takes on this machine, doubled."""
    answer = subprocess.run([program], capture_output=True, check=True, text=True).stdout
    return 2 * int(answer.split()[0])


def _bare(program: Path, rounds: str, core: int) -> float:
    """CPU seconds of the same program without a sandbox, on the same core."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        child = subprocess.Popen([program, rounds], stdout=subprocess.DEVNULL)
    finally:
        os.sched_setaffinity(0, mine)
    child.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _steal(core: int) -> int:
    """Ticks that the machine under us took from this core so far."""
    for line in Path("/proc/stat").read_text().splitlines():
        words = line.split()
        if words[0] == f"cpu{core}":
            return int(words[_STEAL_FIELD])
    return 0
