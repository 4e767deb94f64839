"""What the gate keeps for everybody, over the real pages: in the visitor's language, packed, never one class's for another."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from gate_house import House, open_house

from app.services.catalog import Services
from web.factory import create_app


def make_app(services: Services, secret: str) -> Flask:
    return create_app(
        services, gate_secret=secret, server_name="Contestbox", version="v1", cookie_name=services.accounts.cookie_name
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), make_app)
    yield opened
    opened.close()


def test_shared_bytes_speak_the_visitors_language(house: House) -> None:
    """A German browser gets the German board, an English one the English, whoever came first; page and rows agree."""
    with house.client() as client:
        for _ in range(2):
            for wanted, word, lang in (("de-AT,de;q=0.9,en;q=0.5", "Tabelle", "de"), ("en, de;q=0.2", "Board", "en")):
                page = client.get("/board", headers={"Accept-Language": wanted})
                assert f'<html lang="{lang}">' in page.text
                assert f"<h1>{word}</h1>" in page.text
                assert "Accept-Language" in page.headers["vary"]


def test_pages_are_packed_for_who_takes_it(house: House) -> None:
    """A page of one visitor alone comes as gzip, or plain to a client that knows none; its words are the same."""
    with house.browser("team1") as browser:
        packed = browser.get("/problems/crates")
        plain = browser.get("/problems/crates", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["vary"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert "<h1>Apple Crates</h1>" in packed.text
    assert "<h1>Apple Crates</h1>" in plain.text


def test_the_head_of_a_shared_page_is_never_old(house: House) -> None:
    """The clock in a page that is kept for strangers is drawn anew every few seconds."""
    with house.client() as client:
        first = client.get("/board").headers["etag"]
        deadline = house.services.clock.monotonic_seconds() + 8
        while client.get("/board").headers["etag"] == first:
            assert house.services.clock.monotonic_seconds() < deadline


def test_nobody_can_tell_who_refuses(house: House) -> None:
    """The same mistake at an address of the gate's and at one of Flask's: the same headers and the same form of body, to the byte."""
    gates, flasks = "/api/v1/submissions", "/api/v1/teams/t1/rank"
    mistakes = (
        ("PUT", gates, "PUT", flasks),
        ("OPTIONS", gates, "OPTIONS", flasks),
        ("GET", gates + "/none", "GET", "/api/v1/teams/none/rank"),
        ("GET", gates + "?page=0", "GET", "/api/v1/problems?page=0"),
        ("GET", "/static/v1/none", "GET", "/api/none"),
    )
    with house.client("team1") as team:
        for one, address, other, further in mistakes:
            by_gate, by_flask = team.request(one, address), team.request(other, further)
            told = [
                {
                    name: value
                    for name, value in answer.headers.items()
                    if name not in ("date", "content-length", "allow")
                }
                for answer in (by_gate, by_flask)
            ]
            assert told[0] == told[1], (address, further)
            assert by_gate.status_code == by_flask.status_code
            assert ("allow" in by_gate.headers) == ("allow" in by_flask.headers) == (by_gate.status_code == 405)
            for answer in (by_gate, by_flask):
                body = answer.json()
                assert list(body)[:2] == ["code", "message"]
                assert json.dumps(body, separators=(",", ":")) == answer.text
        assert (
            team.put(gates).json()["message"].replace("GET, HEAD, POST", "GET, HEAD")
            == team.put(flasks).json()["message"]
        )
