"""ports/store over one SQLite file in a contest's folder.

Theory of operation. One thread writes (writer.py says how), on the only connection that can. Who reads takes a read-only connection
from a pool for the time of `read()`: BEGIN, and from its first statement on it sees one state, whatever is committed meanwhile. A
connection is with one thread at a time; a few idle ones are kept. In WAL mode readers never wait for the writer nor it for them, but
the WAL cannot be emptied past the oldest reader: so nobody keeps a view over a wait.

At the start the file is checked before anything is written: a damaged one is a Fault that names the newest good backup.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from app.adapters.sqlite.backup import complaint_about, copy_database, newest_good_backup
from app.adapters.sqlite.connection import meaning, open_for_reading, open_for_writing
from app.adapters.sqlite.journal import Journal
from app.adapters.sqlite.migrations import migrate
from app.adapters.sqlite.view import SqliteView
from app.adapters.sqlite.writer import RESERVE_BYTES, Writer
from app.core.clock import Instant
from app.core.errors import Fault, Refusal
from app.core.events import Event
from app.ports.store import Transaction

T = TypeVar("T")
A = TypeVar("A")
_IDLE_READERS = 24
_COMPLAINT = 150


class SqliteStore:
    """One contest folder's database; made by `SqliteStore.open`."""

    def __init__(
        self,
        path: Path,
        writing: sqlite3.Connection,
        free_bytes: Callable[[], int],
        reserve_bytes: int,
        journal: Journal | None,
    ) -> None:
        self._path = path
        self._writing = writing
        self.journal = journal
        self._writer = Writer(writing, path, free_bytes, reserve_bytes, journal)
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        backups: Path | None = None,
        free_bytes: Callable[[], int] | None = None,
        reserve_bytes: int = RESERVE_BYTES,
        journal_folder: Path | None = None,
        way_back: Callable[[Path | None], str] = lambda good: f"The newest good backup is {good}",
    ) -> SqliteStore:
        """Opens or creates the database file, checks it, brings it to the newest shape and starts the writer.

        `backups` is where a good copy is looked for when the file is damaged, and `way_back` says what to do with it, or without
        one; `free_bytes` tells the room on its disk (measured by
        default): below `reserve_bytes` new submissions are refused; in `journal_folder` each commit is copied
        before it is answered. Raises Fault("storage", …).
        """
        _check(path, backups, way_back)
        try:
            writing = open_for_writing(path)
        except (OSError, sqlite3.Error) as error:
            raise Fault("storage", f"The contest's database {path} cannot be opened: {error}.") from error
        try:
            migrate(writing)
        except Fault:
            writing.close()
            raise
        except sqlite3.Error as error:
            writing.close()
            raise Fault("storage", f"The contest's database {path} cannot be used: {error}.") from error
        free_bytes = free_bytes or (lambda: shutil.disk_usage(path.parent).free)
        try:
            journal = None if journal_folder is None else Journal(journal_folder, writing)
        except OSError as error:
            writing.close()
            raise Fault(
                "storage", f"The folder {journal_folder} for copies cannot be used: {error.strerror}."
            ) from error
        store = cls(path, writing, free_bytes, reserve_bytes, journal)
        store._writer.start()
        return store

    @property
    def last_commit_ms(self) -> float | None:
        """How long the newest batch took from BEGIN to synced, in milliseconds; None before the first."""
        return self._writer.last_commit_ms

    @property
    def queued(self) -> int:
        """How many functions wait for the writer."""
        return self._writer.queued

    @property
    def size_bytes(self) -> int:
        """The database with its WAL."""
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def write(self, work: Callable[[Transaction], T], *, arrived: Instant | None = None) -> Future[T]:
        """ports/store: queues one function for the writer."""
        return self._writer.submit(work, arrived)

    def write_together(
        self, work: Callable[[Transaction, Sequence[A]], Sequence[T | Refusal]], item: A, *, arrived: Instant
    ) -> Future[T]:
        """ports/store: queues one item; the writer gives all that wait to `work` at once."""
        return self._writer.submit_item(work, item, arrived)

    @contextmanager
    def read(self) -> Iterator[SqliteView]:
        """ports/store: a view of one consistent state. Raises Fault("storage", …)."""
        try:
            connection = self._take()
        except sqlite3.Error as error:
            raise meaning(error) from error
        try:
            connection.execute("BEGIN")
            yield SqliteView(connection)
        except sqlite3.Error as error:
            raise meaning(error) from error
        finally:
            self._give_back(connection)

    def on_commit(self, listener: Callable[[Sequence[Event]], None]) -> None:
        """ports/store: the listener hears each commit's events, before the futures of that commit are resolved."""
        self._writer.listen(listener)

    def backup(self, target: Path) -> None:
        """ports/store: a checked copy in a new file. Raises Fault("backup", …)."""
        copy_database(self._path, target)

    def close(self) -> None:
        """ports/store: works off the queue and closes every connection that is not in use."""
        self._writer.stop()
        with self._lock:
            if self._closed:
                return
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        if self.journal is not None:
            self.journal.close()
        self._writing.close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise Fault("storage", "The contest's database is closed.")
            if self._idle:
                return self._idle.pop()
        return open_for_reading(self._path)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.rollback()
        with self._lock:
            if not self._closed and len(self._idle) < _IDLE_READERS:
                self._idle.append(connection)
                return
        connection.close()


def _check(path: Path, backups: Path | None, way_back: Callable[[Path | None], str]) -> None:
    if not path.exists() or path.stat().st_size == 0:
        return
    complaint = complaint_about(path, whole=False)
    if not complaint:
        return
    good = None if backups is None else newest_good_backup(backups)
    raise Fault("storage", f"The contest's database {path} is damaged ({complaint[:_COMPLAINT]}). {way_back(good)}.")
