"""Bytes by their SHA-256: test data, outputs, packages. Written beside, synced, renamed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from app.core.ids import Sha256


class Batch(AbstractContextManager["Batch"], Protocol):
    """Files on their way into the store; what was not kept when the context ends is gone. For one thread."""

    @property
    def scratch(self) -> Path:
        """A folder of this batch alone, on the store's disk: what is unpacked there is taken without being copied."""
        ...

    def take(self, source: Path) -> tuple[Sha256, int]:
        """Brings a file in and hashes what it brought, in pieces: hash and length. Raises Fault("storage", …)."""
        ...

    def keep(self) -> None:
        """All that was taken is in the store, durable. Raises Fault("storage", …)."""
        ...


class Blobs(Protocol):
    """A store of immutable bytes named by their hash."""

    def put(self, data: bytes) -> Sha256:
        """Keeps the bytes; durable when it returns. Raises Fault("storage", …) when the disk refuses."""
        ...

    def put_file(self, source: Path) -> Sha256:
        """The same for a file's content, read in pieces; the file stays where it is."""
        ...

    def batch(self) -> Batch:
        """Many files at once, hashed once each, durable together."""
        ...

    def open(self, digest: Sha256) -> BinaryIO:
        """The bytes for reading. Raises KeyError for an unknown hash."""
        ...

    def size(self, digest: Sha256) -> int | None:
        """Length in bytes; None for an unknown hash."""
        ...

    def has_room(self, size: int) -> bool:
        """Whether so many bytes that nobody needs to judge may be kept: the disk keeps a reserve for what must be written."""
        ...

    def path(self, digest: Sha256) -> Path | None:
        """A local file with the bytes where there is one (the gate sends it itself)."""
        ...
