"""Counting and bounding without control groups: what a judge without root and without a delegated group has.

Weaker than groups, and said to be so (rootless.weaker): the memory of a run is the sum of what its processes have in memory
beside files, looked at every 10 ms, and each process's own peak, which the kernel gives at its end. CPU time is what init
has reaped, or what was seen alive where that is more. Nothing here bounds processes: their limit of a user does, which
the kernel counts for each user namespace, and so for each container.

A run over its memory is ended by the watch, like one over its time. Between two looks a program can get more memory than
it may, as much as the machine can give in 10 ms; so a slot needs that much room.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from judge_node.sandbox.limits import MEBIBYTE
from judge_node.sandbox.linux.cgroup import Readings
from judge_node.sandbox.linux.reply import Reply

LOOK_SECONDS = 0.01
# A process's own peak counts mapped files too; more than this no runtime maps.
MAPPED_BYTES = 64 * MEBIBYTE
_NS_PER_TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_KIBIBYTE = 1024


class SampledTree:
    """In the place of a slot's directories: there are none."""

    version = 0
    folders: tuple[Path, ...] = ()

    def container(self, name: str) -> SampledContainer:
        """One container's processes; `name` is not needed."""
        return SampledContainer()

    def close(self) -> None:
        """Nothing was made."""


class SampledContainer:
    """The processes below one starter."""

    calm = True
    births_apart = False

    def __init__(self) -> None:
        self._starter = 0

    def bound(self, memory_bytes: int, processes: int) -> None:
        """Each run has limits of its own."""

    def doors(self) -> list[list[Path]]:
        """One round without doors: the cgroup namespace begins there all the same."""
        return [[]]

    def counters(self) -> tuple[int, ...]:
        """None: init counts what it has reaped."""
        return ()

    def settled(self, init_id: int, starter: int) -> None:
        """From here on the starter's children are known."""
        self._starter = starter

    def prepare(self, memory_bytes: int, processes: int) -> SampledRun:
        """A run from now on."""
        return SampledRun(self._starter, memory_bytes)

    def settle(self) -> None:
        """Nothing is charged here."""

    def kill(self) -> None:
        """Kills init; the kernel ends everything below it."""
        for pid in _children(self._starter):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Nothing was made."""


class SampledRun:
    """What was seen of one run."""

    counted_by_init = True
    sampled = True
    first_look_ms = LOOK_SECONDS * 1000
    look_seconds = LOOK_SECONDS

    def __init__(self, starter: int, memory_bytes: int) -> None:
        self._init = next(iter(_children(starter)), 0)
        self._limit = memory_bytes
        self._reaped_before = _times(self._init)[1]
        self._most_cpu = self._most_bytes = self._most_processes = 0

    def birth(self) -> int | None:
        """The program is a child of init like any other."""
        return None

    def cpu_ns(self) -> int:
        """CPU time of the living and of those that init has reaped, in the kernel's ticks (mostly 10 ms)."""
        ticks = _times(self._init)[1] - self._reaped_before + sum(sum(_times(pid)) for pid in self.members())
        self._most_cpu = max(self._most_cpu, ticks * _NS_PER_TICK)
        return self._most_cpu

    def members(self) -> list[int]:
        """The guests: every process below init."""
        found, waiting = [], list(_children(self._init))
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting += _children(pid)
        return found

    def hasten(self) -> None:
        """Left to init: without a group nothing says that a number is still a guest's."""

    def exceeded(self) -> bool:
        """Looks once; True where all together have more memory than the limit."""
        guests = self.members()
        self._most_processes = max(self._most_processes, len(guests))
        seen = sum(map(_own_bytes, guests))
        if seen > self._limit:  # pages that a parent shares with its children were counted once for each
            seen = min(seen, sum(map(_share_of_bytes, guests)))
        self._most_bytes = max(self._most_bytes, seen)
        self.cpu_ns()
        return self._most_bytes > self._limit

    def read(self, reply: Reply) -> Readings:
        """The numbers of the run; the highest that one process had is what the kernel told init."""
        peak_bytes = reply.peak_kib * _KIBIBYTE
        over = self._most_bytes > self._limit or peak_bytes > self._limit + MAPPED_BYTES
        seen = self._most_cpu if self._most_cpu > _NS_PER_TICK else 0
        return Readings(seen, max(self._most_bytes, peak_bytes), int(over), self._most_processes)

    def retire(self) -> None:
        """Nothing was made."""


def _children(pid: int) -> Iterator[int]:
    """Children of all threads of a process, none where it has ended."""
    try:
        for task in Path("/proc", str(pid), "task").iterdir():
            with suppress(OSError):
                yield from map(int, (task / "children").read_text().split())
    except OSError:
        return


def _times(pid: int) -> tuple[int, int]:
    """Ticks that a process has used, and those of the children that it has waited for."""
    try:
        words = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return int(words[11]) + int(words[12]), int(words[13]) + int(words[14])


def _own_bytes(pid: int) -> int:
    """What a process has in memory that is not of a file."""
    try:
        lines = Path("/proc", str(pid), "status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:"))) * _KIBIBYTE


def _share_of_bytes(pid: int) -> int:
    """The same, each page divided by how many processes have it; dearer to ask for. What cannot be told that way counts in full."""
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
    except OSError:
        return _own_bytes(pid)
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))) * _KIBIBYTE
