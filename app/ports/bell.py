"""The bell: "there is more on this topic", without data. One process rings in memory; several later through Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol


class Bell(Protocol):
    """Topics with a counter each (DESIGN 3). Topics: `team:ID`, `submission:ID`, `board`, `public`, `jury`, `desk`, `tasks`."""

    def ring(self, topics: Iterable[str]) -> None:
        """Raises the counters and wakes who listens. Never blocks; from any thread."""
        ...

    def counter(self, topic: str) -> int:
        """The topic's present counter. A restart begins again at a higher number, never lower, also for what has not rung yet."""
        ...

    def listen(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Calls the listener (from the ringing thread, it must not block) with the topics that rang; gives what stops it."""
        ...
