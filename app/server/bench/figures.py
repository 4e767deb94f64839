"""What many measured times say: medians and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    """The time in milliseconds under which this share (0…1) of the measured times lies; the largest for 1."""
    if not seconds:
        raise ValueError("nothing was measured")
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2)


def median_of(values: Sequence[float], digits: int = 1) -> float:
    """The median, rounded for reading."""
    return round(median(values), digits)
