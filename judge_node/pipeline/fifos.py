"""The FIFOs between a manager and one process of a submission, and what becomes of them when one of the two has ended.

Theory of operation. The FIFOs lie in folders that both containers show; each guest opens its ends by name. The kernel lets the opening
of a FIFO wait for the other end, so a guest that never opens would hang the other one. Therefore this side holds both ends of every FIFO
(the keepers) while both guests live: nobody waits in open. Which of the two FIFOs carries which direction is the package's own choice
(its manager and its stub agree on it, and real ones differ), so nothing here depends on it. When one guest has ended:

    a FIFO is empty     whoever reads it sees the end of input: the writing keeper closes, and the name becomes an empty file for who
                        opens it only now. The reading keeper stays, so that nobody who still writes dies of a broken pipe
    it is not           the other guest may still read it, so it is left alone until it is empty
    it grows            then the living one writes, to nobody: it is taken and thrown away. So it is where it is full and the living
                        one has not computed for a second, for then it waits for room

The kernel tells nobody that a pipe has become empty, so that is looked at every two milliseconds, and only after an end.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_SECONDS = 0.002
_STALLED_SECONDS = 1.0
_CHUNK = 1 << 16
_ROOM_BYTES = 1 << 20


class Fifo:
    """One FIFO. `path` is its name, which guests may open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        path.chmod(0o666)
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        self._writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        with suppress(OSError):  # a user's quota of pipe buffers may be used up; then it stays small
            fcntl.fcntl(self._reader, fcntl.F_SETPIPE_SZ, _ROOM_BYTES)
        self._lock = threading.Lock()
        self._seen: int | None = None
        self._to_nobody = False
        self._full_since: tuple[float, float] | None = None

    def end_for(self, *, reading: bool) -> int:
        """A blocking descriptor of the caller's own, for a guest's standard stream."""
        flags = (os.O_RDONLY if reading else os.O_WRONLY) | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
        end = os.open(self.path, flags)
        os.set_blocking(end, True)
        return end

    def look_after(self, other_cpu_seconds: Callable[[], float]) -> None:
        """One of its guests has ended: see the module's theory. Called again and again until the other one has ended too."""
        with self._lock:
            if self._reader < 0:
                return
            size = struct.unpack("i", fcntl.ioctl(self._reader, termios.FIONREAD, b"\0" * 4))[0]
            grown = self._seen is not None and size > self._seen
            self._to_nobody = self._to_nobody or grown or self._is_stalled(other_cpu_seconds)
            self._seen = size
            if self._to_nobody:
                self._throw_away()
            elif size == 0:
                self._end()

    def close(self) -> None:
        """Whatever is in it is lost."""
        with self._lock:
            for end in (self._reader, self._writer):
                if end >= 0:
                    os.close(end)
            self._reader = self._writer = -1

    def _throw_away(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._reader, _CHUNK):
                pass
        self._seen = 0

    def _end(self) -> None:
        if self._writer >= 0:
            empty = self.path.with_suffix(".end")
            empty.touch(0o644)
            empty.chmod(0o644)
            empty.replace(self.path)
            os.close(self._writer)
            self._writer = -1

    def _is_stalled(self, other_cpu_seconds: Callable[[], float]) -> bool:
        """Whether it is full and the living guest has done nothing for a while."""
        room = select.poll()
        if self._writer >= 0:
            room.register(self._writer, select.POLLOUT)
        if self._writer < 0 or room.poll(0):
            self._full_since = None
            return False
        now, used = time.monotonic(), other_cpu_seconds()
        if self._full_since is None or used > self._full_since[1] + 0.01:
            self._full_since = now, used
        return now - self._full_since[0] > _STALLED_SECONDS


@dataclass(frozen=True, slots=True)
class Pair:
    """The FIFOs between two guests of which one has ended; whether the other one has, and what it has computed."""

    fifos: tuple[Fifo, Fifo]
    other_ended: threading.Event
    other_cpu_seconds: Callable[[], float]


def settle(pairs: Sequence[Pair]) -> None:
    """A guest has ended; returns when all whom it talked to have ended too."""
    for pair in pairs:
        while not pair.other_ended.is_set():
            for one in pairs:
                for fifo in one.fifos:
                    fifo.look_after(one.other_cpu_seconds)
            pair.other_ended.wait(_LOOK_SECONDS)
