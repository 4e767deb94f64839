"""Control groups, version 2.

    <ours>/contestbox/slot-N/c-K          one container; limits of all its runs; never a process of its own
                                /init     starter and init
                                /run-M    one run: fresh, limits of the run; the program is cloned into it

A fresh group for each run gives exact peaks on every kernel (memory.peak cannot be reset before 6.12). Init is root of a
user namespace only: it may clone into a run group because `cgroup.procs` of the container and of the run group belong
to it; the limits stay the supervisor's. Its cgroup namespace begins at c-K, or trees mounted with nsdelegate would
refuse the clone. A run group may be removed while it is still charged for files in the scratch (its charge moves up).
"""

from __future__ import annotations

import math
import os
import select
import time
from contextlib import suppress
from pathlib import Path

from app.core.errors import Fault
from judge_node.sandbox.linux import cgroup
from judge_node.sandbox.linux.cgroup import Counter, Readings, Residue, make, put
from judge_node.sandbox.linux.reply import Reply

OWN_FOLDER = "contestbox"
_NEEDED = frozenset({"memory", "pids"})
_WANTED = ("memory", "pids", "cpu", "cpuset")
_ROOM_BYTES = 16 * 1024 * 1024  # starter, init and files of earlier runs, beside the limit of one run
_EMPTY_SECONDS = 1.0


class TreeV2:
    """A slot's directory in the unified tree."""

    version = 2

    def __init__(self, parent: Path, slot: str, core: int | None) -> None:
        self.folders: tuple[Path, ...] = (parent / OWN_FOLDER / slot,)
        self._core = core
        make(self.folders[0])
        for folder in (parent, parent / OWN_FOLDER, self.folders[0]):
            enable(folder)

    def container(self, name: str) -> ContainerV2:
        """New groups for one container."""
        return ContainerV2(self.folders[0] / name, self._core)

    def close(self) -> None:
        """Removes the slot's directory; `contestbox` above it stays while other slots are in it."""
        cgroup.remove(self.folders)
        cgroup.remove_if_empty([self.folders[0].parent])


class ContainerV2:
    """One container's group with its `init` child."""

    calm = False
    births_apart = True

    def __init__(self, folder: Path, core: int | None) -> None:
        self._folder = folder
        self._runs = 0
        self._init_id = 0
        self._run: RunV2 | None = None
        self._residue: Residue | None = None
        make(folder)
        make(folder / "init")
        if core is not None:
            put_where_known(folder / "cpuset.cpus", core)

    def bound(self, memory_bytes: int, processes: int) -> None:
        """The container's own group bounds all its runs."""
        put(self._folder / "memory.max", memory_bytes + _ROOM_BYTES)
        put_where_known(self._folder / "memory.swap.max", 0)
        put(self._folder / "pids.max", processes + cgroup.ROOM_FOR_INIT)

    def doors(self) -> list[list[Path]]:
        """First the container's group, which becomes the root of the cgroup namespace, then its leaf."""
        return [[self._folder / "cgroup.procs"], [self._folder / "init" / "cgroup.procs"]]

    def counters(self) -> tuple[int, ...]:
        """None: a run has a group of its own."""
        return ()

    def settled(self, init_id: int, starter: int) -> None:
        """Controllers for the run groups come on only now: a group with members may not have any."""
        self._init_id = init_id
        enable(self._folder)
        os.chown(self._folder / "cgroup.procs", init_id, -1)

    def prepare(self, memory_bytes: int, processes: int) -> RunV2:
        """A fresh run group."""
        self._runs += 1
        self._run = RunV2(self._folder / f"run-{self._runs}", memory_bytes, processes, self._init_id)
        return self._run

    def settle(self) -> None:
        """Asks the container's group: the charge of a removed run group has moved up to it."""
        if self._residue is None:
            self._residue = Residue(self._folder / "memory.current")
        self._residue.wait()

    def kill(self) -> None:
        """One word to the kernel (5.14 and later), else one by one."""
        switch = self._folder / "cgroup.kill"
        if switch.exists():
            put(switch, 1)
        cgroup.kill_members(self._folder)

    def close(self) -> None:
        """Removes the container's directories."""
        if self._run is not None:
            self._run.retire()
        if self._residue is not None:
            self._residue.close()
        if not cgroup.remove([self._folder]):
            self.kill()
            cgroup.remove([self._folder])


