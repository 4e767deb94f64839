"""Many at once on the real database: nothing lost, nothing twice, nobody let in again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.sqlite.store import SqliteStore
from app.core.ids import LanguageId, ProblemId
from app.core.people import ANONYMOUS
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.ports.leases import TaskKind
from app.ports.store import SubmissionFilter
from app.services.answers import Accepted, SubmitRequest
from unit.app.services.world import SPRING, World

STRIKES = ProblemId("strikes")


@pytest.fixture
def hall(clock: FakeClock, tmp_path: Path) -> Iterator[World]:
    """A running contest with a problem, on SQLite."""
    made = World(clock, SqliteStore.open(tmp_path / "contest.sqlite", reserve_bytes=0))
    made.contest()
    made.problem()
    yield made
    made.services.accounts.close()
    made.store.close()


def at_once(*works: Callable[[], None]) -> None:
    """Runs all works at the same time, each in a thread of its own."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        gate.wait(10)
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def request(code: str, key: str = "") -> SubmitRequest:
    return SubmitRequest(STRIKES, LanguageId("python3"), (SourceFile("main.py", code.encode()),), idempotency_key=key)


def test_a_rush_of_submissions_is_kept_whole(hall: World) -> None:
    """Eight teams submit twenty times at once: every acknowledged submission is there with its own source, and on the board."""
    teams = [hall.team(f"team{number}") for number in range(8)]
    answers: dict[str, Future[Accepted]] = {}

    def rush(number: int) -> Callable[[], None]:
        def work() -> None:
            for turn in range(20):
                code = f"print({number * 1000 + turn})"
                answers[code] = hall.services.submit.accept(teams[number], request(code), hall.clock.now())

        return work

    at_once(*(rush(number) for number in range(8)))
    stored = {code: future.result(30).submission_id for code, future in answers.items()}
    assert len(set(stored.values())) == 160
    with hall.store.read() as view:
        assert view.count_submissions(SubmissionFilter(SPRING)) == 160
        for code, submission_id in stored.items():
            assert view.sources(submission_id)[0].data == code.encode()
        assert view.leases.waiting(TaskKind.JUDGE)[0] == 160
    hall.tick()
    board = hall.services.standings.board(ANONYMOUS, SPRING)
    assert [row.cells[0].pending for row in board.rows] == [20] * 8
    assert hall.judging.count(SPRING) == 160


def test_two_seats_with_one_key_submit_once(hall: World) -> None:
    """Both seats of a team press the button with the same form at the same moment: one submission, one answer for both."""
    team = hall.team("lanterns")
    answers: list[Future[Accepted]] = []

    def press() -> None:
        answers.append(hall.services.submit.accept(team, request("print(1)", "form-1"), hall.clock.now()))

    at_once(press, press, press, press)
    results = [answer.result(30) for answer in answers]
    assert len({one.submission_id for one in results}) == 1
    assert sorted(one.repeated for one in results) == [False, True, True, True]


def test_closing_an_account_beats_whoever_asks_meanwhile(hall: World) -> None:
    """While pages keep asking who holds a cookie, the account is closed: from then on nobody does."""
    team = hall.team("lanterns")
    accounts = hall.services.accounts
    token = accounts.sign_in("lanterns", accounts.password_of(hall.account(team)), "a").result(10).token
    closed = threading.Event()
    after: list[object] = []

    def ask() -> None:
        while not closed.is_set():
            accounts.caller_of(token)
        after.extend(accounts.caller_of(token) for _ in range(50))

    def close() -> None:
        assert team.account_id is not None
        accounts.set_enabled(team.account_id, False).result(10)
        closed.set()

    at_once(ask, ask, close)
    assert after == [None] * 100


def test_verdicts_and_submissions_at_once_end_on_one_board(hall: World) -> None:
    """Machines report while teams submit; at the end the board says what the log says, also after a restart."""
    teams = [hall.team(f"team{number}") for number in range(3)]
    machines = [hall.machine(f"bench-{number}") for number in range(2)]
    for number in range(30):
        hall.submit(teams[number % 3], STRIKES, f"print({number})")

    def judge(machine: int) -> Callable[[], None]:
        def work() -> None:
            for turn in range(15):
                machines[machine].judge(Verdict.WA if turn % 2 else Verdict.AC)

        return work

    at_once(judge(0), judge(1), *[hall.services.standings.tick] * 2)
    hall.tick()
    live = hall.services.standings.board(hall.jury(), SPRING)
    again = World(hall.clock, hall.store)
    assert again.services.standings.board(hall.jury("second"), SPRING).rows == live.rows
    assert all(cell.pending == 0 for row in live.rows for cell in row.cells)
    again.services.accounts.close()
