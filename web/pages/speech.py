"""gettext with types: every sentence for people passes here or through `_()` in a template."""

from __future__ import annotations

from flask_babel import get_locale, gettext

from app.sentences.book import book_of


def translated(text: str, **values: object) -> str:
    """The text in the visitor's language with %(name)s filled in; imported as `_`, which pybabel looks for."""
    return str(gettext(text, **values))


def retold(sentence: str) -> str:
    """A sentence that services said in English, in the visitor's language; programs read it as it is."""
    locale = get_locale()
    return book_of(str(locale.language) if locale is not None else "en").say(sentence)
