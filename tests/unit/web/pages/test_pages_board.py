"""The board of a large hall: pages stay small, its rows are drawn once."""

from __future__ import annotations

import pytest
from pages_house import CONTEST, PagesHouse, text_of

from app.core.ids import TeamId
from app.core.people import Team
from app.ports.store import Transaction
from web.gate.proxy import LARGEST_ANSWER, LARGEST_SHARED

TEAMS = 2000


@pytest.fixture
def hall(running: PagesHouse) -> PagesHouse:
    """The contest with two thousand more teams."""

    def work(tx: Transaction) -> None:
        for number in range(TEAMS):
            running.services.control.add_team(
                tx, Team(TeamId(f"h{number}"), CONTEST, f"<i>Team</i> {number:04}", "School")
            )

    running.services.store.write(work).result(20)
    running.settle()
    return running


def test_the_board_of_a_hall_fits(hall: PagesHouse) -> None:
    """Everybody gets a board page of a size that the gate passes on; the whole board comes once for all."""
    page, whole = hall.client("otters").get("/board"), hall.client().get("/fragments/board")
    assert page.status_code == whole.status_code == 200
    assert len(page.data) < LARGEST_ANSWER / 4
    assert len(whole.data) < LARGEST_SHARED / 4
    assert whole.get_data(as_text=True).count("<tr ") > TEAMS
    assert "Los Compiladores" in text_of(whole)
    assert "<i>Team" not in page.get_data(as_text=True)


def test_without_scripts_all_places_can_be_reached(hall: PagesHouse) -> None:
    """The links at the end of the page lead through the whole board; a number beyond leads to the last page."""
    client, seen, address = hall.client(), "", "/board"
    for number in range(2, 20):
        page = client.get(address).get_data(as_text=True)
        seen += page
        address = f"/board?page={number}"
        if f'href="{address}"' not in page:
            break
    assert all(f"Team&lt;/i&gt; {number:04}" in seen for number in range(TEAMS))
    assert client.get("/board?page=999").get_data(as_text=True).count("<tr ") > 0
    assert client.get("/board?page=x").status_code == 200


def test_rows_are_drawn_once(hall: PagesHouse) -> None:
    """A hall that opens the board at once has its rows drawn once, and again after news."""
    template = hall.app.jinja_env.get_template("fragments/board.html")
    calls = []
    original = template.root_render_func
    template.root_render_func = lambda *given: (calls.append(1), original(*given))[1]
    for name in ("otters", "", "otters"):
        hall.client(name).get("/board")
    assert len(calls) == 1
    hall.services.control.settings(all_tests=True).result(5)
    hall.settle()
    hall.client().get("/board")
