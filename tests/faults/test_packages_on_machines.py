"""Versions on trial and jury solutions on a real machine, while server and machine are killed in the middle of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from running import Client, Judge, Server, admin_of, until

from app.server.demo.seed import DemoContest
from faults.seeded import copy_of

pytestmark = [pytest.mark.root, pytest.mark.full, pytest.mark.timeout(900)]

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"
BUSY = "import time\nend = time.process_time() + 0.12\nwhile time.process_time() < end: pass\n"
SLOW = BUSY + "a, c = map(int, input().split())\nprint(-(-a // c), -a % c)\n"
SUBMISSIONS = 6


@pytest.fixture
def room(seeded: tuple[Path, DemoContest], tmp_path: Path) -> Iterator[Room]:
    """A served contest with one machine."""
    made = Room(copy_of(seeded[0], tmp_path / "data"), tmp_path, seeded[1])
    try:
        made.open()
        yield made
    finally:
        made.close()


class Room:
    """A server and a machine, each of which can be killed and started again."""

    def __init__(self, data: Path, place: Path, contest: DemoContest) -> None:
        self.data, self.contest = data, contest
        self._place = place
        self.server = Server(data)
        self._ports = (
            int(self.server.url.rsplit(":", 1)[1]),
            int(self.server.running["node_url"].rsplit(":", 1)[1]),
        )
        self.judge = self._judge()

    def open(self) -> None:
        """Lets the machine in; on a busy computer it looks at its compilers for minutes before it asks."""
        until("the machine's letters", 240, lambda: any("pairing code" in one for one in self.judge.process.lines))
        self.judge.approve(self.server.running)
        self.judge.ready()

    def _judge(self) -> Judge:
        return Judge(self._place / "judge", self.server.running, "--name", "bench")

    def kill_server(self) -> None:
        self.server.kill()
        self.server = Server(self.data, ports=self._ports)

    def kill_judge(self) -> None:
        """The machine vanishes and comes back; it is known already."""
        self.judge.process.process.kill()
        self.judge.stop()
        self.judge = self._judge()
        self.judge.ready()

    def close(self) -> None:
        self.judge.stop()
        self.server.stop()

    def get(self, path: str) -> Any:
        """An answer of the console's API."""
        with admin_of(self.server.running) as admin:
            answer = admin.get(f"/admin/v1{path}")
            assert answer.status_code == 200, answer.text
            return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        """A command."""
        with admin_of(self.server.running) as admin:
            return admin.post(f"/admin/v1{path}", json=body)

    def judged(self) -> int:
        """How far the trial of crates is."""
        return int(self.get("/problems/crates/trial")["judged"])


def changed(tmp_path: Path) -> Path:
    """Crates with another answer to its last test, and nothing that a machine has to check before."""
    folder = tmp_path / "changed"
    shutil.copytree(PROBLEMS / "crates", folder)
    shutil.rmtree(folder / "input_validators")
    max((folder / "data" / "secret").glob("*.ans")).write_text("0 0\n")
    return folder


def in_order(tmp_path: Path) -> Path:
    """Crates under another name, with nothing that a machine has to check."""
    folder = tmp_path / "apples"
    shutil.copytree(PROBLEMS / "crates", folder)
    shutil.rmtree(folder / "input_validators")
    return folder


def broken(tmp_path: Path) -> Path:
    """Crates with an output validator that crashes."""
    folder = tmp_path / "broken"
    shutil.copytree(PROBLEMS / "crates", folder)
    shutil.rmtree(folder / "input_validators")
    (folder / "output_validator").mkdir()
    (folder / "output_validator" / "validate.c").write_text("#include <stdlib.h>\nint main(void) { abort(); }\n")
    return folder


def submit_slow(room: Room) -> None:
    """Each of the teams submits, and hears that it is right."""
    with ExitStack() as stack:
        sent = []
        for team in room.contest.teams[:SUBMISSIONS]:
            client = stack.enter_context(Client(room.server.url, team.username, team.password))
            sent.append((client, client.submit("crates", "python3", SLOW).json()["submission_id"]))
        for client, submission in sent:
            assert client.verdict(submission, 120)["verdict"] == "AC"


