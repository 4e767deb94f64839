"""Real machines whose reports must be whole: outputs to the last byte, results that come too late, and nothing left of a closed contest."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from gate_house import ADMIN_KEY, CONTEST, House, open_house
from gate_pages import EchoPages
from running import until

from app.console.client import AdminClient
from app.console.place import Access
from app.core.contest_data import contest_data
from app.core.events import Event, Kind
from app.core.ids import SubmissionId
from app.core.judgement import State
from app.ports.store import Transaction
from app.server.ticker import Beat, Ticker
from flow.test_pairing_node import Node, judgement, verdict

pytestmark = pytest.mark.root

TESTS = 80
PACKAGE = """problem_format_version: 2025-09
name: Lines
uuid: 11111111-2222-3333-4444-666666666666
limits: {time_limit: 10.0, memory: 64}
"""
LINES = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); while (n--) puts("line"); return 0; }\n'
BYTES = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); if (n != 1) putchar(0xff); while (n--) puts("line"); }\n'
SLOW = """#include <stdio.h>
#include <time.h>
int main(void) {
    int n; scanf("%d", &n);
    while (clock() < CLOCKS_PER_SEC / 20) { }
    while (n--) puts("line");
    return 0;
}
"""


@dataclass
class Hall:
    """A server and two machines."""

    house: House
    left: Node
    right: Node

    def submit(self, code: str) -> SubmissionId:
        with self.house.client("team1") as team:
            answer = team.post("/api/v1/submissions", json={"problem_id": "lines", "language": "c", "code": code})
        assert answer.status_code == 202, answer.text
        return SubmissionId(int(answer.json()["submission_id"].removeprefix("sub_")))

    def admin(self, path: str) -> httpx2.Response:
        """What the organiser's console gets."""
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.house.ports.console}", trust_env=False) as client:
            return client.get(f"/admin/v1{path}", headers=headers, timeout=20)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall that goes on from test to test."""
    with open_hall(tmp_path_factory.mktemp("hall")) as opened:
        yield opened


@contextmanager
def open_hall(folder: Path) -> Iterator[Hall]:
    """A contest whose one problem asks for n lines: one sample of ten thousand, then many small tests."""
    for number in range(1, TESTS + 1):
        kind, lines = ("sample", 10_000) if number == 1 else ("secret", number % 3 + 1)
        place = folder / "lines" / "data" / kind
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:03}.in").write_text(f"{lines}\n")
        (place / f"{number:03}.ans").write_text("line\n" * lines)
    (folder / "lines" / "problem.yaml").write_text(PACKAGE)
    (folder / "lines" / "statement").mkdir()
    (folder / "lines" / "statement" / "problem.en.md").write_text("Lines.\n")
    house = open_house(folder, EchoPages().app)
    services = house.services
    services.problems.import_package(CONTEST, folder / "lines", problem_id="lines")  # type: ignore[arg-type]
    beats = [Beat("leases", 0.5, services.dispatch.tick), Beat("clock", 0.1, services.control.tick)]
    ticker = Ticker("pulse", beats, time.monotonic)
    ticker.start()
    nodes = [Node(house, folder / name, name) for name in ("left", "right")]
    try:
        for node in nodes:
            node.approve()
        for node in nodes:
            node.ready()
        yield Hall(house, *nodes)
    finally:
        for node in nodes:
            node.process.signal(signal.SIGCONT)
            node.process.stop()
        ticker.stop()
        house.close()


def worker_of(hall: Hall, submission_id: SubmissionId) -> Node:
    """The machine that has the submission."""
    machines = hall.house.services.machines

    def found() -> list[str]:
        return [one.name for one in machines.list() if any(job.submission_id == submission_id for job in one.doing)]

    name = until("a machine with the submission", 60, found)[0]
    return hall.left if name == "left" else hall.right


def test_whole_outputs_reach_the_jury(hall: Hall) -> None:
    """A long output of a sample and the deciding one, which is no text, come to the last byte; short ones were whole anyway."""
    good, bad = hall.submit(LINES), hall.submit(BYTES.replace("n != 1", "n != 10000"))
    assert (verdict(hall.house, good, 60), verdict(hall.house, bad, 60)) == ("AC", "WA")
    sample = hall.admin(f"/submissions/{good}/outputs/1")
    assert sample.content == b"line\n" * 10_000
    assert sample.headers["content-disposition"] == f'attachment; filename="submission-{good}-test-1.out"'
    assert sample.headers["content-security-policy"].startswith("sandbox")
    assert sample.headers["x-content-type-options"] == "nosniff"
    assert hall.admin(f"/submissions/{good}/outputs/2").content == b"line\n" * 3
    access = Access(f"http://127.0.0.1:{hall.house.ports.console}", (("Authorization", f"Bearer {ADMIN_KEY}"),))
    assert asyncio.run(saved(access, f"/admin/v1/submissions/{good}/outputs/1?attempt=1")) == sample.content
    deciding = judgement(hall.house, bad).failing_test
    assert hall.admin(f"/submissions/{bad}/outputs/{deciding}").content == b"\xff" + b"line\n" * 3
    assert hall.admin(f"/submissions/{bad}/outputs/{TESTS}").status_code == 404
    with hall.house.services.store.read() as view:
        assert [one.number for one in view.outputs(judgement(hall.house, good).id)] == [1]
        assert [one.number for one in view.outputs(judgement(hall.house, bad).id)] == [1, deciding]


async def saved(access: Access, path: str) -> bytes:
    """What the console would write into a file."""
    client = AdminClient(access)
    try:
        return await client.content(path)
    finally:
        await client.aclose()


def test_machine_that_slept_over_its_lease(hall: Hall) -> None:
    """A machine is suspended in the middle, another one finishes, then it wakes up: what it says now is evidence, and both work on."""
    store, reported = hall.house.services.store, threading.Event()

    def heard(events: Sequence[Event]) -> None:
        if any(event.kind is Kind.RUNS for event in events):
            reported.set()

    number = hall.submit(SLOW)
    sleeper = worker_of(hall, number)
    store.on_commit(heard)
    assert reported.wait(60)
    sleeper.process.signal(signal.SIGSTOP)
    try:
        assert verdict(hall.house, number, 90) == "AC"
    finally:
        sleeper.process.signal(signal.SIGCONT)

    def late() -> list[Event]:
        with store.read() as view:
            events = view.events_after(0, 10_000, {Kind.RUNS})
        return [event for event in events if event.data.get("late")]

    events = until("the late report", 30, late)
    done = judgement(hall.house, number)
    with store.read() as view:
        runs = view.runs(done.id)
        verdicts = [one for one in view.events_after(0, 10_000, {Kind.VERDICT}) if one.data["judgement_id"] == done.id]
    assert len(verdicts) == 1
    assert done.attempt >= 2, "parts of it that the other machine was lent count as well"
    assert sorted(one.run.number for one in runs if one.counted) == list(range(1, TESTS + 1))
    kept = {(one.attempt, one.run.node) for one in runs if not one.counted and one.attempt == 1}
    assert kept == {(1, sleeper.name)}
    assert events[0].data["counted"] == []
    late_numbers = {run["number"] for event in events for run in event.data["evidence"]}
    detail = hall.admin(f"/submissions/{number}").json()
    shown = {one["number"] for one in detail["runs"] if not one["counted"] and one["attempt"] == 1}
    assert late_numbers == shown
    assert detail["differences"] == []
    until("both machines ready again", 60, lambda: hall.house.services.machines.ready_count() == 2)


def test_nothing_is_left_of_a_closed_contest(tmp_path: Path) -> None:
    """The results are final: an idle machine empties its cache at once, one that was away when it is back; judged again, nothing stays."""
    with open_hall(tmp_path) as hall:
        close_the_contest(hall)


def close_the_contest(hall: Hall) -> None:
    caches = [node.folder / "cache" for node in (hall.left, hall.right)]
    while not all(any(cache.iterdir()) for cache in caches):
        submitted = [hall.submit(SLOW) for _ in caches]
        assert [verdict(hall.house, one, 60) for one in submitted] == ["AC", "AC"]
    compiled = hall.right.folder / "validators" / "of a package"
    compiled.mkdir(parents=True)
    assert hall.left.process.stop() == 0
    assert judgement(hall.house, SubmissionId(1)).state is State.DONE
    end_contest(hall.house)
    hall.house.services.control.finalize().result(10)
    until("an empty cache", 30, lambda: not any(caches[1].iterdir()))
    until("no compiled validator", 60, lambda: not compiled.exists())
    assert any(caches[0].iterdir())
    hall.left = Node(hall.house, hall.left.folder, "left")
    try:
        hall.left.ready()
        until("an empty cache after the return", 30, lambda: not any(caches[0].iterdir()))
        hall.house.services.desk.rejudge(SubmissionId(1), final_too=True).result(10)
        assert verdict(hall.house, SubmissionId(1), 60) == "AC"
        until("empty caches again", 30, lambda: not any(caches[0].iterdir()) and not any(caches[1].iterdir()))
    finally:
        hall.left.process.stop()


def end_contest(house: House) -> None:
    """Its time is over now."""

    def work(tx: Transaction) -> None:
        contest = tx.contest(CONTEST)
        assert contest is not None
        over = replace(contest, duration_ms=1)
        tx.put_contest(over)
        tx.append_event(CONTEST, Kind.CONTEST, house.services.clock.now(), contest_data(over))

    house.services.store.write(work).result(10)
