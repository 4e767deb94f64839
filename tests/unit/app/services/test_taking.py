"""Submissions that wait together are taken in one go by the database's writer: each is still decided as if it had come alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Instant
from app.core.errors import Refusal
from app.core.events import Kind, first_break
from app.core.ids import LanguageId, ProblemId
from app.core.people import Caller
from app.core.submission import SourceFile
from app.ports.leases import TaskKind
from app.ports.store import SubmissionFilter, Transaction
from app.services.answers import Accepted, SubmitRequest
from unit.app.services.world import SPRING, World

REQUEST = SubmitRequest(ProblemId("strikes"), LanguageId("python3"), (SourceFile("main.py", b"print(1)"),))


@pytest.fixture
def hall(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    """A running contest in a database."""
    store = SqliteStore.open(tmp_path / "contest.db", reserve_bytes=0)
    world = World(clock, store=store)
    world.contest()
    world.problem()
    yield world
    world.services.accounts.close()
    store.close()


@contextmanager
def busy_disk(world: World) -> Iterator[None]:
    """While the context is open everything waits for the writer; what came in it is taken together."""
    entered, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        entered.set()
        assert go.wait(10)

    holding = world.store.write(hold)
    assert entered.wait(10)
    yield
    go.set()
    holding.result(10)


def accept(world: World, caller: Caller, request: SubmitRequest = REQUEST, later_ms: int = 0) -> Future[Accepted]:
    return world.services.submit.accept(caller, request, Instant(world.clock.now() + later_ms))


def code_of(future: Future[Accepted]) -> int:
    error = future.exception(10)
    assert isinstance(error, Refusal)
    return error.code


def test_numbers_follow_arrival_and_the_log_tells_all(hall: World) -> None:
    """Forty submissions of four teams at once: the smaller number to the earlier one, one chain in the log, each with its task."""
    teams = [hall.team(f"team{number}") for number in range(4)]
    with busy_disk(hall):
        futures = [accept(hall, teams[number % 4], later_ms=40 - number) for number in range(40)]
    numbers = [future.result(10).submission_id for future in futures]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 40
    with hall.store.read() as view:
        events = view.events_after(0, 1000)
        told = [event.data["id"] for event in events if event.kind is Kind.SUBMISSION]
        assert told == sorted(numbers)
        assert first_break((event.seq, event.payload, event.hash) for event in events) is None
        assert view.leases.waiting(TaskKind.JUDGE)[0] == 40


def test_one_key_at_the_same_moment_is_one_submission(hall: World) -> None:
    """A double click: one submission, the same answer twice; another body with that key is refused; another team's same key is its own."""
    lanterns, otters = hall.team("lanterns"), hall.team("otters")
    keyed = replace(REQUEST, idempotency_key="k")
    other = replace(keyed, files=(SourceFile("main.py", b"print(2)"),))
    with busy_disk(hall):
        first, again, changed = (accept(hall, lanterns, one) for one in (keyed, keyed, other))
        theirs = accept(hall, otters, keyed)
    assert first.result(10).submission_id == again.result(10).submission_id
    assert (first.result(10).repeated, again.result(10).repeated) == (False, True)
    assert code_of(changed) == 409
    assert theirs.result(10).submission_id != first.result(10).submission_id
    with hall.store.read() as view:
        assert view.count_submissions(SubmissionFilter(SPRING)) == 2


def test_the_limit_of_a_minute_counts_what_comes_together(hall: World) -> None:
    """With twenty sent before, ten of fifteen that come at once are taken; another team is not touched by it."""
    lanterns, otters = hall.team("lanterns"), hall.team("otters")
    for _ in range(20):
        accept(hall, lanterns).result(10)
    hall.clock.forward(seconds=20)
    with busy_disk(hall):
        futures = [accept(hall, lanterns, later_ms=number) for number in range(15)]
        theirs = accept(hall, otters)
    taken = [future.exception(10) is None for future in futures]
    assert taken == [True] * 10 + [False] * 5
    refusal = futures[-1].exception(10)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.retry_after_seconds) == (429, 40)
    assert theirs.result(10).submission_id


def test_what_left_the_minute_counts_no_more(hall: World) -> None:
    """The span of the last minute is each submission's own, though others came with it earlier."""
    lanterns, otters = hall.team("lanterns"), hall.team("otters")
    for _ in range(30):
        accept(hall, lanterns).result(10)
    with busy_disk(hall):
        futures = [
            accept(hall, otters, later_ms=1),
            accept(hall, lanterns, later_ms=59_999),
            accept(hall, lanterns, later_ms=60_000),
        ]
    futures[0].result(10)
    assert code_of(futures[1]) == 429
    futures[2].result(10)


def test_an_account_that_is_closed_meanwhile_is_refused(hall: World) -> None:
    """Among many that wait, those of a closed account are refused, and nobody else's."""
    lanterns, otters = hall.team("lanterns"), hall.team("otters")
    assert lanterns.account_id is not None
    hall.services.accounts.set_enabled(lanterns.account_id, False).result(10)
    with busy_disk(hall):
        futures = [accept(hall, one) for one in (lanterns, otters, lanterns)]
    assert [code_of(futures[0]), code_of(futures[2])] == [401, 401]
    assert futures[1].result(10).submission_id == 1
