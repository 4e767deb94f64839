"""Catalogues of the pages: complete, compiled, and used when a browser asks for their language."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from pages_house import PagesHouse, text_of

WEB = Path(__file__).resolve().parents[4] / "web"
CATALOGUES = sorted((WEB / "translations").glob("*/LC_MESSAGES/messages.po"))
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "translated": None, "ngettext": (1, 2)}


def texts_in_the_code() -> set[str]:
    """Every sentence that the pages say, in English."""
    found = extract_from_dir(str(WEB), METHODS, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found} - {""}


def strings_of(catalogue: Catalog) -> set[tuple[str, ...]]:
    """All translated strings of a catalogue; those in several forms together."""
    return {(m.string,) if isinstance(m.string, str) else tuple(m.string) for m in catalogue if m.id}


def test_template_of_catalogues_is_complete() -> None:
    """A translator who starts from messages.pot finds each sentence of the pages, and none that is gone."""
    with (WEB / "translations" / "messages.pot").open("rb") as file:
        pot = {message.id if isinstance(message.id, str) else message.id[0] for message in read_po(file)} - {""}
    assert pot == texts_in_the_code()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_catalogue_is_complete_and_compiled(path: Path) -> None:
    """Nothing of a language is left in English, placeholders are kept, and the compiled file is that of the text."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    assert {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue} - {""} == texts_in_the_code()
    for message in catalogue:
        strings = (message.string,) if isinstance(message.string, str) else message.string
        assert all(strings), message.id
        assert not list(message.check(catalogue)), message.id
    compiled = read_mo(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert strings_of(compiled) == strings_of(catalogue)


def test_browser_chooses_the_language(running: PagesHouse) -> None:
    """A German browser reads German pages, one of an unknown language reads English ones."""
    client = running.client("otters")
    german = client.get("/problems", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
    assert "Aufgaben" in text_of(german)
    assert '<html lang="de"' in german.get_data(as_text=True)
    assert "Problems" in text_of(client.get("/problems", headers={"Accept-Language": "tlh"}))
