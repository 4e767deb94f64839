"""Pages that the gate puts together for teams are those that Flask would draw for the same visitor, whatever happened before."""

from __future__ import annotations

import contextlib
import gc
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import httpx2
import pytest
from flask import Flask
from gate_house import CONTEST, House, open_house
from running import until

from app.core.ids import LanguageId, ProblemId
from app.core.submission import SourceFile
from app.services.answers import SubmitRequest
from app.services.catalog import Services
from web.factory import create_app

WHO = ("nobody", "team1", "team2", "juror")
PATHS = (
    "/",
    "/problems",
    "/problems/crates",
    "/problems/none",
    "/board",
    "/fragments/problems",
    "/fragments/summary",
    "/fragments/submissions?page=1",
    "/fragments/submissions?problem=crates",
)
LANGUAGES = ("en", "de")
STEPS = 130


def make_app(services: Services, secret: str) -> Flask:
    return create_app(
        services, gate_secret=secret, server_name="Contestbox", version="v1", cookie_name=services.accounts.cookie_name
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), make_app)
    yield opened
    opened.close()


@pytest.fixture
def browsers(house: House) -> Iterator[dict[str, httpx2.Client]]:
    """One that has signed in as each, and one as nobody."""
    opened = {who: house.browser(who) for who in WHO if who != "nobody"}
    with house.client() as stranger:
        clients = {who: entered.__enter__() for who, entered in opened.items()}
        yield {"nobody": stranger, **clients}
        for entered in opened.values():
            entered.__exit__(None, None, None)


def seen(text: str) -> str:
    """A page without what differs between two moments: the clock, counters, the queue, the form's key, blank lines."""
    text = re.sub(r'name="key" value="[^"]{20,}"|(%3F|%26)alone%3D1', "", text)
    text = re.sub(r'<p [^>]*data-key="queue">.*?</p>', "", text)
    text = re.sub(r"\d+:\d\d:\d\d|=\d{12,}|width=\"\d+\"", "", text)
    return re.sub(r"\s+", " ", text).replace("> <", "><")


def alike(browser: httpx2.Client, path: str, asked: dict[str, str]) -> bool:
    """Whether a page is what Flask draws now; for a second after news it may be what Flask drew before them."""
    return seen(browser.get(path, headers=asked).text) == seen(browser.get(f"{path}?alone=1", headers=asked).text)


def submit(house: House, who: str, code: str) -> None:
    account = house.people[who]
    caller = house.services.accounts.caller_of_bearer(house.token(who))
    request = SubmitRequest(
        ProblemId("crates"), LanguageId("python3"), (SourceFile("a.py", code.encode()),), "", "", CONTEST
    )
    assert account.team_id is not None
    house.services.submit.accept(caller, request, house.services.clock.now()).result(10)


@pytest.mark.parametrize("seed", [1, *(pytest.param(more, marks=pytest.mark.full) for more in range(2, 5))])
def test_a_composed_page_is_the_page(house: House, browsers: dict[str, httpx2.Client], seed: int) -> None:
    """In any order of visitors, languages, submissions and news each gets what Flask draws for them alone."""
    random = Random(seed)
    told: set[tuple[str, str]] = set()
    for step in range(STEPS):
        if random.random() < 0.05:
            submit(house, random.choice(("team1", "team2")), f"print({seed}, {step})")
        if random.random() < 0.1:
            house.services.standings.tick()
        who, path, language = random.choice(WHO), random.choice(PATHS), random.choice(LANGUAGES)
        asked = {"Accept-Language": language, "Accept": "text/html"}
        if random.random() < 0.3:
            asked["Accept-Encoding"] = "identity"
        composed = browsers[who].get(path, headers=asked)
        alone = browsers[who].get(path + ("&" if "?" in path else "?") + "alone=1", headers=asked)
        assert composed.status_code == alone.status_code
        if path.startswith("/fragments"):
            assert seen(composed.text) == seen(alone.text), (who, path, language)
        elif path != "/problems/none":
            browser = browsers[who]
            until(f"{path} of {who} in {language} as Flask draws it", 20, partial(alike, browser, path, asked))
        told.add((who, path))
        assert "<!--own" not in composed.text
    assert len(told) > len(WHO) * len(PATHS) * 0.9


def test_a_team_is_told_its_own_name_only(house: House, browsers: dict[str, httpx2.Client]) -> None:
    """The head of each page names who is signed in; nobody's page names a team there or waits for a team's topic."""
    for path in ("/problems", "/problems/crates", "/board"):
        for number, other in ((1, 2), (2, 1)):
            page = browsers[f"team{number}"].get(path)
            assert f'data-team="t{number}"' in page.text
            assert f"<b>Team {number}</b><span>team{number}</span></div>" in page.text
            assert f"team:t{number}=" in page.text
            assert f"team:t{other}=" not in page.text
            assert page.headers["cache-control"] == "private, no-store"
        assert "team:t" not in browsers["nobody"].get(path).text
    keys = {re.findall(r'name="key" value="([^"]+)"', browsers["team1"].get("/problems/crates").text)[0] for _ in "12"}
    assert len(keys) == 2, "a form's key stands for one submission"


def test_a_fragment_that_a_team_has_is_not_sent_again(tmp_path: Path) -> None:
    """304 for the same discs, the new ones once the team's try is on the board; others, who tried nothing, have what they had."""
    house = open_house(tmp_path, make_app)
    with contextlib.closing(house), house.browser("team1") as browser:
        first = browser.get("/fragments/problems")
        again = {"If-None-Match": first.headers["etag"]}
        assert browser.get("/fragments/problems", headers=again).status_code == 304
        submit(house, "team1", "print('another')")

        def renewed() -> bool:
            house.services.standings.tick()
            return browser.get("/fragments/problems", headers=again).status_code == 200

        until("the try on the team's disc", 20, renewed)
        assert "waits for a verdict" in browser.get("/fragments/problems").text
        with house.browser("team2") as other:
            assert "waits for a verdict" not in other.get("/fragments/problems").text


def test_signing_out_ends_composed_pages(house: House) -> None:
    """The old cookie shows what a stranger sees."""
    with house.browser("team2") as browser:
        assert "Team 2</b>" in browser.get("/problems").text
        cookies = dict(browser.cookies)
        browser.post("/sign-out")
        with house.client() as other:
            page = other.get("/problems", headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())})
    assert "Team 2</b>" not in page.text
    assert "team:t2" not in page.text


def test_a_refused_submission_leaves_nothing_behind(house: House) -> None:
    """What was sent goes with the answer, not when the collector comes next: a team that is refused again and again fills no memory."""
    command = {"problem_id": "none", "language": "python3", "code": "print(1)" * 1000}
    with house.client("team1") as client:
        assert client.post("/api/v1/submissions", json=command).status_code == 404
        gc.collect()
        gc.disable()
        try:
            for _ in range(5):
                assert client.post("/api/v1/submissions", json=command).status_code == 404
            until("all are gone", 10, lambda: not [one for one in gc.get_objects() if isinstance(one, SubmitRequest)])
        finally:
            gc.enable()
