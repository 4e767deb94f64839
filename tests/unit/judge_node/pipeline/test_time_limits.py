"""The measured time limit."""

from __future__ import annotations

import pytest

from judge_node.pipeline.time_limits import limit_for


@pytest.mark.parametrize(
    ("slowest", "multiplier", "resolution", "limit"),
    [(0.001, 5, 1, 1), (0.2, 5, 1, 1), (0.21, 5, 1, 2), (1.5, 2, 1, 3), (0.3, 2, 0.1, 0.6), (0.31, 2, 0.1, 0.7)],
)
def test_limit_for(slowest: float, multiplier: float, resolution: float, limit: float) -> None:
    """The smallest multiple of the resolution that leaves the room which the format asks for; never nothing."""
    assert limit_for(slowest, multiplier, resolution) == limit
