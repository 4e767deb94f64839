"""REST v1 for programs: tokens, submitting, reading back, following a submission (API.md)."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from gate_house import House, open_house

from app.core.ids import SubmissionId
from app.core.judgement import State
from app.core.verdict import Verdict
from app.ports.store import Transaction
from web.api.v1 import document

from .calls import CODE, make_app, submit


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), make_app)
    yield opened
    opened.close()


@pytest.fixture
def team(house: House) -> Iterator[httpx2.Client]:
    with house.client("team1") as client:
        yield client


def judge(house: House, public_id: str, verdict: Verdict) -> None:
    """Gives the submission its verdict, as the server would after the last run, and rings."""
    submission_id = SubmissionId(int(public_id.removeprefix("sub_")))

    def work(tx: Transaction) -> None:
        judgement = tx.judgements(submission_id)[-1]
        done = replace(judgement, state=State.DONE, verdict=verdict, tests_passed=2, test_count=3, cpu_seconds=0.0451)
        tx.put_judgement(replace(done, memory_bytes=14_540_800))

    house.services.store.write(work).result(10)
    house.services.bell.ring([f"submission:{submission_id}", "team:t1"])


def test_a_token_is_given_for_name_and_password(house: House) -> None:
    """The right password gives a bearer token for hours, the wrong one 401, nonsense 400 with the field."""
    with house.client() as client:
        body = {"username": "team1", "password": house.password("team1")}
        answer = client.post("/api/v1/tokens", json=body)
        assert answer.status_code == 200
        assert answer.json()["token_type"] == "bearer"
        assert answer.json()["expires_in"] > 3600
        assert client.post("/api/v1/tokens", json={**body, "password": "wrong"}).status_code == 401
        told = client.post("/api/v1/tokens", json={**body, "extra": 1})
        assert (told.status_code, list(told.json()["fields"])) == (400, ["extra"])
        assert client.post("/api/v1/tokens", data=body).status_code == 415
        assert (
            client.post("/api/v1/tokens", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
        )


def test_a_submission_is_on_disk_when_it_is_acknowledged(house: House, team: httpx2.Client) -> None:
    """202 with the place to look; what was sent is there, under a name of its language."""
    answer = submit(team)
    assert answer.status_code == 202
    public_id = answer.json()["submission_id"]
    assert answer.json() == {"submission_id": public_id, "status": "PENDING"}
    assert answer.headers["location"] == f"/api/v1/submissions/{public_id}"
    told = team.get(answer.headers["location"]).json()
    assert (told["submission_id"], told["status"], told["verdict"]) == (public_id, "PENDING", None)
    with house.services.store.read() as view:
        files = view.sources(SubmissionId(int(public_id.removeprefix("sub_"))))
    assert [(one.name, one.data) for one in files] == [("main.py", b"print(1)")]


def test_the_same_key_gives_the_same_answer(team: httpx2.Client) -> None:
    """A repeated request after a broken line makes no second submission; the key with another body is 409."""
    key = {"Idempotency-Key": "try-1"}
    first = team.post("/api/v1/submissions", json=CODE, headers=key)
    again = team.post("/api/v1/submissions", json=CODE, headers=key)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    other = team.post("/api/v1/submissions", json={**CODE, "code": "print(2)"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, 409)
    assert team.post("/api/v1/submissions", json=CODE, headers={"Idempotency-Key": ""}).status_code == 400
    assert team.post("/api/v1/submissions", json=CODE, headers={"Idempotency-Key": "x" * 129}).status_code == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"problem_id": "none"}, 404),
        ({"language": "cobol"}, 422),
        ({"code": "  \n"}, 422),
        ({"code": None}, 400),
        ({"code": 7}, 400),
        ({"files": []}, 400),
        ({"code": None, "files": []}, 422),
        ({"code": None, "files": [{"name": "a.py", "data": "%%%"}]}, 400),
        ({"code": None, "files": [{"name": "../a.py", "data": "YQ=="}]}, 422),
        ({"colour": "red"}, 400),
        ({"code": "x" * 200_000}, 413),
    ],
)
def test_an_impossible_submission_is_refused_with_its_reason(
    house: House, changes: dict[str, Any], status: int
) -> None:
    """Nothing is stored, and the answer says what to do."""
    with house.client("juror") as client:
        answer = submit(client, **changes)
        assert (answer.status_code, answer.json()["code"]) == (status, status)
        assert answer.json()["message"].endswith((".", "!", "?", ")"))


def test_several_files_and_a_large_request_are_taken(house: House) -> None:
    """Files come in base64, also where the whole request is larger than what is kept in memory."""
    data = base64.b64encode(b"# " + b"x" * 90_000).decode()
    body = {"problem_id": "crates", "language": "python3", "files": [{"name": "a.py", "data": data}]}
    with house.client("juror") as client:
        assert client.post("/api/v1/submissions", json=body).status_code == 202
        padded = json.dumps(body) + " " * 400_000
        answer = client.post("/api/v1/submissions", content=padded, headers={"Content-Type": "application/json"})
        assert answer.status_code == 202


def test_strangers_and_other_teams_see_nothing(house: House, team: httpx2.Client) -> None:
    """Without a token 401 before the body is read; a foreign submission can be neither followed nor read for its code."""
    location = submit(team).headers["location"]
    with house.client() as nobody, house.client("team2") as rival:
        assert submit(nobody).status_code == 401
        assert nobody.get(location).status_code == 401
        assert nobody.get(location, headers={"Authorization": "Bearer a.b.c"}).status_code == 401
        for way in ("/wait", "/stream"):
            assert rival.get(location + way).status_code == 403
        assert rival.get(location).json()["testcases_passed"] is None
        own = rival.get("/api/v1/submissions?per_page=200").json()["items"]
        assert location.rpartition("/")[2] not in {one["submission_id"] for one in own}
        assert rival.get("/api/v1/submissions/sub_99999/stream").status_code == 404
        assert rival.get("/api/v1/submissions/sub_x").status_code == 404


def test_the_list_is_paged_newest_first(house: House) -> None:
    """The juror's list holds all; a status that does not exist is 400."""
    with house.client("juror") as client:
        first = submit(client).json()["submission_id"]
        second = submit(client).json()["submission_id"]
        page = client.get("/api/v1/submissions?per_page=2").json()
        assert [one["submission_id"] for one in page["items"]] == [second, first]
        assert (page["page"], page["per_page"]) == (1, 2)
        assert page["total"] >= 2
        assert client.get("/api/v1/submissions?status=ACCEPTED").status_code == 200
        assert client.get("/api/v1/submissions?status=DONE").status_code == 400
        assert client.get("/api/v1/submissions?page=0").status_code == 400


