"""A guest's stdout and stderr: pipes read outside, with one byte budget for both.

Within the budget bytes go to the host's file; beyond it they are counted and thrown away while the run goes on, so that a
program that writes too much and too long still ends as what it is. The first 8 KiB of each stream are kept.

We keep the guest's end open as well until the run is over. Its end is told by init and not by the pipes: a pipe that was
closed would only wake us a moment earlier, for nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HEAD_BYTES = 8 * 1024
_CHUNK = 64 * 1024
_DRAIN_TURNS = 64


@dataclass(slots=True)
class Budget:
    """What may still be kept of a run's output, in bytes."""

    left: int


class Stream:
    """The reading end of one pipe."""

    __slots__ = ("_budget", "_target", "count", "fd", "head", "kept", "theirs")

    def __init__(self, budget: Budget, target: int | None) -> None:
        """`target` is a descriptor of the host's file, written from its present position, or None: only the head is kept."""
        self.fd, self.theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(self.theirs, True)  # the guest's end: an honest program expects a blocking pipe
        self._budget = budget
        self._target = target
        self.count = 0
        self.kept = 0  # bytes that went to the target
        self.head = b""

    def pump(self) -> bool:
        """Takes one chunk; False where the pipe was empty then."""
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
            self.kept += len(kept)
        return len(data) == _CHUNK

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
        self.count, self.kept, self.head = 0, 0, b""

    def pump(self) -> bool:
        """There is nothing to take here."""
        return False

    def drain(self) -> None:
        """There is nothing to take here."""

    def close(self) -> None:
        """Nothing to close: it is the caller's."""


class Streams:
    """Both streams of one run, with one budget. `stdout`: a host file, a descriptor of the caller's, or None: only heads are kept."""

    __slots__ = ("_target", "err", "out")

    def __init__(self, budget_bytes: int, stdout: Path | int | None) -> None:
        """Raises OSError."""
        budget = Budget(budget_bytes)
        self._target: int | None = None
        self.err = Stream(budget, None)
        try:
            if isinstance(stdout, int):
                self.out: Stream | Given = Given(stdout)
                return
            if stdout is not None:
                self._target = os.open(stdout, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            self.out = Stream(budget, self._target)
        except OSError:
            self.err.close()
            if self._target is not None:
                os.close(self._target)
            raise

    def of(self, fd: int) -> Stream:
        """The stream that reads from a descriptor."""
        return self.out if isinstance(self.out, Stream) and self.out.fd == fd else self.err

    def cut(self) -> None:
        """Ends the file where it was written to. Some file systems write a file to the disk at its close when it was emptied before,
        so one of an earlier run is written over and cut only where it was longer.
        """
        if self._target is not None and os.lseek(self._target, 0, os.SEEK_END) != self.out.kept:
            os.ftruncate(self._target, self.out.kept)

    def close(self) -> None:
        """Gives all descriptors back; call once."""
        self.out.close()
        self.err.close()
        if self._target is not None:
            os.close(self._target)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
