"""Time as an argument: who needs it takes a Clock, tests give their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NewType, Protocol

Instant = NewType("Instant", int)
"""Milliseconds since 1970 in UTC, from a monotonic clock anchored at start: never jumps (DESIGN 5)."""


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> Instant:
        """The present instant in milliseconds; never goes back while the process lives."""
        ...

    def monotonic_seconds(self) -> float:
        """Seconds of the monotonic clock: for deadlines and waits only."""
        ...

    def wall_drift_ms(self) -> int:
        """How far the machine's wall clock has jumped away since the anchor, in milliseconds."""
        ...


def iso(instant: Instant) -> str:
    """ISO 8601 as CLICS writes it: 2026-11-24T09:00:00.000Z."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant % 1000:03d}Z"


def contest_time_text(milliseconds: int) -> str:
    """A contest time as CLICS writes it: h:mm:ss.uuu, with a sign before the start."""
    sign, rest = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    seconds, millis = divmod(rest, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02d}:{seconds:02d}.{millis:03d}"
