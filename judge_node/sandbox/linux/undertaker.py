"""Removes a slot's control groups when their judge is gone, however it went: no SIGKILL leaves a directory behind.

A small process of the C core (`bury`), outside the groups, waits for the end of the socket that we hold. It shares the
slot's lock, so nobody takes the slot, whose groups have the same names, before it is done; when it was killed itself,
the next owner of the slot sweeps as before.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from app.core.errors import Fault

_HIGH = 32
_ENDS_SECONDS = 8.0


class Undertaker:
    """One for each slot."""

    def __init__(self, core: int, lock: int, folders: Sequence[Path]) -> None:
        """`core` and `lock` are descriptors of the C core and of the slot's lock. Raises Fault."""
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH) for fd in (theirs.fileno(), lock, core)]
        theirs.close()
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, high[0], 3),
            (os.POSIX_SPAWN_DUP2, high[1], 4),
        ]
        words = ["contestbox-core", "bury", *map(str, folders)]
        try:
            pid = os.posix_spawn(f"/proc/self/fd/{high[2]}", words, {}, file_actions=actions, setpgroup=0)
        except OSError as error:
            self._ours.close()
            raise Fault("sandbox", f"The sandbox's core cannot be started: {error.strerror}") from error
        finally:
            for fd in high:
                os.close(fd)
        self._pid, self._handle = pid, os.pidfd_open(pid)

    def close(self) -> None:
        """Lets it go and waits for its end; what the slot made is gone then, and its lock is ours alone."""
        self._ours.close()
        waiting = select.poll()
        waiting.register(self._handle, select.POLLIN)
        waiting.poll(_ENDS_SECONDS * 1000)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, os.WNOHANG)
        os.close(self._handle)
