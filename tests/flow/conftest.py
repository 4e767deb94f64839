"""One seeded contest folder for all flow tests, and one running demo that several of them share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo with one judge node and three teams. Tests only add submissions to it."""
    with Demo(tmp_path_factory.mktemp("demo") / "data") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place for a server of the test's own."""
    return tmp_path / "data"
