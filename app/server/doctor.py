"""What this machine can do as a contest server, with the single command or step that mends each lack."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import psutil

from app.adapters.sqlite.writer import RESERVE_BYTES
from app.core.errors import Fault
from app.lan.discover import Discovery
from app.lan.interfaces import LOOPBACK, lan_addresses
from app.server.called import called
from app.server.folder import running_in
from app.server.settings import Settings

GIGABYTE = 10**9
LITTLE_DISK = 2 * GIGABYTE
LITTLE_MEMORY = GIGABYTE
ENOUGH_FILES = 8192  # a hall of 2,000 with two browsers each, and as much again
SLOW_SYNC_MS = 20.0
SYNCS = 15
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)

# Where locks, memory-mapped files or a sync are not what SQLite needs: over a network, in memory, on sticks.
_DOUBTFUL = {
    "nfs": "a network share", "nfs4": "a network share", "cifs": "a network share", "smb3": "a network share",
    "9p": "a shared folder", "vboxsf": "a shared folder", "fuse.sshfs": "a network share",
    "vfat": "a stick's file system", "exfat": "a stick's file system",
    "tmpfs": "memory, gone when the machine ends", "ramfs": "memory, gone when the machine ends",
}  # fmt: skip


class State(StrEnum):
    """How something stands: fine, worth mending, or in the way of serving a contest."""

    OK = "ok"
    WEAK = "weak"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the screen; `mend` is the one command or step that helps, "" where nothing is needed."""

    what: str
    state: State
    sentence: str
    mend: str = ""


def diagnose(data: Path, settings: Settings) -> list[Finding]:
    """Looks at this machine as the server of the folder `data` would find it. Writes nothing that stays; takes about a second."""
    root = _nearest(data.expanduser().absolute())
    running = running_in(data)
    checks: tuple[Callable[[], Finding], ...] = (
        lambda: _folder(data, root),
        lambda: _space(root),
        lambda: _sync(root),
        lambda: _backup(data, root, settings),
        lambda: _port("web port", settings.host, settings.port, "--port", served=running is not None),
        lambda: _port("judge machines' port", settings.host, settings.node_port, "--node-port", served=running is not None),
        lambda: _address(data, settings),
        lambda: _discovery(settings),
        lambda: _clock(data),
        _files,
        _memory,
    )  # fmt: skip
    if settings.tls:
        secure = _port("https port", settings.host, settings.tls_port, "--tls-port", served=running is not None)
        return [*(check() for check in checks), secure]
    return [check() for check in checks]


def as_screen(findings: Sequence[Finding]) -> str:
    """One line a finding, what mends it below, and a closing sentence."""
    width = max(len(one.what) for one in findings)
    lines = []
    for one in findings:
        mark = one.state.value.upper() if one.state is State.MISSING else one.state.value
        lines.append(f"{mark:8} {one.what:{width}}  {one.sentence}")
        if one.mend:
            lines.append(f"{'':8} {'':{width}}  mend it: {one.mend}")
    missing = sum(one.state is State.MISSING for one in findings)
    weak = sum(one.state is State.WEAK for one in findings)
    verdict = "can serve a contest" if not missing else "cannot serve a contest yet"
    return "\n".join([*lines, "", f"This machine {verdict} ({weak} weak, {missing} missing)."])


def able(findings: Sequence[Finding]) -> bool:
    """Whether a contest can be served here."""
    return all(one.state is not State.MISSING for one in findings)


def _nearest(path: Path) -> Path:
    """The folder itself, or the nearest one above that is there: what it will be made in."""
    while not path.exists():
        path = path.parent
    return path


def _folder(data: Path, root: Path) -> Finding:
    if not root.is_dir():
        return Finding("data folder", State.MISSING, f"{root} is a file", "give another folder with --data")
    if not os.access(root, os.W_OK | os.X_OK):
        root_already = getattr(os, "geteuid", lambda: 1)() == 0  # then it is the disk that is read-only
        mend = "give another folder with --data" if root_already else f"sudo chown {getpass.getuser()} '{root}'"
        return Finding("data folder", State.MISSING, f"{root} cannot be written", mend)
    kind = _file_system(root)
    if kind in _DOUBTFUL:
        mend = "give a folder on this machine's own disk with --data"
        return Finding("data folder", State.WEAK, f"{data} is on {_DOUBTFUL[kind]} ({kind})", mend)
    return Finding("data folder", State.OK, f"{data} on {kind or 'a disk'}")


def _file_system(path: Path) -> str:
    mounts = sorted(psutil.disk_partitions(all=True), key=lambda one: len(one.mountpoint), reverse=True)
    return next((one.fstype for one in mounts if path.resolve().is_relative_to(one.mountpoint)), "")


def _space(root: Path) -> Finding:
    free = shutil.disk_usage(root).free
    sentence = f"{free / GIGABYTE:.1f} GB free"
    if free <= RESERVE_BYTES:
        return Finding("disk space", State.MISSING, f"{sentence}: submissions would be refused", "another --data")
    if free < LITTLE_DISK:
        return Finding(
            "disk space", State.WEAK, f"{sentence}: too little for a day", "sudo apt-get clean, or another --data"
        )
    return Finding("disk space", State.OK, sentence)


