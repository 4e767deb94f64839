"""Sentences that the services say in English, in other languages: looked up whole or by the pattern that they were made from.

Theory of operation. Services, gate and package readers raise a Refusal with a finished English sentence, which stays what programs
read. Who shows it to a person asks the book of that person's language at the last moment. A catalogue (gettext, compiled) holds the
sentences as they stand in the code, with {names} where values were filled in. A sentence is matched against the fixed parts of a
pattern from left to right, never going back, so a long or hostile value costs linear time; of several patterns that fit, the one
with the most fixed letters counts. What is in no catalogue stays English.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "translations"
_PLACE = re.compile(r"\{([a-z_][a-z_0-9]*)\}")
_MAGIC = 0x950412DE
_LONGEST = 4000
_DEEPEST = 2
"""A sentence may stand in another one («… is held back: …»), and there once more."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sentence with values in it: `parts` are the fixed pieces around the values that `names` call."""

    parts: tuple[str, ...]
    names: tuple[str, ...]
    translation: str

    @property
    def weight(self) -> int:
        """How many letters are fixed."""
        return sum(map(len, self.parts))

    def values_in(self, sentence: str) -> dict[str, str] | None:
        """The values of a sentence that was made from this pattern, else None."""
        first, last = self.parts[0], self.parts[-1]
        end = len(sentence) - len(last)
        place = len(first)
        if end < place or not sentence.startswith(first) or not sentence.endswith(last):
            return None
        values: list[str] = []
        for part in self.parts[1:-1]:
            found = sentence.find(part, place, end)
            if found < 0:
                return None
            values.append(sentence[place:found])
            place = found + len(part)
        values.append(sentence[place:end])
        return dict(zip(self.names, values, strict=True))


class SentenceBook:
    """The sentences of one language. Any thread."""

    def __init__(self, translations: Mapping[str, str]) -> None:
        self._whole = {text: said for text, said in translations.items() if not _PLACE.search(text)}
        made = (_pattern(text, said) for text, said in translations.items() if _PLACE.search(text))
        self._patterns = sorted(made, key=lambda one: -one.weight)

    def say(self, sentence: str) -> str:
        """The sentence in this language; English where the catalogue does not know it."""
        return self._say(sentence, _DEEPEST)

    def _say(self, sentence: str, depth: int) -> str:
        whole = self._whole.get(sentence)
        if whole is not None or len(sentence) > _LONGEST:
            return whole or sentence
        for pattern in self._patterns:
            values = pattern.values_in(sentence)
            if values is not None:
                told = {name: self._say(value, depth - 1) if depth else value for name, value in values.items()}
                return _PLACE.sub(lambda place, told=told: told[place[1]], pattern.translation)  # type: ignore[misc]
        return sentence


@cache
def book_of(language: str) -> SentenceBook:
    """The book of a language ("de"); one without sentences for English and for languages without a catalogue."""
    path = _FOLDER / language / "LC_MESSAGES" / "sentences.mo"
    return SentenceBook(read_compiled(path.read_bytes()) if language in languages() else {})


@cache
def languages() -> tuple[str, ...]:
    """The languages that a compiled catalogue lies there for; English is always spoken."""
    return tuple(sorted(path.parent.parent.name for path in _FOLDER.glob("*/LC_MESSAGES/sentences.mo")))


def preferred(accept_language: str) -> str:
    """The language that a browser's Accept-Language likes best among ours and English; "en" where it likes none."""
    ours, liked = {"en", *languages()}, []
    for place, one in enumerate(accept_language[:500].split(",")):
        name, _, quality = one.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        liked.append((-weight, place, name.partition("-")[0].lower()))
    return next((name for weight, _, name in sorted(liked) if name in ours and weight < 0), "en")


def read_compiled(data: bytes) -> dict[str, str]:
    """All texts of a compiled gettext catalogue, without its head. Raises ValueError for another file."""
    if len(data) < 20 or struct.unpack_from("<I", data)[0] != _MAGIC:
        raise ValueError("not a compiled catalogue")
    count, originals, translated = struct.unpack_from("<8x3I", data)

    def text(table: int, number: int) -> str:
        length, offset = struct.unpack_from("<2I", data, table + 8 * number)
        return data[offset : offset + length].decode()

    found = {text(originals, number): text(translated, number) for number in range(count)}
    found.pop("", None)
    return found


def _pattern(text: str, translation: str) -> Pattern:
    pieces = _PLACE.split(text)
    return Pattern(tuple(pieces[::2]), tuple(pieces[1::2]), translation)
