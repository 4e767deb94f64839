"""What every program may rely on: headers of refusals, the contest that is meant, words for states, exact types (API.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
from gate_house import House, open_house

from app.core.contest import Contest
from app.core.ids import ContestId, SubmissionId
from app.core.judgement import State
from app.ports.store import Transaction
from app.services.live_work import Progress

from .calls import CODE, make_app, submit

_HOUR = 3600_000


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), make_app)
    yield opened
    opened.close()


@pytest.fixture
def team(house: House) -> Iterator[httpx2.Client]:
    with house.client("team1") as client:
        yield client


def test_whoever_must_sign_in_is_told_how(house: House, team: httpx2.Client) -> None:
    """401 names the scheme, whichever part of the server gives it; 405 names the methods; unknown addresses are told as such."""
    with house.client() as stranger:
        for path in ("/api/v1/problems", "/api/v1/problems/crates", "/api/v1/submissions"):
            refused = stranger.get(path)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer"), path
        wrong = team.delete("/api/v1/leaderboard")
        assert (wrong.status_code, wrong.json()["code"]) == (405, 405)
        assert "GET" in wrong.headers["allow"].split(", ")
        unknown = stranger.get("/api/v1/nothing")
        assert unknown.json() == {"code": 404, "message": "There is nothing at this address."}


def test_when_several_contests_run_one_must_be_named(house: House, team: httpx2.Client) -> None:
    """With two running contests 422 names them to strangers and jury; a team's account says which one; another one is not theirs."""
    with house.client("juror") as juror, house.client() as stranger:
        assert stranger.get("/api/v1/leaderboard").status_code == 200
        second = Contest(ContestId("second"), "Second", house.services.clock.now(), _HOUR)
        house.services.control.create(second).result(10)
        for client, path in (
            (stranger, "/api/v1/leaderboard"),
            (juror, "/api/v1/problems"),
            (juror, "/api/v1/submissions"),
        ):
            refused = client.get(path)
            assert (refused.status_code, list(refused.json()["fields"])) == (422, ["contest_id"]), path
            assert "spring" in refused.json()["message"]
            assert client.get(path, params={"contest_id": "spring"}).status_code == 200
            assert client.get(path, params={"contest_id": "unknown"}).status_code == 404
        for path in ("/api/v1/leaderboard", "/api/v1/problems", "/api/v1/submissions"):
            assert team.get(path).status_code == 200
            assert team.get(path, params={"contest_id": "second"}).status_code == 403


def test_what_is_being_compiled_or_run_is_in_progress(house: House, team: httpx2.Client) -> None:
    """status=IN_PROGRESS finds both; PENDING neither."""
    numbers = {SubmissionId(int(submit(team).json()["submission_id"][4:])): phase for phase in ("compiling", "running")}
    waiting = submit(team).json()["submission_id"]
    with house.services.store.read() as view:
        judgements = {number: view.judgements(number)[-1] for number in numbers}
    progress = {judgements[number].id: Progress(phase, 1, 3) for number, phase in numbers.items()}
    house.services.submissions._progress_of = lambda judgement_id: progress.get(judgement_id)

    def found(status: str) -> set[str]:
        answer = team.get("/api/v1/submissions", params={"status": status}).json()
        assert {one["status"] for one in answer["items"]} <= {status}
        return {one["submission_id"] for one in answer["items"]}

    assert found("IN_PROGRESS") == {f"sub_{number}" for number in numbers}
    assert found("PENDING") == {waiting}


def test_what_waits_for_the_organiser_is_pending(house: House, team: httpx2.Client) -> None:
    """The jury's filter PENDING finds a judgement on the desk too, which the list shows as PENDING."""
    public_id = submit(team).json()["submission_id"]

    def to_desk(tx: Transaction) -> None:
        judgement = tx.judgements(SubmissionId(int(public_id[4:])))[-1]
        tx.put_judgement(replace(judgement, state=State.DESK))

    house.services.store.write(to_desk).result(10)
    with house.client("juror") as juror:
        for client in (juror, team):
            items = client.get("/api/v1/submissions", params={"status": "PENDING"}).json()["items"]
            assert [(one["submission_id"], one["status"]) for one in items] == [(public_id, "PENDING")]


def test_wrong_types_are_malformed(team: httpx2.Client) -> None:
    """A truth value is no problem's number, and a counter that is none is refused instead of being forgotten."""
    assert team.post("/api/v1/submissions", json={**CODE, "problem_id": True}).status_code == 400
    assert team.post("/api/v1/submissions", json={**CODE, "problem_id": 12}).status_code == 404
    public_id = submit(team).json()["submission_id"]
    state = team.get(f"/api/v1/submissions/{public_id}").json()
    assert state["compile_output"] is None
    for after, status in (("abc", 400), ("-1", 400), ("0", 200), ("", 400), (str(state["seq"]), 204)):
        answer = team.get(f"/api/v1/submissions/{public_id}/wait", params={"after": after, "timeout": 1})
        assert answer.status_code == status, after
