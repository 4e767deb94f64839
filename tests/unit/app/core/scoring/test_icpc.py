"""The ICPC table by example: penalties, ties, first solvers, rejudgings, and the freeze."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.clock import Instant
from app.core.contest import RemovedInterval
from app.core.events import Kind
from app.core.ids import ContestId, ProblemId, TeamId
from app.core.scoring.icpc import CellScore, IcpcTable
from app.core.verdict import Verdict
from unit.app.core.scoring.history import CONTEST, MINUTE, History

AC, WA, CE, JE = Verdict.AC, Verdict.WA, Verdict.CE, Verdict.JE


def ranks(table: IcpcTable) -> list[tuple[int, str, int, int]]:
    return [(row.rank, row.team.id, row.solved, row.penalty_minutes) for row in table.rows()]


def cell(table: IcpcTable, team: str, problem: str = "p1") -> CellScore:
    row = table.row_of(TeamId(team))
    assert row is not None
    return next(one for one in row.cells if one.problem_id == problem)


def test_penalty_of_a_solved_problem() -> None:
    """Two wrong answers before the accepted one at 10:59 cost 10 + 2 × 20 minutes; tries after it cost nothing."""
    history = History()
    history.judged("t1", "p1", 5 * MINUTE, WA)
    history.judged("t1", "p1", 6 * MINUTE, Verdict.TLE)
    history.judged("t1", "p1", 11 * MINUTE - 1, AC)
    history.judged("t1", "p1", 12 * MINUTE, WA)
    table = history.table(public=False)
    assert ranks(table)[0] == (1, "t1", 1, 50)
    assert cell(table, "t1") == CellScore(ProblemId("p1"), True, 3, 0, 10, first=True)


def test_unsolved_problems_cost_nothing() -> None:
    """Wrong answers to a problem that was never solved are shown and cost nothing."""
    history = History()
    history.judged("t1", "p1", 5 * MINUTE, WA)
    table = history.table(public=False)
    assert ranks(table)[0][2:] == (0, 0)
    assert cell(table, "t1") == CellScore(ProblemId("p1"), False, 1, 0, None)


def test_compile_errors_do_not_count() -> None:
    """A compile error is neither shown as an attempt nor paid for."""
    history = History()
    history.judged("t1", "p1", 5 * MINUTE, CE)
    history.judged("t1", "p1", 8 * MINUTE, AC)
    assert cell(history.table(public=False), "t1") == CellScore(ProblemId("p1"), True, 1, 0, 8, first=True)


def test_a_judging_error_waits() -> None:
    """A judging error looks like a submission that waits, on both boards."""
    history = History()
    history.judged("t1", "p1", 5 * MINUTE, JE)
    for public in (True, False):
        assert cell(history.table(public=public), "t1") == CellScore(ProblemId("p1"), False, 0, 1, None)


def test_order_and_shared_ranks() -> None:
    """More solved is better, then less penalty, then the earlier last solution; equal teams share a rank and stand by name."""
    history = History(teams=("t1", "t2", "t3", "t4", "t5"))
    for team, first, second in (("t1", 10, 50), ("t2", 20, 40), ("t3", 20, 40)):
        history.judged(team, "p1", first * MINUTE, AC)
        history.judged(team, "p2", second * MINUTE, AC)
    history.judged("t4", "p1", 1 * MINUTE, AC)
    history.team("t3", name="Aardvarks")
    table = history.table(public=False)
    assert ranks(table) == [(1, "t3", 2, 60), (1, "t2", 2, 60), (3, "t1", 2, 60), (4, "t4", 1, 1), (5, "t5", 0, 0)]


def test_contest_order_is_arrival_not_judging() -> None:
    """The verdict of a later submission may come first; what counts is the order of arrival."""
    history = History()
    early, late = history.send("t1", "p1", 5 * MINUTE), history.send("t1", "p1", 9 * MINUTE)
    history.decide(late, AC)
    assert cell(history.table(public=False), "t1") == CellScore(ProblemId("p1"), True, 1, 1, 9, first=True)
    history.decide(early, WA)
    assert cell(history.table(public=False), "t1") == CellScore(ProblemId("p1"), True, 2, 0, 9, first=True)


def test_first_to_solve_waits_for_earlier_ones() -> None:
    """Nobody is first to solve while another team's earlier submission still waits."""
    history = History()
    waiting = history.send("t2", "p1", 3 * MINUTE)
    history.judged("t1", "p1", 5 * MINUTE, AC)
    assert not cell(history.table(public=True), "t1").first
    history.decide(waiting, WA)
    assert cell(history.table(public=True), "t1").first
    history.decide(waiting, AC)
    table = history.table(public=True)
    assert (cell(table, "t1").first, cell(table, "t2").first) == (False, True)


def test_a_hidden_team_is_only_the_jurys() -> None:
    """A hidden team stands in the jury's table, takes no rank from others, is never first, and is not on the public board."""
    history = History(teams=("t1", "hid"))
    history.judged("hid", "p1", 1 * MINUTE, AC)
    history.judged("t1", "p1", 5 * MINUTE, AC)
    jury, public = history.table(public=False), history.table(public=True)
    assert [(row.rank, row.team.id) for row in jury.rows()] == [(1, "hid"), (1, "t1")]
    assert [(row.rank, row.team.id) for row in public.rows()] == [(1, "t1")]
    assert cell(jury, "t1").first
    assert not cell(jury, "hid").first
    assert public.row_of(TeamId("hid")) is None
    assert jury.counts(ProblemId("p1")) == (1, 1)


