"""One contest for each test of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clocks import FakeClock
from pages_house import PagesHouse, build_house


@pytest.fixture
def house(clock: FakeClock, tmp_path: Path) -> Iterator[PagesHouse]:
    """A contest that has not begun."""
    built = build_house(clock, tmp_path)
    yield built
    built.close()


@pytest.fixture
def running(house: PagesHouse) -> PagesHouse:
    """The same contest a minute after its start."""
    house.start()
    return house
