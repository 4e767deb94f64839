"""The fold's properties over invented contests: step by step or at once, in whatever order the verdicts come, frozen or not."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import Instant
from app.core.events import Kind
from app.core.ids import ProblemId
from app.core.scoring.icpc import IcpcTable, TableRow
from app.core.verdict import Verdict
from unit.app.core.scoring.history import CONTEST, MINUTE, PROBLEMS, TEAMS, C, History, plain_cells

VERDICTS = st.sampled_from([Verdict.AC, Verdict.WA, Verdict.CE, Verdict.JE, Verdict.TLE])
TIMES = st.integers(-1, 301).map(lambda minute: minute * MINUTE)
SENDS = st.lists(st.tuples(st.sampled_from(TEAMS), st.sampled_from(PROBLEMS), TIMES, VERDICTS), max_size=25)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from(TEAMS), st.sampled_from(PROBLEMS), TIMES),
        st.tuples(st.just("decide"), st.integers(0, 50), VERDICTS, st.integers(0, 3)),
        st.tuples(st.just("again"), st.integers(0, 50)),
        st.tuples(st.just("back"), st.integers(0, 50), st.integers(0, 3)),
        st.tuples(st.just("freeze"), st.sampled_from([None, 0, 60, 200])),
        st.tuples(st.just("thaw"), st.booleans()),
    ),
    max_size=40,
)


def played(steps: list[tuple[object, ...]]) -> History:
    history = History()
    for what, *more in steps:
        if what == "send":
            history.send(*more)  # type: ignore[arg-type]
        elif what == "freeze":
            freeze = more[0]
            history.settings(replace(history.contest, freeze_ms=None if freeze is None else freeze * MINUTE))  # type: ignore[operator]
        elif what == "thaw":
            history.settings(replace(history.contest, thawed=Instant(1) if more[0] else None))
        elif history.sent:
            one = history.sent[more[0] % len(history.sent)]  # type: ignore[operator]
            if what == "again":
                history.judge_again(one)
            elif what == "decide":
                history.decide(one, more[1], one.judgements[more[2] % len(one.judgements)])  # type: ignore[arg-type,operator]
            else:
                history.make_valid(one, one.judgements[more[1] % len(one.judgements)])  # type: ignore[operator]
    return history


def without_first(rows: tuple[TableRow, ...]) -> dict[object, object]:
    return {(row.team.id, cell.problem_id): replace(cell, first=False) for row in rows for cell in row.cells}


@given(STEPS, st.booleans())
def test_the_fold_says_what_the_rules_say(steps: list[tuple[object, ...]], public: bool) -> None:
    """After any story of submissions, verdicts, rejudgings, freezes and thaws each cell is what counting anew gives."""
    history = played(steps)
    assert without_first(history.table(public=public).rows()) == plain_cells(history, public=public)


@given(STEPS, st.booleans())
def test_step_by_step_is_at_once(steps: list[tuple[object, ...]], public: bool) -> None:
    """A board that was read after every event says the same as one built at a restart, and it changed only when it said so."""
    history = played(steps)
    table = IcpcTable(C, public=public)
    shown = (table.rows(), table.columns(), table.contest)
    for event in history.events:
        changed = table.apply(event)
        now = (table.rows(), table.columns(), table.contest)
        assert changed == (now != shown)
        shown = now
    again = history.table(public=public)
    assert (again.rows(), again.columns(), again.contest) == shown
    assert [again.counts(ProblemId(one)) for one in PROBLEMS] == [table.counts(ProblemId(one)) for one in PROBLEMS]


@given(STEPS, st.lists(st.integers(1, 9), min_size=1), st.booleans())
def test_a_restart_scores_many_events_at_once(steps: list[tuple[object, ...]], pauses: list[int], public: bool) -> None:
    """Events that are noted in heaps of any size and scored after each heap give the board that they give one by one."""
    history = played(steps)
    table, one_by_one = IcpcTable(C, public=public), history.table(public=public)
    left = list(history.events)
    for number in range(len(left)):
        heap, left = left[: pauses[number % len(pauses)]], left[pauses[number % len(pauses)] :]
        for event in heap:
            table.note(event)
        table.settle()
    assert not table.settle(), "nothing was noted since"
    assert (table.rows(), table.columns()) == (one_by_one.rows(), one_by_one.columns())
    assert [table.counts(ProblemId(one)) for one in PROBLEMS] == [one_by_one.counts(ProblemId(one)) for one in PROBLEMS]


@given(SENDS, st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_verdicts_does_not_matter(
    sends: list[tuple[str, str, int, Verdict]], chance: object, public: bool
) -> None:
    """Which judge machine was faster changes nothing: only the order of arrival counts."""
    straight, mixed = History(), History()
    for team, problem, at, verdict in sends:
        straight.judged(team, problem, at, verdict)
        mixed.send(team, problem, at)
    late = list(zip(mixed.sent, (verdict for *_, verdict in sends), strict=True))
    chance.shuffle(late)  # type: ignore[attr-defined]
    for one, verdict in late:
        mixed.decide(one, verdict)
    assert straight.table(public=public).rows() == mixed.table(public=public).rows()


@given(SENDS)
def test_the_frozen_board_is_the_jurys_at_the_freeze_with_waiting_tries(
    sends: list[tuple[str, str, int, Verdict]],
) -> None:
    """The public board in the freeze is what the jury saw of earlier submissions, with every later one still waiting."""
    frozen, at_freeze = History(), History()
    at_freeze.settings(replace(CONTEST, freeze_ms=None))
    for team, problem, at, verdict in sends:
        frozen.judged(team, problem, at, verdict)
        one = at_freeze.send(team, problem, at)
        if at < 240 * MINUTE:
            at_freeze.decide(one, verdict)
    shown = frozen.table(public=True).rows()
    expected = [row for row in at_freeze.table(public=False).rows() if not row.team.hidden]
    assert list(shown) == expected


@given(SENDS)
def test_the_public_board_never_hears_of_the_freeze(sends: list[tuple[str, str, int, Verdict]]) -> None:
    """No verdict of a submission in the freeze makes the public board ring."""
    history = History()
    for team, problem, at, verdict in sends:
        history.judged(team, problem, at, verdict)
    arrived = {one.id: one.arrived for one in history.sent}
    table = IcpcTable(C, public=True)
    for event in history.events:
        changed = table.apply(event)
        if event.kind is Kind.VERDICT and arrived[event.data["submission_id"]] >= 240 * MINUTE:
            assert not changed


@given(SENDS)
def test_ranks_follow_merit(sends: list[tuple[str, str, int, Verdict]]) -> None:
    """A team's rank is one more than the number of shown teams that are strictly better."""
    history = History()
    for team, problem, at, verdict in sends:
        history.judged(team, problem, at, verdict)

    def merit(row: TableRow) -> tuple[int, int, int]:
        return (-row.solved, row.penalty_minutes, row.last_minute or 0)

    rows = history.table(public=False).rows()
    for row in rows:
        better = [one for one in rows if not one.team.hidden and merit(one) < merit(row)]
        assert row.rank == len(better) + 1
        assert row.penalty_minutes == sum(
            cell.minute + CONTEST.penalty_minutes * (cell.attempts - 1) for cell in row.cells if cell.minute is not None
        )
