"""How far the CPU time of the same program differs from run to run, in the sandbox and bare, while another core is busy.

Runs of a second and of ten milliseconds do a fixed amount of work. They are taken in batches; one during which the machine
below took the core away (steal) is repeated, twice at most, and that is told.
"""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from judge_node.bench.programs import spread
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux.box import LinuxSandbox

_LIMITS = RunLimits(cpu_seconds=10, wall_seconds=60, memory_bytes=256 * MEBIBYTE)
_MOST_REPEATS = 2
_BATCH = 10
_SHORTER = 100  # a second's loop and one of ten milliseconds
_STEAL_FIELD = 8


@dataclass(frozen=True, slots=True)
class Repeatability:
    """(max - min) / median of CPU seconds: of a loop of a second in the sandbox, and bare and pinned to the same core; of one of
    10 ms in the sandbox. `disturbed_batches` were repeated.
    """

    loop_spread: float
    loop_spread_bare: float
    short_spread: float
    runs: int
    disturbed_batches: int


@dataclass(slots=True)
class _Samples:
    boxed: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    short: list[float] = field(default_factory=list)


def repeatability(sandbox: LinuxSandbox, program: Path, runs: int) -> Repeatability:
    """Runs a loop of about a second `runs` times each way, in turn; another core spins meanwhile."""
    rounds = _rounds(program)
    kept, disturbed = _Samples(), 0
    with _busy_elsewhere(sandbox.core):
        for first in range(0, runs, _BATCH):
            size = min(_BATCH, runs - first)
            for _ in range(1 + _MOST_REPEATS):
                before = _steal(sandbox.core)
                batch = _batch(sandbox, program, rounds, size)
                if _steal(sandbox.core) == before:
                    break
                disturbed += 1
            kept.boxed += batch.boxed
            kept.bare += batch.bare
            kept.short += batch.short
    return Repeatability(spread(kept.boxed), spread(kept.bare), spread(kept.short), runs, disturbed)


def _batch(sandbox: LinuxSandbox, program: Path, rounds: int, runs: int) -> _Samples:
    view = View(program=program.parent, profile="native")
    container = sandbox.container(view, memory_bytes=_LIMITS.memory_bytes, processes=_LIMITS.processes)
    long, short = (Command([f"/program/{program.name}", str(many)]) for many in (rounds, rounds // _SHORTER))
    seen = _Samples()
    try:
        for _ in range(runs):
            seen.boxed.append(container.run(long, _LIMITS).cpu_seconds)
            seen.bare.append(_bare(program, str(rounds), sandbox.core))
            seen.short.append(container.run(short, _LIMITS).cpu_seconds)
    finally:
        container.close()
    return seen


@contextmanager
def _busy_elsewhere(core: int) -> Iterator[None]:
    others = sorted(os.sched_getaffinity(0) - {core})
    spinner = subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) if others else None
    try:
        if spinner is not None:
            os.sched_setaffinity(spinner.pid, others[:1])
        yield
    finally:
        if spinner is not None:
            spinner.kill()
            spinner.wait()


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
