"""A child of test_failing_disk.py: fills the log until the WAL is carried over beside the writer, and says what the store answers then."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from app.adapters.sqlite.checkpoints import ROWS
from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Instant
from app.core.errors import Fault
from app.core.events import Kind
from app.core.ids import ContestId
from app.ports.store import NewEvent, Transaction

MOST_SECONDS = 60
PAUSE_SECONDS = 0.3
"""SQLite syncs the database file only in a pass that catches up with the writer, and each lot asks for one pass."""


def main() -> None:
    """argv: the folder. Prints "ack" once, then "fault KIND" when a write is refused, or "nothing" when none ever is."""
    store = SqliteStore.open(Path(sys.argv[1]) / "contest.sqlite", reserve_bytes=0)
    one = NewEvent(ContestId("c"), Kind.SETTING, Instant(1), {"name": "a", "value": "b"})

    def fill(tx: Transaction) -> None:
        tx.append_events([one] * ROWS)

    store.write(fill).result(60)
    print("ack", flush=True)
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        time.sleep(PAUSE_SECONDS)
        try:
            store.write(fill).result(60)
        except Fault as fault:
            print(f"fault {fault.kind}", flush=True)
            return
    print("nothing", flush=True)


if __name__ == "__main__":
    main()
