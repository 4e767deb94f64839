"""What was acknowledged is there, whatever is killed: the server at random moments, a judge machine in the middle of a run."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from running import Client, Judge, Server, admin_of, until

from app.adapters.sqlite.store import SqliteStore
from app.server.demo.seed import DemoContest
from app.services.audit import verify
from app.services.rows_and_log import rows_against_log
from faults.seeded import copy_of

# Wrong for every sample problem, small, and judged in a moment: the load is about keeping, not about judging.
CODE = "print('nothing to see', {number})\n"
BUSY = "import time\nend = time.process_time() + 0.35\nwhile time.process_time() < end: pass\n"
SHARED = BUSY + "a, c = map(int, input().split())\nprint(-(-a // c), -a % c)\n"
SLOW = "import time\nend = time.process_time() + 0.7\nwhile time.process_time() < end: pass\nprint(0)\n"


@dataclass
class Load:
    """Teams that submit as fast as they are answered, each with an idempotency key, and keep what was acknowledged."""

    url: str
    contest: DemoContest
    most: int
    acknowledged: dict[str, str] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def start(self, round_number: int) -> None:
        self.stopping.clear()
        for team in self.contest.teams:
            if team.username not in self.tokens:
                with Client(self.url, team.username, team.password) as client:
                    self.tokens[team.username] = client.http.headers["Authorization"]
            self.threads.append(threading.Thread(target=self._work, args=(team.username, round_number)))
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.threads.clear()

    def _work(self, username: str, round_number: int) -> None:
        headers = {"Authorization": self.tokens[username]}
        with httpx2.Client(base_url=self.url, headers=headers, timeout=5, trust_env=False) as http:
            for number in range(self.most):
                if self.stopping.is_set():
                    return
                key = f"{username}-{round_number}-{number}"
                body = {"problem_id": "crates", "language": "python3", "code": CODE.format(number=key)}
                try:
                    answer = http.post("/api/v1/submissions", json=body, headers={"Idempotency-Key": key})
                except httpx2.HTTPError:
                    return
                if answer.status_code == 202:
                    self.acknowledged[key] = answer.json()["submission_id"]
                elif answer.status_code not in (503, 429):
                    self.wrong.append(f"{answer.status_code} {answer.text}")


@pytest.fixture
def judge_of(tmp_path: Path) -> Iterator[list[Judge]]:
    """Judges that the test started; ended after it."""
    judges: list[Judge] = []
    yield judges
    for judge in judges:
        judge.stop()


def all_done(data: Path) -> bool:
    """Whether every judgement has ended."""
    with closing(sqlite3.connect(f"file:{data / 'contest.db'}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM judgements WHERE state != 'done'").fetchone()[0] == 0


def check_whole(data: Path, acknowledged: dict[str, str]) -> None:
    """Each acknowledged submission is there once, with one valid judgement and one verdict that isn't a judging error; the chain holds."""
    key = Ed25519PrivateKey.from_private_bytes((data / "secrets" / "log_signature").read_bytes())
    store = SqliteStore.open(data / "contest.db")
    try:
        assert list(verify(store, key.public_key().public_bytes_raw())) == []
        assert list(rows_against_log(store)) == []
    finally:
        store.close()
    with closing(sqlite3.connect(data / "contest.db")) as database:
        stored = {f"sub_{row[0]}" for row in database.execute("SELECT id FROM submissions")}
        assert set(acknowledged.values()) <= stored, "an acknowledged submission is missing"
        assert len(set(acknowledged.values())) == len(acknowledged), "two keys were given one submission"
        judged = database.execute(
            "SELECT submission_id, count(*), min(verdict) FROM judgements WHERE valid = 1 GROUP BY submission_id"
        ).fetchall()
        assert {f"sub_{row[0]}" for row in judged} == stored
        assert all(row[1] == 1 and row[2] not in (None, "JE") for row in judged), judged[:10]
        texts = [str(row[0]) for row in database.execute("SELECT payload FROM events WHERE kind = 'verdict'")]
        assert len(texts) == len(stored), "a submission was judged more or less than once"


