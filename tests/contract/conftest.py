"""Every adapter of a port in turn: the suites beside this file hold each to the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.disk.blobs import DiskBlobs
from app.adapters.memory.blobs import MemoryBlobs
from app.ports.blobs import Blobs
from app.ports.store import Store
from contract.openers import OPENERS


@pytest.fixture(params=list(OPENERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = OPENERS[request.param](tmp_path)
    yield opened
    opened.close()


@pytest.fixture(params=["memory", "disk"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """An empty store of bytes."""
    return MemoryBlobs() if request.param == "memory" else DiskBlobs.open_folder(tmp_path / "blobs")
