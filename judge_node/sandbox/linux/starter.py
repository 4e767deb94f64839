"""The protocol with the C core: one starter process a container, two sockets, one message a request.

    starter's socket   JOIN {own_view} + cgroup.procs files → "joined"      SETUP {view, filters, ids} → (no answer)
    (later)            SHOW {paths} + clones of folders → "shown"
    init's socket      "up" once · RENEW → "new" · LOOK → "seen" · SCRATCH → descriptor of /work · RUN {…} + 3 or 4 descriptors → reply
                       KILL during a run → the reply comes at once

A message that begins with "!" is a sentence of the core about what failed. Numbers are little-endian and laid out as
core/contestbox-core.c declares them. Closing the starter's socket ends everything; the starter's exit says that nothing
of the container lives any more.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import struct
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Fault
from judge_node.sandbox.linux.kernel import clone_of
from judge_node.sandbox.linux.reply import LAYOUT, Reply
from judge_node.sandbox.linux.seccomp import Filters
from judge_node.sandbox.linux.view import GUEST_ID, Plan

_JOIN, _SETUP, _RUN, _KILL, _RENEW, _SCRATCH, _SHOW, _LOOK = range(1, 9)
_SETUP_HEAD = struct.Struct("<10Ii I 2Q")
_RUN_HEAD = struct.Struct("<6I")
_MESSAGE_BYTES = 192 * 1024
_ANSWER_SECONDS = 10.0
_HIGH = 32  # descriptors for the child are moved up here, clear of the numbers that it is given


@dataclass(frozen=True, slots=True)
class Ids:
    """The host ids of a container: `first` is its root, count of them in a row."""

    first: int
    count: int


class Starter:
    """One starter and the container below it."""

    def __init__(self, core: int, skeleton: Path) -> None:
        """Starts the core (a descriptor of it); it waits for `join` and `set_up`. Raises Fault."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        ours_init, theirs_init = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.init = ours_init
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH) for fd in (theirs.fileno(), theirs_init.fileno(), core)]
        theirs.close()
        theirs_init.close()
        null = "/dev/null"
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, null, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, null, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, null, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, high[0], 3),
            (os.POSIX_SPAWN_DUP2, high[1], 4),
        ]
        try:
            # By descriptor: what was checked is what runs. A process group of its own, so that Ctrl-C is the node's affair.
            self.pid = os.posix_spawn(
                f"/proc/self/fd/{high[2]}", ["contestbox-core", "start", str(skeleton)], {},
                file_actions=actions, setpgroup=0,
            )  # fmt: skip
        except OSError as error:
            ours.close()
            ours_init.close()
            raise Fault("sandbox", f"The sandbox's core cannot be started: {error.strerror}") from error
        finally:
            for fd in high:
                os.close(fd)
        self._handle = os.pidfd_open(self.pid)
        self.alive = True

    def usable(self) -> bool:
        """Whether the starter still lives."""
        return self.alive and not self._ended(0)

    def join(self, rounds: Sequence[Sequence[Path]]) -> None:
        """Lets the starter join its control groups, round by round. Raises Fault."""
        for number, doors in enumerate(rounds):
            fds = [os.open(door, os.O_WRONLY | os.O_CLOEXEC) for door in doors]
            try:
                socket.send_fds(self._control, [struct.pack("<II", _JOIN, number == 0)], fds)
            finally:
                for fd in fds:
                    os.close(fd)
            self._expect(self._control, b"joined")

    def set_up(
        self,
        plan: Plan,
        filters: Filters,
        ids: Ids,
        *,
        core: int,
        scratch_bytes: int,
        scratch_files: int,
        guest_id: int = GUEST_ID,
        left_out: int = 0,
        counters: Sequence[int] = (),
    ) -> None:
        """Builds the container and waits until its init is up; `counters` are descriptors of a group's files, where init is counted
        together with its guests (see cgroup.ContainerGroup). Raises Fault with the core's own words.
        """
        head = _SETUP_HEAD.pack(
            _SETUP, len(plan.steps), len(filters.init), len(filters.guest), len(plan.rules),
            ids.first, ids.count, guest_id, scratch_files, plan.scratch_executable, core, left_out, scratch_bytes,
            filters.secret,
        )  # fmt: skip
        message = head + filters.init + filters.guest + plan.steps + plan.rules
        if len(message) >= _MESSAGE_BYTES:
            raise Fault("sandbox", "The container's view has too many folders")
        socket.send_fds(self._control, [message], counters)
        self._expect(self.init, b"up", beside=self._control)

    def show(self, folders: Mapping[str, Path]) -> None:
        """Attaches host folders to empty ones of the view, read-only. Raises Fault."""
        fds: list[int] = []
        try:
            for host in folders.values():
                fds.append(clone_of(host))
            words = b"".join(os.fsencode(inside) + b"\0" for inside in folders)
            socket.send_fds(self._control, [struct.pack("<I", _SHOW) + words], fds)
            self._expect(self._control, b"shown")
            self._send(_LOOK)
            self._expect(self.init, b"seen")
        except OSError as error:
            raise Fault("sandbox", f"A folder cannot be shown in the container: {error}") from error
        finally:
            for fd in fds:
                os.close(fd)

    def renew(self) -> None:
        """A fresh scratch. Raises Fault."""
        self._send(_RENEW)
        self._expect(self.init, b"new")

    def scratch(self) -> int:
        """A descriptor of the scratch's directory (O_PATH); the caller closes it before the next renewal."""
        self._send(_SCRATCH)
        try:
            self.init.settimeout(_ANSWER_SECONDS)
            data, fds, _, _ = socket.recv_fds(self.init, 64, 1)
        except OSError as error:
            raise self._died() from error
        if data != b"scratch" or not fds:
            raise self._died(data)
        os.set_inheritable(fds[0], False)
        return fds[0]

    def run(self, message: bytes, fds: Sequence[int]) -> None:
        """Starts one program (see run_message): fds are its stdin, stdout, stderr and, where it is cloned into a group, that
        group's directory. Raises Fault.
        """
        try:
            self.init.sendmsg((message,), ((socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", fds)),))
        except OSError as error:
            raise self._died() from error

    def kill_run(self) -> None:
        """Asks init to kill everything in the container; its reply follows."""
        self._send(_KILL)

    def reply(self) -> Reply:
        """Reads the reply that is waiting on `init`. Raises Fault where init died instead."""
        try:
            data = self.init.recv(LAYOUT.size + 1)
        except OSError as error:
            raise self._died() from error
        if len(data) != LAYOUT.size:
            raise self._died(data)
        reply = tuple.__new__(Reply, LAYOUT.unpack(data))
        if reply.kind != _RUN:
            raise self._died()
        return reply

    def close(self, seconds: float = 5.0) -> bool:
        """Ends the container and waits until nothing of it lives; False where the kernel does not let go of it in time."""
        if not self.alive:
            return True
        self._control.close()
        self.init.close()
        if not self._ended(seconds):
            return False
        with suppress(ChildProcessError):  # a program that ignores SIGCHLD has its children reaped by the kernel
            os.waitpid(self.pid, 0)
        os.close(self._handle)
        self.alive = False
        return True

    def _ended(self, seconds: float) -> bool:
        waiting = select.poll()  # select() itself knows no descriptor beyond 1023
        waiting.register(self._handle, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))

    def _send(self, operation: int) -> None:
        try:
            self.init.send(struct.pack("<I", operation))
        except OSError as error:
            raise self._died() from error

    def _expect(self, source: socket.socket, word: bytes, *, beside: socket.socket | None = None) -> None:
        waiting = select.poll()
        for each in (source, beside):
            if each is not None:
                waiting.register(each, select.POLLIN)
        ready = [fd for fd, _ in waiting.poll(_ANSWER_SECONDS * 1000)]
        told = b""
        try:
            if beside is not None and beside.fileno() in ready:
                told = beside.recv(1024)
            if source.fileno() in ready:
                told = source.recv(1024) or told
        except OSError as error:
            raise self._died() from error
        if told != word:
            raise self._died(told)

    def _died(self, told: bytes = b"") -> Fault:
        """The sentence for a container that did not answer."""
        if told.startswith(b"!"):
            return Fault("sandbox", f"The container could not be set up: {told[1:].decode(errors='replace')}")
        return Fault("sandbox", "The container died or did not answer")


def run_message(
    argv: Sequence[str],
    environment: Mapping[str, str],
    rlimits: Sequence[tuple[int, int]],
    *,
    into_group: bool,
    scratch_done: bool,
) -> bytes:
    """What starts a program; good for any number of runs. With `scratch_done` init renews the scratch behind its answer where
    little is in it. Raises Fault.
    """
    strings = [*argv, *(f"{name}={value}" for name, value in environment.items())]
    parts = [_RUN_HEAD.pack(_RUN, into_group, len(rlimits), len(argv), len(environment), scratch_done)]
    parts += [struct.pack("<QQ", which, value) for which, value in rlimits]
    parts += [os.fsencode(text) + b"\0" for text in strings]
    message = b"".join(parts)
    if len(message) >= _MESSAGE_BYTES or len(strings) > 1000 or any("\0" in text for text in strings):
        raise Fault("sandbox", "The command line is too long or holds a NUL")
    return message
