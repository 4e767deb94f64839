"""The console's words in the organiser's language, and how numbers, times and sizes are said.

Every text for people passes `tr`, every sentence that came from the server `retold`; what no catalogue knows stays English. The language
is one for the process, as Qt's is: it is chosen before a window is made (main.py), and a new window speaks a newly chosen one.
"""

from __future__ import annotations

import gettext
import time
from collections.abc import Iterable
from pathlib import Path

from app.sentences.book import SentenceBook, book_of

DOMAIN = "contestbox-console"
ENGLISH = "en"
FOLDER = Path(__file__).parent / "translations"
NAMES = {"en": "English", "de": "Deutsch"}
"""Each language in its own words; one without a name here is called by its code."""
_THOUSANDS = {"en": ",", "de": "."}


class _Speech:
    """The language in use."""

    def __init__(self) -> None:
        self.language = ENGLISH
        self.catalogue: gettext.NullTranslations = gettext.NullTranslations()
        self.book: SentenceBook = book_of(ENGLISH)


_speech = _Speech()


def languages() -> tuple[str, ...]:
    """The languages that this console speaks."""
    return (ENGLISH, *sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


def best_of(wanted: Iterable[str]) -> str:
    """The first of the wanted languages (`de-AT`, `de_DE.UTF-8`) that is spoken here; English when none is."""
    spoken = languages()
    codes = (one.replace("_", "-").partition("-")[0].lower() for one in wanted)
    return next((code for code in codes if code in spoken), ENGLISH)


def speak(language: str) -> None:
    """Chooses the language of all texts that are asked for from now on; one without a catalogue is English."""
    _speech.catalogue = gettext.translation(DOMAIN, FOLDER, [language], fallback=True)
    _speech.language = language if language in languages() else ENGLISH
    _speech.book = book_of(_speech.language)


def spoken() -> str:
    """The language in use."""
    return _speech.language


def tr(text: str, **values: object) -> str:
    """The text in the organiser's language, with {names} filled in."""
    told = _speech.catalogue.gettext(text)
    return told.format(**values) if values else told


def retold(sentence: str) -> str:
    """A sentence of the server in the organiser's language; English where the catalogue does not know it."""
    return _speech.book.say(sentence)


def number(count: int) -> str:
    """`1,497`, as the language groups digits."""
    return f"{count:,}".replace(",", _THOUSANDS.get(_speech.language, ","))


def counted(count: int, one: str, many: str) -> str:
    """`1 machine`, `12 machines`, `1,497 submissions`: the number and its word."""
    return f"{number(count)} {_speech.catalogue.ngettext(one, many, count)}"


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
