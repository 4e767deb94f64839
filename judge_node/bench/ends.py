"""How exact the ends of runs are: the counter of CPU time, memory's end, and a fork bomb's.

The truth that the counter is held against is the kernel's own account of the same program without a sandbox: it spins until
its clock says so many milliseconds and ends at once, so that both have used the same up to the cost of ending.
"""

from __future__ import annotations

import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from judge_node.bench.programs import median, p95
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux.box import LinuxSandbox
from judge_node.sandbox.outcome import Limit

PROGRAM = """#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
static long now(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}
int main(int count, char **words)
{
    char what = count > 1 ? words[1][0] : 's';
    long until = count > 2 ? atol(words[2]) * 1000 : 1000000;
    if (what == 's')
        while (now(CLOCK_THREAD_CPUTIME_ID) < until) { } /* the clock of the process stands between ticks under RLIMIT_CPU */
    for (int i = 0; what == 'm' && i < 4096; i++) {
        long moment = now(CLOCK_MONOTONIC);
        if (write(1, &moment, sizeof moment) < 0)
            return 1;
        memset(malloc(1 << 18), 1, 1 << 18);
    }
    while (what == 'b')
        fork();
    _exit(0);
}
"""
_LIMIT_BYTES = 64 * MEBIBYTE
_BOMB = 64
_COUNTER_US = 5_000


@dataclass(frozen=True, slots=True)
class Ends:
    """`counter_error_us`: the counter's median less the kernel's own of a bare run. `memory_ms`: from the last sign of life of a
    program that fills its memory to our knowing; `memory_error`: how far the peak is from the limit, the worst. `bomb_ms`: from
    the decision to the end of the last of 64 processes. Both the median; `..._p95_ms` what all but one in twenty need.
    """

    counter_error_us: float
    memory_ms: float
    memory_p95_ms: float
    memory_error: float
    bomb_ms: float
    bomb_p95_ms: float


def ends(sandbox: LinuxSandbox, folder: Path, program: Path, rounds: int) -> Ends:
    """Measures with `program` (static), in `rounds` rounds of each kind."""
    words = f"/program/{program.name}"
    view = View(program=program.parent)
    container = sandbox.container(view, memory_bytes=_LIMIT_BYTES, processes=_BOMB)
    output = folder / "signs"
    limits = RunLimits(cpu_seconds=2, wall_seconds=10, memory_bytes=_LIMIT_BYTES, processes=_BOMB)
    bomb_limits = RunLimits(cpu_seconds=0.05, wall_seconds=30, memory_bytes=_LIMIT_BYTES, processes=_BOMB)
    counted, true, late, wrong, gone = [], [], [], [], []
    try:
        for _ in range(rounds):
            counted.append(container.run(Command([words, "s", str(_COUNTER_US)]), limits).cpu_seconds)
            true.append(_bare(program, _COUNTER_US, sandbox.core))
        for _ in range(max(5, rounds // 2)):
            facts = container.run(Command([words, "m"]), limits, stdout=output)
            known = time.monotonic_ns()
            assert facts.limit is Limit.MEMORY, facts
            late.append((known - struct.unpack("<q", output.read_bytes()[-8:])[0]) / 1e6)
            wrong.append(abs(facts.memory_bytes - _LIMIT_BYTES) / _LIMIT_BYTES)
            container.run(Command([words, "b"]), bomb_limits)
            gone.append(container.kill_seconds * 1000)
    finally:
        container.close()
    error = (median(counted) - median(true)) * 1e6
    return Ends(error, median(late), p95(late), max(wrong), median(gone), p95(gone))


def _bare(program: Path, microseconds: int, core: int) -> float:
    """CPU seconds by the kernel's account of the process, on the same core."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        pid = os.posix_spawn(program, [program.name, "s", str(microseconds)], {})
    finally:
        os.sched_setaffinity(0, mine)
    used = os.wait4(pid, 0)[2]
    return used.ru_utime + used.ru_stime