def _sync(root: Path) -> Finding:
    """Every acknowledged submission waits for one sync of this disk (shared by all that come together)."""
    try:
        with tempfile.TemporaryFile(dir=root) as file:
            times = sorted(_synced(file.fileno()) for _ in range(SYNCS))
    except OSError as error:
        return Finding(
            "disk sync", State.MISSING, f"cannot write there: {error.strerror}", "give another folder with --data"
        )
    median = times[len(times) // 2]
    sentence = f"{median:.1f} ms until a write is on disk"
    if median > SLOW_SYNC_MS:
        return Finding("disk sync", State.WEAK, sentence, "give a folder on a faster disk with --data")
    return Finding("disk sync", State.OK, sentence)


def _synced(descriptor: int) -> float:
    began = time.perf_counter()
    os.write(descriptor, b"x" * 4096)
    os.fsync(descriptor)
    return (time.perf_counter() - began) * 1000


def _backup(data: Path, root: Path, settings: Settings) -> Finding:
    if not settings.backup:
        mend = f"{called('serve', '--data', data, '--backup', 'FOLDER')}, best on another disk"
        return Finding("backup", State.WEAK, "none is set: a dead disk would end the contest", mend)
    place = _nearest(Path(settings.backup).expanduser().absolute())
    if not place.is_dir() or not os.access(place, os.W_OK):
        return Finding("backup", State.MISSING, f"{place} cannot be written", "give another folder with --backup")
    if place.stat().st_dev == root.stat().st_dev:
        mend = "give a folder on another disk or stick with --backup"
        return Finding("backup", State.WEAK, f"{settings.backup} is on the same disk as the contest", mend)
    return Finding("backup", State.OK, f"each minute to {settings.backup}")


def _port(what: str, host: str, port: int, option: str, *, served: bool) -> Finding:
    if port == 0:
        return Finding(what, State.OK, "a free one is picked")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if served:
                return Finding(what, State.OK, f"{port}, in use by the server of this very folder")
            return Finding(
                what, State.MISSING, f"{port} cannot be used ({error.strerror})", f"another one: {option} {port + 1}"
            )
    return Finding(what, State.OK, f"{port} is free")


def _address(data: Path, settings: Settings) -> Finding:
    addresses = lan_addresses()
    if not addresses:
        mend = "join the room's network, then run this again"
        return Finding("people's address", State.WEAK, "no network: only this machine can reach the contest", mend)
    port = (settings.tls_port if settings.tls else settings.port) or "PORT"
    text = "  ".join(f"{'https' if settings.tls else 'http'}://{one}:{port}" for one in addresses)
    if settings.loopback:
        return Finding(
            "people's address",
            State.WEAK,
            f"{text}, once it is open to the room",
            called("serve", "--data", data, "--host", "0.0.0.0"),  # noqa: S104
        )
    return Finding("people's address", State.OK, text)


def _discovery(settings: Settings) -> Finding:
    addresses = (LOOPBACK,) if settings.loopback else (lan_addresses() or (LOOPBACK,))
    try:
        Discovery(addresses).close()
    except Fault as fault:
        mend = f"{called('run', '--server', 'URL', program='contestbox-judge')} on each judge machine"
        return Finding("being found (mDNS)", State.WEAK, fault.sentence.rstrip("."), mend)
    return Finding("being found (mDNS)", State.OK, f"multicast can be used on {', '.join(addresses)}")


def _clock(data: Path) -> Finding:
    now = datetime.now(UTC)
    newest = max(
        (datetime.fromtimestamp(one.stat().st_mtime, UTC) for one in data.glob("contest.db*")), default=RELEASED
    )
    local = now.astimezone()
    sentence = f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"
    if now < newest:
        since = "the contest's last entry" if newest > RELEASED else "this program was made"
        return Finding(
            "clock", State.MISSING, f"{sentence} is before {since}", "sudo timedatectl set-time 'YYYY-MM-DD HH:MM:SS'"
        )
    return Finding("clock", State.OK, f"{sentence}: compare it with a watch")


def _files() -> Finding:
    if sys.platform == "win32":
        return Finding("open files", State.OK, "no limit that matters here")
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < ENOUGH_FILES:
        return Finding(
            "open files", State.WEAK, f"{hard}: a full hall needs {ENOUGH_FILES}", f"ulimit -Hn {ENOUGH_FILES}"
        )
    return Finding("open files", State.OK, "as many as needed" if hard == resource.RLIM_INFINITY else str(hard))


def _memory() -> Finding:
    free = psutil.virtual_memory().available
    sentence = f"{free / GIGABYTE:.1f} GB free"
    if free < LITTLE_MEMORY:
        return Finding("memory", State.WEAK, sentence, "close other programs")
    return Finding("memory", State.OK, sentence)
