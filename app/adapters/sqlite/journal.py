"""A copy of each commit in another folder, synced before anybody is answered (`--backup-sync`), and how it is played back.

Theory of operation. The writer's connection tells every statement with its values filled in. What a transaction wrote is appended as one
line to a file beside the backups, after the COMMIT and before any future is resolved: so whatever was acknowledged is in the newest good
backup or in the lines after it. Each transaction also writes its own number, the position, into the settings: a backup thus knows after
which line it was made, and the same statements on the same state give the same rows and ids. A line carries its hash; a torn last line
was never acknowledged. Where a number is missing (the process died between COMMIT and line) playing back stops; that cannot cost anything,
because a server with `--backup-sync` writes a whole backup before it opens its door.

A contest that was given back goes on in the same folder, beside lines of its former life that could not be played; their numbers come up
again. So each transaction also writes its head, a hash over the head before it and over what it did, and its line names the head before it.
Only a line that names the head of the database follows it. A commit without a journal changes the head too, so that lines of before and
after it are not played in one row. Lines from before there were heads name none, and follow only a database without
one.

When the folder fails (a stick was pulled out), judging goes on, `trouble` says so, and only what was written before is doubly kept. Once
the folder is back there is a gap in the lines, past which playing back would stop: so `trouble` stays until a whole backup has what is
missing.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from app.core.errors import Fault

_LOG = logging.getLogger("contestbox.storage")
_SETTING = "journal_position"
_HEAD = "journal_head"
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_PATTERN = "journal-*.log"


def position_of(connection: sqlite3.Connection) -> int:
    """The number of the last transaction that the database holds; 0 where no journal was ever kept."""
    return int(_setting(connection, _SETTING) or 0)


def _setting(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def leave(connection: sqlite3.Connection) -> None:
    """Inside a transaction that no journal follows: what was written to lines before cannot be played on past it."""
    connection.execute(
        "UPDATE settings SET value = 'left ' || value WHERE name = ? AND value NOT LIKE 'left %'", (_HEAD,)
    )


class Journal:
    """Follows one writing connection. Belongs to the writer's thread, but for `trouble`, `position` and `turn_over`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._connection = connection
        self._statements: list[str] = []
        self._position = position_of(connection)
        self._head = self._next_head = _setting(connection, _HEAD)
        self._file: BinaryIO | None = None
        self._turn = False
        self._lock = threading.Lock()
        self._missing = 0
        self.trouble = ""
        connection.set_trace_callback(self._heard)

    @property
    def position(self) -> int:
        """The number of the last commit: a backup that begins now holds it."""
        return self._position

    def begin(self) -> None:
        """A transaction has begun; forgets an earlier one that was undone."""
        self._statements.clear()

    def number(self) -> None:
        """Inside the transaction, before its COMMIT: writes its position and its head."""
        done = json.dumps([self._head, self._position + 1, self._statements])
        self._next_head = hashlib.sha256(done.encode()).hexdigest()
        self._connection.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?), (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_SETTING, str(self._position + 1), _HEAD, self._next_head),
        )

    def committed(self) -> None:
        """After the COMMIT: the line is on the other disk when this returns, or `trouble` says why it isn't."""
        self._position += 1
        before, self._head = self._head, self._next_head
        try:
            if self._file is None or self._turn:
                self._open()
            assert self._file is not None
            self._file.write(_line(self._position, self._statements, before))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._copied()
        except OSError as error:
            if not self.trouble:
                _LOG.error("the journal beside the backups cannot be written", exc_info=error)
            with self._lock:
                self._missing = self._position
                self.trouble = f"Commits are not copied to {self._folder} any more: {error.strerror}."
            self._close()

    def _copied(self) -> None:
        with self._lock:
            if self._missing:
                self.trouble = f"Some commits are not in {self._folder}; they will be with its next whole backup."

    def turn_over(self, position: int) -> None:
        """A whole backup that holds this position has just been made there: the next line begins a new file."""
        with self._lock:
            if position >= self._missing:
                self._missing, self.trouble = 0, ""
            self._turn = True

    def close(self) -> None:
        """Ends following."""
        self._connection.set_trace_callback(None)
        self._close()

    def _heard(self, statement: str) -> None:
        # A savepoint that is undone must be undone in the playing back too.
        if statement.lstrip()[:7].upper().startswith((*_WRITES, "ROLLBAC", "SAVEPOI", "RELEASE")):
            self._statements.append(statement)

    def _open(self) -> None:
        self._close()
        self._turn = False
        path = self._folder / f"journal-{self._position:012d}.log"
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
        if self._file.tell():
            # A contest that was given back goes on where its last whole line ended: what was torn there must not tear the next line too.
            self._file.write(b"\n")

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def replay(database: Path, folder: Path) -> int:
    """Plays the lines of a folder onto a restored database, as far as they follow it without a gap and are of its own life; how many.

    Raises Fault("backup", …) when a line does not fit the database.
    """
    played = 0
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for position, statements, before in _lines(folder):
            if position != position_of(connection) + 1 or before != _setting(connection, _HEAD):
                # In the backup already, past a gap, or of another life; but a contest that was given back before may have gone on from
                # here in a later line.
                continue
            try:
                connection.execute("BEGIN IMMEDIATE")
                for statement in statements:
                    connection.execute(statement)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise Fault("backup", f"Line {position} of the journal does not fit the backup: {error}.") from error
            played += 1
    return played


def drop_older(folder: Path, oldest_backup: Path) -> None:
    """Removes the files whose lines are all in a backup already."""
    with closing(sqlite3.connect(f"{oldest_backup.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        position = position_of(connection)
    files = sorted(folder.glob(_PATTERN))
    for file, following in itertools.pairwise(files):
        if int(following.stem.removeprefix("journal-")) <= position + 1:
            file.unlink()


def _line(position: int, statements: Sequence[str], before: str) -> bytes:
    text = json.dumps([position, list(statements), before], ensure_ascii=True).encode()
    return hashlib.sha256(text).hexdigest().encode() + b" " + text + b"\n"


def _lines(folder: Path) -> Iterator[tuple[int, list[str], str]]:
    for path in sorted(folder.glob(_PATTERN)):
        with path.open("rb") as file:
            for line in file:
                digest, _, text = line.rstrip(b"\n").partition(b" ")
                if line.endswith(b"\n") and hashlib.sha256(text).hexdigest().encode() == digest:
                    position, statements, *before = json.loads(text)
                    yield int(position), [str(one) for one in statements], str(before[0]) if before else ""
