"""What the sandbox asks of control groups, whichever version the kernel has.

A *tree* is the slot's own directory in each hierarchy. It gives a *container group*, in which the starter and init live; that
gives a *run group* for each run. On v1 the run group is the container's own group with its counters reset (the program is
born into it by inheritance); on v2 it is a fresh child that the program is cloned into. No pid is ever moved on the
path of a test: that waits for a grace period of the kernel, 7 to 35 ms.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from app.core.errors import Fault
from judge_node.sandbox.linux.reply import Reply

ROOM_FOR_INIT = 2  # starter and init, where they are counted together with the guests
_REMOVAL_SECONDS = 2.0
_RETRY_SECONDS = 0.002
FIRST_LOOK_MS = 50.0  # no CPU limit stops a run before twice of it
CLEAN_BYTES = 6 * 1024 * 1024  # starter, init and what is always charged stay far below it
_CLEAN_SECONDS = 0.3
_HANDLES = 64


class Readings(NamedTuple):
    """Counters of one run so far. `processes` is the highest number at once, 0 where the kernel does not tell. `cpu_ns` is 0
    where init counts, or what was seen beside.
    """

    cpu_ns: int
    peak_bytes: int
    oom_kills: int
    processes: int


class RunGroup(Protocol):
    """Where one run is counted and bounded."""

    sampled: bool  # nothing but looking bounds and counts it
    first_look_ms: float  # when to look at it first; most runs are over by then
    look_seconds: float  # how often `exceeded` wants to be asked; infinite where the kernel bounds the group
    counted_by_init: bool  # its CPU time: init reads the counter, which is its own as well, and subtracts itself

    def birth(self) -> int | None:
        """A descriptor of the directory to be cloned into, or None: the program inherits its parent's groups."""
        ...

    def cpu_ns(self) -> int:
        """CPU time since `prepare`, in nanoseconds: cheap, for watching."""
        ...

    def members(self) -> list[int]:
        """The host's pids of what lives in the group: the run's processes, and starter and init where they are counted with it."""
        ...

    def hasten(self) -> None:
        """Kills the guests from outside, beside init, which is what makes their end certain: among many that are ready to run
        on its core, init would wait for its turn. A moment's work; never waits, never fails.
        """
        ...

    def exceeded(self) -> bool:
        """Whether the run has more memory than it may, where only looking tells."""
        ...

    def read(self, reply: Reply) -> Readings:
        """The counters since `prepare`, as far as they are not in init's reply already."""
        ...

    def retire(self) -> None:
        """Ends the run group; call when nothing lives in it."""
        ...


class ContainerGroup(Protocol):
    """The groups of one container."""

    calm: bool  # nothing of the last run that were worth waiting for can still be charged: `settle` need not be called
    births_apart: bool  # whether each run has a group of its own that its program is cloned into

    def bound(self, memory_bytes: int, processes: int) -> None:
        """Sets what all runs together may have; once, before the first run. Raises Fault."""
        ...

    def doors(self) -> list[list[Path]]:
        """`cgroup.procs` files for the starter to join, in rounds; after the first round it enters its cgroup namespace."""
        ...

    def counters(self) -> tuple[int, ...]:
        """Descriptors for init, where it is counted together with its guests: CPU time, memory's peak (which it sets to zero before
        each run), memory's end and, where there is one, the peak of tasks. Else nothing.
        """
        ...

    def settled(self, init_id: int, starter: int) -> None:
        """Tells that the starter (its pid) has joined; init_id is the host's user id of init."""
        ...

    def prepare(self, memory_bytes: int, processes: int) -> RunGroup:
        """A run group with these limits and fresh counters; call after the scratch was renewed. Raises Fault."""
        ...

    def settle(self) -> None:
        """Waits a moment until nothing of earlier runs is charged any more; call after the scratch was renewed."""
        ...

    def kill(self) -> None:
        """Kills everything in the container's groups, by the kernel's means where there are any."""
        ...

    def close(self) -> None:
        """Removes the groups; the container must be dead."""
        ...


class GroupTree(Protocol):
    """A slot's directories."""

    version: int
    folders: tuple[Path, ...]

    def container(self, name: str) -> ContainerGroup:
        """New groups, not yet bounded. Raises Fault."""
        ...

    def close(self) -> None:
        """Removes the slot's directories and, when they are empty, the ones above that were ours."""
        ...


