"""One container: a starter and an init in groups of their own, and the runs in it, one after another."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.core.errors import Fault
from judge_node.sandbox.interface import Command, NotStarted, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux import layers, rootless, scratch, seccomp
from judge_node.sandbox.linux import view as views
from judge_node.sandbox.linux.cgroup import ContainerGroup, RunGroup
from judge_node.sandbox.linux.layers import Layer
from judge_node.sandbox.linux.measuring import base_rlimits, environment_for, outcome
from judge_node.sandbox.linux.reply import Reply
from judge_node.sandbox.linux.spare import Kind
from judge_node.sandbox.linux.starter import Ids, Starter, run_message
from judge_node.sandbox.linux.streams import Streams
from judge_node.sandbox.linux.view import Plan
from judge_node.sandbox.linux.waiting import Waiting
from judge_node.sandbox.linux.watching import follow
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
        self._over = ""  # why it is not used again, once that is so
        self._errand: _Errand | None = None
        self._guest_id = place.ids.first + (
            0 if place.ids.count == 1 else layers.guest_id(place.without)
        )  # on the host
        self._running: RunGroup | None = None
        self._patience: Callable[[], float] | None = None
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
        self._errand = None
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
            counters=self._group.counters(),
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
        errand = self._errand
        if errand is None or errand.of != (command, limits, scratch_done):
            errand = self._errand = self._errand_for(command, limits, scratch_done=scratch_done)
        self._refuse_if_over()
        try:
            if not keep_scratch and (self._scratch_used or not self._group.calm):
                self._fresh_scratch()
            self._scratch_used = True
            self._patience = patience
            self._running = group = self._group.prepare(errand.memory_bytes, errand.processes)
            try:
                return self._measured(errand, group, stdin, stdout, stop)
            finally:
                self._running = None
                group.retire()
        except NotStarted:
            raise
        except OSError as error:
            raise self._lost(error) from error
        except BaseException as error:
            self._end(error)
            raise

    def _errand_for(self, command: Command, limits: RunLimits, *, scratch_done: bool) -> _Errand:
        if limits.memory_bytes > self._bounds.memory_bytes or limits.processes > self._bounds.processes:
            raise Fault("sandbox", "A run may not have more memory or more processes than its container")
        without = self._place.without
        message = run_message(
            command.argv,
            environment_for(command.environment),
            [] if Layer.LIMITS in without else base_rlimits(limits, self._place.ids.count == 1),
            into_group=self._group.births_apart,
            scratch_done=scratch_done,
        )
        memory_bytes = layers.memory_bytes(limits.memory_bytes, without)
        return _Errand(
            (command, limits, scratch_done), message, limits, memory_bytes, layers.processes(limits.processes, without)
        )

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
        self._refuse_if_over()
        try:
            self._fresh_scratch()
        except OSError as error:
            raise self._lost(error) from error
        except BaseException as error:
            self._end(error)
            raise

    def _fresh_scratch(self) -> None:
        if self._scratch_used:
            self._starter.renew()
            self._file_bytes = 0
            self._scratch_used = False
        self._group.settle()  # also where the scratch was renewed behind the answer: page tables go late

    def _measured(
        self, errand: _Errand, group: RunGroup, stdin: Path | int | None, stdout: Path | int | None,
        stop: threading.Event | None,
    ) -> Outcome:  # fmt: skip
        """Starts the program, follows it and tells the facts. Its input is read ahead, so that the pages are charged to the node."""
        limits = errand.limits
        streams = Streams(limits.output_bytes, stdout)
        try:
            source = _input(stdin, ours=self._place.ids.count == 1)
            try:
                fds = (source, streams.out.theirs, streams.err.theirs)
                birth = group.birth() if self._group.births_apart else None
                self._starter.run(errand.message, fds if birth is None else (*fds, birth))
            finally:
                os.close(source)
            reply, ending = follow(self._starter, group, limits, streams, self._waiting, stop)
            readings = group.read(reply)
            if reply.step:
                raise _not_started(errand.of[0], reply)
            streams.cut()
            self.kill_seconds = ending.kill_seconds
            left = max(0, reply.scratch_bytes - self._file_bytes)
            self._file_bytes = 0 if reply.renewed else reply.scratch_bytes
            self._scratch_used = not reply.renewed
            return outcome(
                reply, ending, readings, limits, streams.out, streams.err,
                counted_by_init=group.counted_by_init, file_bytes=left, sampled=group.sampled,
            )  # fmt: skip
        finally:
            streams.close()

    def _waiting(self) -> Waiting:
        """How long the present run has waited; made only for those that are not over at once."""
        group = self._running
        assert group is not None
        return Waiting(group.members, self._guest_id, self._place.core, self._patience)

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
            self._over = self._over or "The container is closed"
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

    def _refuse_if_over(self) -> None:
        if self._over:
            raise Fault("sandbox", self._over)

    def _lost(self, error: OSError) -> Fault:
        self._over = f"A run could not be followed: {error}"
        return Fault("sandbox", self._over)

    def _end(self, error: BaseException) -> None:
        """After an answer that never came, the next message would be taken for it: the first fault is the end."""
        self._over = f"The container is not used again after a fault: {error}"

    @contextmanager
    def _scratch(self) -> Iterator[int]:
        self._refuse_if_over()
        self._scratch_used = True
        folder = self._starter.scratch()
        try:
            yield folder
        finally:
            os.close(folder)


class _Errand(NamedTuple):
    """What a command and its limits mean in a container; kept, since most runs differ in nothing but their descriptors."""

    of: tuple[Command, RunLimits, bool]
    message: bytes
    limits: RunLimits
    memory_bytes: int
    processes: int


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
