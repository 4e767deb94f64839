"""One container: a starter and an init in groups of their own, and the runs in it, one after another."""

from __future__ import annotations

import math
import os
import resource
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import Fault
from judge_node.sandbox.interface import Command, NotStarted, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux import layers, rootless, scratch, seccomp
from judge_node.sandbox.linux import view as views
from judge_node.sandbox.linux.cgroup import ContainerGroup, RunGroup
from judge_node.sandbox.linux.layers import Layer
from judge_node.sandbox.linux.measuring import base_rlimits, environment_for, outcome
from judge_node.sandbox.linux.spare import Kind
from judge_node.sandbox.linux.starter import Ids, Reply, Starter, run_message
from judge_node.sandbox.linux.streams import Budget, Given, Stream
from judge_node.sandbox.linux.view import Plan
from judge_node.sandbox.linux.waiting import Waiting
from judge_node.sandbox.linux.watching import Ending, Watch
from judge_node.sandbox.outcome import Outcome

_PAGE_BYTES = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a container lives: its ids, its core and the empty folder that its root is mounted on."""

    ids: Ids
    core: int
    skeleton: Path
    without: frozenset[Layer] = layers.NOTHING


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the whole container may have; a run's own limits are at most these."""

    memory_bytes: int
    processes: int


_OF_NOBODY = Bounds(256 * MEBIBYTE, 64)  # of a container that was not taken yet


