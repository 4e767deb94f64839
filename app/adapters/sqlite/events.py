"""The event log's rows: a hash chain without gaps, and the signatures over its heads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.adapters.sqlite.rows import Row, Rows, to_json
from app.core.clock import Instant
from app.core.events import GENESIS, Event, Kind, chain, payload_of
from app.core.ids import ContestId
from app.ports.store import SignedHead


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
        # The writer is alone: what this transaction appended last is the head; only its first entry has to look it up.
        newest = self.appended[-1] if self.appended else None
        previous_seq, previous_hash = (newest.seq, newest.hash) if newest else self.last_event()
        seq, payload = previous_seq + 1, payload_of(contest_id, kind, at, data)
        digest = chain(previous_hash, seq, payload)
        self._do("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", seq, contest_id, kind.value, at, payload, digest)
        event = Event(seq, contest_id, kind, at, json.loads(payload)["data"], payload, digest)
        self.appended.append(event)
        return event

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
    # Decoded first: the parser would only guess the encoding of every entry.
    return Event(seq, contest_id, Kind(kind), at_ms, json.loads(payload.decode())["data"], payload, digest)