def check_shared(data: Path) -> None:
    """Two machines have run tests of the only judgement, each test once."""
    with closing(sqlite3.connect(f"file:{data / 'contest.db'}?mode=ro", uri=True)) as database:
        runs = database.execute("SELECT number, json_extract(body, '$.node') FROM runs WHERE counted = 1").fetchall()
        assert {node for _, node in runs} == {"one", "two"}
        assert len({number for number, _ in runs}) == len(runs)
        assert database.execute("SELECT count(*) FROM runs WHERE counted = 0").fetchone() == (0,)


@pytest.mark.root
@pytest.mark.parametrize("rounds", [5, pytest.param(20, marks=pytest.mark.full)])
@pytest.mark.timeout(1200)
def test_server_killed_at_random(
    rounds: int, seeded: tuple[Path, DemoContest], tmp_path: Path, judge_of: list[Judge]
) -> None:
    """The server dies by SIGKILL again and again while teams submit; nothing acknowledged is lost, each is judged exactly once."""
    data, contest = copy_of(seeded[0], tmp_path / "data"), seeded[1]
    chance = random.Random(20261124)
    server = Server(data)
    ports = (int(server.url.rsplit(":", 1)[1]), int(server.running["node_url"].rsplit(":", 1)[1]))
    judge = Judge(tmp_path / "judge", server.running)
    judge_of.append(judge)
    judge.approve(server.running)
    judge.ready()
    load = Load(server.url, contest, most=8)
    for number in range(rounds):
        load.start(number)
        load.stopping.wait(0.05 + chance.random() * 0.6)
        server.kill()
        load.stop()
        server = Server(data, ports=ports)
    assert not load.wrong, load.wrong[:3]
    assert len(load.acknowledged) > rounds, "the load reached the server"
    until("the end of all judging", 60 + 30 * rounds, lambda: all_done(data), pause=0.5)
    assert server.stop() == 0
    check_whole(data, load.acknowledged)


@pytest.mark.root
@pytest.mark.timeout(360)
def test_judge_killed_in_mid_run(seeded: tuple[Path, DemoContest], tmp_path: Path, judge_of: list[Judge]) -> None:
    """Two machines share the tests of a long submission, each test run once. Then one vanishes while it judges; the other takes over
    within ten seconds, and the team sees one true verdict."""
    data, contest = copy_of(seeded[0], tmp_path / "data"), seeded[1]
    with ExitStack() as stack, Server(data) as server, admin_of(server.running) as admin:
        for name in ("one", "two"):
            judge = Judge(tmp_path / name, server.running, "--name", name, "--share", "2")
            judge_of.append(judge)
            judge.approve(server.running)
            judge.ready()
        client = stack.enter_context(Client(server.url, contest.teams[0].username, contest.teams[0].password))
        shared = client.submit("crates", "python3", SHARED).json()["submission_id"]
        assert client.verdict(shared, 150)["verdict"] == "AC"
        check_shared(data)
        submission = client.submit("strikes", "python3", SLOW).json()["submission_id"]

        def busy() -> str:
            for machine in admin.get("/admin/v1/machines").json()["items"]:
                if machine["doing"]:
                    return str(machine["name"])
            return ""

        first = until("a machine that judges it", 20, busy, pause=0.02)
        victim = judge_of[0] if first == "one" else judge_of[1]
        victim.process.process.kill()

        def taken_over() -> bool:
            return busy() not in ("", first) or client.http.get(f"/api/v1/submissions/{submission}").json()["verdict"]

        until("another machine with the same submission", 10.5, taken_over)
        state = client.verdict(submission, 60)
        assert state["verdict"] == "WA"
    check_whole(data, {"one": submission, "shared": shared})
