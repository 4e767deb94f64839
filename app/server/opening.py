"""Opening a folder's store: where it is damaged, the organiser is told which good backup there is, and the command that gives it back."""

from __future__ import annotations

from pathlib import Path

from app.adapters.sqlite.store import SqliteStore
from app.server.backups import moment_of
from app.server.called import called
from app.server.folder import Folder


def open_store(folder: Folder, *, backup: str = "", sync: bool = False) -> SqliteStore:
    """The folder's store. `backup` is the backup folder of this start, "" where none was given; with `sync` each commit is copied there.

    Raises Fault("storage", …).
    """
    backups = folder.backups_to_look_in(backup)
    return SqliteStore.open(
        folder.database,
        backups=backups,
        journal_folder=Path(backup) if backup and sync else None,
        way_back=lambda good: _way_back(folder, backups, good),
    )


def _way_back(folder: Folder, backups: Path | None, good: Path | None) -> str:
    new = _free_beside(folder.root)
    if backups is not None and good is not None:
        command = called("restore", "--from", backups, "--data", new)
        return f"The newest good backup is of {moment_of(good)} ({good}): give it back with «{command}» and serve that folder"
    known = f"There is no good backup in {backups}" if backups is not None else "No backup folder of it is known here"
    command = called("restore", "--from", "BACKUP", "--data", new)
    return f"{known}: if there is a backup elsewhere, give it back with «{command}» and serve that folder"


def _free_beside(root: Path) -> Path:
    """A name beside the folder for a contest that is given back."""
    new, number = root.with_name(f"{root.name}-restored"), 1
    while new.exists():
        number += 1
        new = root.with_name(f"{root.name}-restored-{number}")
    return new
