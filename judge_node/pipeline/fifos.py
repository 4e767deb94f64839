"""The FIFOs between a manager and one process of a submission, and what becomes of them when one of the two has ended.

Theory of operation. The FIFOs lie in folders that both containers show; each guest opens its ends by name. The kernel lets the opening
of a FIFO wait for the other end, so a guest that never opens would hang the other one. Therefore this side keeps every FIFO open for both
directions (the keeper) while both guests live: nobody waits in open. When one has ended:

    what it wrote     stays in the FIFO until the other one has read it; then the name becomes an empty file, and the keeper closes, so
                      that the other one sees the end of input whether it has opened the FIFO or opens it later
    what it reads     is taken and thrown away, so that the other one neither waits for room nor dies of a broken pipe

The kernel tells nobody that a pipe has become empty, so that is looked at every two milliseconds, and only after an end.
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_SECONDS = 0.002
_CHUNK = 1 << 16
_ROOM_BYTES = 1 << 20


class Fifo:
    """One direction. `path` is its name, which guests may open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        path.chmod(0o666)
        self._keeper = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        with suppress(OSError):  # a user's quota of pipe buffers may be used up; then it stays small
            fcntl.fcntl(self._keeper, fcntl.F_SETPIPE_SZ, _ROOM_BYTES)
        self._lock = threading.Lock()

    def end_for(self, *, reading: bool) -> int:
        """A blocking descriptor of the caller's own, for a guest's standard stream."""
        flags = (os.O_RDONLY if reading else os.O_WRONLY) | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
        end = os.open(self.path, flags)
        os.set_blocking(end, True)
        return end

    def unread_bytes(self) -> int:
        """What lies in it and was not read."""
        with self._lock:
            if self._keeper < 0:
                return 0
            found: int = struct.unpack("i", fcntl.ioctl(self._keeper, termios.FIONREAD, b"\0" * 4))[0]
            return found

    def throw_away(self) -> None:
        """Takes what is in it; nobody will read it."""
        with self._lock, suppress(BlockingIOError):
            while self._keeper >= 0 and os.read(self._keeper, _CHUNK):
                pass

    def end_if_empty(self) -> bool:
        """The end of input, once everything is read; whether that was so."""
        if self.unread_bytes():
            return False
        with self._lock:
            if self._keeper >= 0:
                empty = self.path.with_suffix(".end")
                empty.touch(0o644)
                empty.chmod(0o644)
                empty.replace(self.path)
                os.close(self._keeper)
                self._keeper = -1
        return True

    def close(self) -> None:
        """Whatever is in it is lost."""
        with self._lock:
            if self._keeper >= 0:
                os.close(self._keeper)
                self._keeper = -1


@dataclass(slots=True)
class Pair:
    """The FIFOs between two guests, seen by one of them: what it `wrote`, what it `read`, and whether the other one has ended."""

    wrote: Fifo
    read: Fifo
    other_ended: threading.Event
    told: bool = False


def settle(pairs: Sequence[Pair]) -> None:
    """A guest has ended; returns when all whom it talked to have ended too."""
    for pair in pairs:
        while not pair.other_ended.is_set():
            for one in pairs:
                one.read.throw_away()
                one.told = one.told or one.wrote.end_if_empty()
            pair.other_ended.wait(_LOOK_SECONDS)
