"""What flow tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place for a server of the test's own."""
    return tmp_path / "data"
