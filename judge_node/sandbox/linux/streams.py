"""A guest's stdout and stderr: pipes read outside, with one byte budget for both.

Within the budget bytes go to the host's file; beyond it they are counted and thrown away while the run goes on, so that a
program that writes too much and too long still ends as what it is. The first 8 KiB of each stream are kept.

We keep the guest's end open as well until the run is over. Its end is told by init and not by the pipes: a pipe that was
closed would only wake us a moment earlier, for nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

HEAD_BYTES = 8 * 1024
_CHUNK = 64 * 1024
_DRAIN_TURNS = 64


@dataclass(slots=True)
class Budget:
    """What may still be kept of a run's output, in bytes."""

    left: int


class Stream:
    """The reading end of one pipe."""

    def __init__(self, budget: Budget, target: int | None) -> None:
        """`target` is a descriptor of the host's file, written from its present position, or None: only the head is kept."""
        self.fd, self.theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(self.theirs, True)  # the guest's end: an honest program expects a blocking pipe
        self._budget = budget
        self._target = target
        self.count = 0
        self.head = b""

    def pump(self) -> bool:
        """Takes one chunk; False where there was nothing more to take now."""
        try:
            data = os.read(self.fd, _CHUNK)
        except BlockingIOError:
            return False
        self.count += len(data)
        if len(self.head) < HEAD_BYTES:
            self.head += data[: HEAD_BYTES - len(self.head)]
        kept = data[: max(0, self._budget.left)]
        self._budget.left -= len(kept)
        if self._target is not None and kept:
            _write_all(self._target, kept)
        return True

    def drain(self) -> None:
        """Takes what a dead guest left in the pipe: at most what a pipe holds, so this ends."""
        for _ in range(_DRAIN_TURNS):
            if not self.pump():
                return

    def close(self) -> None:
        """Closes both ends."""
        if self.fd >= 0:
            os.close(self.theirs)
            os.close(self.fd)
            self.fd = -1


class Given:
    """A descriptor of the caller's in a stream's place: handed to the guest, read and counted by somebody else."""

    def __init__(self, theirs: int) -> None:
        self.fd, self.theirs = -1, theirs
        self.count, self.head = 0, b""

    def pump(self) -> bool:
        """There is nothing to take here."""
        return False

    def drain(self) -> None:
        """There is nothing to take here."""

    def close(self) -> None:
        """Nothing to close: it is the caller's."""


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
