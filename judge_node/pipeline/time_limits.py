"""The rule by which a time limit follows from the slowest accepted run (PROBLEM_FORMATS 1.2 and 2.2)."""

from __future__ import annotations

import math

ROOM_SECONDS = 60.0
"""What a solution may need while a limit is measured with it."""
_EXACT = 1e-9


def limit_for(slowest_seconds: float, multiplier: float, resolution: float) -> float:
    """The smallest positive multiple of the resolution that is at least the slowest time times the multiplier."""
    steps = math.ceil(slowest_seconds * multiplier / resolution - _EXACT)
    return round(max(1, steps) * resolution, 9)
