"""Many files into the blob store at once: each is copied and hashed in one reading, all become durable together.

Theory of operation. `take` brings a file beside (below `incoming`) and hashes what it brought, so that the hash is that of the stored
bytes whatever happens to the source meanwhile. It is brought the cheapest way that is safe: what was unpacked below the batch's own
`scratch` is hard linked, since nobody else writes there; another file is reflinked where the file system can, else copied, and holes
stay holes. A file that another owner could still write is never linked. `keep` syncs all, renames all and syncs the
folders; whatever is not kept is removed at the end, so that a refused package leaves nothing.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from app.core.errors import Fault
from app.core.ids import Sha256

PIECE = 1024 * 1024
_ZEROS = bytes(PIECE)
_CLONE = 0x40049409  # FICLONE of linux/fs.h


class DiskBatch:
    """ports/blobs: files on their way in. For one thread."""

    def __init__(self, incoming: Path, settle: Callable[[Path, Sha256], None], has_room: Callable[[int], bool]) -> None:
        """`settle` puts a finished file under the name of its hash; `has_room` tells whether the disk takes so many bytes more."""
        self._settle = settle
        self._has_room = has_room
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="batch-", dir=incoming))
            self._taken: dict[Sha256, Path] = {}
            self.scratch = self._folder / "scratch"
            self.scratch.mkdir(mode=0o700)
        except OSError as error:
            raise _full(error) from error

    def take(self, source: Path) -> tuple[Sha256, int]:
        """ports/blobs: brings a file in; its hash and its length."""
        beside = self._folder / str(len(self._taken))
        try:
            reading = source.open("rb")
        except OSError as error:
            raise Fault("storage", f"{source} cannot be read: {error}.") from error
        try:
            with reading:
                digest, size = self._bring(source, reading, beside)
            if digest in self._taken:
                beside.unlink()
            else:
                self._taken[digest] = beside
        except OSError as error:
            raise _full(error) from error
        return digest, size

    def keep(self) -> None:
        """ports/blobs: everything that was taken is durable under its hash when this returns."""
        try:
            _sync_all(list(self._taken.values()))
            for digest, beside in self._taken.items():
                self._settle(beside, digest)
        except OSError as error:
            raise _full(error) from error
        self._taken.clear()

    def __enter__(self) -> DiskBatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _bring(self, source: Path, reading: BinaryIO, beside: Path) -> tuple[Sha256, int]:
        if source.is_relative_to(self.scratch) and _linked(source, beside):
            beside.chmod(0o600)
            return copy_hashed(reading, None)
        with open(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            if _cloned(reading, file):
                return copy_hashed(file, None)
            facts = os.fstat(reading.fileno())
            taken = min(facts.st_size, getattr(facts, "st_blocks", facts.st_size) * 512)  # holes take no room
            if not self._has_room(taken):
                raise Fault("storage", f"The disk has no room for {source.name} beside what a contest needs.")
            return copy_hashed(reading, file)


def _linked(source: Path, beside: Path) -> bool:
    """Whether the file has the second name now; there are file systems without such."""
    try:
        os.link(source, beside, follow_symlinks=False)
    except OSError:
        return False
    return True


def copy_hashed(reading: BinaryIO, file: BinaryIO | None) -> tuple[Sha256, int]:
    """Hashes what is read from an open file and writes it to `file` where there is one; holes are neither read nor written."""
    digest, size = hashlib.sha256(), 0
    for start, end in _stretches(reading):
        for at in range(size, start, PIECE):
            digest.update(memoryview(_ZEROS)[: min(PIECE, start - at)])
        size = start
        reading.seek(start)
        if file is not None:
            file.seek(start)
        while end is None or size < end:
            piece = reading.read(PIECE if end is None else min(PIECE, end - size))
            if not piece:
                break
            digest.update(piece)
            size += len(piece)
            if file is not None:
                file.write(piece)
    if file is not None:
        file.flush()
        file.truncate(size)
    return Sha256(digest.hexdigest()), size


def _stretches(reading: BinaryIO) -> list[tuple[int, int | None]]:
    """Where a file has bytes of its own: (start, end); an empty one at the end tells its length. Else all of it, to its end."""
    if not hasattr(os, "SEEK_HOLE"):
        return [(0, None)]
    try:
        descriptor, at, found = reading.fileno(), 0, list[tuple[int, int | None]]()
        length = os.fstat(descriptor).st_size
        while at < length:
            start = os.lseek(descriptor, at, os.SEEK_DATA)
            at = os.lseek(descriptor, start, os.SEEK_HOLE)
            found.append((start, at))
    except OSError as error:
        if error.errno != errno.ENXIO:  # no more data: a hole up to the end
            return [(0, None)]
    return [*found, (length, length)]


def _cloned(reading: BinaryIO, file: BinaryIO) -> bool:
    """Whether the file system shares the source's blocks with the new file from now on."""
    try:
        import fcntl  # Windows has none

        fcntl.ioctl(file.fileno(), _CLONE, reading.fileno())
    except (ImportError, OSError):
        return False
    return True


def _sync_all(files: list[Path]) -> None:
    """Every file reaches the disk. Not by os.sync, which waits for what all others write too."""
    for path in files:
        descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _full(error: OSError) -> Fault:
    return Fault("storage", f"The disk could not keep test data: {error}.")
