"""The two listeners for machines: judge machines by TLS, the console on this machine with its key."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator

import httpx2
import pytest
from gate_house import ADMIN_KEY, House, open_house
from gate_pages import EchoPages

from app.lan.pki import open_authority


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), EchoPages().app)
    yield opened
    opened.close()


@pytest.fixture
def node(house: House) -> Iterator[httpx2.Client]:
    """A machine that trusts the server's CA."""
    url = f"https://127.0.0.1:{house.ports.nodes}"
    with httpx2.Client(base_url=url, verify=house.node_context(), trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def console(house: House) -> Iterator[httpx2.Client]:
    """The console with the key of this start."""
    url = f"http://127.0.0.1:{house.ports.console}"
    with httpx2.Client(
        base_url=url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}, trust_env=False, timeout=30
    ) as client:
        yield client


def test_machines_are_spoken_to_by_tls_1_3_only(house: House, node: httpx2.Client) -> None:
    """The node port speaks TLS 1.3 with our CA's certificate; older versions and plain text get nowhere."""
    assert node.post("/judge/v1/hello", json={}).status_code == 401
    old = house.node_context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with httpx2.Client(verify=old, trust_env=False) as client, pytest.raises(httpx2.ConnectError):
        client.get(f"https://127.0.0.1:{house.ports.nodes}/judge/v1/hello")


def test_a_renewed_certificate_is_taken_up_beside_a_stuck_machine(house: House) -> None:
    """When addresses change new connections see the new certificate, although somebody holds a request open; the port stays ours."""
    address = ("127.0.0.1", house.ports.nodes)

    def seen() -> bytes | None:
        with house.node_context().wrap_socket(socket.create_connection(address, timeout=2)) as line:
            return line.getpeercert(binary_form=True)

    before = seen()
    with house.node_context().wrap_socket(socket.create_connection(address, timeout=10)) as stuck:
        stuck.sendall(b"POST /judge/v1/join HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab")
        renewed = open_authority(house.folder / "secrets").server_certificate(["127.0.0.1", "10.9.8.7"])
        assert renewed.renewed
        house.gate.reload_certificate()

        def seen_again() -> bytes | None:
            # A connection that arrives in the moment of the change may be dropped; machines try again, and so does this one.
            while True:
                with contextlib.suppress(TimeoutError, ssl.SSLError, ConnectionError):
                    return seen()

        # For a moment the old listener still takes some from the shared socket; then every one sees the new certificate.
        in_a_row = 0
        while in_a_row < 20:
            in_a_row = in_a_row + 1 if seen_again() != before else 0


def test_a_stranger_cannot_send_much_to_the_node_port(node: httpx2.Client) -> None:
    """Without a known token a body over 16 KiB is refused before it is read; other addresses do not exist there."""
    for headers in ({}, {"Authorization": "Bearer made-up"}):
        answer = node.put("/judge/v1/blobs/" + "0" * 64, content=b"x" * 100_000, headers=headers)
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    for path in ("/", "/board", "/api/v1/submissions", "/sign-in"):
        assert node.get(path).status_code == 404


