"""One long submission on two judge machines: both take part, and whichever dies, nothing is lost or judged twice. In the ordinary run
test_kills.py has a shorter one.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from running import Client, Judge, Server, admin_of, until

from app.server.demo.seed import DemoContest
from app.server.folder import Folder
from app.server.settings import Settings
from app.server.wiring import build
from faults.seeded import copy_of
from faults.test_kills import check_whole

pytestmark = [pytest.mark.root, pytest.mark.full, pytest.mark.timeout(600)]

PACKAGES = Path(__file__).resolve().parents[2] / "problems"
RIGHT = (PACKAGES / "strikes" / "submissions" / "accepted" / "nap.py").read_text()
BURN = "import time\nend = time.process_time() + {seconds}\nwhile time.process_time() < end: pass\n"


@dataclass(frozen=True)
class Told:
    """A run as the store has it."""

    number: int
    counted: bool
    node: str
    verdict: str


@dataclass
class Hall:
    """A server, two machines and a team."""

    data: Path
    server: Server
    judges: dict[str, Judge]
    client: Client
    acknowledged: dict[str, str]

    def submit(self, code: str) -> str:
        """A submission in Python to the problem of many tests; its id."""
        submission = str(self.client.submit("strikes", "python3", code).json()["submission_id"])
        self.acknowledged[submission] = submission
        return submission

    def runs(self, submission: str) -> list[Told]:
        """What was reported of a submission's newest judgement, in the order in which it came."""
        with closing(sqlite3.connect(f"file:{self.data / 'contest.db'}?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT number, counted, json_extract(body, '$.node'), verdict FROM runs WHERE judgement_id ="
                " (SELECT max(id) FROM judgements WHERE submission_id = ?) ORDER BY ordinal",
                (int(submission.removeprefix("sub_")),),
            ).fetchall()
        return [Told(number, bool(counted), node, verdict) for number, counted, node, verdict in rows]

    def judgement(self, submission: str) -> dict[str, Any]:
        """The verdict's entry in the log."""
        with closing(sqlite3.connect(f"file:{self.data / 'contest.db'}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT payload FROM events WHERE kind = 'verdict'").fetchall()
        told = [json.loads(bytes(row[0]))["data"] for row in found]
        mine = [one for one in told if one["submission_id"] == int(submission.removeprefix("sub_"))]
        assert len(mine) == 1, "a submission was judged more or less than once"
        return dict(mine[0])

    def shared(self, submission: str) -> bool:
        """Whether both machines have reported runs of it that count."""
        return len({one.node for one in self.runs(submission) if one.counted}) == 2


@pytest.fixture
def hall(seeded: tuple[Path, DemoContest], tmp_path: Path) -> Iterator[Hall]:
    """A fresh contest with two machines."""
    data, contest = copy_of(seeded[0], tmp_path / "data"), seeded[1]
    with ExitStack() as stack:
        server = stack.enter_context(Server(data))
        judges = {}
        for name in ("one", "two"):
            judges[name] = Judge(tmp_path / name, server.running, "--name", name, "--share", "2")
            stack.callback(judges[name].stop)
        for judge in judges.values():
            judge.approve(server.running)
        for judge in judges.values():
            judge.ready()
        client = stack.enter_context(Client(server.url, contest.teams[0].username, contest.teams[0].password))
        yield Hall(data, server, judges, client, {})


def test_two_machines_share_one_submission(hall: Hall) -> None:
    """203 tests of one submission: both machines run some, each test is run once, and the verdict and its numbers are those of one."""
    right = hall.submit(BURN.format(seconds=0.02) + RIGHT)
    assert hall.client.verdict(right, 120)["verdict"] == "AC"
    runs = hall.runs(right)
    assert sorted(one.number for one in runs if one.counted) == list(range(1, 204))
    assert {one.node for one in runs if one.counted} == {"one", "two"}
    assert all(one.counted for one in runs), "a test was judged twice"
    assert hall.judgement(right)["tests_passed"] == 203
    check_whole(hall.data, hall.acknowledged)


def first_is(hall: Hall, submission: str, place: int) -> str:
    """Who began with it (0), or came to help (1)."""
    until("two machines at one submission", 60, lambda: hall.shared(submission))
    names = list(dict.fromkeys(one.node for one in hall.runs(submission)))
    return names[place]


@pytest.mark.parametrize("place", [0, 1], ids=["the first", "the helper"])
def test_either_machine_is_killed(hall: Hall, place: int) -> None:
    """SIGKILL for the machine that began, or for the one that helps, in mid-span: the other one brings it to its one verdict."""
    submission = hall.submit(BURN.format(seconds=0.1) + RIGHT)
    victim = first_is(hall, submission, place)
    hall.judges[victim].process.process.kill()
    assert hall.client.verdict(submission, 200)["verdict"] == "AC"
    runs = hall.runs(submission)
    assert sorted(one.number for one in runs if one.counted) == list(range(1, 204))
    assert all(one.counted for one in runs), "a test was judged twice"
    assert hall.judgement(submission)["tests_passed"] == 203
    check_whole(hall.data, hall.acknowledged)


def test_the_server_is_killed_while_two_share(hall: Hall) -> None:
    """The server dies while both machines are at it and is started again: they go on with their parts, nothing is run twice."""
    submission = hall.submit(BURN.format(seconds=0.1) + RIGHT)
    first_is(hall, submission, 1)
    ports = (int(hall.server.url.rsplit(":", 1)[1]), int(hall.server.running["node_url"].rsplit(":", 1)[1]))
    hall.server.kill()
    with Server(hall.data, ports=ports):
        assert hall.client.verdict(submission, 200)["verdict"] == "AC"
        runs = hall.runs(submission)
        assert sorted(one.number for one in runs if one.counted) == list(range(1, 204))
        assert all(one.counted for one in runs), "a test was judged twice"
    check_whole(hall.data, hall.acknowledged)


def test_how_much_sooner(seeded: tuple[Path, DemoContest], tmp_path: Path) -> None:
    """100 tests of 50 ms and more each: one machine alone and two together, in turn; printed, and two are not slower."""
    data, contest = copy_of(seeded[0], tmp_path / "data"), seeded[1]
    package = tmp_path / "hundred"
    shutil.copytree(PACKAGES / "strikes", package)
    for path in sorted((package / "data" / "secret").glob("*.in"))[97:]:
        path.unlink()
        path.with_suffix(".ans").unlink()
    with build(Folder(data), Settings()) as house:
        problem = house.services.problems.import_package(house.services.control.contest().id, package)
        assert problem.test_count == 100
    seconds: dict[int, list[float]] = {1: [], 2: []}
    with ExitStack() as stack, Server(data) as server, admin_of(server.running) as admin:
        ids = {}
        for name in ("one", "two"):
            judge = Judge(tmp_path / name, server.running, "--name", name, "--share", "2")
            stack.callback(judge.stop)
            judge.approve(server.running)
            judge.ready()
        for one in admin.get("/admin/v1/machines").json()["items"]:
            ids[one["name"]] = one["id"]
        client = stack.enter_context(Client(server.url, contest.teams[0].username, contest.teams[0].password))
        hall = Hall(data, server, {}, client, {})
        until("the package checked", 120, lambda: _idle(data), pause=0.5)
        for _ in range(5):
            for machines in (1, 2):
                admin.post(f"/admin/v1/machines/{ids['two']}/{'pause' if machines == 1 else 'resume'}")
                began = time.monotonic()
                answer = client.submit(problem.id, "python3", BURN.format(seconds=0.05) + RIGHT)
                submission = str(answer.json()["submission_id"])
                assert client.verdict(submission, 120)["verdict"] == "AC"
                seconds[machines].append(time.monotonic() - began)
                assert len({one.node for one in hall.runs(submission)}) == machines
                shares = sorted(one.node for one in hall.runs(submission))
                print(machines, f"{seconds[machines][-1]:.2f} s", {one: shares.count(one) for one in set(shares)})
    alone, together = (statistics.median(seconds[one]) for one in (1, 2))
    print(f"100 tests of 50 ms: one machine {alone:.2f} s, two {together:.2f} s, {together / alone:.2f} of it")
    assert together < alone


def _idle(data: Path) -> bool:
    """Whether no task waits or is with a machine."""
    with closing(sqlite3.connect(f"file:{data / 'contest.db'}?mode=ro", uri=True)) as database:
        return bool(
            database.execute("SELECT count(*) FROM tasks WHERE state IN ('queued', 'leased')").fetchone()[0] == 0
        )
