"""ports/bell in this process: a counter for each topic and listeners that are called by who rings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from app.core.clock import Clock

Listener = Callable[[frozenset[str]], None]


class MemoryBell:
    """Counters begin at the clock's milliseconds × 1000 when the bell is made, so after a restart none is lower than before: no topic
    rings a million times a second. Who waited over the restart is woken at once, since what rang last may have been missed.
    """

    def __init__(self, clock: Clock) -> None:
        self._base = clock.now() * 1000
        self._counters: dict[str, int] = {}
        self._listeners: dict[object, Listener] = {}
        self._lock = threading.Lock()

    def ring(self, topics: Iterable[str]) -> None:
        """ports/bell: raises the counters, then calls every listener in this thread."""
        rung = frozenset(topics)
        if not rung:
            return
        with self._lock:
            for topic in rung:
                self._counters[topic] = self._counters.get(topic, self._base) + 1
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener(rung)

    def counter(self, topic: str) -> int:
        """ports/bell: a topic that has not rung yet stands at the base."""
        with self._lock:
            return self._counters.get(topic, self._base)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """ports/bell: the listener hears every ring from now on; the answer stops it."""
        key = object()
        with self._lock:
            self._listeners[key] = listener

        def stop() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return stop
