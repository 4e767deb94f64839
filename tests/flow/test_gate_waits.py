"""Waiting for news: who may wait for what, what ends a wait, how many may wait."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from gate_house import House, open_house
from gate_pages import EchoPages
from rawhttp import dial


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), EchoPages().app)
    yield opened
    opened.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


def wait_path(house: House, *topics: str) -> str:
    after = ",".join(f"{topic}:{house.services.bell.counter(topic)}" for topic in topics)
    return f"/live?topics={','.join(topics)}&after={after}"


def test_a_waiting_page_hears_of_its_team_and_of_nothing_else(house: House, pool: ThreadPoolExecutor) -> None:
    """Team 1 waits for itself and the board; news of team 2 leave it waiting, its own wake it with the new counter."""
    with house.client("team1") as client:
        path = wait_path(house, "team:t1", "board")
        waiting = pool.submit(client.get, path)
        for _ in range(5):
            house.services.bell.ring(["team:t2", "jury"])
        house.services.bell.ring(["team:t1"])
        answer = waiting.result(10)
    assert answer.json()["news"] == {"team:t1": house.services.bell.counter("team:t1")}
    assert answer.json()["spread_ms"] >= 3


def test_news_that_came_before_the_question_are_told_at_once(house: House) -> None:
    """An old counter, or none at all, is answered without waiting: a page never misses what happened while it was drawn."""
    with house.client("team1") as client:
        path = wait_path(house, "team:t1")
        house.services.bell.ring(["team:t1"])
        began = time.monotonic()
        assert client.get(path).json()["news"]["team:t1"] == house.services.bell.counter("team:t1")
        assert client.get("/live?topics=board").json()["news"] == {"board": house.services.bell.counter("board")}
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("who", "topic", "status"),
    [
        ("", "team:t1", 401),
        ("", "jury", 401),
        ("", "submission:1", 404),
        ("", "desk", 401),
        ("team1", "team:t2", 403),
        ("team1", "jury", 403),
        ("team1", "tasks", 403),
        ("team1", "nonsense", 403),
        ("juror", "team:t2", 200),
        ("juror", "jury", 200),
        ("", "board", 200),
        ("", "public", 200),
    ],
)
def test_everybody_waits_only_for_what_they_may_see(house: House, who: str, topic: str, status: int) -> None:
    """Strangers wait for the public topics, teams for their own, the jury for all that is judged."""
    with house.client(who) as client:
        assert client.get(f"/live?topics={topic}").status_code == status


def test_over_the_cap_the_answer_is_to_come_back(house: House, pool: ThreadPoolExecutor) -> None:
    """A seventh wait of one account is 429 with Retry-After while six wait; other accounts are not touched."""
    with house.client("team2") as client, house.client("team1") as other:
        waiting = [pool.submit(client.get, wait_path(house, "team:t2")) for _ in range(6)]
        refused = None
        for _ in range(200):
            refused = client.get("/live?topics=public")
            if refused.status_code == 429:
                break
        assert refused is not None
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        assert other.get("/live?topics=team:t1").status_code == 200
        house.services.bell.ring(["team:t2"])
        assert [one.result(10).status_code for one in waiting] == [200] * 6
        assert client.get("/live?topics=public").status_code == 200


def test_waits_end_when_the_session_is_revoked(house: House, pool: ThreadPoolExecutor) -> None:
    """The organiser ends the sessions of team 1: its open waits answer 401 at once, its stream ends."""
    with house.browser("team1") as browser, house.client("team1") as program:
        waiting = [pool.submit(browser.get, wait_path(house, "board")) for _ in range(6)]
        while program.get("/live?topics=public").status_code != 429:
            pass  # until all six wait
        with program.stream("GET", "/live/stream?topics=team:t1") as stream:
            lines = stream.iter_lines()
            assert next(lines) == ": open"
            began = time.monotonic()
            house.services.accounts.revoke_account(house.people["team1"].id).result(10)
            assert [one.result(10).status_code for one in waiting] == [401] * 6
            assert not [line for line in lines if line.startswith("data:")][1:]
            assert time.monotonic() - began < 5


def test_a_visitor_who_hangs_up_gives_the_place_back(house: House) -> None:
    """Twenty waits of one account in a row, each hung up: none is counted against the next."""
    token = house.token("team2")
    path = wait_path(house, "team:t2")
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    for _ in range(20):
        with dial(house.ports.people) as line:
            line.sendall(request)
    with house.client("team2") as client:
        for _ in range(200):
            if client.get("/live?topics=public").status_code == 200:
                break
        else:
            pytest.fail("the places were not given back")


def test_the_stream_of_topics_tells_news_as_events(house: House) -> None:
    """Server-sent events: the stream opens, then each news is one event."""
    with house.client("team1") as client:
        counter = house.services.bell.counter("team:t1")
        with client.stream("GET", f"/live/stream?topics=team:t1&after=team:t1:{counter}") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.iter_lines()
            assert next(lines) == ": open"
            house.services.bell.ring(["team:t1"])
            data = next(line for line in lines if line.startswith("data:"))
    assert data == f'data: {{"news": {{"team:t1": {counter + 1}}}}}'


@pytest.mark.parametrize(
    "query",
    ["", "topics=", "topics=board&after=board", "topics=board&after=board:x", "topics=" + ",".join("abcdefghijklmn")],
)
def test_a_question_that_cannot_be_read_is_400(house: House, query: str) -> None:
    """No topics, too many, or counters that are none."""
    with house.client() as client:
        assert client.get(f"/live?{query}").status_code == 400
