"""Numbers as people read them."""

from __future__ import annotations

from app.core.scoring.groups import decimal


def clock_text(milliseconds: int) -> str:
    """h:mm:ss, rounded up to the second, as a count-down shows it; never negative."""
    seconds = max(0, -(-milliseconds // 1000))
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def short_time(milliseconds: int) -> str:
    """h:mm of a contest time, rounded down; with a sign before the start."""
    sign, rest = ("−", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    minutes = rest // 60_000
    return f"{sign}{minutes // 60}:{minutes % 60:02d}"


def seconds(value: float | None) -> str:
    """CPU time with two digits and its unit; a dash where it isn't known."""
    return "–" if value is None else f"{value:.2f} s"


def limit_seconds(value: float) -> str:
    """A limit without needless zeros: 2 s, 1.5 s."""
    return f"{value:g} s"


def mebibytes(value: int | None) -> str:
    """Memory in MiB, at least 1 where there is any; a dash where it isn't known."""
    return "–" if value is None else f"{max(1, round(value / (1 << 20)))} MiB"


def points(millionths: int) -> str:
    """A score in millionths, exact."""
    return decimal(millionths)


def kilobytes(value: int) -> str:
    """A file's size."""
    return f"{value} B" if value < 1000 else f"{value / 1000:.1f} KB"
