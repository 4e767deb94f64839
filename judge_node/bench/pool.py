"""What the pool of containers costs: taking one, making the next one behind it, and what is left after thousands of them.

Taking is what a judgement waits for. Refilling is everything from the moment that one is taken until the pool is full again:
groups joined, namespaces, view, filters, init. Growth is looked for where it would hurt: in the time of a cycle, in this
process's memory and descriptors, in the host's mounts and in what the kernel counts as mounts and namespaces.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from judge_node.bench.programs import median, p95
from judge_node.sandbox.interface import View
from judge_node.sandbox.limits import MEBIBYTE
from judge_node.sandbox.linux.box import LinuxSandbox

_VIEW = View(profile="native")
_MEMORY_BYTES = 64 * MEBIBYTE
_PROCESSES = 8
_KERNEL_COUNTS = ("mnt_cache", "net_namespace", "pid_namespace", "uts_namespace", "user_namespace")
_WARM_UP = 6


@dataclass(frozen=True, slots=True)
class PoolTimes:
    """Milliseconds: taking a container out of the full pool, and until the pool is full again."""

    take_ms: float
    take_p95_ms: float
    refill_ms: float
    refill_p95_ms: float


@dataclass(frozen=True, slots=True)
class Growth:
    """From the first to the last of some cycles. `cycle_ratio` is the median of the last quarter to that of the first;
    `kernel` is what the kernel's own counts of mounts and namespaces grew by, of the whole machine, where it tells.
    """

    cycles: int
    cycle_ratio: float
    memory_bytes: int
    descriptors: int
    mounts: int
    groups: int
    kernel: dict[str, int]


def pool_times(sandbox: LinuxSandbox, cycles: int) -> PoolTimes:
    """Takes and refills in turn."""
    takes, refills = _cycles(sandbox, cycles)
    return PoolTimes(median(takes), p95(takes), median(refills), p95(refills))


def growth(sandbox: LinuxSandbox, cycles: int) -> Growth:
    """Takes, closes and refills `cycles` times and compares."""
    _cycles(sandbox, _WARM_UP)
    before, kernel_before = _counts(sandbox), kernel_counts()
    takes, refills = _cycles(sandbox, cycles)
    after, kernel_after = _counts(sandbox), kernel_counts()
    quarter = max(1, cycles // 4)
    whole = [take + refill for take, refill in zip(takes, refills, strict=True)]
    memory, descriptors, mounts, groups = (now - then for now, then in zip(after, before, strict=True))
    return Growth(
        cycles,
        median(whole[-quarter:]) / median(whole[:quarter]),
        memory,
        descriptors,
        mounts,
        groups,
        {name: count - kernel_before[name] for name, count in kernel_after.items() if name in kernel_before},
    )


def _cycles(sandbox: LinuxSandbox, cycles: int) -> tuple[list[float], list[float]]:
    takes, refills = [], []
    sandbox.container(_VIEW, memory_bytes=_MEMORY_BYTES, processes=_PROCESSES).close()  # from now on this kind is kept
    sandbox.wait_until_prepared()
    for _ in range(cycles):
        began = time.perf_counter()
        container = sandbox.container(_VIEW, memory_bytes=_MEMORY_BYTES, processes=_PROCESSES)
        taken = time.perf_counter()
        sandbox.wait_until_prepared()
        full = time.perf_counter()
        container.close()
        takes.append((taken - began) * 1000)
        refills.append((full - taken) * 1000)
    return takes, refills


def _counts(sandbox: LinuxSandbox) -> tuple[int, int, int, int]:
    """This process's memory in bytes, its descriptors, the host's mounts, the slot's groups."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    mounts = len(Path("/proc/self/mountinfo").read_text().splitlines())
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir("/proc/self/fd")), mounts, sandbox.groups()


def kernel_counts(slabs: Path = Path("/proc/slabinfo")) -> dict[str, int]:
    """How many of its objects of a kind the kernel has in use; without those that it does not tell."""
    try:
        lines = slabs.read_text().splitlines()
    except OSError:
        return {}
    words = [line.split() for line in lines if not line.startswith(("#", "slabinfo"))]
    return {row[0]: int(row[1]) for row in words if row and row[0] in _KERNEL_COUNTS}
