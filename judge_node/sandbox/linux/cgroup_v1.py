"""Control groups, version 1: one directory a container in memory, pids and cpuacct.

The program inherits its groups from init, so init and starter are counted with it: their few pages and their two pids are
part of the numbers. So it is init that reads the counters, right before and after a run, and subtracts its own time: it works
behind the answers, too, which no reading from outside could tell from the run. The limits' order matters: memory before
memory+swap when lowering, the other way round when raising.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

from app.core.errors import Fault
from judge_node.sandbox.linux import cgroup
from judge_node.sandbox.linux.cgroup import Counter, Readings, Residue, make
from judge_node.sandbox.linux.reply import Reply

NEEDED = ("memory", "pids", "cpuacct")
OWN_FOLDER = "contestbox"
_ROUNDS = 4


class TreeV1:
    """A slot's directory in each hierarchy that is needed, below our own group."""

    version = 1

    def __init__(self, own: dict[str, Path], slot: str) -> None:
        missing = [name for name in NEEDED if name not in own]
        if missing:
            raise Fault(
                "sandbox", f"The cgroup controllers {', '.join(missing)} are not mounted; run contestbox-judge doctor"
            )
        # Co-mounted controllers (cpu,cpuacct) share a directory.
        self._parts = {name: own[name] / OWN_FOLDER / slot for name in NEEDED}
        self.folders = tuple(dict.fromkeys(self._parts.values()))
        try:
            for folder in self.folders:
                make(folder)
        except Fault:
            self.close()
            raise

    def container(self, name: str) -> ContainerV1:
        """New groups for one container."""
        return ContainerV1({part: folder / name for part, folder in self._parts.items()})

    def close(self) -> None:
        """Removes the slot's directories; `contestbox` above them stays while other slots are in it."""
        cgroup.remove(self.folders)
        cgroup.remove_if_empty([folder.parent for folder in self.folders])


class ContainerV1:
    """One container's groups, with the files of the test path kept open."""

    births_apart = False

    def __init__(self, parts: dict[str, Path]) -> None:
        self._folders = tuple(dict.fromkeys(parts.values()))
        for folder in self._folders:
            make(folder)
        memory, pids = parts["memory"], parts["pids"]
        write = os.O_RDWR
        self._limit = Counter(memory / "memory.limit_in_bytes", write)
        swap = memory / "memory.memsw.limit_in_bytes"
        self._swap_limit = Counter(swap, write) if swap.exists() else None
        self._peak = Counter(memory / "memory.max_usage_in_bytes", write)
        self._residue = Residue(memory / "memory.usage_in_bytes")
        self._oom = Counter(memory / "memory.oom_control")
        self._cpu = Counter(parts["cpuacct"] / "cpuacct.usage")
        self._pids = Counter(pids / "pids.max", write)
        high = pids / "pids.peak"
        self._pids_peak = Counter(high) if high.exists() else None
        self._memory_bytes = 0
        self._processes = 0
        self.calm = False
        self._run = RunV1(self)

    def bound(self, memory_bytes: int, processes: int) -> None:
        """The same files bound the container and, later, each run."""
        self._allow(memory_bytes, processes)

    def doors(self) -> list[list[Path]]:
        """All hierarchies in one round."""
        return [[folder / "cgroup.procs" for folder in self._folders]]

    def counters(self) -> tuple[int, ...]:
        """The group's only ones."""
        return tuple(each.fileno() for each in (self._cpu, self._peak, self._oom, self._pids_peak) if each is not None)

    def settled(self, init_id: int, starter: int) -> None:
        """Nothing to do: the program inherits."""

    def prepare(self, memory_bytes: int, processes: int) -> RunV1:
        """Sets the limits where they differ; init sets the peak to zero."""
        if memory_bytes != self._memory_bytes or processes != self._processes:
            self._allow(memory_bytes, processes)
        if not self._run.begun:
            self._run.begin()
        return self._run

    def _allow(self, memory_bytes: int, processes: int) -> None:
        try:
            if memory_bytes != self._memory_bytes:
                raising = self._memory_bytes and memory_bytes > self._memory_bytes
                order = [self._limit] + ([self._swap_limit] if self._swap_limit else [])
                for limit in reversed(order) if raising else order:
                    limit.write(memory_bytes)
                self._memory_bytes = memory_bytes
            if processes != self._processes:
                self._pids.write(processes + cgroup.ROOM_FOR_INIT)
                self._processes = processes
        except OSError as error:
            raise Fault(
                "sandbox", f"The kernel refuses a limit of {memory_bytes} bytes or {processes} processes: {error}"
            ) from error

    def allow_no_births(self) -> None:
        """Until the next run is prepared nobody in here can fork."""
        self._pids.write(0)
        self._processes = 0

    def settle(self) -> None:
        """Asks the group's own usage: starter and init are a megabyte or two of it."""
        self._residue.wait()

    def kill(self) -> None:
        """v1 has no group kill: each member is killed until none is left."""
        for folder in self._folders:
            cgroup.kill_members(folder)

    def close(self) -> None:
        """Closes the files and removes the directories."""
        for counter in (
            self._limit,
            self._swap_limit,
            self._peak,
            self._residue,
            self._oom,
            self._cpu,
            self._pids,
            self._pids_peak,
        ):
            if counter is not None:
                counter.close()
        if not cgroup.remove(self._folders):
            self.kill()
            cgroup.remove(self._folders)


