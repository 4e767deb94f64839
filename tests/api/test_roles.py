"""Who may ask what: each route and what strangers, a team, the jury and the organiser get, from the whole server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest
from running import HELLO_CPP, Demo

WHO = ("stranger", "team", "other", "judge", "admin")
PAGES = {
    # address: stranger, its team, another team, judge, admin
    "GET /": (200, 200, 200, 200, 200),
    "GET /sign-in": (200, 303, 303, 303, 303),
    "GET /problems": (200, 200, 200, 200, 200),
    "GET /problems/crates": (200, 200, 200, 200, 200),
    "GET /problems/none": (404, 404, 404, 404, 404),
    "GET /board": (200, 200, 200, 200, 200),
    "GET /submit": (401, 200, 200, 200, 200),
    "GET /submissions/{own}": (401, 200, 404, 200, 200),
    "GET /submissions/{own}/files/0": (401, 200, 404, 200, 200),
    "GET /submissions/{own}/files/9": (401, 404, 404, 404, 404),
    "GET /submissions/999999": (401, 404, 404, 404, 404),
    "GET /fragments/board": (200, 200, 200, 200, 200),
    "GET /fragments/problems": (200, 200, 200, 200, 200),
    "GET /fragments/summary": (401, 200, 200, 200, 200),
    "GET /fragments/submissions": (401, 200, 200, 200, 200),
    "GET /clock.json": (200, 200, 200, 200, 200),
    "GET /live/ping": (204, 204, 204, 204, 204),
    "GET /live?topics=board": (200, 200, 200, 200, 200),
    "GET /live?topics=team:{team}": (401, 200, 403, 200, 200),
    "GET /live?topics=submission:{own}": (401, 200, 403, 200, 200),
    "GET /live?topics=jury": (401, 403, 403, 200, 200),
    "GET /live?topics=tasks": (401, 403, 403, 403, 403),
    "GET /admin/v1/state": (404, 404, 404, 404, 404),
    "GET /judge/v1/hello": (404, 404, 404, 404, 404),
    "POST /submit": (401, 422, 422, 422, 422),
    "POST /board": (401, 405, 405, 405, 405),
}
REST = {
    "GET /api/v1/problems": (401, 200, 200, 200, 200),
    "GET /api/v1/problems/crates": (401, 200, 200, 200, 200),
    "GET /api/v1/submissions": (401, 200, 200, 200, 200),
    "GET /api/v1/submissions/sub_{own}": (401, 200, 200, 200, 200),
    "GET /api/v1/submissions/sub_{own}/wait?after=0": (401, 200, 403, 200, 200),
    "GET /api/v1/submissions/sub_{own}/stream": (401, 200, 403, 200, 200),
    "GET /api/v1/submissions/sub_999999": (401, 404, 404, 404, 404),
    "GET /api/v1/leaderboard": (200, 200, 200, 200, 200),
    "GET /api/v1/teams/{team}/rank": (200, 200, 200, 200, 200),
    "GET /api/v1/teams/none/rank": (404, 404, 404, 404, 404),
    "GET /api/v1/openapi.json": (200, 200, 200, 200, 200),
    "GET /api/v1/nothing": (404, 404, 404, 404, 404),
    "POST /api/v1/submissions": (401, 415, 415, 415, 415),
    "DELETE /api/v1/submissions": (405, 405, 405, 405, 405),
}


class Everybody:
    """A browser and a program for each role, and a submission of the first team with its verdict."""

    def __init__(self, demo: Demo, stack: ExitStack) -> None:
        teams = demo.info["teams"]
        people = {"team": teams[8], "other": teams[9], "judge": demo.info["judge"], "admin": demo.info["admin"]}
        self.browsers = {"stranger": stack.enter_context(browser(demo))}
        self.programs = {"stranger": stack.enter_context(browser(demo))}
        for who, account in people.items():
            self.browsers[who] = stack.enter_context(browser(demo))
            signed_in = self.browsers[who].post("/sign-in", data=account_of(account))
            assert signed_in.status_code == 303
            self.programs[who] = stack.enter_context(browser(demo))
            token = self.programs[who].post("/api/v1/tokens", json=account_of(account)).json()["access_token"]
            self.programs[who].headers["Authorization"] = f"Bearer {token}"
        with demo.client(8) as team:
            public_id = team.submit("crates", "cpp", HELLO_CPP).json()["submission_id"]
            assert team.verdict(public_id)["verdict"] == "WA"
        self.names = {"own": public_id.removeprefix("sub_"), "team": teams[8]["team_id"]}

    def ask(self, clients: dict[str, httpx2.Client], route: str) -> tuple[int, ...]:
        """The status that each of them gets."""
        method, _, address = route.format(**self.names).partition(" ")
        return tuple(clients[who].request(method, address).status_code for who in WHO)


def browser(demo: Demo) -> httpx2.Client:
    """A client of its own, that does not follow redirects."""
    return httpx2.Client(base_url=demo.url, headers={"Origin": demo.url}, timeout=30, trust_env=False)


def account_of(account: dict[str, str]) -> dict[str, str]:
    """Name and password, as the forms take them."""
    return {"username": account["username"], "password": account["password"]}


@pytest.fixture(scope="module")
def everybody(demo: Demo) -> Iterator[Everybody]:
    with ExitStack() as stack:
        yield Everybody(demo, stack)


@pytest.mark.parametrize("route", PAGES)
def test_pages_by_role(everybody: Everybody, route: str) -> None:
    """Each page answers each role as the table says."""
    assert everybody.ask(everybody.browsers, route) == PAGES[route]


@pytest.mark.parametrize("route", REST)
def test_rest_by_role(everybody: Everybody, route: str) -> None:
    """Each route of REST answers each role's token as the table says."""
    assert everybody.ask(everybody.programs, route) == REST[route]


def test_another_team_learns_no_more_than_the_board_tells(everybody: Everybody) -> None:
    """Of a foreign submission there is the verdict, without time, memory, tests or the compiler's words; it is in nobody else's list."""
    address = f"/api/v1/submissions/sub_{everybody.names['own']}"
    own, foreign = (everybody.programs[who].get(address).json() for who in ("team", "other"))
    hidden = ("testcases_passed", "testcases_total", "runtime_ms", "memory_kb", "score", "compile_output")
    assert own["testcases_total"] is not None
    assert [foreign[name] for name in hidden] == [None] * len(hidden)
    listed = everybody.programs["other"].get("/api/v1/submissions", params={"per_page": 200}).json()["items"]
    assert foreign["submission_id"] not in [one["submission_id"] for one in listed]


@pytest.mark.parametrize("who", ["judge", "admin"])
def test_the_jury_sees_whose_submission_it_is(everybody: Everybody, who: str) -> None:
    """Jury and organiser sign in on the pages and see a column with the teams, the first failing test and the source."""
    client, own = everybody.browsers[who], everybody.names["own"]
    overview = client.get("/").text
    assert re.search(r'<th scope="col">Team</th>', overview)
    assert f'href="/submissions/{own}"' in overview
    page = client.get(f"/submissions/{own}").text
    assert "First failing test" in page
    assert "iostream" in page
    assert "First failing test" not in everybody.browsers["team"].get(f"/submissions/{own}").text
