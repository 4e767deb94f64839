"""Opening SQLite the way this product needs it, and telling what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from app.core.errors import Fault, Refusal

BUSY_MS = 5000
_WAL_KEPT_BYTES = 64 * 1024 * 1024
WAL_PAGES = 16_000
"""From this length of the WAL on a commit empties it by itself; before, checkpoints.py does."""
_STATEMENTS_KEPT = 512
_CACHE_KIB = 32 * 1024
"""Two MiB, as SQLite has it by itself, are fewer pages than a hall's submissions touch in a minute."""
_DISK_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_TRUNCATE"})
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The writer's connection: WAL, every commit synced. Creates the file (0600) where there is none. Raises sqlite3.Error."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        sync_directory(path.parent)
    connection = sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS_KEPT
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # What a savepoint could undo is kept in memory, not in a file beside the one that is synced.
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_for_checkpoints(path: Path) -> sqlite3.Connection:
    """A connection that only carries the WAL over, synced as commits are. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises sqlite3.Error."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


def sync_directory(folder: Path) -> None:
    """Makes the names in a folder durable; nothing to do where the system cannot (Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_disk_full(error: sqlite3.Error) -> bool:
    """Whether the disk refused more bytes (there SQLite may have rolled the whole transaction back)."""
    return _name(error) in _DISK_FULL


def is_damaged(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken."""
    return _name(error) in _DAMAGED or _name(error).startswith("SQLITE_CORRUPT")


def is_lost_sync(error: sqlite3.Error) -> bool:
    """Whether a sync failed: what the disk holds is unknown from here on, and a second sync would lie."""
    return _name(error) in ("SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC")


def disk_full() -> Refusal:
    """What a caller hears when the disk is full."""
    return Refusal(
        503,
        "The server's disk is full, so nothing new can be kept: tell the staff and try again.",
        retry_after_seconds=15,
    )


def meaning(error: sqlite3.Error) -> Refusal | Fault:
    """One of the product's own errors for SQLite's."""
    if is_disk_full(error):
        return disk_full()
    if is_damaged(error):
        return Fault("storage", f"The contest's database is damaged ({error}): stop the server and restore a backup.")
    return Fault("storage", f"The contest's database refused: {error} ({_name(error)}).")


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "") or ""
