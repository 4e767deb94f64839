"""A contest's data folder: where everything lies, who holds it, and how others on this machine find its server.

DATA/contest.db        the store            DATA/blobs/       test data and outputs by SHA-256
DATA/secrets/          keys, 0600           DATA/server.json  0600: pid, start, URLs, admin key of the running server
DATA/lock              held by the server   DATA/logs/        what happened, as JSON lines
DATA/config.toml       settings             DATA/gate/        the Unix socket between gate and Flask, 0700
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil

from app.core.errors import Fault, Refusal
from app.server.called import called
from app.server.locking import try_lock

_CLOCKS_DIFFER_SECONDS = 60
_KEYS = ("passwords", "tokens", "log_signature", "ca.key", "ca.pem")


@dataclass(frozen=True, slots=True)
class RunningServer:
    """What `server.json` says: how the console and the demo reach the server of this folder."""

    pid: int
    started_ms: int
    server_id: str
    people_url: str
    node_url: str
    console_url: str
    admin_key: str
    trust_url: str = ""
    """Where people read how to trust the certificate, when they come by https."""


class Folder:
    """One data folder. Making it makes the directories; `hold` keeps a second server off."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self._held: IO[str] | None = None
        try:
            for part in (self.root, self.root / "secrets", self.root / "logs", self.root / "gate"):
                part.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Refusal(
                403, f"The data folder {self.root} cannot be used ({error.strerror}): choose another one with --data."
            ) from error

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.root / "contest.db"

    @property
    def blobs(self) -> Path:
        """Where bytes by hash lie."""
        return self.root / "blobs"

    @property
    def config(self) -> Path:
        """The settings' file."""
        return self.root / "config.toml"

    @property
    def secrets(self) -> Path:
        """Keys and certificates."""
        return self.root / "secrets"

    @property
    def gate(self) -> Path:
        """Where the gate and Flask meet."""
        return self.root / "gate"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.root / "logs"

    def backups_to_look_in(self, configured: str) -> Path | None:
        """Where a good copy may lie when the store is damaged: the backup folder of this start, else that of the last one."""
        remembered = self.root / "backups-at"
        if configured:
            place = Path(configured).absolute()  # the next start may come from elsewhere
            write_private(remembered, str(place).encode())
            return place
        return Path(remembered.read_text(encoding="utf-8")) if remembered.exists() else None

    def hold(self) -> None:
        """Takes the folder for this process until it ends. Raises Refusal when another server has it."""
        try:
            held = (self.root / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise Refusal(
                403,
                f"The data folder {self.root} cannot be written ({error.strerror}): choose another one with --data.",
            ) from error
        if not try_lock(held):
            held.seek(0)
            holder = held.read().strip() or "unknown"
            held.close()
            raise Refusal(
                409,
                f"Another Contestbox server (process {holder}) already serves {self.root}: "
                "stop it first, or choose another folder with --data.",
            )
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        self._held = held

    def release(self) -> None:
        """Gives the folder back and forgets the running server."""
        (self.root / "server.json").unlink(missing_ok=True)
        if self._held is not None:
            self._held.close()
            self._held = None

    def secret(self, name: str) -> bytes:
        """A secret of 32 random bytes, made at its first use and kept."""
        path = self.secrets / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            write_private(path, secrets.token_bytes(32))
            return path.read_bytes()

    def announce(self, running: RunningServer) -> None:
        """Writes server.json, readable for this user only, in one step."""
        write_private(self.root / "server.json", json.dumps(asdict(running)).encode())

    def running(self) -> RunningServer | None:
        """The server that serves this folder now, or None."""
        return running_in(self.root)


def running_in(root: Path) -> RunningServer | None:
    """The server that serves the folder `root` now, or None; makes and changes nothing there."""
    try:
        running = RunningServer(**json.loads((root / "server.json").read_text(encoding="utf-8")))
        began = psutil.Process(running.pid).create_time()
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, psutil.NoSuchProcess):
        return None
    # A killed server leaves its server.json, and the system gives its number to another process one day.
    return running if began < running.started_ms / 1000 + _CLOCKS_DIFFER_SECONDS else None


def check_contest(root: Path) -> None:
    """Refusal where the folder holds no contest, or one without what belongs to it: new keys would silently void every slip of a team
    and every pairing, and an empty database every submission. Makes nothing."""
    database = root / "contest.db"
    known = root / "backups-at"
    backup = known.read_text(encoding="utf-8") if known.exists() else "BACKUP"
    again = f"restore a backup with «{called('restore', '--from', backup, '--data', 'NEW')}» and serve that folder."
    if not database.exists():
        raise Refusal(
            404,
            f"There is no contest in {root}: name its folder with --data, or make one with "
            f"«{called('new', '--data', root, '--name', 'NAME')}».",
        )
    if database.stat().st_size == 0:
        raise Refusal(409, f"The contest's database {database} is damaged, it is empty: {again}")
    missing = [name for name in _KEYS if not (root / "secrets" / name).exists()]
    if missing:
        raise Refusal(
            409, f"The contest in {root} has lost its keys ({', '.join(missing)} in its folder secrets): {again}"
        )


def write_private(path: Path, data: bytes) -> None:
    """Writes a file for this user only (0600), beside and renamed, on disk when it returns. Raises Fault("storage", …)."""
    _write_beside(path, lambda file: file.write(data))


def copy_private(source: Path, target: Path) -> None:
    """Copies a file as `write_private` writes one, whatever its mode was: a stick's file system knows none."""
    with source.open("rb") as original:
        _write_beside(target, lambda file: shutil.copyfileobj(original, file, 1 << 20))


def make_private(folder: Path) -> None:
    """Makes a folder and the missing ones above it, each for this user only."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _write_beside(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise Fault("storage", f"{path} could not be written: {error.strerror}.") from error
