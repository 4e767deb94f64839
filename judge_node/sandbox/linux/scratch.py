"""Files that go into and come out of a scratch, while no guest lives in it.

The guest may have left anything: links to the host's files, pipes that block an open, sparse giants, deep trees. So each
step of a path is opened below the one before, links never followed; only regular files are read, and never more than
the limit. Our own files are written beside whatever lies there, after removing it.
"""

from __future__ import annotations

import ctypes
import io
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from app.core.errors import Fault, Refusal

TEMPORARY = ".tmp"  # /tmp inside; never collected
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK = 1024 * 1024
_DEEPEST = 64
_MOST_FILES = 20_000


def put(scratch: int, name: str, data: bytes | Path, owner: int) -> int:
    """Writes one file, owned by the guest, with its folders; its size. Raises Fault for a name that is not plain or has no room."""
    parts = _parts(name)
    if not parts:
        raise Fault("sandbox", "A file needs a name")
    try:
        # Opened as ourselves: the guest may have no right to the folder that it lies in.
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as source, _as_guest(owner):
            with _folder(scratch, parts[:-1], make=True) as folder:
                _clear(folder, parts[-1])
                fd = os.open(parts[-1], os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644, dir_fd=folder)
            with os.fdopen(fd, "wb") as file:
                shutil.copyfileobj(source, file, _CHUNK)
                return file.tell()
    except OSError as error:
        raise Fault("sandbox", f"{name!r} cannot be written into the scratch: {error.strerror}") from error


def take(scratch: int, name: str, limit_bytes: int) -> bytes | None:
    """At most limit_bytes of a regular file; None where there is none (also behind a link, a pipe, a device)."""
    parts = _parts(name)
    try:
        with _folder(scratch, parts[:-1]) as folder, _regular(folder, parts[-1]) as fd:
            if fd is None:
                return None
            return _read(fd, limit_bytes)
    except (OSError, IndexError):
        return None


def discard(scratch: int, name: str, owner: int) -> None:
    """Removes one file below the scratch, with the guest's rights. Raises Fault for a folder in its place."""
    *folders, last = _parts(name)
    try:
        with _as_guest(owner), _folder(scratch, tuple(folders)) as folder:
            _clear(folder, last)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Fault("sandbox", f"The file {name!r} of the scratch cannot be removed: {error.strerror}") from error


def collect(scratch: int, name: str, target: Path, limit_bytes: int) -> None:
    """Copies a folder of the scratch to a new host folder. Raises Refusal(413, …) over the limit, Fault where it is missing."""
    room = _Room(limit_bytes)
    try:
        with _folder(scratch, _parts(name)) as folder:
            _open_folder(target)
            _copy(folder, target, room, 0, top=not name)
    except Refusal:
        raise
    except OSError as error:
        raise Fault("sandbox", f"The folder {name!r} of the scratch cannot be copied: {error.strerror}") from error


class _Room:
    """What may still be copied."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit = limit_bytes
        self.bytes = limit_bytes
        self.files = _MOST_FILES

    def take(self, size: int) -> None:
        self.bytes -= size
        self.files -= 1
        if self.bytes < 0 or self.files < 0:
            raise Refusal(413, f"What the program left is more than {self.limit} bytes or {_MOST_FILES} files")


def _parts(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise Fault("sandbox", f"{name!r} is not a plain name below the scratch")
    return path.parts


@contextmanager
def _as_guest(owner: int) -> Iterator[None]:
    """This thread's file accesses under the guest's id: the scratch knows only ids of its user namespace, and whatever the
    guest may not touch we do not touch for it. (The kernel keeps this id for each thread; Python has no call for it.)
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.setfsgid(owner)
    libc.setfsuid(owner)
    try:
        yield
    finally:
        libc.setfsuid(os.geteuid())
        libc.setfsgid(os.getegid())


@contextmanager
def _folder(scratch: int, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
    """The folder at the end of a path, opened step by step; made where it is missing if that is asked for."""
    at = os.open(".", _FOLDER, dir_fd=scratch)
    try:
        for part in parts:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o755, dir_fd=at)
            inner = os.open(part, _FOLDER, dir_fd=at)
            os.close(at)
            at = inner
        yield at
    finally:
        os.close(at)


def _clear(folder: int, name: str) -> None:
    """Removes a file or link of that name; a folder in the way is an error of the caller's name."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


@contextmanager
def _regular(folder: int, name: str) -> Iterator[int | None]:
    fd = os.open(name, _FILE, dir_fd=folder)
    try:
        yield fd if stat.S_ISREG(os.fstat(fd).st_mode) else None
    finally:
        os.close(fd)


def _read(fd: int, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    left = limit_bytes
    while left > 0 and (data := os.read(fd, min(left, _CHUNK))):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


def _copy(folder: int, target: Path, room: _Room, depth: int, *, top: bool = False) -> None:
    if depth > _DEEPEST:
        raise Refusal(413, f"What the program left is nested deeper than {_DEEPEST} folders")
    with os.scandir(folder) as entries:
        found = sorted((entry.name, entry.stat(follow_symlinks=False)) for entry in entries)
    for name, facts in found:
        if top and name == TEMPORARY:
            continue
        if stat.S_ISDIR(facts.st_mode):
            room.take(0)
            inner = os.open(name, _FOLDER, dir_fd=folder)
            try:
                _open_folder(target / name)
                _copy(inner, target / name, room, depth + 1)
            finally:
                os.close(inner)
        elif stat.S_ISREG(facts.st_mode):
            room.take(facts.st_size)
            _copy_file(folder, name, target / name, facts.st_size)


def _open_folder(path: Path) -> None:
    """A new folder that guests may read, whatever this process's umask takes away."""
    path.mkdir()
    path.chmod(0o755)


def _copy_file(folder: int, name: str, target: Path, size: int) -> None:
    with _regular(folder, name) as source:
        if source is None:
            return
        mode = 0o555 if os.fstat(source).st_mode & 0o111 else 0o444
        copy = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            while size > 0 and (data := os.read(source, min(size, _CHUNK))):
                os.write(copy, data)
                size -= len(data)
            os.fchmod(copy, mode)
        finally:
            os.close(copy)
