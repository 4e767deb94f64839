"""Carrying what the WAL holds into the database file, beside the writer and never in a commit's way.

Theory of operation. SQLite by itself does this inside the commit that makes the WAL longer than a thousand pages: with a hall at the door
each tenth commit or so then waited for two more syncs, and everybody in it. Here a thread with a connection of its own does it after each
ROWS changed rows, PASSIVE: it takes what was committed when it began, and neither writer nor readers wait for it. When it has caught up and
nobody reads, the next commit begins the WAL at its front again. A writer that never pauses stays ahead of the thread, so at WAL_PAGES the
commit carries the rest over by itself (connection.py); that is little, as nearly all is carried over already.

A sync that fails here leaves the disk's content unknown just as one of a commit: `lost` is told, and breaks the writer. Other failures (a
full disk) lose nothing: all stands in the WAL, and the next pass tries again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.adapters.sqlite.connection import is_lost_sync, open_for_checkpoints

ROWS = 4_000
_LOG = logging.getLogger("contestbox.storage")


class Checkpoints:
    """A thread from `start` to `stop`. `changed` belongs to the writer's thread."""

    def __init__(self, path: Path, lost: Callable[[sqlite3.Error], None]) -> None:
        self._path = path
        self._lost = lost
        self._due = threading.Event()
        self._stopping = False
        self._carried = 0
        self._thread = threading.Thread(target=self._run, name="store-checkpoints", daemon=True)

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()

    def changed(self, rows: int) -> None:
        """After a commit: `rows` is how many the writing connection has changed in its life."""
        if rows - self._carried >= ROWS:
            self._carried = rows
            self._due.set()

    def stop(self) -> None:
        """Ends the thread after the pass that it is in."""
        self._stopping = True
        self._due.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            with closing(open_for_checkpoints(self._path)) as connection:
                while self._due.wait() and not self._stopping:
                    self._due.clear()
                    self._pass(connection)
        except sqlite3.Error as error:
            # Commits carry over by themselves then, as they do when this stays behind.
            _LOG.error("the database cannot be opened for checkpoints", exc_info=error)

    def _pass(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            if is_lost_sync(error):
                self._lost(error)
            else:
                _LOG.warning("a checkpoint failed, its pages stay in the WAL: %s", error)
