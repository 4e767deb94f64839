"""What fault tests share: one seeded contest, copied for each test that breaks something."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.server.demo.seed import DemoContest
from faults.seeded import make_seeded


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoContest]:
    """The folder and what is known of its contest."""
    root = tmp_path_factory.mktemp("seeded") / "contest"
    return root, make_seeded(root)
