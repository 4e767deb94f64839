"""What machines have to forget: test data of contests that are closed (DESIGN 7: the cache is emptied when the contest is closed).

Theory of operation. Closed means final. All closed contests together give one stamp, which changes whenever another one is closed. A
machine tells with each wish for work which stamp it has obeyed last; as long as that is not the present one, it gets the order to empty its
cache instead of a task. So nothing has to be remembered about machines, and one that was away learns it when it comes back.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from app.core.events import Event, Kind
from app.ports.bell import Bell
from app.ports.store import Store


class Closing:
    """The present stamp, from memory; "" while no contest is closed. Any thread."""

    def __init__(self, store: Store, bell: Bell) -> None:
        self._bell = bell
        self._lock = threading.Lock()
        self._closed: dict[str, int] = {}
        store.on_commit(self._committed)

    def catch_up(self, store: Store) -> None:
        """Reads what was closed before this process."""
        with store.read() as view:
            found = {contest.id: contest.finalized for contest in view.contests()}
        with self._lock:
            self._closed.update({str(one): at for one, at in found.items() if at is not None})

    def stamp(self) -> str:
        """Names everything that is closed now."""
        with self._lock:
            return f"{len(self._closed)}-{max(self._closed.values())}" if self._closed else ""

    def is_closed(self, contest_id: str) -> bool:
        """Whether that contest is."""
        with self._lock:
            return contest_id in self._closed

    def _committed(self, events: Sequence[Event]) -> None:
        with self._lock:
            before = len(self._closed)
            for event in events:
                if event.kind is Kind.CONTEST and event.data.get("finalized") is not None:
                    self._closed[event.contest_id] = event.data["finalized"]
            more = len(self._closed) > before
        if more:
            self._bell.ring(("tasks",))