def test_rejudging_takes_back_and_gives() -> None:
    """A rejudging makes a solved problem wait, and its verdict, or the old judgement made valid again, decides anew."""
    history = History()
    one = history.judged("t1", "p1", 5 * MINUTE, AC)
    old = one.judgements[0]
    history.judge_again(one)
    assert cell(history.table(public=False), "t1") == CellScore(ProblemId("p1"), False, 0, 1, None)
    history.decide(one, WA)
    assert cell(history.table(public=False), "t1") == CellScore(ProblemId("p1"), False, 1, 0, None)
    history.make_valid(one, old)
    assert cell(history.table(public=False), "t1") == CellScore(ProblemId("p1"), True, 1, 0, 5, first=True)


def test_an_invalid_judgements_verdict_changes_nothing() -> None:
    """The verdict of a judgement that is not the valid one moves no table."""
    history = History()
    one = history.judged("t1", "p1", 5 * MINUTE, WA)
    old = one.judgements[0]
    history.judge_again(one)
    history.decide(one, AC)
    table = history.table(public=False)
    history.decide(one, WA, old)
    assert table.apply(history.events[-1]) is False
    assert cell(table, "t1").solved


def test_outside_the_contest_nothing_counts() -> None:
    """The jury's tries and what was sent before the start or after the end are in no table."""
    history = History()
    history.judged("t1", "p1", -1, AC)
    history.judged("t1", "p1", 300 * MINUTE, AC)
    history.add(Kind.SUBMISSION, {"id": 90, "team_id": None, "problem_id": "p1", "arrived": 1})
    assert ranks(history.table(public=False))[0][2:] == (0, 0)


def test_extending_the_contest_lets_them_count() -> None:
    """A longer contest and a removed interval change what counts, and the minutes."""
    history = History()
    history.judged("t1", "p1", 301 * MINUTE, AC)
    history.settings(replace(CONTEST, duration_ms=310 * MINUTE))
    assert cell(history.table(public=False), "t1").minute == 301
    history.settings(replace(CONTEST, removed=(RemovedInterval(Instant(MINUTE), Instant(11 * MINUTE)),)))
    assert cell(history.table(public=False), "t1").minute == 291


def test_before_anything_is_known() -> None:
    """A table without settings, teams or problems is empty; another contest's events do not touch it."""
    table = IcpcTable(ContestId("other"), public=True)
    assert not any(table.apply(event) for event in History().events)
    assert (table.rows(), table.columns(), table.contest) == ((), (), None)


def test_in_the_freeze_the_public_board_is_silent() -> None:
    """Verdicts of the freeze change nothing on the public board, which shows the tries as waiting; the jury's board moves."""
    history = History()
    history.judged("t1", "p1", 10 * MINUTE, WA)
    public, jury = history.table(public=True), history.table(public=False)
    frozen = history.send("t1", "p1", 240 * MINUTE)
    steps = history.events[-2:]
    assert [public.apply(event) for event in steps] == [True, False]
    assert [jury.apply(event) for event in steps] == [True, False]
    for verdict in (CE, AC):
        history.decide(frozen, verdict)
        assert public.apply(history.events[-1]) is False
        assert jury.apply(history.events[-1]) is True
        assert cell(public, "t1") == CellScore(ProblemId("p1"), False, 1, 1, None)
    assert cell(jury, "t1") == CellScore(ProblemId("p1"), True, 2, 0, 240, first=True)


def test_the_last_millisecond_before_the_freeze_is_public() -> None:
    """What arrived before the freeze shows its verdict, also when it is judged in the freeze."""
    history = History()
    one = history.send("t1", "p1", 240 * MINUTE - 1)
    public = history.table(public=True)
    history.decide(one, AC)
    assert public.apply(history.events[-1]) is True
    assert cell(public, "t1").minute == 239


def test_the_thaw_shows_all() -> None:
    """After the thaw both boards say the same."""
    history = History(teams=("t1", "t2"))
    history.judged("t1", "p1", 250 * MINUTE, AC)
    history.judged("t2", "p1", 260 * MINUTE, CE)
    public = history.table(public=True)
    history.thaw(310 * MINUTE)
    assert public.apply(history.events[-1]) is True
    assert public.rows() == history.table(public=False).rows()


@pytest.mark.parametrize("public", [True, False])
def test_changes_are_told_exactly(public: bool) -> None:
    """A page is told of a change only when it would look different: not for repeated settings, teams or problems."""
    history = History()
    table = history.table(public=public)
    assert not any(table.apply(event) for event in list(history.events))
    history.team("t1", name="Renamed")
    assert table.apply(history.events[-1]) is True
    history.team("hid", hidden=True, name="Renamed too")
    assert table.apply(history.events[-1]) is not public
    history.send("hid", "p1", MINUTE)
    assert table.apply(history.events[-2]) is not public
    history.team("hid", hidden=False)
    assert table.apply(history.events[-1]) is True
