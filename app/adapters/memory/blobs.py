"""ports/blobs in memory, for tests and for trying things out."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from app.core.errors import Fault
from app.core.ids import Sha256


class MemoryBatch:
    """Files on their way into memory; `scratch` is a folder for temporary files."""

    def __init__(self, keep: Callable[[bytes], Sha256]) -> None:
        self._put = keep
        self._taken: list[bytes] = []
        self._folder = tempfile.TemporaryDirectory(prefix="contestbox-batch-")
        self.scratch = Path(self._folder.name)

    def take(self, source: Path) -> tuple[Sha256, int]:
        """ports/blobs: reads a file."""
        try:
            data = source.read_bytes()
        except OSError as error:
            raise Fault("storage", f"{source} cannot be read: {error}.") from error
        self._taken.append(data)
        return Sha256(hashlib.sha256(data).hexdigest()), len(data)

    def keep(self) -> None:
        """ports/blobs: all that was taken is kept."""
        for data in self._taken:
            self._put(data)
        self._taken.clear()

    def __enter__(self) -> MemoryBatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()


class MemoryBlobs:
    """Bytes in a dictionary by their hash."""

    def __init__(self) -> None:
        self._bytes: dict[Sha256, bytes] = {}

    def put(self, data: bytes) -> Sha256:
        """ports/blobs: keeps the bytes."""
        digest = Sha256(hashlib.sha256(data).hexdigest())
        self._bytes[digest] = bytes(data)
        return digest

    def put_file(self, source: Path) -> Sha256:
        """ports/blobs: keeps a file's content."""
        try:
            return self.put(source.read_bytes())
        except OSError as error:
            raise Fault("storage", f"{source} cannot be read: {error}.") from error

    def batch(self) -> MemoryBatch:
        """ports/blobs: many files at once."""
        return MemoryBatch(self.put)

    def open(self, digest: Sha256) -> BinaryIO:
        """ports/blobs: the bytes; KeyError for an unknown hash."""
        return io.BytesIO(self._bytes[digest])

    def size(self, digest: Sha256) -> int | None:
        """ports/blobs: the length; None for an unknown hash."""
        data = self._bytes.get(digest)
        return None if data is None else len(data)

    def has_room(self, size: int) -> bool:
        """ports/blobs: always; memory has no reserve."""
        return True

    def path(self, digest: Sha256) -> Path | None:
        """ports/blobs: there are no files here."""
        return None
