"""ports/limiter in this process: a moving window of instants for each key.

Forty lines of our own, since the library for it counts by the wall clock, which may jump, and starts a timer thread on every use.
"""

from __future__ import annotations

import math
import threading
from collections import deque

from app.core.clock import Clock

_SWEEP_AT = 10_000
_SWEEP_EVERY_SECONDS = 1.0


class MemoryLimiter:
    """Counts by the monotonic clock. A refused hit is not counted, so who keeps on trying is let in when the window has moved."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hits: dict[tuple[str, str], deque[float]] = {}
        self._ends: dict[tuple[str, str], float] = {}
        self._swept = clock.monotonic_seconds()
        self._lock = threading.Lock()

    def hit(self, rule: str, key: str, *, limit: int, window_seconds: int) -> int:
        """ports/limiter: 0 and counted, or the seconds to wait."""
        now = self._clock.monotonic_seconds()
        with self._lock:
            hits = self._hits.setdefault((rule, key), deque())
            while hits and hits[0] <= now - window_seconds:
                hits.popleft()
            if len(hits) >= limit:
                oldest = hits[len(hits) - limit] if limit > 0 else now
                return max(1, math.ceil(oldest + window_seconds - now))
            hits.append(now)
            self._ends[rule, key] = now + window_seconds
            if len(self._hits) > _SWEEP_AT and now >= self._swept + _SWEEP_EVERY_SECONDS:
                self._sweep(now)
            return 0

    def clear(self, rule: str, key: str) -> None:
        """ports/limiter: forgets what was counted."""
        with self._lock:
            self._hits.pop((rule, key), None)
            self._ends.pop((rule, key), None)

    def _sweep(self, now: float) -> None:
        self._swept = now
        for key in [key for key, end in self._ends.items() if end <= now]:
            del self._hits[key], self._ends[key]
