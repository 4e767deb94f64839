"""One team's tries at one problem, scored by the ICPC rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.ids import ProblemId, SubmissionId
from app.core.scoring.record import Try
from app.core.verdict import Verdict

_MINUTE_MS = 60_000

Order = tuple[Instant, SubmissionId]
"""The contest's order of submissions."""


@dataclass(frozen=True, slots=True)
class CellScore:
    """What the table shows of it. `attempts`: judged ones up to the accepted one, without compile errors; `pending`: waiting ones
    before it; `minute` of the acceptance; `first` to solve."""

    problem_id: ProblemId
    solved: bool = False
    attempts: int = 0
    pending: int = 0
    minute: int | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A cell with the order of its accepted try and of its first waiting one before that, to find who was first."""

    cell: CellScore
    accepted: Order | None = None
    waiting: Order | None = None

    @property
    def tried(self) -> bool:
        """Whether there is anything to show."""
        return self.cell.solved or self.cell.attempts > 0 or self.cell.pending > 0


def score_tries(contest: Contest, problem_id: ProblemId, tries: Iterable[Try]) -> Score:
    """Scores tries in the contest's order. Those outside the contest's time and compile errors are passed over; all are while the
    contest is not scheduled."""
    attempts, pending, waiting = 0, 0, None
    for one in tries if contest.start is not None else ():
        moment = contest.contest_time_ms(one.arrived)
        if one.verdict is Verdict.CE or not 0 <= moment < contest.duration_ms:
            continue
        order = (one.arrived, one.id)
        if one.verdict is None:
            pending += 1
            waiting = waiting or order
            continue
        attempts += 1
        if one.verdict is Verdict.AC:
            return Score(CellScore(problem_id, True, attempts, pending, moment // _MINUTE_MS), order, waiting)
    return Score(CellScore(problem_id, False, attempts, pending), None, waiting)
