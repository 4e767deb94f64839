"""What services refuse is read in the visitor's language; programs read English as before."""

from __future__ import annotations

import re

from pages_house import SAME_ORIGIN, PagesHouse, text_of

from app.core.errors import Refusal
from web.gate.errors import error_page

GERMAN = {"Accept-Language": "de", **SAME_ORIGIN}
LONG = {"problem": "crates", "language": "java", "code": "class A {}", "key": "k1", "entry_point": "A" * 201}


def test_refused_form_in_german(running: PagesHouse) -> None:
    """The form says in German what the service refused in English, as a page and to the page's own script."""
    client = running.client("otters")
    page = client.post("/submit", data=LONG, headers=GERMAN)
    assert page.status_code == 422
    assert "Der Einstiegspunkt ist zu lang." in text_of(page)
    script = client.post("/submit", data=LONG, headers={**GERMAN, "Accept": "application/json"})
    assert script.get_json()["message"] == "Der Einstiegspunkt ist zu lang."


def test_values_stand_in_the_german_sentence(running: PagesHouse) -> None:
    """A sentence with numbers in it keeps them."""
    client = running.client("otters")
    code = {**LONG, "entry_point": "", "code": "x" * 300_000}
    words = text_of(client.post("/submit", data=code, headers=GERMAN))
    assert re.search(r"Der Quelltext ist größer als \d+ KiB, alle Dateien zusammen\.", words)


def test_unknown_address_in_german(running: PagesHouse) -> None:
    """A refusal outside of forms is German as well."""
    page = running.client("otters").get("/submissions/999", headers=GERMAN)
    assert page.status_code == 404
    assert "Diese Einsendung gibt es nicht." in text_of(page)


def test_programs_read_english(running: PagesHouse) -> None:
    """Below /api/ the language of a browser changes nothing."""
    answer = running.client("otters").get("/api/v1/teams/nobody/rank", headers=GERMAN)
    assert answer.is_json
    assert answer.get_json()["message"].isascii()
    english = running.client("otters").get("/api/v1/teams/nobody/rank", headers=SAME_ORIGIN)
    assert answer.get_json() == english.get_json()


def test_gates_own_page_in_german() -> None:
    """Errors that come before Flask could draw a page speak the browser's language too, escaped."""
    refusal = Refusal(404, "There is no language '<b>' here.")
    body = error_page(refusal.code, refusal.sentence, (), "de").body.decode()
    assert '<html lang="de">' in body
    assert "Die Sprache &#x27;&lt;b&gt;&#x27; gibt es hier nicht." in body
    assert "Nicht gefunden" in body
    assert "Zur Übersicht" in body
    assert "Not Found" in error_page(404, refusal.sentence).body.decode()
