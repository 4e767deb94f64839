"""The real clock: the wall clock's instant at the start, carried on by the monotonic clock, so that it never jumps (DESIGN 5)."""

from __future__ import annotations

import time

from app.core.clock import Instant


class AnchoredClock:
    """Anchored when it is made. A jump of the wall clock afterwards changes nothing but `wall_drift_ms`."""

    def __init__(self) -> None:
        self._wall_ns = time.time_ns()
        self._monotonic_ns = time.monotonic_ns()

    def now(self) -> Instant:
        """core/clock: milliseconds since 1970."""
        return Instant((self._wall_ns + time.monotonic_ns() - self._monotonic_ns) // 1_000_000)

    def monotonic_seconds(self) -> float:
        """core/clock: for deadlines and waits."""
        return time.monotonic()

    def wall_drift_ms(self) -> int:
        """core/clock: positive when the wall clock now runs ahead."""
        return time.time_ns() // 1_000_000 - self.now()
