"""Backups: a checked copy of everything that a contest needs, every minute and at each change of phase, and the way back.

    DIR/contest-20261124T093000000Z.sqlite   copies of the store, the newest KEPT of them
    DIR/blobs/                               test data and outputs by SHA-256; only new ones are copied
    DIR/journal-000000000017.log             with --backup-sync: each commit, before it was answered
    DIR/secrets/  DIR/config.toml            keys (0600) and settings

A copy that took longer than SLOW_SECONDS makes the next turn be skipped, and says so: a backup must never slow the contest down.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from app.adapters.sqlite.backup import copy_database, newest_good_backup
from app.adapters.sqlite.connection import sync_directory
from app.adapters.sqlite.journal import Journal, drop_older, replay
from app.core.clock import Clock, Instant, iso
from app.core.errors import Fault, Refusal
from app.server.called import called
from app.server.folder import Folder, copy_private, make_private

log = logging.getLogger("server")

KEPT = 30
SLOW_SECONDS = 10.0
_PREFIX = "contest-"
_STAGED = ".staged"
_STALE_SECONDS = 3600.0


class CanBackUp(Protocol):
    """A store, or the file of one that another process serves."""

    def backup(self, target: Path) -> None:
        """Writes a checked copy to a new file."""
        ...


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """The database of a folder that may be served by another process meanwhile."""

    path: Path

    def backup(self, target: Path) -> None:
        """Writes a checked copy to a new file. Raises Fault("backup", …)."""
        copy_database(self.path, target)


@dataclass(frozen=True, slots=True)
class BackupState:
    """How the newest backup went. `at` is None before the first good one; `trouble` is a sentence or ""."""

    at: Instant | None = None
    seconds: float = 0.0
    trouble: str = ""


class Backups:
    """Copies one folder's contest to a directory. `request` may be called from any thread; copying happens in a thread of its own.

    `journal` is the one that is kept in that directory; it begins a new file after each whole copy.
    """

    def __init__(
        self, folder: Folder, store: CanBackUp, clock: Clock, target: Path, journal: Journal | None = None
    ) -> None:
        self._folder = folder
        self._store = store
        self._clock = clock
        self._journal = journal
        self.target = target
        self.state = BackupState()
        self._wanted = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="backup", daemon=True)

    def start(self, *, first_at_once: bool) -> None:
        """Begins. first_at_once: the first backup is whole when this returns (Fault when it fails), else it is made beside."""
        if first_at_once:
            self.state = BackupState(self._write())
        else:
            self._wanted.set()
        self._thread.start()

    def trouble(self) -> str:
        """What is wrong with the copies, as a sentence; "" while all is well."""
        return (self._journal.trouble if self._journal is not None else "") or self.state.trouble

    def age_ms(self) -> int | None:
        """How old the newest good backup is; None before the first."""
        return None if self.state.at is None else self._clock.now() - self.state.at

    def request(self) -> None:
        """A backup, soon."""
        self._wanted.set()

    def stop(self) -> None:
        """Ends after a copy that is under way, or leaves it behind after two seconds (it is not named before it is whole)."""
        self._stopping = True
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._stopping:
                return
            began = time.monotonic()
            try:
                at = self._write()
            except (Fault, OSError) as error:
                log.exception("the backup failed")
                self.state = BackupState(self.state.at, time.monotonic() - began, str(error))
                continue
            seconds = time.monotonic() - began
            trouble = ""
            if seconds > SLOW_SECONDS:
                trouble = f"The last backup took {seconds:.0f} s; one turn is left out. A faster disk would help."
                log.warning("%s", trouble)
                self._wanted.clear()
            self.state = BackupState(at, seconds, trouble)

    def _write(self) -> Instant:
        position = 0 if self._journal is None else self._journal.position
        at = write_backup(self._folder, self._store, self._clock, self.target)
        if self._journal is not None:
            self._journal.turn_over(position)
        return at


class BackupsByHand:
    """Copies that somebody asks for at the console. Two clicks in one moment make two copies, one after the other."""

    def __init__(self, folder: Folder, store: CanBackUp, clock: Clock) -> None:
        self._folder = folder
        self._store = store
        self._clock = clock
        self._one_by_one = threading.Lock()

    def write(self, target: Path) -> None:
        """Blocks until the copy in the folder is checked. Refusal 422 for a folder that cannot be meant, 507 for one that fails."""
        if not target.is_absolute():
            raise Refusal(422, f"Name the folder for the backup by its whole path, not as {target}.")
        check_outside(self._folder, target)
        try:
            with self._one_by_one:
                write_backup(self._folder, self._store, self._clock, target)
        except Fault as fault:
            raise Refusal(507, fault.sentence) from fault
        except OSError as error:
            raise Refusal(507, f"The backup could not be written to {target}: {error.strerror}.") from error


def check_outside(folder: Folder, target: Path) -> None:
    """Refusal 422 unless the backup would survive the loss of the contest's folder."""
    if target.resolve().is_relative_to(folder.root.resolve()):
        raise Refusal(422, f"The backup folder {target} lies in the contest's own: choose one on another disk.")