def test_a_long_poll_tells_the_verdict(house: House, team: httpx2.Client) -> None:
    """The wait answers with the whole submission when it is newer, 204 when the time is over."""
    location = submit(team).headers["location"]
    seq = team.get(location).json()["seq"]
    assert team.get(f"{location}/wait?after={seq}&timeout=1").status_code == 204
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(team.get, f"{location}/wait?after={seq}")
        judge(house, location.rpartition("/")[2], Verdict.WA)
        told = waiting.result(10).json()
    assert (told["status"], told["verdict"]) == ("WRONG_ANSWER", "WA")
    assert (told["runtime_ms"], told["memory_kb"]) == (46, 14200)
    assert told["seq"] > seq
    assert team.get(f"{location}/wait?after={seq}").json() == told


def events_of(stream: httpx2.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    event_id = ""
    for line in stream.iter_lines():
        if line.startswith("id: "):
            event_id = line.removeprefix("id: ")
        if line.startswith("data: "):
            yield event_id, json.loads(line.removeprefix("data: "))


def test_a_stream_ends_with_the_final_state(house: House, team: httpx2.Client) -> None:
    """First the present state, at last the verdict and the end; coming back with the last id there is nothing more."""
    location = submit(team).headers["location"]
    with team.stream("GET", f"{location}/stream") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = events_of(stream)
        first_id, first = next(events)
        assert first == {"status": "PENDING"}
        judge(house, location.rpartition("/")[2], Verdict.AC)
        rest = list(events)
    last_id, last = rest[-1]
    assert last == {
        "status": "ACCEPTED",
        "testcases_passed": 2,
        "testcases_total": 3,
        "runtime_ms": 46,
        "memory_kb": 14200,
    }
    assert int(last_id) > int(first_id)
    assert team.get(f"{location}/stream", headers={"Last-Event-ID": last_id}).status_code == 204
    with team.stream("GET", f"{location}/stream", headers={"Last-Event-ID": first_id}) as again:
        assert list(events_of(again)) == [(last_id, last)]


def test_a_fifth_stream_is_told_to_poll(house: House, team: httpx2.Client) -> None:
    """Four streams of one account are open: the next is 429 with Retry-After; polling goes on; ended streams free their places."""
    location = submit(team).headers["location"]
    with contextlib.ExitStack() as stack:
        streams = [events_of(stack.enter_context(team.stream("GET", f"{location}/stream"))) for _ in range(4)]
        assert [next(stream)[1]["status"] for stream in streams] == ["PENDING"] * 4
        refused = team.get(f"{location}/stream")
        assert (refused.status_code, int(refused.headers["retry-after"])) == (429, 5)
        assert team.get(location).status_code == 200
        judge(house, location.rpartition("/")[2], Verdict.AC)
        assert [list(stream)[-1][1]["status"] for stream in streams] == ["ACCEPTED"] * 4
    for _ in range(200):
        if team.get(f"{location}/stream").status_code == 200:
            break
    else:
        pytest.fail("the places were not given back")


def test_problems_and_board_are_served_with_etags(house: House, team: httpx2.Client) -> None:
    """The list, one problem and the board; unchanged ones are 304; strangers see the board only."""
    listed = team.get("/api/v1/problems")
    assert listed.json()["items"][0]["id"] == "crates"
    assert listed.json()["items"][0]["time_limit_ms"] == 1000
    assert team.get("/api/v1/problems", headers={"If-None-Match": listed.headers["etag"]}).status_code == 304
    problem = team.get("/api/v1/problems/crates").json()
    assert "crate" in problem["statement_html"]
    assert problem["samples"][0]["input"]
    assert team.get("/api/v1/problems/none").status_code == 404
    house.services.standings.tick()
    board = team.get("/api/v1/leaderboard").json()
    assert {row["team"] for row in board["items"]} == {"Team 1", "Team 2"}
    assert team.get("/api/v1/leaderboard?group=none").json()["total"] == 0
    assert team.get("/api/v1/teams/t1/rank").json()["team_id"] == "t1"
    assert team.get("/api/v1/teams/t9/rank").status_code == 404
    with house.client() as nobody:
        assert nobody.get("/api/v1/leaderboard").status_code == 200
        assert nobody.get("/api/v1/problems").status_code == 401
        assert nobody.get("/api/v1/unknown").json()["code"] == 404


def test_every_described_route_is_served(house: House) -> None:
    """What openapi.json names is there: no address of it is unknown, no method refused; the file itself is served."""
    with house.client("juror") as client:
        public_id = submit(client).json()["submission_id"]
        for route in document.ROUTES:
            kind = route.path.split("/")[3]
            path = route.path.replace("{id}", {"problems": "crates", "teams": "t1"}.get(kind, public_id))
            body = {} if route.method == "post" else None
            with client.stream(route.method.upper(), path, json=body) as answer:
                assert answer.status_code == (400 if route.method == "post" else 200), path
        assert client.get("/api/v1/openapi.json").json() == document.document()


def test_over_the_rate_the_answer_says_when(house: House) -> None:
    """The thirty-first submission in a minute is 429 with Retry-After."""
    with house.client("team2") as client:
        answers = [submit(client) for _ in range(31)]
    assert [one.status_code for one in answers] == [202] * 30 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