class Counter:
    """One file of a group kept open: reading costs a microsecond instead of twelve."""

    def __init__(self, path: Path, flags: int = os.O_RDONLY) -> None:
        self._fd = os.open(path, flags | os.O_CLOEXEC)

    def fileno(self) -> int:
        """The descriptor, to be polled."""
        return self._fd

    def number(self) -> int:
        """The content as a number ("max" is not one)."""
        return int(os.pread(self._fd, 64, 0))

    def field(self, name: bytes) -> int:
        """The number behind a name in a flat-keyed file."""
        return field(os.pread(self._fd, 4096, 0), name)

    def write(self, value: int | str) -> None:
        """Writes at offset 0."""
        os.pwrite(self._fd, str(value).encode(), 0)

    def close(self) -> None:
        """Gives the descriptor back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def field(text: bytes, name: bytes) -> int:
    """The number behind a name in flat-keyed words of the kernel; 0 where it does not have it."""
    _, found, rest = (b"\n" + text).partition(b"\n%b " % name)
    return int(rest.partition(b"\n")[0]) if found else 0


def put(path: Path, value: int | str) -> None:
    """Writes one value into a control file. Raises Fault naming the file."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(fd, str(value).encode())
        finally:
            os.close(fd)
    except OSError as error:
        raise Fault("sandbox", f"The kernel refuses {value} in {path}: {error.strerror}") from error


def make(folder: Path) -> None:
    """Makes a group directory and its parents of ours. Raises Fault."""
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError:  # another slot removed the empty parent in between
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Fault(
            "sandbox", f"The control group {folder} cannot be made: {error.strerror}; run contestbox-judge doctor"
        ) from error


def kill_members(folder: Path) -> None:
    """SIGKILL to every process of a group and of its children, and waits (2 s at most) until they are gone."""
    deadline = time.monotonic() + _REMOVAL_SECONDS
    for inner in [folder, *(p for p in folder.glob("**/") if p != folder)]:
        while (pids := members(inner)) and time.monotonic() < deadline:
            for pid in pids:
                _kill_and_wait(pid, deadline)


def members(folder: Path) -> list[int]:
    """The host's pids of a group's own processes; none where it is gone."""
    try:
        return [int(line) for line in (folder / "cgroup.procs").read_text().split() if line != "0"]
    except OSError:
        return []


def kill_still_in(folder: Path, pids: Sequence[int]) -> None:
    """SIGKILL to those that are still members of a group; a number that has another owner meanwhile is left alone."""
    once = list(dict.fromkeys(pids))
    for first in range(0, len(once), _HANDLES):
        handles: dict[int, int] = {}
        try:
            for pid in once[first : first + _HANDLES]:
                with suppress(OSError):
                    handles[pid] = os.pidfd_open(pid)
            for pid in handles.keys() & set(members(folder)):
                with suppress(OSError):
                    signal.pidfd_send_signal(handles[pid], signal.SIGKILL)
        finally:
            for handle in handles.values():
                os.close(handle)


def _kill_and_wait(pid: int, deadline: float) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        waiting.poll(max(0.0, deadline - time.monotonic()) * 1000)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


class Residue:
    """What earlier runs left charged to a container, and the patience to see it go.

    The kernel gives page tables and directory entries back some milliseconds after their owner has died, without an event.
    What is still there then is cache of files that were read here first: it goes when memory is needed, so it harms no
    run, and from then on it is the level that counts as clean.
    """

    def __init__(self, usage: Path) -> None:
        """`usage` is the group's file of bytes in use."""
        self._usage = Counter(usage)
        self._clean_bytes = CLEAN_BYTES

    def wait(self) -> None:
        """Returns when the container is clean, after 0.3 s at most."""
        deadline = time.monotonic() + _CLEAN_SECONDS
        while (used := self._usage.number()) > self._clean_bytes:
            if time.monotonic() >= deadline:
                self._clean_bytes = used + CLEAN_BYTES
                return
            select.select([], [], [], _RETRY_SECONDS)

    def close(self) -> None:
        """Gives the descriptor back."""
        self._usage.close()


def remove(folders: Sequence[Path]) -> bool:
    """Removes group directories with the ones inside them; True when none is left.

    A group stays busy for some milliseconds after its last process was reaped, and v1 has no event for the end of that.
    """
    deadline = time.monotonic() + _REMOVAL_SECONDS
    left = list(folders)
    while left:
        left = [folder for folder in left if not _removed(folder)]
        if not left or time.monotonic() >= deadline:
            break
        select.select([], [], [], _RETRY_SECONDS)
    return not left


def remove_if_empty(folders: Sequence[Path]) -> None:
    """Removes directories in which nothing is: the ones that slots share, by whoever leaves last."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _removed(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            inner = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
        if not all(_removed(each) for each in inner):
            return False
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno in {errno.EBUSY, errno.ENOTEMPTY}:
            return False
        raise
    return True