class RunV1:
    """Differences of the container's counters since the run began; one object for all runs of a container."""

    counted_by_init = True
    sampled = False
    first_look_ms = cgroup.FIRST_LOOK_MS
    look_seconds = math.inf

    def __init__(self, container: ContainerV1) -> None:
        self._container = container
        self._folder = container._folders[0]
        self._cpu = container._cpu
        self._residents: frozenset[int] = frozenset()
        self.begun = False
        # What the counters said last. Between two runs nobody lives who could raise them but init, a little.
        self._counter_ns = self._oom_kills = self._most_tasks = 0

    def begin(self) -> None:
        """Counts from here on; called before the first run, when who lives in the group is starter and init."""
        self.begun = True
        self._residents = frozenset(self.members())
        self._counter_ns = self._cpu.number()
        self._oom_kills = self._container._oom.field(b"oom_kill")
        peak = self._container._pids_peak
        self._most_tasks = peak.number() if peak else 0

    def birth(self) -> int | None:
        """The program inherits."""
        return None

    def cpu_ns(self) -> int:
        """CPU time of the group since `prepare`, init's share included."""
        return self._cpu.number() - self._counter_ns

    def members(self) -> list[int]:
        """Everything in the container's group, starter and init included."""
        return cgroup.members(self._folder)

    def hasten(self) -> None:
        """No more births, then SIGKILL to each guest. Whoever was being born during one round is met in the next."""
        self._container.allow_no_births()
        met: set[int] = set()
        for _ in range(_ROUNDS):
            left = [pid for pid in self.members() if pid not in self._residents and pid not in met]
            if not left:
                return
            cgroup.kill_still_in(self._folder, left)
            met.update(left)

    def exceeded(self) -> bool:
        """Never seen here: the kernel itself bounds the group."""
        return False

    def read(self, reply: Reply) -> Readings:
        """The numbers of the run. The kernel's peak of tasks can't be reset: only a rise tells."""
        kills, processes = reply.oom_kills - self._oom_kills, 0
        if reply.most_tasks > self._most_tasks:
            self._most_tasks = reply.most_tasks
            processes = reply.most_tasks - cgroup.ROOM_FOR_INIT
        self._counter_ns, self._oom_kills = reply.counter_ns, reply.oom_kills
        self._container.calm = reply.group_peak < cgroup.CLEAN_BYTES  # what is charged is at most that
        return Readings(0, reply.group_peak, kills, processes)

    def retire(self) -> None:
        """Nothing was made for the run."""
