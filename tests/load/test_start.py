"""A server that was restarted in the middle of a large contest is there again within seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.memory.bell import MemoryBell
from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Instant
from app.core.contest import Contest
from app.core.contest_data import contest_data
from app.core.events import Kind
from app.core.ids import ContestId
from app.core.people import ANONYMOUS
from app.ports.store import Transaction
from app.services.contest_book import ContestBook
from app.services.judging_book import JudgingBook
from app.services.replay import replay_log
from app.services.standings import Standings

C = ContestId("spring")
SUBMISSIONS = 10_000
TEAMS, PROBLEMS = 100, 12
MOST_CPU_SECONDS = 2.0
"""For a fifth of the largest contest that one laptop takes; measured 0.4 s."""
RUNS = [{"number": number, "verdict": "AC", "cpu_us": 1000, "memory_bytes": 1 << 20} for number in range(1, 11)]


@dataclass
class Log:
    store: SqliteStore
    clock: FakeClock


@pytest.fixture
def log(tmp_path: Path, clock: FakeClock) -> Iterator[Log]:
    """A database whose log tells of a contest with ten thousand judged submissions."""
    store = SqliteStore.open(tmp_path / "contest.db")
    start = clock.now()
    contest = Contest(C, "Spring contest", start, 5 * 3600_000)

    def prepare(tx: Transaction) -> None:
        tx.put_contest(contest)
        tx.append_event(C, Kind.CONTEST, start, contest_data(contest))
        for number in range(TEAMS):
            tx.append_event(C, Kind.TEAM, start, {"id": f"t{number}", "name": f"Team {number}"})
        for number in range(PROBLEMS):
            data = {"id": f"p{number}", "ordinal": number, "label": chr(65 + number), "title": "T", "rgb": "#000000"}
            tx.append_event(C, Kind.PROBLEM, start, data)

    store.write(prepare).result(20)
    for first in range(1, SUBMISSIONS + 1, 500):
        store.write(lambda tx, first=first: _judged(tx, range(first, first + 500), start)).result(20)  # type: ignore[misc]
    yield Log(store, clock)
    store.close()


def _judged(tx: Transaction, numbers: range, start: int) -> None:
    for number in numbers:
        at = Instant(start + number * 1000)
        sent = {"id": number, "team_id": f"t{number % TEAMS}", "problem_id": f"p{number % PROBLEMS}", "arrived": at}
        tx.append_event(C, Kind.SUBMISSION, at, sent)
        begun = {"id": number, "submission_id": number, "state": "queued", "valid": True}
        tx.append_event(C, Kind.JUDGEMENT, at, begun)
        tx.append_event(C, Kind.LEASE, at, {"task_id": number, "judgement_id": number, "node": "n1", "what": "granted"})
        tx.append_event(C, Kind.RUNS, at, {"judgement_id": number, "counted": RUNS, "evidence": []})
        verdict = "AC" if number % 3 == 0 else "WA"
        ended = {"judgement_id": number, "submission_id": number, "verdict": verdict, "valid": True}
        tx.append_event(C, Kind.VERDICT, at, ended)


def test_restart_in_a_large_contest_takes_moments(log: Log) -> None:
    """Board and judging are in memory again after a fraction of a second for each thousand submissions, whatever their runs were."""
    bell = MemoryBell(log.clock)
    book = ContestBook(log.store, log.clock)
    judging, standings = JudgingBook(log.store, bell), Standings(store=log.store, bell=bell, clock=log.clock, book=book)
    began = time.process_time()
    replay_log(log.store, judging, standings)
    cpu_seconds = time.process_time() - began
    assert (judging.count(C), judging.unjudged(C)) == (SUBMISSIONS, 0)
    assert len(standings.board(ANONYMOUS, C).rows) == TEAMS
    assert cpu_seconds < MOST_CPU_SECONDS
