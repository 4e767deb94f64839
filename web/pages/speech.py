"""gettext with types: every sentence for people passes here or through `_()` in a template."""

from __future__ import annotations

from flask_babel import gettext


def translated(text: str, **values: object) -> str:
    """The text in the visitor's language with %(name)s filled in; imported as `_`, which pybabel looks for."""
    return str(gettext(text, **values))
