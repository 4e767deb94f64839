"""Server or machine die in the middle of pairing: whoever is left asks again, a person compares anew, and no machine stays half let in."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running import JUDGE, PROGRAM, Judge, Process, Server, admin_of, until

from app.server.demo.seed import DemoContest
from faults.killing import traced
from faults.seeded import copy_of

pytestmark = [pytest.mark.root, pytest.mark.timeout(600)]


@pytest.fixture
def data(seeded: tuple[Path, DemoContest], tmp_path: Path) -> Path:
    """A folder with a contest."""
    return copy_of(seeded[0], tmp_path / "data")


@contextmanager
def machine(folder: Path, server: Server) -> Iterator[Judge]:
    judge = Judge(folder, server.running)
    try:
        yield judge
    finally:
        judge.process.signal(signal.SIGCONT)
        judge.stop()


def again(data: Path, server: Server) -> Server:
    """The same folder at the same ports."""
    ports = (int(server.url.rsplit(":", 1)[1]), int(server.running["node_url"].rsplit(":", 1)[1]))
    return Server(data, ports=ports)


def codes(lines: list[str]) -> list[str]:
    return [line.split()[2] for line in lines if line.startswith("pairing code")]


def approve(server: Server, code: str) -> dict[str, str]:
    """What the organiser does who sees this code on both screens."""
    with admin_of(server.running) as admin:
        found = until(
            "the request with this code",
            60,
            lambda: [one for one in admin.get("/admin/v1/machines").json()["pending"] if one["code"] == code],
        )
        answer = admin.post(f"/admin/v1/joins/{found[0]['request_id']}/approve", json={"code": code})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def states(server: Server) -> dict[str, str]:
    with admin_of(server.running) as admin:
        return {one["id"]: one["state"] for one in admin.get("/admin/v1/machines").json()["items"]}


def sound(data: Path) -> None:
    told = subprocess.run([*PROGRAM, "verify-log", "--data", str(data)], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr


@pytest.mark.full
def test_server_killed_before_anybody_compared(data: Path, tmp_path: Path) -> None:
    """The code is on both screens when the server dies. Started again, it knows nothing of it; the machine asks anew with other letters,
    and the old ones let nobody in."""
    first = Server(data)
    with machine(tmp_path / "judge", first) as judge:
        old = until("letters", 240, lambda: codes(judge.process.lines))[0]
        first.kill()
        with again(data, first) as second:
            new = until("other letters", 240, lambda: [one for one in codes(judge.process.lines) if one != old])[0]
            with admin_of(second.running) as admin:
                assert old not in [one["code"] for one in admin.get("/admin/v1/machines").json()["pending"]]
            approve(second, new)
            until("a machine that works", 240, lambda: list(states(second).values()) == ["ready"])
    sound(data)


def test_server_killed_after_the_yes_before_the_machine_heard_it(data: Path, tmp_path: Path) -> None:
    """The organiser has approved, the server dies before the token was fetched: the machine asks again and judges; what was let in before
    never comes, gets no work, and is removed with one click."""
    first = Server(data)
    with machine(tmp_path / "judge", first) as judge:
        old = until("letters", 240, lambda: codes(judge.process.lines))[0]
        judge.process.signal(signal.SIGSTOP)
        ghost = approve(first, old)["id"]
        first.kill()
        with again(data, first) as second:
            judge.process.signal(signal.SIGCONT)
            new = until("other letters", 240, lambda: [one for one in codes(judge.process.lines) if one != old])[0]
            real = approve(second, new)["id"]
            until("a machine that works", 240, lambda: states(second) == {ghost: "away", real: "ready"})
            with admin_of(second.running) as admin:
                assert admin.post(f"/admin/v1/machines/{ghost}/unpair", json={}).status_code == 200
            assert states(second) == {real: "ready"}
    sound(data)


def test_machine_killed_before_it_kept_its_token(data: Path, tmp_path: Path) -> None:
    """Approved, told its token, and dead while it writes that down: nothing half is kept, and started again it asks anew."""
    folder = tmp_path / "judge"
    folder.mkdir()
    with Server(data) as server:
        where = ["--server", server.running["node_url"], "--expect", server.running["server_id"], "--data", str(folder)]
        line = traced("fsync", folder / ".server.json.new")
        dying = Process([*line, *JUDGE, "run", *where], tmp_path / "dying.err")
        try:
            ghost = approve(server, until("letters", 240, lambda: codes(dying.lines))[0])["id"]
            until("its death", 60, lambda: dying.process.poll() is not None)
        finally:
            dying.stop()
        assert not (folder / "server.json").exists(), "a token that was not on disk is not kept"
        with machine(folder, server) as judge:
            real = approve(server, until("letters", 240, lambda: codes(judge.process.lines))[0])["id"]
            until("a machine that works", 240, lambda: states(server).get(real) == "ready")
            assert set(states(server)) == {ghost, real}
            assert (folder / "server.json").exists()
    sound(data)