def test_the_console_needs_the_key_of_this_start(house: House, console: httpx2.Client) -> None:
    """No key, a wrong one, or another host's name: nothing; the people's listener knows no admin address at all."""
    url = f"http://127.0.0.1:{house.ports.console}/admin/v1/state"
    with httpx2.Client(trust_env=False) as anyone:
        assert anyone.get(url).status_code == 401
        assert anyone.get(url, headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert console.get("/admin/v1/state", headers={"Host": "evil.example"}).status_code == 400
        people = f"{house.url}/admin/v1/state"
        assert anyone.get(people, headers={"Authorization": f"Bearer {ADMIN_KEY}"}).status_code in (401, 404)
    assert console.get("/admin/v1/state").status_code == 200


def test_the_console_sees_and_steers_the_contest(console: httpx2.Client) -> None:
    """State, teams with passwords, log; the contest is extended and its settings change."""
    state = console.get("/admin/v1/state").json()
    assert (state["contest"]["name"], state["team_count"]) == ("Spring", 2)
    teams = console.get("/admin/v1/teams").json()["items"]
    assert [one["username"] for one in teams] == ["team1", "team2"]
    slips = console.post("/admin/v1/teams/passwords", json={}).json()["items"]
    assert all(one["password"] for one in slips)
    assert console.post("/admin/v1/contest/start", json={}).status_code in (200, 409)
    longer = console.post("/admin/v1/contest/extend", json={"minutes": 5}).json()
    assert longer["duration_ms"] == state["contest"]["duration_ms"] + 5 * 60_000
    assert console.post("/admin/v1/contest/settings", json={"all_tests": True}).json()["all_tests"] is True
    for wrong in ({"minutes": 0}, {"minutes": "x"}, {}, {"minutes": 5, "more": 1}):
        assert console.post("/admin/v1/contest/extend", json=wrong).status_code == 400
    for wrong_time in ("tomorrow", "2026-11-24T09:00:00"):
        assert console.post("/admin/v1/contest/start", json={"at": wrong_time}).status_code == 400
    lines = console.get("/admin/v1/events?after=0&limit=5").json()["items"]
    assert len(lines) == 5
    assert console.post("/admin/v1/contest/finalize", json={}).status_code == 409


def test_the_console_lists_submissions_and_judges_again(house: House, console: httpx2.Client) -> None:
    """The live list and a submission's details; what is being judged cannot be judged again."""
    with house.client("team1") as team:
        body = {"problem_id": "crates", "language": "python3", "code": "print(1)"}
        number = team.post("/api/v1/submissions", json=body).json()["submission_id"].removeprefix("sub_")
    rows = console.get("/admin/v1/submissions?limit=10&problem=crates").json()["items"]
    assert [row["id"] for row in rows] == [int(number)]
    assert console.get("/admin/v1/submissions?before=1").json()["items"] == []
    detail = console.get(f"/admin/v1/submissions/{number}").json()
    assert detail["files"][0]["text"] == "print(1)"
    assert console.get("/admin/v1/submissions/77777").status_code == 404
    assert console.post(f"/admin/v1/submissions/{number}/rejudge", json={}).status_code == 409
    assert console.post("/admin/v1/desk/99/again", json={}).status_code == 404


def test_a_machine_asks_to_join_and_the_console_hears_of_it(node: httpx2.Client, console: httpx2.Client) -> None:
    """The console's wait ends when a machine knocks; it is refused by the console and told so."""
    seq = console.get("/admin/v1/state").json()["seq"]
    assert console.get(f"/admin/v1/wait?after={seq}&timeout=1").json() == {"seq": seq}
    import hashlib

    nonce = bytes(32)
    knock = {"name": "lab-7", "commitment": hashlib.sha256(nonce).hexdigest(), "facts": {}}
    answer = node.post("/judge/v1/join", json=knock)
    assert answer.status_code == 200, answer.text
    request_id = answer.json()["request_id"]
    opened = node.post("/judge/v1/join/open", json={"request_id": request_id, "node_nonce": nonce.hex()})
    assert opened.status_code == 200, opened.text
    assert console.get(f"/admin/v1/wait?after={seq}&timeout=20").json()["seq"] > seq
    pending = console.get("/admin/v1/machines").json()["pending"]
    assert [one["name"] for one in pending] == ["lab-7"]
    assert console.post(f"/admin/v1/joins/{request_id}/approve", json={"code": "AAAA-AAAA"}).status_code in (409, 422)
    approved = console.post(f"/admin/v1/joins/{request_id}/approve", json={"code": pending[0]["code"]})
    assert approved.json()["name"] == "lab-7"
    machine_id = approved.json()["id"]
    told = node.post("/judge/v1/join/poll", json={"request_id": request_id}).json()
    assert told["state"] == "approved"
    token = {"Authorization": f"Bearer {told['token']}"}
    unknown_blob = node.get("/judge/v1/blobs/" + "0" * 64 + "?lease=none", headers=token)
    assert unknown_blob.status_code in (403, 404)
    assert console.post(f"/admin/v1/machines/{machine_id}/rename", json={"name": "lab-8"}).json()["name"] == "lab-8"
    assert console.post(f"/admin/v1/machines/{machine_id}/dance", json={}).status_code == 404
    assert console.post(f"/admin/v1/machines/{machine_id}/unpair", json={}).status_code == 200
    assert node.post("/judge/v1/hello", json={}, headers=token).status_code == 401


def test_the_console_imports_a_problem(house: House, console: httpx2.Client) -> None:
    """A folder on this machine becomes the next problem; a folder that is none is refused."""
    from gate_house import CRATES

    answer = console.post("/admin/v1/problems/import", json={"path": str(CRATES.parent / "ferry")})
    assert (answer.status_code, answer.json()["label"]) == (200, "B")
    assert console.post("/admin/v1/problems/import", json={"path": str(house.folder)}).status_code in (404, 422)


def test_the_console_stops_the_server(house: House, console: httpx2.Client) -> None:
    """The answer comes first, then the server is told to end."""
    assert console.post("/admin/v1/server/stop", json={}).status_code == 202
    assert house.stopped.get(timeout=5) is True
