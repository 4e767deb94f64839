"""A clock that tests move by hand. A clock is an argument everywhere, so this is one, not a stand-in for our own code."""

from __future__ import annotations

from app.core.clock import Instant


class FakeClock:
    """Stands still until it is moved. `wall_drift` is what the wall clock has jumped, in milliseconds."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self._now = now_ms
        self._began = now_ms
        self.wall_drift = 0

    def now(self) -> Instant:
        return Instant(self._now)

    def monotonic_seconds(self) -> float:
        return (self._now - self._began) / 1000

    def wall_drift_ms(self) -> int:
        return self.wall_drift

    def forward(self, *, seconds: float = 0, minutes: float = 0, ms: int = 0) -> Instant:
        """Moves on; gives the new instant."""
        self._now += ms + round(seconds * 1000) + round(minutes * 60_000)
        return self.now()