def test_a_trial_goes_on_after_both_were_killed(room: Room, tmp_path: Path) -> None:
    """Server and machine die in mid-trial; the trial ends, says what would change, teams saw nothing of it, and the switch changes it."""
    submit_slow(room)
    offered = room.post("/problems/crates/trial", {"path": str(changed(tmp_path))})
    assert offered.status_code == 200, offered.text
    until("the first submission judged with the new version", 60, lambda: room.judged() >= 1)
    room.kill_server()
    assert room.judged() < SUBMISSIONS, "it was in the middle"
    until("one more after the restart", 90, lambda: room.judged() >= 2)
    room.kill_judge()
    until("the end of the trial", 120, lambda: room.judged() == SUBMISSIONS, pause=0.3)
    trial = room.get("/problems/crates/trial")
    assert trial["stopped"] == ""
    assert {(one["before"], one["after"]) for one in trial["differences"]} == {("AC", "WA")}
    assert len(trial["differences"]) == SUBMISSIONS
    assert "1 changed" in trial["changes"][-1]
    rows = room.get("/submissions?limit=50")["items"]
    assert {one["verdict"] for one in rows} == {"AC"}, "nobody has seen anything yet"
    switched = room.post("/problems/crates/switch", {})
    assert (switched.status_code, switched.json()) == (200, {"changed": SUBMISSIONS})
    rows = room.get("/submissions?limit=50")["items"]
    assert {one["verdict"] for one in rows} == {"WA"}


def test_a_broken_version_stops_and_says_so(room: Room, tmp_path: Path) -> None:
    """A validator that crashes stops its own trial, after a kill as before; it is said on the desk, and the machine judges on for teams."""
    submit_slow(room)
    assert room.post("/problems/crates/trial", {"path": str(broken(tmp_path))}).status_code == 200
    stopped = until("the trial's end", 120, lambda: room.get("/problems/crates/trial")["stopped"], pause=0.3)
    assert "validator" in stopped
    room.kill_server()
    assert room.get("/problems/crates/trial")["stopped"] == stopped
    state = room.get("/state")
    assert next(one for one in state["problems"] if one["id"] == "crates")["trial_stopped"] == stopped
    assert any(one["key"] == "trial:crates" for one in state["desk"])
    assert room.post("/problems/crates/switch", {"anyway": True}).status_code == 409
    until("a machine that works", 30, lambda: room.get("/state")["server"]["machines_ready"] == 1)
    submit_slow(room)


def test_jury_solutions_on_a_real_machine(room: Room, tmp_path: Path) -> None:
    """Every solution of a sample ends as promised; a killed server and a killed machine cost a second judging, never a result."""
    imported = room.post("/problems/import", {"path": str(in_order(tmp_path)), "label": "Z"})
    assert imported.status_code == 200, imported.text
    queued = room.post("/problems/apples/solutions", {}).json()["queued"]

    def done() -> list[dict[str, Any]]:
        return [one for one in room.get("/problems/apples")["solutions"] if one["runs"]]

    until("the first result", 90, done)
    room.kill_server()
    until("more results", 90, lambda: len(done()) >= 3)
    room.kill_judge()
    until("all results", 300, lambda: len(done()) == queued, pause=0.5)
    detail = room.get("/problems/apples")
    wrong = [(one["name"], run) for one in detail["solutions"] for run in one["runs"] if not run["ok"]]
    assert wrong == []
    assert detail["proposal"]["seconds"] is not None
    assert {run["machine"] for one in detail["solutions"] for run in one["runs"]} == {"bench"}
    state = room.get("/state")
    assert state["submission_count"] == 0, "they are nobody's submissions"
    limit = room.post("/problems/apples/limit", {"cpu_seconds": detail["proposal"]["seconds"]})
    assert limit.status_code == 200
    assert room.get("/problems/apples")["cpu_seconds"] == detail["proposal"]["seconds"]
