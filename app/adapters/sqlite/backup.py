"""Copies of the database that can be trusted: made on a connection of their own, opened again, checked, synced, then named.

Why one step (pages=-1) on an own connection: in small steps a busy writer makes the copy begin again for ever, and on the writer's own
connection nothing is committed meanwhile; this way both were measured to go on side by side.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from app.adapters.sqlite.connection import open_for_reading, sync_directory
from app.core.errors import Fault


def copy_database(source: Path, target: Path) -> None:
    """Writes a checked copy of a running database to a new file. Raises Fault("backup", …); a broken copy is removed."""
    if target.exists():
        raise Fault("backup", f"A backup named {target.name} is already there.")
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(open_for_reading(source)) as reader, closing(sqlite3.connect(unfinished)) as copy:
            reader.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE")
            complaint = _complaint(copy, "integrity_check")
        if complaint:
            raise Fault("backup", f"The copy for the backup is damaged: {complaint}.")
        _sync_file(unfinished)
        unfinished.rename(target)
        sync_directory(target.parent)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise Fault("backup", f"The backup could not be written to {target.parent}: {error}.") from error
    except Fault:
        unfinished.unlink(missing_ok=True)
        raise


def complaint_about(path: Path, *, whole: bool) -> str:
    """What SQLite says against a database file, "" for a good one. whole also compares indexes with their tables (slower)."""
    try:
        with closing(open_for_reading(path)) as connection:
            return _complaint(connection, "integrity_check" if whole else "quick_check")
    except sqlite3.Error as error:
        return str(error)


def newest_good_backup(directory: Path) -> Path | None:
    """The newest `*.sqlite` of a folder that passes a whole check; None where there is none."""
    if not directory.is_dir():
        return None
    candidates = sorted(directory.glob("*.sqlite"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return next((path for path in candidates if not complaint_about(path, whole=True)), None)


def _complaint(connection: sqlite3.Connection, check: str) -> str:
    rows = [str(row[0]) for row in connection.execute(f"PRAGMA {check}(3)")]
    return "" if rows == ["ok"] else " ".join("; ".join(rows).split())


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
