"""The console's words in the organiser's language, and how numbers, times and sizes are said.

Every text for people passes `tr`; without a catalogue it stays English.
"""

from __future__ import annotations

import gettext
import time
from functools import cache

DOMAIN = "contestbox-console"


@cache
def _catalogue() -> gettext.NullTranslations:
    """Looked for once: gettext would search the disk for each text."""
    return gettext.translation(DOMAIN, fallback=True)


def tr(text: str, **values: object) -> str:
    """The text in the organiser's language, with {names} filled in."""
    said = _catalogue().gettext(text)
    return said.format(**values) if values else said


def counted(count: int, one: str, many: str) -> str:
    """`1 machine`, `12 machines`, `1,497 submissions`: the number and its word."""
    return f"{count:,} {_catalogue().ngettext(one, many, count)}"


def clock_text(milliseconds: int) -> str:
    """Remaining or contest time as h:mm:ss, full seconds only."""
    sign, rest = ("−", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    seconds = rest // 1000
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def span_text(milliseconds: int) -> str:
    """How long something is or was: `8 s`, `4 min`, `4 h 12 min`, `3 days`."""
    seconds = max(0, milliseconds) // 1000
    if seconds < 60:
        return tr("{n} s", n=seconds)
    minutes = seconds // 60
    if minutes < 60:
        return tr("{n} min", n=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return tr("{h} h {m} min", h=hours, m=minutes) if minutes else tr("{h} h", h=hours)
    return tr("{n} days", n=hours // 24)


def size_text(size_bytes: float) -> str:
    """Bytes for people: `41 MB` (units of 1024), one decimal below ten."""
    size = float(size_bytes)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"


def day_time(milliseconds: int, *, seconds: bool = False) -> str:
    """A moment (ms since 1970) as this laptop's time of day."""
    return time.strftime("%H:%M:%S" if seconds else "%H:%M", time.localtime(milliseconds / 1000))


def limit_text(seconds: float) -> str:
    """A time limit without needless zeros: `2`, `1.5`."""
    return f"{seconds:g}"
