"""The organiser's console on another machine, at the nodes' listener: two keys for each request, and neither opens it alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx2
import pytest
from gate_house import House, open_house
from gate_pages import EchoPages

from app.core.ids import ContestId
from app.core.people import Account, Role
from app.lan.pairing import pairing_code
from app.lan.pki import open_authority
from web.gate.remote_admin import SESSION_HEADER

READS = (
    "state", "wait?timeout=1", "submissions", "submissions/1", "machines", "events", "teams",
    "problems/none", "problems/none/statement", "problems/none/export", "problems/none/trial", "pictures/0/0",
)  # fmt: skip
COMMANDS = (
    "joins/none/approve", "joins/none/refuse", "machines/none/pause", "contest/start", "contest/extend", "contest/settings",
    "contest/finalize", "contest/thaw",
    "desk/1/again", "submissions/1/rejudge", "teams/passwords", "problems/import", "server/stop", "server/backup",
    "problems/none/solutions", "problems/none/solutions/stop", "problems/none/limit", "problems/none/switch", "uploads",
)  # fmt: skip


@dataclass(frozen=True)
class Paired:
    """A machine that was let in."""

    id: str
    token: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), EchoPages().app)
    for name in ("chief", "deputy"):
        opened.people[name] = opened.services.store.write(
            lambda tx, name=name: opened.services.accounts.create(tx, ContestId(""), name, Role.ADMIN)
        ).result(10)
    yield opened
    opened.close()


@pytest.fixture
def line(house: House) -> Iterator[httpx2.Client]:
    """Somebody who has reached the nodes' listener."""
    with httpx2.Client(
        base_url=f"https://127.0.0.1:{house.ports.nodes}", verify=house.node_context(), timeout=30, trust_env=False
    ) as client:
        yield client


def pair(house: House, line: httpx2.Client, name: str, **kind: str) -> Paired:
    """Pairs over the wire; the organiser compares and approves."""
    nonce = secrets.token_bytes(32)
    wish = {"commitment": hashlib.sha256(nonce).hexdigest(), "name": name, **kind}
    challenge = line.post("/judge/v1/join", json=wish).json()
    opened = {"request_id": challenge["request_id"], "node_nonce": nonce.hex()}
    assert line.post("/judge/v1/join/open", json=opened).status_code == 200
    code = pairing_code(open_authority(house.folder / "secrets").der, nonce, bytes.fromhex(challenge["server_nonce"]))
    machine = house.services.machines.approve(challenge["request_id"], code).result(10)
    told = line.post("/judge/v1/join/poll", json={"request_id": challenge["request_id"]}).json()
    assert (told["state"], told["node_id"]) == ("approved", machine.id)
    return Paired(machine.id, told["token"])


def sign_in(house: House, line: httpx2.Client, console: Paired, username: str = "chief") -> str:
    answer = sign_in_answer(house, line, console, username)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["session"])


def sign_in_answer(house: House, line: httpx2.Client, machine: Paired, username: str) -> httpx2.Response:
    body = {"username": username, "password": house.password(username)}
    return line.post("/admin/v1/sign-in", json=body, headers=keys(machine))


def keys(machine: Paired, session: str = "") -> dict[str, str]:
    held = {"Authorization": f"Bearer {machine.token}"}
    return {**held, SESSION_HEADER: session} if session else held


def revoke(house: House, username: str) -> None:
    account: Account = house.people[username]
    house.services.accounts.revoke_account(account.id).result(10)


