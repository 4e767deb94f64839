"""Commands of a console say which contest they mean and what their organiser saw; none hits another contest or counts twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from gate_house import ADMIN_KEY, CONTEST, CRATES, House, open_house
from gate_pages import EchoPages

from app.core.clock import Instant
from app.core.contest import Phase
from app.core.ids import ContestId

MINUTE_MS = 60_000
OTHER = ContestId("junior")
OVER = ContestId("practice")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A server with three contests: two run at this moment, one is over and its board frozen."""
    opened = open_house(tmp_path, EchoPages().app)
    spring, now = opened.services.control.contest(CONTEST), opened.services.clock.now()
    begun = Instant(now - 60 * MINUTE_MS)
    junior = replace(spring, id=OTHER, name="Junior", start=begun, duration_ms=300 * MINUTE_MS)
    practice = replace(spring, id=OVER, name="Practice", start=begun, duration_ms=30 * MINUTE_MS, freeze_ms=MINUTE_MS)
    for other in (junior, practice):
        opened.services.control.create(other).result(10)
    yield opened
    opened.close()


@pytest.fixture
def console(house: House) -> Iterator[httpx2.Client]:
    """The console on the server's machine."""
    with httpx2.Client(
        base_url=f"http://127.0.0.1:{house.ports.console}/admin/v1",
        headers={"Authorization": f"Bearer {ADMIN_KEY}"},
        timeout=30,
        trust_env=False,
    ) as client:
        yield client


def test_the_contest_in_the_window_is_the_one_that_is_meant(house: House, console: httpx2.Client) -> None:
    """Of two that run the named one is extended and set; an unknown one is 404, and nobody else's end moves."""
    control = house.services.control
    before = {one: control.contest(one).duration_ms for one in (CONTEST, OTHER)}
    for contest, minutes in ((CONTEST, 5), (OTHER, 7)):
        wish = {"minutes": minutes, "contest_id": contest, "expected_duration_ms": before[contest]}
        told = console.post("/contest/extend", json=wish).json()
        assert (told["id"], told["duration_ms"]) == (contest, before[contest] + minutes * MINUTE_MS)
    assert control.contest(CONTEST).duration_ms == before[CONTEST] + 5 * MINUTE_MS
    assert console.post("/contest/extend", json={"minutes": 5, "contest_id": "none"}).status_code == 404
    for contest in (CONTEST, OTHER):
        assert (
            console.post("/contest/settings", json={"all_tests": True, "contest_id": contest}).json()["id"] == contest
        )
        assert control.contest(contest).all_tests


def test_a_second_click_is_told(house: House, console: httpx2.Client) -> None:
    """Two organisers who saw the same end give five minutes, not ten."""
    seen = house.services.control.contest(CONTEST).duration_ms
    wish = {"minutes": 5, "contest_id": CONTEST, "expected_duration_ms": seen}
    assert console.post("/contest/extend", json=wish).status_code == 200
    second = console.post("/contest/extend", json=wish)
    assert second.status_code == 409
    assert "changed the contest's length" in second.json()["message"]
    assert house.services.control.contest(CONTEST).duration_ms == seen + 5 * MINUTE_MS


def test_the_board_is_thawed_on_a_word(house: House, console: httpx2.Client) -> None:
    """Only after the end; then it stays so, and the contest cannot go on."""
    assert console.post("/contest/thaw", json={"contest_id": OTHER}).status_code == 409
    told = console.post("/contest/thaw", json={"contest_id": OVER})
    assert (told.status_code, told.json()["thawed"]) == (200, True)
    assert house.services.control.contest(OVER).thawed is not None
    assert console.post("/contest/thaw", json={"contest_id": OVER}).status_code == 200
    assert console.post("/contest/extend", json={"minutes": 90, "contest_id": OVER}).status_code == 409
    final = console.post("/contest/finalize", json={"contest_id": OVER}).json()
    assert (final["id"], final["phase"]) == (OVER, Phase.FINAL)


def test_a_package_is_named_by_its_whole_path(house: House, console: httpx2.Client) -> None:
    """A relative path would be looked for in the server's own working folder: 422, one sentence. A whole one goes where it is meant."""
    for path in ("crates", "./crates", "", "~/crates"):
        for place in ("problems/import", "problems/crates/trial"):
            refused = console.post(f"/{place}", json={"path": path})
            assert (refused.status_code, refused.json()["fields"]) == (422, {"path": "relative"})
    with house.services.store.read() as view:
        known = view.problems(CONTEST)
    wish = {"path": str(CRATES), "contest_id": OTHER}
    assert console.post("/problems/import", json=wish).status_code == 200
    with house.services.store.read() as view:
        assert [one.id for one in view.problems(OTHER)] == ["crates"]
        assert view.problems(CONTEST) == known
