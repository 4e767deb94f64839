"""What flow tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place for a server of the test's own."""
    return tmp_path / "data"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The judge's cache for tests that do not look at it: validators and headers are compiled once for all of them."""
    return tmp_path_factory.mktemp("cache")