def test_two_keys_open_and_neither_alone(house: House, line: httpx2.Client) -> None:
    """Token × session × route: only a paired console with the session of an admin who signed in at it gets an answer."""
    console, other, node = (pair(house, line, name, **kind) for name, kind in (
        ("office", {"kind": "console"}), ("attic", {"kind": "console"}), ("lab", {}),
    ))  # fmt: skip
    session = sign_in(house, line, console)
    rest = house.token("chief")
    strange = [
        {}, {SESSION_HEADER: session}, {"Authorization": f"Bearer {session}"}, {"Authorization": "Bearer made-up", SESSION_HEADER: session},
        keys(node), keys(node, session), keys(console), keys(console, "made-up"), keys(console, rest), keys(other, session),
        {"Authorization": f"Bearer {rest}", SESSION_HEADER: rest},
    ]  # fmt: skip
    for headers in strange:
        for path in READS:
            assert line.get(f"/admin/v1/{path}", headers=headers).status_code == 401, (path, headers)
        for path in COMMANDS:
            assert line.post(f"/admin/v1/{path}", json={}, headers=headers).status_code == 401, (path, headers)
    for path in READS:
        assert line.get(f"/admin/v1/{path}", headers=keys(console, session)).status_code in (200, 404), path
    assert house.stopped.empty()


def test_session_of_a_console_is_worth_nothing_elsewhere(house: House, line: httpx2.Client) -> None:
    """The session made at a console does not open the people's REST interface, which travels unencrypted."""
    session = sign_in(house, line, pair(house, line, "office", kind="console"))
    with httpx2.Client(base_url=house.url, headers={"Authorization": f"Bearer {session}"}, trust_env=False) as people:
        assert people.get("/api/v1/submissions").status_code == 401


def test_only_admins_sign_in_and_only_at_a_paired_console(house: House, line: httpx2.Client) -> None:
    """Jurors and teams are told that their role is not enough; machines and strangers are not even asked for a password."""
    console = pair(house, line, "office", kind="console")
    assert sign_in_answer(house, line, console, "juror").status_code == 403
    assert sign_in_answer(house, line, console, "team1").status_code == 403
    wrong = line.post("/admin/v1/sign-in", json={"username": "chief", "password": "no"}, headers=keys(console))
    assert (wrong.status_code, wrong.json().get("fields")) == (401, None)
    assert sign_in_answer(house, line, pair(house, line, "lab"), "chief").status_code == 401
    body = {"username": "chief", "password": house.password("chief")}
    assert line.post("/admin/v1/sign-in", json=body).status_code == 401
    assert line.post("/admin/v1/sign-in", content=b"x" * 5000).status_code == 413


def test_console_never_judges(house: House, line: httpx2.Client) -> None:
    """A console's token says hello to nobody, leases nothing, fetches no test data, and makes no machine ready."""
    console = pair(house, line, "office", kind="console")
    session = sign_in(house, line, console)
    for headers in (keys(console), keys(console, session)):
        for path in ("hello", "lease", "renew", "report", "finish", "give_back", "fault"):
            assert line.post(f"/judge/v1/{path}", json={}, headers=headers).status_code == 401
        assert line.get("/judge/v1/blobs/" + "0" * 64, headers=headers).status_code == 401
        assert line.put("/judge/v1/blobs/" + "0" * 64, content=b"x" * 20_000, headers=headers).status_code == 413
    assert house.services.machines.ready_count() == 0
    assert not house.services.machines.may_work(house.services.machines.console_of_token(console.token).id)  # type: ignore[union-attr]


def test_organiser_sees_what_it_is(house: House, line: httpx2.Client) -> None:
    """At the door and in the list a console is called a console, and so it is in the log."""
    nonce = secrets.token_bytes(32)
    wish = {"commitment": hashlib.sha256(nonce).hexdigest(), "name": "foyer", "kind": "console"}
    challenge = line.post("/judge/v1/join", json=wish).json()
    line.post("/judge/v1/join/open", json={"request_id": challenge["request_id"], "node_nonce": nonce.hex()})
    assert [one.kind for one in house.services.machines.pending()] == ["console"]
    assert any(item.title == "A console on foyer wants to join" for item in house.services.desk.items())
    house.services.machines.refuse(challenge["request_id"])
    console = pair(house, line, "foyer", kind="console")
    session = sign_in(house, line, console)
    listed = line.get("/admin/v1/machines", headers=keys(console, session)).json()["items"]
    mine = next(one for one in listed if one["id"] == console.id)
    assert (mine["kind"], mine["state"]) == ("console", "console")
    assert mine["seen_ms"] is not None
    assert not any(item.kind == "machine" and item.target == console.id for item in house.services.desk.items())
    log = line.get("/admin/v1/events?limit=1000", headers=keys(console, session)).json()["items"]
    assert log[-1]["sentence"] == "The console on foyer may command this contest."
    assert line.post("/judge/v1/join", json={**wish, "kind": "printer"}).status_code == 422


