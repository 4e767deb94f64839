"""ports/blobs as files named by their SHA-256, in two levels of folders (ab/cd/abcd…).

Theory of operation. Bytes are written to a file beside (in `incoming`), synced, renamed to their name, and then the folder is synced:
so under a name there is either nothing or the whole content, also after a power cut. Two writers of the same bytes meet at the
rename, where either wins. Folders are 0700 and files 0600: hidden test data is for this server's account only.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.adapters.disk.batch import PIECE, DiskBatch
from app.core.errors import Fault
from app.core.ids import Sha256

RESERVE_BYTES = 256 * 1024 * 1024
"""Below this the database refuses new submissions soon; what a run printed must not bring it there."""
_NAME = re.compile(r"[0-9a-f]{64}\Z")


class DiskBlobs:
    """A folder of immutable files."""

    def __init__(self, folder: Path, free_bytes: Callable[[], int] | None = None) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._free_bytes = free_bytes or (lambda: shutil.disk_usage(folder).free)

    @classmethod
    def open_folder(cls, folder: Path, free_bytes: Callable[[], int] | None = None) -> DiskBlobs:
        """Makes the folder (0700) where it is missing and removes what an interrupted writer left. Raises Fault("storage", …).

        `free_bytes` tells the room on its disk (measured by default).
        """
        blobs = cls(folder, free_bytes)
        try:
            blobs._make(blobs._incoming)
            for left in blobs._incoming.iterdir():
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        except OSError as error:
            raise Fault("storage", f"The folder {folder} for test data cannot be used: {error}.") from error
        return blobs

    def put(self, data: bytes) -> Sha256:
        """ports/blobs: keeps the bytes; durable when it returns."""
        return self._keep(io.BytesIO(data))

    def put_file(self, source: Path) -> Sha256:
        """ports/blobs: keeps a file's content, read in pieces of 1 MiB."""
        try:
            with source.open("rb") as stream:
                return self._keep(stream)
        except OSError as error:
            raise Fault("storage", f"{source} cannot be read: {error}.") from error

    def batch(self) -> DiskBatch:
        """ports/blobs: many files at once."""
        return DiskBatch(
            self._incoming, lambda beside, digest: self._settle(beside, self._place(digest)), self.has_room
        )

    def open(self, digest: Sha256) -> BinaryIO:
        """ports/blobs: the bytes; KeyError for an unknown hash."""
        try:
            return self._place(digest).open("rb")
        except FileNotFoundError:
            raise KeyError(digest) from None

    def size(self, digest: Sha256) -> int | None:
        """ports/blobs: the length; None for an unknown hash."""
        try:
            return self._place(digest).stat().st_size
        except (FileNotFoundError, KeyError):
            return None

    def has_room(self, size: int) -> bool:
        """ports/blobs: the disk keeps RESERVE_BYTES for submissions, verdicts and the log."""
        return self._free_bytes() - size >= RESERVE_BYTES

    def path(self, digest: Sha256) -> Path | None:
        """ports/blobs: the file, for sending; None for an unknown hash."""
        return self._place(digest) if self.size(digest) is not None else None

    def digests(self) -> Iterator[Sha256]:
        """All hashes that are kept, for backups."""
        for found in self._folder.glob("??/??/*"):
            if _NAME.match(found.name):
                yield Sha256(found.name)

    def _place(self, digest: Sha256) -> Path:
        if not _NAME.match(digest):
            raise KeyError(digest)
        return self._folder / digest[:2] / digest[2:4] / digest

    def _keep(self, stream: BinaryIO) -> Sha256:
        try:
            descriptor, name = tempfile.mkstemp(dir=self._incoming)
            beside = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    digest = _copy(stream, file)
                    file.flush()
                    os.fsync(file.fileno())
                self._settle(beside, self._place(digest))
            finally:
                with suppress(FileNotFoundError):
                    beside.unlink()
        except OSError as error:
            raise Fault("storage", f"The disk could not keep test data: {error}.") from error
        return digest

    def _settle(self, beside: Path, place: Path) -> None:
        self._make(place.parent)
        if not place.exists():
            beside.rename(place)
        # Also when it was there already: its first writer may be between its rename and its sync.
        _sync(place.parent)

    def _make(self, folder: Path) -> None:
        """Makes a folder with its parents, each 0700, and syncs the names."""
        if folder.is_dir():
            return
        self._make(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        _sync(folder.parent)


def _copy(stream: BinaryIO, file: BinaryIO) -> Sha256:
    digest = hashlib.sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
        file.write(piece)
    return Sha256(digest.hexdigest())


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
