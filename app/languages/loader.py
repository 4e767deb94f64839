"""Reads the language definitions that come with the product."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from app.core.errors import Refusal
from app.languages.definition import Language, language_from_document


def load_languages(folder: Path | None = None) -> Mapping[str, Language]:
    """All languages by id, in order of their ids: the product's own, or those of a folder of TOML files.

    Raises Refusal(422) naming the file where one is not a language.
    """
    files = resources.files("app.languages") if folder is None else folder
    languages: dict[str, Language] = {}
    for file in sorted(files.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        try:
            language = language_from_document(tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
            raise Refusal(422, f"{file.name}: {wrong}.") from None
        except Refusal as wrong:
            raise Refusal(422, f"{file.name}: {wrong.sentence}") from None
        if language.id in languages:
            raise Refusal(422, f"{file.name}: the language {language.id} is defined twice.")
        languages[language.id] = language
    return languages