class RunV2:
    """One run's own group."""

    counted_by_init = False
    sampled = False
    first_look_ms = cgroup.FIRST_LOOK_MS
    look_seconds = math.inf

    def __init__(self, folder: Path, memory_bytes: int, processes: int, init_id: int) -> None:
        self._folder = folder
        make(folder)
        put(folder / "memory.max", memory_bytes)
        put_where_known(folder / "memory.swap.max", 0)
        put_where_known(folder / "memory.oom.group", 1)
        put(folder / "pids.max", processes)
        os.chown(folder / "cgroup.procs", init_id, -1)
        self._fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._cpu = Counter(folder / "cpu.stat")
        self._events = Counter(folder / "cgroup.events")

    def birth(self) -> int | None:
        """The directory that the program is cloned into."""
        return self._fd

    def cpu_ns(self) -> int:
        """CPU time of the run."""
        return self._cpu.field(b"usage_usec") * 1000

    def members(self) -> list[int]:
        """The run's processes only."""
        return cgroup.members(self._folder)

    def hasten(self) -> None:
        """One word to the kernel (5.14 and later); init is not in this group."""
        with suppress(OSError, Fault):
            put_where_known(self._folder / "cgroup.kill", 1)

    def exceeded(self) -> bool:
        """Never seen here: the kernel itself bounds the group."""
        return False

    def read(self, reply: Reply) -> Readings:
        """The final numbers, after the group is empty: a killed group is charged until its last member is gone."""
        self._wait_until_empty()
        return Readings(
            self.cpu_ns(),
            _number(self._folder / "memory.peak") or _number(self._folder / "memory.current"),
            _field(self._folder / "memory.events", "oom_kill"),
            _number(self._folder / "pids.peak"),
        )

    def _wait_until_empty(self) -> None:
        deadline = time.monotonic() + _EMPTY_SECONDS
        waiting = select.poll()
        waiting.register(self._events.fileno(), select.POLLPRI)
        while self._events.field(b"populated") and (left := deadline - time.monotonic()) > 0:
            waiting.poll(left * 1000)

    def retire(self) -> None:
        """Removes the group."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._cpu.close()
            self._events.close()
            cgroup.remove([self._folder])


def enable(folder: Path) -> None:
    """Turns the controllers on for a group's children. Raises Fault where memory or pids cannot be had."""
    try:
        offered = (folder / "cgroup.controllers").read_text().split()
        on = set((folder / "cgroup.subtree_control").read_text().split())
    except OSError as error:
        raise Fault("sandbox", f"The control group {folder} cannot be read: {error.strerror}") from error
    for name in _WANTED:
        if name in on or (name not in offered and name not in _NEEDED):
            continue
        try:
            (folder / "cgroup.subtree_control").write_text(f"+{name}")
        except OSError as error:
            if name in _NEEDED:
                raise Fault(
                    "sandbox",
                    f"The controller {name} cannot be used below {folder} ({error.strerror}); start the node with"
                    " systemd-run --scope -p Delegate=yes contestbox-judge run",
                ) from error


def own_place(own: Path, root: Path) -> Path:
    """Where our tree goes: below our own group when systemd has delegated it to us, else below the root of what we see.

    In a delegated group our own process steps aside into a leaf, because a group with members may have no controllers
    for its children; others' processes are never moved, so a group shared with them is no place for us.
    """
    if own.name == "node" and is_delegated(own.parent):
        return own.parent
    if own != root and is_delegated(own) and _only_ours(own):
        leaf = own / "node"
        make(leaf)
        put(leaf / "cgroup.procs", os.getpid())
        return own
    return root


def _only_ours(folder: Path) -> bool:
    return set((folder / "cgroup.procs").read_text().split()) <= {str(os.getpid())}


def is_delegated(folder: Path) -> bool:
    """Whether systemd has left this group to us."""
    for name in ("trusted.delegate", "user.delegate"):
        try:
            if os.getxattr(folder, name) == b"1":
                return True
        except OSError:
            continue
    return False


def put_where_known(path: Path, value: int | str) -> None:
    """Writes a control file that some kernels or set-ups do not have (no swap accounting, no cpuset)."""
    if path.exists():
        put(path, value)


def _number(path: Path) -> int:
    return int(path.read_text()) if path.exists() else 0


def _field(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