def write_backup(folder: Folder, store: CanBackUp, clock: Clock, target: Path) -> Instant:
    """Copies keys, settings, the store, and the blobs that are new; the copy of the store has its name only when all of them are there.

    Gives the moment that the copy shows. Raises Fault("backup", …) or OSError.
    """
    make_private(target)
    _sweep(target)
    _copy_keys(folder, target)
    at = clock.now()
    stamp = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y%m%dT%H%M%S") + f"{at % 1000:03d}Z"
    name = target / f"{_PREFIX}{stamp}.sqlite"
    # Blobs are written before the rows that name them, so those of every row in the copy are on disk when it is made,
    # and are copied after it. Whoever dies in between leaves nothing that looks like a backup.
    staged = name.with_name(f"{name.name}{_STAGED}")
    store.backup(staged)
    try:
        _copy_blobs(folder.blobs, target / "blobs")
        staged.rename(name)
        sync_directory(target)
    except (Fault, OSError):
        staged.unlink(missing_ok=True)
        raise
    copies = sorted(target.glob(f"{_PREFIX}*.sqlite"))
    for old in copies[:-KEPT]:
        old.unlink()
    drop_older(target, copies[-KEPT:][0])
    return at


def _sweep(target: Path) -> None:
    """Takes away what backups that were killed left half done; a younger one may be another process's, under way."""
    for left in (*target.glob(f"{_PREFIX}*{_STAGED}*"), *target.glob("blobs/??/??/.*")):
        if time.time() - left.stat().st_mtime > _STALE_SECONDS:
            left.unlink(missing_ok=True)


def restore(source: Path, target: Path, tell: Callable[[str], None]) -> Path:
    """Gives the newest good backup of `source` back into the empty folder `target`, and tells its moment. Raises Refusal."""
    newest = newest_good_backup(source)
    if newest is None:
        raise Refusal(404, f"There is no good backup in {source}: a backup folder holds files named {_PREFIX}….sqlite.")
    if (target / "contest.db").exists():
        raise Refusal(409, f"There is already a contest in {target}: restore into a new folder, then serve that one.")
    folder = Folder(target)
    for part in ("blobs", "secrets"):
        _copy_tree(source / part, folder.root / part)
    if (source / "config.toml").exists():
        copy_private(source / "config.toml", folder.config)
    copy_private(newest, folder.database)
    played = replay(folder.database, source)
    further = f" and {played} commits after it" if played else ""
    tell(f"Restored the backup of {moment_of(newest)}{further} into {folder.root}.")
    tell(f"Start it with: {called('serve', '--data', folder.root)}")
    return newest


def moment_of(backup: Path) -> str:
    """When a copy was made, by its name."""
    stamp = backup.stem.removeprefix(_PREFIX)
    try:
        parsed = datetime.strptime(stamp[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return backup.name
    return iso(Instant(int(parsed.timestamp() * 1000) + int(stamp[15:18] or 0)))


def _copy_tree(source: Path, target: Path) -> None:
    """All files below, for this user only whatever they were in the backup: on a stick everybody may read everything."""
    for path in source.rglob("*"):
        if path.is_file() and not path.name.startswith("."):  # one that a killed backup left half written
            copy = target / path.relative_to(source)
            make_private(copy.parent)
            copy_private(path, copy)


def _copy_keys(folder: Folder, target: Path) -> None:
    (target / "secrets").mkdir(exist_ok=True, mode=0o700)
    for key in folder.secrets.iterdir():
        copy = target / "secrets" / key.name
        if key.is_file() and (not copy.exists() or copy.read_bytes() != key.read_bytes()):
            copy_private(key, copy)
    if folder.config.exists():
        copy_private(folder.config, target / "config.toml")


def _copy_blobs(source: Path, target: Path) -> None:
    for path in source.glob("??/??/*"):
        copy = target / path.relative_to(source)
        if copy.exists() and copy.stat().st_size == path.stat().st_size:
            continue
        make_private(copy.parent)
        copy_private(path, copy)
