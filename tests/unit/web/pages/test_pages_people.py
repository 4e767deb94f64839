"""Who sees which page, before the start, while the contest runs, and with foreign requests."""

from __future__ import annotations

import pytest
from pages_house import SAME_ORIGIN, PagesHouse, submit_code, text_of

SUM = "print(sum(map(int, input().split())))\n"


def test_stranger_sees_clock_and_board_only(running: PagesHouse) -> None:
    """Somebody who walks by sees the clock and the way to the board, but no submissions and no form."""
    page = running.client().get("/")
    words = text_of(page)
    assert page.status_code == 200
    assert "Spring Regional" in words
    assert "4:59:00" in words or "4:58:59" in words
    assert 'href="/board"' in page.get_data(as_text=True)
    assert 'action="/submit"' not in page.get_data(as_text=True)


def test_nothing_of_the_problems_before_the_start(house: PagesHouse) -> None:
    """Before the start a team waits with a count-down and learns no title from any page."""
    client = house.client("otters")
    for path in ("/", "/problems", "/problems/crates", "/fragments/problems"):
        words = text_of(client.get(path))
        assert "Apple Crates" not in words, path
    assert "You are signed in as Greedy Otters" in text_of(client.get("/"))


def test_jury_reads_problems_before_the_start(house: PagesHouse) -> None:
    """A juror proofreads the statements before the contest."""
    assert "Apple Crates" in text_of(house.client("moreau").get("/problems"))


def test_team_reads_statement_with_samples(running: PagesHouse) -> None:
    """After the start a team reads a statement with formulas, limits and samples that can be copied."""
    page = running.client("otters").get("/problems/crates").get_data(as_text=True)
    assert "<math" in page
    assert 'data-copy="sample-1-in"' in page
    assert "CPU time" in page


def test_unknown_pages_are_told(running: PagesHouse) -> None:
    """A wrong address gives a page for people and JSON for programs."""
    client = running.client("otters")
    page = client.get("/no/such/page")
    assert (page.status_code, "There is no such page" in text_of(page)) == (404, True)
    program = client.get("/no/such.json")
    assert program.get_json()["code"] == 404
    assert client.get("/submissions/999").status_code == 404
    assert client.get("/submissions/abc").status_code == 404
    assert client.get("/problems/nothing").status_code == 404


def test_stranger_is_led_to_sign_in(running: PagesHouse) -> None:
    """A page that needs an account says so and leads to the form, which leads back."""
    page = running.client().get("/submissions/1")
    assert page.status_code == 401
    assert "/sign-in?next=/submissions/1" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("target", "onward"),
    [("/board", "/board"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/"), ("", "/")],
)
def test_sign_in_leads_nowhere_else(running: PagesHouse, target: str, onward: str) -> None:
    """Whoever is signed in goes on inside of this site, whatever the address says."""
    answer = running.client("otters").get("/sign-in", query_string={"next": target})
    assert (answer.status_code, answer.location) == (303, onward)


def test_refused_sign_in_says_what_to_do(house: PagesHouse) -> None:
    """After a wrong password the form keeps the name; after too many tries it says how long to wait."""
    client = house.client()
    wrong = client.get("/sign-in?refused=401&username=otters")
    assert 'value="otters"' in wrong.get_data(as_text=True)
    assert "do not fit together" in text_of(wrong)
    assert "in 40 seconds" in text_of(client.get("/sign-in?refused=429&after=40"))


def test_only_the_gate_may_ask(running: PagesHouse) -> None:
    """A request without the gate's secret is refused, whatever cookie it carries."""
    client = running.client("otters")
    del client.environ_base["HTTP_X_CONTESTBOX_SECRET"]
    assert client.get("/").status_code == 403


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {}, {"Origin": "null"}])
def test_forms_of_other_sites_are_refused(running: PagesHouse, headers: dict[str, str]) -> None:
    """A page elsewhere cannot submit in a team's name."""
    client = running.client("otters")
    answer = client.post("/submit", data={"problem": "crates", "code": SUM, "key": "k"}, headers=headers)
    assert answer.status_code == 403
    assert running.services.submissions.page(running.services.accounts.caller_of(_token(client, running))).total == 0


def test_shared_pages_hold_nothing_personal(running: PagesHouse) -> None:
    """A page that the gate gives to many names nobody, even when the request that draws it carries a cookie."""
    client = running.client("otters")
    shared = client.get("/board", headers={"X-Contestbox-Class": "public"}).get_data(as_text=True)
    assert "data-own" not in shared
    assert "/sign-out" not in shared
    assert 'data-team="otters"' in shared, "as a row of the board"
    own = client.get("/board").get_data(as_text=True)
    assert "data-own" in own


@pytest.mark.parametrize("number", ["99999999999999999999", "-3", "x"])
def test_a_page_of_submissions_that_is_none(running: PagesHouse, number: str) -> None:
    """Somebody plays with the number in the address: there is a page, whatever it was."""
    client = running.client("otters")
    for address in ("/", "/fragments/submissions"):
        assert client.get(f"{address}?page={number}").status_code == 200


def test_other_teams_submission_stays_closed(running: PagesHouse) -> None:
    """Another team's source cannot be read or downloaded by its number."""
    assert submit_code(running.client("otters"), "crates", "python3", "SECRET_OF_OTTERS = 1").status_code == 303
    running.judge("WA")
    other = running.client("compilers")
    for path in ("/submissions/1", "/submissions/1/files/0", "/fragments/submission/1"):
        assert "SECRET_OF_OTTERS" not in other.get(path).get_data(as_text=True)
    assert other.get("/submissions/1/files/0").status_code == 404
    assert "SECRET_OF_OTTERS" in running.client("otters").get("/submissions/1").get_data(as_text=True)
    assert "SECRET_OF_OTTERS" in running.client("moreau").get("/submissions/1").get_data(as_text=True)


def test_source_is_downloaded_as_sent(running: PagesHouse) -> None:
    """A download is the very bytes that were sent, as an attachment that no browser runs."""
    client = running.client("otters")
    submit_code(client, "crates", "python3", "print('<script>alert(1)</script>')\n")
    answer = client.get("/submissions/1/files/0")
    assert answer.get_data() == b"print('<script>alert(1)</script>')\n"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "<script>alert" not in client.get("/submissions/1").get_data(as_text=True)


def test_signing_out_and_going_back(running: PagesHouse) -> None:
    """A session that ended shows the public page, and no page was kept by the browser."""
    client = running.client("otters")
    page = client.get("/")
    assert "no-store" in page.headers["Cache-Control"]
    running.services.accounts.sign_out(_token(client, running)).result(5)
    assert "Greedy Otters" not in text_of(client.get("/"))
    assert client.post("/submit", data={"code": SUM}, headers=SAME_ORIGIN).status_code == 401


def _token(client: object, house: PagesHouse) -> str:
    cookie = client.get_cookie(house.services.accounts.cookie_name)  # type: ignore[attr-defined]
    return str(cookie.value)
