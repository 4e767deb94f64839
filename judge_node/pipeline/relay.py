"""Carries what submission and validator say to each other, and writes it down with times.

Theory of operation. Four pipes: each side's stdout ends here, each side's stdin begins here. One thread moves the bytes; it never blocks
on a side that does not read (then it stops taking from the other one, so that a flood waits in its own pipe) and it holds every end open
until the side that owns it has ended. So nobody sees an end of input or a broken pipe before `ended` was called for the other side:
who ended first is decided by those calls and by nothing that a guest can do with its pipes. There is one exception: a validator
may close its stdout and go on listening, and submissions that read to the end of their input wait for that. Once it has spoken, the
end is its own to hold; when it has let go of it and has still not ended a moment later, the submission gets its end of input.

`ended` for one side: what it still had to say is carried over, then the other side gets its end of input. What is said to a side that
has ended is thrown away; `deaf` closes a side's stdout, so that a submission whose fate is decided is ended by SIGPIPE.
Beyond its byte budget what a side says is counted and thrown away.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
import threading
import time
from contextlib import suppress
from enum import StrEnum
from types import TracebackType

from judge_node.pipeline.transcript import Transcript

_CHUNK = 64 * 1024
_HEAD_BYTES = 8 * 1024
_MOMENT_SECONDS = 0.3  # in which `ended` would have come, had the validator closed its stdout by ending


class Side(StrEnum):
    """Who speaks."""

    TEAM = "team"
    VALIDATOR = "validator"


class _Way:
    """One direction: from a side's stdout to the other side's stdin. Descriptors are -1 once closed."""

    def __init__(self, speaker: Side, budget_bytes: int) -> None:
        self.speaker = speaker
        self.source, self.speaks = os.pipe2(os.O_CLOEXEC)
        self.hears, self.sink = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.source, False)
        os.set_blocking(self.sink, False)
        self.left = budget_bytes
        self.waiting = b""
        self.count = 0
        self.head = b""
        self.speaker_ended = False
        self.hearer_ended = False
        self.silent_since: float | None = None

    def close(self, *names: str) -> None:
        for name in names:
            if getattr(self, name) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)


class Relay:
    """The pipes of one dialogue. Use as a context manager; methods may be called from any thread.

    `team_bytes` and `validator_bytes` are the budgets of the two sides.
    """

    def __init__(self, team_bytes: int, validator_bytes: int) -> None:
        self._ways = {Side.TEAM: _Way(Side.TEAM, team_bytes), Side.VALIDATOR: _Way(Side.VALIDATOR, validator_bytes)}
        self._lock = threading.Lock()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._closing = False
        self._order: list[Side] = []
        self._began = time.monotonic()
        self._transcript = Transcript()
        self._thread = threading.Thread(target=self._carry, name="relay", daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._closing = True
        os.eventfd_write(self._wake, 1)
        self._thread.join()
        for way in self._ways.values():
            way.close("source", "speaks", "hears", "sink")
        os.close(self._wake)

    def ends_of(self, side: Side) -> tuple[int, int]:
        """The descriptors for a side's stdin and stdout; they stay the relay's."""
        return self._ways[_other(side)].hears, self._ways[side].speaks

    def ended(self, side: Side, *, deaf: bool = False) -> None:
        """The side has ended. With `deaf` nothing more is taken from the other side either. Once the dialogue itself is over, where a
        signal cut it short, there is nobody left to tell.
        """
        with self._lock:
            if self._closing:
                return
            self._order.append(side)
            self._ways[side].speaker_ended = True
            self._ways[_other(side)].hearer_ended = True
            if deaf:
                self._ways[_other(side)].close("source", "speaks")
            os.eventfd_write(self._wake, 1)

    @property
    def first(self) -> Side | None:
        """Who ended first, None while both go on."""
        with self._lock:
            return self._order[0] if self._order else None

    def unread_by(self, side: Side) -> int:
        """Bytes that were said to the side and that it has not read."""
        with self._lock:
            way = self._ways[_other(side)]
            return len(way.waiting) + (_in_pipe(way.hears) if way.hears >= 0 else 0)

    def said_by(self, side: Side) -> tuple[int, bytes]:
        """How many bytes the side has said, and the first 8 KiB of them."""
        with self._lock:
            return self._ways[side].count, self._ways[side].head

    def transcript(self) -> str:
        """The dialogue as text, bounded."""
        with self._lock:
            return self._transcript.text()

    def _carry(self) -> None:
        while True:
            with self._lock:
                if self._closing:
                    for way in self._ways.values():
                        self._take_all(way)
                    return
                watch = select.poll()
                watch.register(self._wake, select.POLLIN)
                for way in self._ways.values():
                    self._settle(way)
                    if way.waiting and way.sink >= 0:
                        watch.register(way.sink, select.POLLOUT)
                    elif way.source >= 0:
                        watch.register(way.source, select.POLLIN)
            watch.poll(self._patience())
            with suppress(BlockingIOError):
                os.eventfd_read(self._wake)
            with self._lock:
                for way in self._ways.values():
                    self._move(way)

    def _patience(self) -> int | None:
        """Milliseconds until a silence has to be looked at again, None where there is none."""
        since = [way.silent_since for way in self._ways.values() if way.silent_since is not None and way.sink >= 0]
        return int(_MOMENT_SECONDS * 1000) if since else None

    def _settle(self, way: _Way) -> None:
        """Passes an end on: nobody writes any more, so that what is left can be taken to the last byte."""
        if way.silent_since is not None and not way.waiting and time.monotonic() - way.silent_since >= _MOMENT_SECONDS:
            way.close("sink")
        if way.speaker_ended:
            way.close("speaks")
            self._take_all(way)
            if not way.waiting:
                way.close("source", "sink")
        if way.hearer_ended:
            way.waiting = b""
            way.close("hears", "sink")

    def _take_all(self, way: _Way) -> None:
        while way.source >= 0 and not way.waiting and self._take(way):
            self._give(way)

    def _move(self, way: _Way) -> None:
        if way.waiting or self._take(way):
            self._give(way)

    def _take(self, way: _Way) -> bool:
        """Takes one chunk; False where there is none now."""
        if way.source < 0:
            return False
        try:
            data = os.read(way.source, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            way.close("source")
            if way.speaker is Side.VALIDATOR and not way.speaker_ended:
                way.silent_since = time.monotonic()
            return False
        if way.speaker is Side.VALIDATOR:
            way.close("speaks")
        way.count += len(data)
        way.head += data[: max(0, _HEAD_BYTES - len(way.head))]
        kept = data[: max(0, way.left)]
        way.left -= len(kept)
        if way.sink >= 0:
            way.waiting += kept
        self._transcript.add(time.monotonic() - self._began, way.speaker is Side.TEAM, data)
        return True

    def _give(self, way: _Way) -> None:
        try:
            while way.waiting and way.sink >= 0:
                way.waiting = way.waiting[os.write(way.sink, way.waiting) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            way.waiting = b""
            way.close("sink")


def _other(side: Side) -> Side:
    return Side.VALIDATOR if side is Side.TEAM else Side.TEAM


def _in_pipe(fd: int) -> int:
    answer = fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4)
    return int(struct.unpack("i", answer)[0])
