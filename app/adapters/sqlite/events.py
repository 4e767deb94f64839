"""The event log's rows: a hash chain without gaps, and the signatures over its heads."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.adapters.sqlite.rows import Row, Rows, to_json
from app.core.clock import Instant
from app.core.events import GENESIS, Event, Kind, chain, entry_of, stored_data
from app.core.ids import ContestId
from app.ports.store import NewEvent, SignedHead


class EventReads(Rows):
    """Entries in the order of the log; heads newest first."""

    def events_after(self, seq: int, limit: int, kinds: Collection[Kind] | None = None) -> Sequence[Event]:
        wanted = None if kinds is None else to_json(sorted(kind.value for kind in kinds))
        rows = self._all(
            "SELECT seq, contest_id, kind, at_ms, payload, hash FROM events WHERE seq > ?"
            " AND (? IS NULL OR kind IN (SELECT value FROM json_each(?))) ORDER BY seq LIMIT ?",
            seq,
            wanted,
            wanted,
            limit,
        )
        return [_to_event(row) for row in rows]

    def last_event(self) -> tuple[int, bytes]:
        row = self._one("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")
        return (0, GENESIS) if row is None else (row[0], row[1])

    def heads(self, limit: int) -> Sequence[SignedHead]:
        rows = self._all("SELECT seq, hash, at_ms, signature FROM heads ORDER BY ordinal DESC LIMIT ?", limit)
        return [SignedHead(*row) for row in rows]


class EventWrites(EventReads):
    """Appends only; the database itself refuses to change or delete an entry.

    `appended` collects the transaction's new entries; who undoes a savepoint cuts it back as well.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.appended: list[Event] = []

    def append_event(self, contest_id: ContestId, kind: Kind, at: Instant, data: Mapping[str, Any]) -> Event:
        return self.append_events([NewEvent(contest_id, kind, at, data)])[0]

    def append_events(self, entries: Sequence[NewEvent]) -> Sequence[Event]:
        # The writer is alone: what this transaction appended last is the head; only its first entry has to look it up.
        newest = self.appended[-1] if self.appended else None
        seq, head = (newest.seq, newest.hash) if newest else self.last_event()
        events: list[Event] = []
        for one in entries:
            payload, data = entry_of(one.contest_id, one.kind, one.at, one.data)
            seq += 1
            head = chain(head, seq, payload)
            events.append(Event(seq, one.contest_id, one.kind, one.at, data, payload, head))
        rows = [(one.seq, one.contest_id, one.kind.value, one.at, one.payload, one.hash) for one in events]
        self._insert("events (seq, contest_id, kind, at_ms, payload, hash)", rows)
        self.appended += events
        return events

    def put_head(self, head: SignedHead) -> None:
        self._do(
            "INSERT INTO heads (seq, hash, at_ms, signature) VALUES (?, ?, ?, ?)",
            head.seq,
            head.hash,
            head.at,
            head.signature,
        )


def _to_event(row: Row) -> Event:
    seq, contest_id, kind, at_ms, payload, digest = row
    return Event(seq, contest_id, Kind(kind), at_ms, stored_data(payload), payload, digest)
