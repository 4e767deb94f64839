"""The feed fetches all submissions once and later only what can have changed."""

from __future__ import annotations

import asyncio

from app.console.feed import KEPT, PAGE, SubmissionFeed
from app.wire.admin_v1 import SubmissionRow


def row(number: int, status: str = "DONE") -> SubmissionRow:
    return SubmissionRow(
        id=number, contest_time_ms=0, team="Hay", team_id="t1", problem="A", language="c", status=status, verdict=None, tests="",
        test_count=0, tests_passed=0, cpu_seconds=0, cpu_limit_seconds=1, memory_bytes=0, memory_limit_bytes=1, machine="",
    )  # fmt: skip


class Contest:
    """The submissions of a server, by pages, newest first; counts how often it was asked."""

    def __init__(self, count: int) -> None:
        self.rows = {number: row(number) for number in range(1, count + 1)}
        self.asked = 0

    async def fetch(self, before: int | None, limit: int) -> list[SubmissionRow]:
        self.asked += 1
        ids = sorted((number for number in self.rows if before is None or number < before), reverse=True)
        return [self.rows[number] for number in ids[:limit]]


def one_round(feed: SubmissionFeed) -> list[int]:
    return [one.id for one in asyncio.run(feed.round())]


def test_first_round_brings_all() -> None:
    """A console that is opened in the middle of a contest shows all of it."""
    contest = Contest(3 * PAGE + 7)
    assert sorted(one_round(SubmissionFeed(contest.fetch))) == sorted(contest.rows)


def test_quiet_contest_costs_one_page() -> None:
    """Without unfinished ones a round is one request."""
    contest = Contest(3 * PAGE)
    feed = SubmissionFeed(contest.fetch)
    one_round(feed)
    contest.asked = 0
    one_round(feed)
    assert contest.asked == 1


def test_old_unfinished_one_is_looked_after() -> None:
    """A submission that waits for a machine while hundreds pass it still gets its verdict on the screen."""
    contest = Contest(3 * PAGE)
    contest.rows[5] = row(5, "PENDING")
    feed = SubmissionFeed(contest.fetch)
    one_round(feed)
    contest.rows[5] = row(5, "DONE")
    assert 5 in one_round(feed)
    contest.asked = 0
    assert 5 not in one_round(feed)
    assert contest.asked == 1


def test_burst_is_not_lost() -> None:
    """More arrivals between two rounds than a page holds are all fetched."""
    contest = Contest(10)
    feed = SubmissionFeed(contest.fetch)
    one_round(feed)
    contest.rows |= {number: row(number) for number in range(11, 2 * PAGE + 60)}
    assert set(range(11, 2 * PAGE + 60)) <= set(one_round(feed))


def test_huge_contest_is_bounded() -> None:
    """Fifty thousand submissions do not fill the organiser's laptop."""
    contest = Contest(KEPT + 3 * PAGE)
    assert len(one_round(SubmissionFeed(contest.fetch))) == KEPT


def test_rejudged_one_is_fetched_again() -> None:
    """After a rejudging everything is read again."""
    contest = Contest(3 * PAGE)
    feed = SubmissionFeed(contest.fetch)
    one_round(feed)
    feed.forget()
    assert len(one_round(feed)) == 3 * PAGE
