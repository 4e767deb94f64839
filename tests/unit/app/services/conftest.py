"""The world that the tests of the services play in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clocks import FakeClock

from unit.app.services.world import World


@pytest.fixture
def world(clock: FakeClock) -> Iterator[World]:
    """Services without a contest."""
    made = World(clock)
    yield made
    made.services.accounts.close()
    made.store.close()


@pytest.fixture
def running(world: World) -> World:
    """A contest that has just begun: five hours, the last one frozen, no problems yet."""
    world.contest()
    return world
