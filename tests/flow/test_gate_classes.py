"""Kept bytes never reach another class: whatever is asked, by whomever, in whatever order, with whatever news between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from random import Random

import flask
import httpx2
import pytest
from gate_house import House, open_house
from running import until

from app.services.catalog import Services
from web import guard
from web.gate.views import VIEWS

WHO = ("nobody", "team1", "team2", "juror")
CLASS_OF = {"nobody": "public", "team1": "public", "team2": "public", "juror": "jury"}
LANGUAGES = ("en", "de")
STEPS = 250
SEEDS = (1, 2)


def _app(services: Services, secret: str) -> flask.Flask:
    """Pages that say for whom they were drawn, and everything about the visitor that reached them."""
    app = flask.Flask("telling")
    guard.install(app, secret)

    @app.get("/")
    @app.get("/<path:rest>")
    def tell(rest: str = "") -> flask.Response:
        asked = flask.request
        shown, language = asked.headers.get("X-Contestbox-Class", "own"), asked.headers.get("Accept-Language", "")
        personal = asked.headers.get("Cookie", "") + asked.headers.get("Authorization", "")
        counters = [services.bell.counter(topic) for topic in ("board", "public", "jury")]
        text = f"for={shown}; language={language}; personal={personal}; path={asked.path}; counters={counters};"
        return flask.Response(text + " " * 600, mimetype="text/html")

    return app


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), _app)
    yield opened
    opened.close()


def _said(text: str, name: str) -> str:
    found = re.search(rf"{name}=([^;]*)", text)
    assert found, text
    return found[1]


def _knows(text: str, news: tuple[int, int]) -> bool:
    """Whether the page was drawn with these counters of board and public, or later ones."""
    drawn = [int(one) for one in _said(text, "counters").strip("[]").split(",")]
    return all(have >= had for have, had in zip(drawn, news, strict=False))


@pytest.fixture
def clients(house: House) -> Iterator[dict[str, httpx2.Client]]:
    """A browser of each visitor."""
    opened = {who: house.client("" if who == "nobody" else who) for who in WHO}
    yield opened
    for client in opened.values():
        client.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_bytes_of_one_class_never_reach_another(house: House, clients: dict[str, httpx2.Client], seed: int) -> None:
    """Shared bytes carry nobody's cookie or token, are of the asker's class and language, and are not older than the news before.

    Whole pages may go out as they were a second ago; each of them tells of the last news before long."""
    random = Random(seed)
    paths = [path.replace("{id}", "crates") for path in VIEWS]
    shared = 0
    for _ in range(STEPS):
        if random.random() < 0.02:
            house.services.bell.ring([random.choice(("board", "public", "jury"))])
        who, path, language = random.choice(WHO), random.choice(paths), random.choice(LANGUAGES)
        known = house.services.bell.counter("board"), house.services.bell.counter("public")
        answer = clients[who].get(path, headers={"Accept-Language": language})
        if answer.status_code == 401:
            assert who == "nobody"
            continue
        shown = _said(answer.text, "for")
        assert _said(answer.text, "path") == path
        if shown == "own":
            assert who != "nobody"
            continue
        shared += 1
        assert shown == CLASS_OF[who]
        assert _said(answer.text, "personal") == ""
        if not path.startswith("/api/"):
            assert _said(answer.text, "language") == language
        if not VIEWS[path.replace("crates", "{id}")].strangers_only:
            assert _knows(answer.text, known)
    house.services.bell.ring(["board", "public"])
    last = house.services.bell.counter("board"), house.services.bell.counter("public")
    for path in (path for path in paths if VIEWS[path.replace("crates", "{id}")].strangers_only):
        ask = partial(clients["nobody"].get, path)
        until("the page tells of the last news", 20, lambda ask=ask: _knows(ask().text, last))
    assert shared > STEPS // 4
