"""Icons put into the pages as SVG: no request, no font, and they take the colour of the text beside them."""

from __future__ import annotations

from pathlib import Path

import flask
from markupsafe import Markup, escape

_FOLDER = Path(__file__).parents[1] / "static" / "icons"


def install(app: flask.Flask) -> None:
    """Gives templates `icon(name, label="")`; without a label the icon is decoration and hidden from screen readers."""
    drawn = {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(_FOLDER.glob("*.svg"))}

    def icon(name: str, label: str = "") -> Markup:
        spoken = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        return Markup(drawn[name].replace("<svg ", f'<svg class="icon" {spoken} ', 1))  # noqa: S704 — our own files

    app.jinja_env.globals["icon"] = icon
