"""How often somebody may do something: counted by account, never by address alone."""

from __future__ import annotations

from typing import Protocol


class Limiter(Protocol):
    """Counts events by a key over a moving window."""

    def hit(self, rule: str, key: str, *, limit: int, window_seconds: int) -> int:
        """Counts one; 0 when it is within the limit, else the seconds after which to try again (at least 1)."""
        ...

    def clear(self, rule: str, key: str) -> None:
        """Forgets what was counted (a successful sign-in)."""
        ...
