"""How long to wait before trying again: full jitter, so that a hall of nodes does not come back in one wave."""

from __future__ import annotations

import random
from collections.abc import Callable

CAP_SECONDS = 10.0
_FIRST_SECONDS = 0.2
_DOUBLINGS = 16


class Backoff:
    """Waits between 0 and twice as much each time, at most `cap_seconds`; never gives up."""

    def __init__(
        self, cap_seconds: float = CAP_SECONDS, jitter: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._cap_seconds = cap_seconds
        self._jitter = jitter
        self.failures = 0

    def next_seconds(self) -> float:
        """Counts a failure; seconds to wait now."""
        most = min(self._cap_seconds, _FIRST_SECONDS * 2.0 ** min(self.failures, _DOUBLINGS))
        self.failures += 1
        return self._jitter(0.0, most)

    def reset(self) -> None:
        """It worked."""
        self.failures = 0
