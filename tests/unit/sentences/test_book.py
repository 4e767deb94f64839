"""What services say in English is read in German, sentences with values in them too; nothing is lost on the way."""

from __future__ import annotations

import time

import pytest

from app.sentences.book import SentenceBook, book_of, languages, preferred, read_compiled

BOOK = SentenceBook(
    {
        "There is no such file.": "Diese Datei gibt es nicht.",
        "{name} is {state}.": "{name} ist {state}.",
        "{name} is held back: {why}": "{name} ist zurückgehalten: {why}",
        "More than {limit} in a minute; again in {wait} s.": "In {wait} s wieder; mehr als {limit} in einer Minute.",
    }
)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("There is no such file.", "Diese Datei gibt es nicht."),
        ("More than 30 in a minute; again in 7 s.", "In 7 s wieder; mehr als 30 in einer Minute."),
        ("judge-1 is held back: it is hot", "judge-1 ist zurückgehalten: it is hot"),
        ("judge-1 is held back: There is no such file.", "judge-1 ist zurückgehalten: Diese Datei gibt es nicht."),
        ("Something that no catalogue knows", "Something that no catalogue knows"),
        ("", ""),
    ],
)
def test_sentences_with_their_values(english: str, german: str) -> None:
    """Values move to where the other language has them; of two patterns the closer one counts; unknown sentences stay."""
    assert BOOK.say(english) == german


def test_values_are_not_read_as_patterns() -> None:
    """A team that calls itself {wait} changes nothing: values are put in as they are."""
    assert BOOK.say("{wait} is {limit}.") == "{wait} ist {limit}."


def test_long_values_cost_linear_time() -> None:
    """A sentence made of pieces of patterns, as long as one may be, is answered at once."""
    began = time.process_time()
    for _ in range(50):
        BOOK.say("is " * 1300 + "held back")
    assert time.process_time() - began < 5.0


def test_english_is_itself() -> None:
    """English and languages without a catalogue say what was said."""
    for language in ("en", "tlh", "../de"):
        assert book_of(language).say("There is no such file.") == "There is no such file."
    assert "de" in languages()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,de;q=0.8", "en"),
        ("tlh,de;q=0.2", "de"),
        ("de;q=0", "en"),
        ("de;q=x, fr", "en"),
        ("", "en"),
        ("*", "en"),
    ],
)
def test_browser_is_understood(header: str, language: str) -> None:
    """The best liked language that is spoken; English where the header says nothing that can be read."""
    assert preferred(header) == language


def test_other_files_are_no_catalogue() -> None:
    """A file that is no compiled catalogue is told apart."""
    with pytest.raises(ValueError, match="catalogue"):
        read_compiled(b"msgid" * 10)