class LinuxContainer:
    """See judge_node.sandbox.interface.Container. A container in which something failed is dead and stays so."""

    def __init__(
        self, name: str, starter: Starter, group: ContainerGroup, place: Place, gone: Callable[[], None]
    ) -> None:
        """Takes over a starter that has joined `group`; `gone` is told once the container has ended."""
        self.name = name
        self.kill_seconds = 0.0  # how long the last run took to end once that was decided
        self._starter, self._group, self._place, self._gone = starter, group, place, gone
        self._bounds = _OF_NOBODY
        self._scratch_used = True
        self._file_bytes = 0
        self._broken = ""
        self._last_wanted: tuple[Command, RunLimits, bool, bool] | None = None
        self._last_message = b""
        self._running: RunGroup | None = None
        self._closed = False
        self._closing = threading.Lock()

    def build(self, kind: Kind) -> None:
        """Builds a container that can still be shown its folders. Raises Fault; the container is to be closed then."""
        self._bound(_OF_NOBODY)
        self._set_up(
            kind, views.plan(View(profile=kind.profile, work_writable=kind.work_writable), room_for=kind.folders)
        )

    def set_up(self, view: View, bounds: Bounds) -> None:
        """Builds what the guests see. Raises Fault; the container is to be closed then."""
        self._bound(bounds)
        self._set_up(Kind.of(view), views.plan(view))

    def show(self, folders: Mapping[str, Path], bounds: Bounds) -> None:
        """Shows a container that was built before its folders (see view.late). Raises Fault; it is to be closed then."""
        self._bound(bounds)
        if folders:
            self._starter.show(folders)

    def usable(self) -> bool:
        """Whether its starter still lives."""
        return self._starter.usable()

    def _bound(self, bounds: Bounds) -> None:
        without = self._place.without
        self._group.bound(
            layers.memory_bytes(bounds.memory_bytes, without), layers.processes(bounds.processes, without)
        )
        self._bounds = bounds

    def _set_up(self, kind: Kind, plan: Plan) -> None:
        without = self._place.without
        self._group.settled(self._place.ids.first, self._starter.pid)
        self._starter.set_up(
            plan,
            seccomp.ALLOW_EVERYTHING if Layer.SYSTEM_CALLS in without else seccomp.filters(kind.profile),
            self._place.ids,
            core=self._place.core,
            scratch_bytes=kind.scratch_bytes,
            scratch_files=kind.scratch_files,
            guest_id=layers.guest_id(without),
            left_out=layers.bits(without),
            counter=self._group.cpu_counter(),
        )
        self._scratch_used = False

    def run(
        self,
        command: Command,
        limits: RunLimits,
        *,
        stdin: Path | int | None = None,
        stdout: Path | int | None = None,
        keep_scratch: bool = False,
        scratch_done: bool = False,
        stop: threading.Event | None = None,
        patience: Callable[[], float] | None = None,
    ) -> Outcome:
        """Runs one program to its end (see the interface)."""
        if limits.memory_bytes > self._bounds.memory_bytes or limits.processes > self._bounds.processes:
            raise Fault("sandbox", "A run may not have more memory or more processes than its container")
        with self._or_dead():
            if not keep_scratch:
                self._fresh_scratch()
            self._scratch_used = True
            without = self._place.without
            group = self._group.prepare(
                layers.memory_bytes(limits.memory_bytes, without), layers.processes(limits.processes, without)
            )
            self._running = group
            try:
                return self._measured(command, limits, group, stdin, stdout, scratch_done, stop, patience)
            finally:
                self._running = None
                group.retire()

    def cpu_seconds(self) -> float:
        """CPU time of the present run so far."""
        group = self._running
        try:
            return group.cpu_ns() / 1e9 if group is not None else 0.0
        except (OSError, ValueError):  # it ended in between
            return 0.0

    def discard(self, name: str) -> None:
        """Removes one file of the scratch."""
        with self._scratch() as folder:
            scratch.discard(folder, name, self._guest_id)

    def renew(self) -> None:
        """Empties the scratch by replacing it."""
        with self._or_dead():
            self._fresh_scratch()

    def _fresh_scratch(self) -> None:
        if self._scratch_used:
            self._starter.renew()
            self._file_bytes = 0
            self._scratch_used = False
        self._group.settle()  # also where the scratch was renewed behind the answer: page tables go late

    def _measured(
        self, command: Command, limits: RunLimits, group: RunGroup, stdin: Path | int | None,
        stdout: Path | int | None, scratch_done: bool, stop: threading.Event | None, patience: Callable[[], float] | None,
    ) -> Outcome:  # fmt: skip
        with _streams(limits.output_bytes, stdout) as (out, err):
            ending = self._through(command, limits, group, stdin, (out, err), scratch_done, stop, patience)
            if ending.reply.failed_step:
                raise _not_started(command, ending.reply)
            self.kill_seconds = ending.kill_seconds
            left = max(0, ending.reply.scratch_bytes - self._file_bytes)
            self._file_bytes = 0 if ending.reply.renewed else ending.reply.scratch_bytes
            self._scratch_used = not ending.reply.renewed
            facts = outcome(
                ending,
                group.read(ending.reply.peak_bytes),
                limits,
                out,
                err,
                counted_by_init=group.counted_by_init,
                file_bytes=left,
            )
            return replace(facts, sampled=True) if group.look_seconds < math.inf else facts

    def _through(
        self, command: Command, limits: RunLimits, group: RunGroup, stdin: Path | int | None,
        streams: tuple[Stream | Given, Stream | Given], scratch_done: bool, stop: threading.Event | None,
        patience: Callable[[], float] | None,
    ) -> Ending:  # fmt: skip
        """Starts the program and follows it. Its input is read ahead, so that the pages are charged to the node."""
        source = _input(stdin, ours=self._place.ids.count == 1)
        try:
            fds, birth = [source, streams[0].theirs, streams[1].theirs], group.birth()
            message = self._message(command, limits, into_group=birth is not None, scratch_done=scratch_done)
            self._starter.run(message, fds if birth is None else [*fds, birth])
        finally:
            os.close(source)
        waiting = Waiting(group.members, self._guest_id, self._place.core, patience)
        return Watch(self._starter, group, limits, streams, waiting, stop).follow()

    def _message(self, command: Command, limits: RunLimits, *, into_group: bool, scratch_done: bool) -> bytes:
        """The words to init; kept, since most runs of a container differ in nothing but their descriptors."""
        wanted = (command, limits, into_group, scratch_done)
        if self._last_wanted != wanted:
            rlimits = [] if Layer.LIMITS in self._place.without else base_rlimits(limits, self._place.ids.count == 1)
            self._last_message = run_message(
                command.argv, environment_for(command.environment), rlimits,
                into_group=into_group, scratch_done=scratch_done,
            )  # fmt: skip
            self._last_wanted = wanted
        return self._last_message

    def put(self, name: str, data: bytes | Path) -> None:
        """Writes one file into the scratch."""
        with self._scratch() as folder:
            size = scratch.put(folder, name, data, self._guest_id)
        self._file_bytes += -(-size // _PAGE_BYTES) * _PAGE_BYTES  # ours, not the next run's output

    def take(self, name: str, limit_bytes: int) -> bytes | None:
        """Reads one regular file of the scratch."""
        with self._scratch() as folder:
            return scratch.take(folder, name, limit_bytes)

    def collect(self, name: str, target: Path, limit_bytes: int) -> None:
        """Copies a folder of the scratch out."""
        with self._scratch() as folder:
            scratch.collect(folder, name, target, limit_bytes)

    def close(self) -> None:
        """Ends everything in the container; waits until it is gone."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        dead = False
        try:
            dead = self._starter.close()
            if not dead:
                self._group.kill()
                dead = self._starter.close()
            self._group.close()
        finally:
            if dead:  # else its ids stay taken: nobody is put beside what the kernel has not let go of
                self._gone()

    @property
    def _guest_id(self) -> int:
        """The guest's user id on the host."""
        ids = self._place.ids
        return ids.first + (0 if ids.count == 1 else layers.guest_id(self._place.without))

    def _refuse_if_dead(self) -> None:
        if self._closed or self._broken:
            raise Fault("sandbox", self._broken or "The container is closed")

    @contextmanager
    def _or_dead(self) -> Iterator[None]:
        self._refuse_if_dead()
        try:
            yield
        except NotStarted:
            raise
        except OSError as error:
            self._broken = f"A run could not be followed: {error}"
            raise Fault("sandbox", self._broken) from error
        except BaseException as error:
            # After an answer that never came, the next message would be taken for it.
            self._broken = f"The container is not used again after a fault: {error}"
            raise

    @contextmanager
    def _scratch(self) -> Iterator[int]:
        self._refuse_if_dead()
        self._scratch_used = True
        folder = self._starter.scratch()
        try:
            yield folder
        finally:
            os.close(folder)


def _not_started(command: Command, reply: Reply) -> Fault:
    if reply.failed_step == "execve":
        return NotStarted(command.argv[0], reply.failed_errno)
    reason = os.strerror(reply.failed_errno)
    return Fault("sandbox", f"{command.argv[0]} could not be started ({reply.failed_step}: {reason})")


def _input(path: Path | int | None, *, ours: bool = False) -> int:
    """A descriptor to read from. `ours`: guests have the user id of the file's owner, who may change its mode through any
    descriptor, so they get a sealed copy.
    """
    if isinstance(path, int):
        return os.dup(path)
    try:
        source = os.open(path or os.devnull, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY)
        if path is not None:
            os.posix_fadvise(source, 0, 0, os.POSIX_FADV_WILLNEED)
    except OSError as error:
        raise Fault("sandbox", f"The input {path} cannot be read: {error.strerror}") from error
    return rootless.sealed_copy(source) if ours and path is not None else source


@contextmanager
def _streams(budget_bytes: int, stdout: Path | int | None) -> Iterator[tuple[Stream | Given, Stream]]:
    budget = Budget(budget_bytes)
    if isinstance(stdout, int):
        err = Stream(budget, None)
        try:
            yield Given(stdout), err
        finally:
            err.close()
        return
    target = None if stdout is None else os.open(stdout, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    out, err = Stream(budget, target), Stream(budget, None)
    try:
        yield out, err
        if target is not None:
            _cut(target)
    finally:
        out.close()
        err.close()
        if target is not None:
            os.close(target)


def _cut(target: int) -> None:
    """Ends a file where it was written to. Some file systems write a file to the disk at its close when it was emptied before,
    so one of an earlier run is written over and cut only where it was longer.
    """
    end = os.lseek(target, 0, os.SEEK_CUR)
    if os.fstat(target).st_size != end:
        os.ftruncate(target, end)