def test_what_names_a_folder_of_the_server_is_refused_from_afar(house: House, line: httpx2.Client) -> None:
    """No import and no backup by a path of the server's machine; passwords and commands work; stopping is an admin's right."""
    console = pair(house, line, "office", kind="console")
    held = keys(console, sign_in(house, line, console))
    refused = line.post("/admin/v1/problems/import", json={"path": "/etc/passwd"}, headers=held)
    assert (refused.status_code, "server's own machine" in refused.json()["message"]) == (403, True)
    folder = house.folder / "stolen"
    assert line.post("/admin/v1/server/backup", json={"directory": str(folder)}, headers=held).status_code == 403
    assert not folder.exists()
    slips = line.post("/admin/v1/teams/passwords", json={}, headers=held).json()["items"]
    assert {one["password"] for one in slips} == {house.password("team1"), house.password("team2")}
    before = house.services.control.contest(None).duration_ms
    assert line.post("/admin/v1/contest/extend", json={"minutes": 5}, headers=held).status_code == 200
    assert house.services.control.contest(None).duration_ms == before + 300_000


def test_unpaired_or_paused_console_ends_at_once(house: House, line: httpx2.Client) -> None:
    """Paused it is refused until it is resumed; unpaired its wait ends and it is a stranger, although its session still lives."""
    console = pair(house, line, "office", kind="console")
    held = keys(console, sign_in(house, line, console))
    house.services.machines.pause(house.services.machines.console_of_token(console.token).id).result(10)  # type: ignore[union-attr]
    assert line.get("/admin/v1/state", headers=held).status_code == 403
    house.services.machines.resume(house.services.machines.console_of_token(console.token).id).result(10)  # type: ignore[union-attr]
    seq = line.get("/admin/v1/state", headers=held).json()["seq"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(line.get, f"/admin/v1/wait?after={seq}&timeout=25", headers=held)
        assert line.post(f"/admin/v1/machines/{console.id}/unpair", json={}, headers=held).status_code == 200
        assert waiting.result(5).status_code in (200, 401)
    ended = line.get("/admin/v1/state", headers=held)
    assert (ended.status_code, ended.json().get("fields")) == (401, {"console": "unpaired"})


def test_revoked_account_ends_its_console(house: House, line: httpx2.Client) -> None:
    """A new password ends the session at once; the console is told to sign in, not to pair."""
    console = pair(house, line, "office", kind="console")
    held = keys(console, sign_in(house, line, console, "deputy"))
    assert line.get("/admin/v1/state", headers=held).status_code == 200
    revoke(house, "deputy")
    ended = line.get("/admin/v1/state", headers=held)
    assert (ended.status_code, ended.json()["fields"]) == (401, {"session": "ended"})
    missing = line.get("/admin/v1/state", headers=keys(console))
    assert (missing.status_code, missing.json()["fields"]) == (401, {"session": "missing"})


def test_admin_stops_the_server_from_afar(house: House, line: httpx2.Client) -> None:
    """Stopping is allowed: the organiser is not always at the laptop."""
    console = pair(house, line, "office", kind="console")
    assert (
        line.post("/admin/v1/server/stop", json={}, headers=keys(console, sign_in(house, line, console))).status_code
        == 202
    )
    assert house.stopped.get(timeout=5)
