"""The ICPC table, folded from events one by one (rules: CCS requirements, scoring; CLICS scoreboard).

Theory of operation. `Record` keeps what the log says; the table keeps a score for each pair of team and problem. An event names the pairs
that it touches, only those are scored again, and `apply` tells whether anything that this table shows has changed: so in the freeze
the public table stays silent while the jury's moves. First solvers and rows are found when somebody reads them, and only those that
may have changed: with two thousand teams one event costs microseconds, and reading after it one line and the order.

* Contest time in whole minutes, rounded down. A solved problem costs its minute plus the penalty for each rejected try before it.
* Compile errors cost nothing and are not counted; a judging error waits. What comes after the first accepted try does not count.
* Order: solved (more first), penalty (less first), minute of the last accepted (earlier first); equal ones share a rank.
* First to solve: the earliest accepted try, and only when no other team's earlier try at that problem still waits.
* Hidden teams are only in the jury's table; they take no rank from others and are never first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.events import Event, Kind
from app.core.ids import ContestId, ProblemId, SubmissionId, TeamId
from app.core.scoring.freeze import as_the_public_sees
from app.core.scoring.record import CellKey, Column, Entrant, Record, Touched, Try
from app.core.verdict import Verdict

_MINUTE_MS = 60_000
_Order = tuple[Instant, SubmissionId]


@dataclass(frozen=True, slots=True)
class CellScore:
    """One team's tries at one problem. `attempts`: judged ones up to the accepted one, without compile errors; `pending`: waiting
    ones before it; `minute` of the acceptance; `first` to solve."""

    problem_id: ProblemId
    solved: bool = False
    attempts: int = 0
    pending: int = 0
    minute: int | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """One team's line. `last_minute` is the minute of its last accepted problem, None while it has none."""

    rank: int
    team: Entrant
    solved: int
    penalty_minutes: int
    last_minute: int | None
    cells: tuple[CellScore, ...]


@dataclass(frozen=True, slots=True)
class _Score:
    cell: CellScore
    accepted: _Order | None
    waiting: _Order | None


class IcpcTable:
    """One contest's table. public: behind the curtain of the freeze and without hidden teams; else the jury's."""

    def __init__(self, contest_id: ContestId, *, public: bool) -> None:
        self._public = public
        self._record = Record(contest_id)
        self._scores: dict[ProblemId, dict[TeamId, _Score]] = {}
        self._first: dict[ProblemId, TeamId] = {}
        self._unsure: set[ProblemId] = set()
        self._lines: dict[TeamId, TableRow] = {}
        self._columns: tuple[Column, ...] | None = None
        self._rows: tuple[TableRow, ...] | None = None
        self._counts: dict[ProblemId, tuple[int, int]] = {}

    @property
    def contest(self) -> Contest | None:
        """The contest's settings as the log has them."""
        return self._record.contest

    def apply(self, event: Event) -> bool:
        """Takes the log's next event in; whether anything that this table shows has changed."""
        before = self._heading(event)
        touched = self._record.apply(event)
        changed = self._score_again(touched)
        if touched.everything or touched.team is not None:
            changed |= before != self._heading(event)
            self._forget(touched)
        if changed:
            self._rows = None
        return changed

    def columns(self) -> tuple[Column, ...]:
        """The problems in their order."""
        if self._columns is None:
            self._columns = tuple(sorted(self._record.columns.values(), key=lambda one: (one.ordinal, one.id)))
        return self._columns

    def rows(self) -> tuple[TableRow, ...]:
        """All shown teams, best first; equals by name."""
        if self._rows is None:
            while self._unsure:
                self._find_first(self._unsure.pop())
            self._rows = _ranked([self._line(team) for team in self._record.entrants.values() if self._shown(team)])
        return self._rows

    def row_of(self, team_id: TeamId) -> TableRow | None:
        """One team's line; None for a team that this table does not show."""
        return next((row for row in self.rows() if row.team.id == team_id), None)

    def counts(self, problem_id: ProblemId) -> tuple[int, int]:
        """How many teams solved a problem, and how many tried it, without hidden ones."""
        if problem_id not in self._counts:
            cells = [score.cell for team, score in self._scores_of(problem_id)]
            self._counts[problem_id] = (
                sum(1 for cell in cells if cell.solved),
                sum(1 for cell in cells if cell.solved or cell.attempts or cell.pending),
            )
        return self._counts[problem_id]

    def _heading(self, event: Event) -> object:
        """What is shown of the thing that the event is about, beside the cells."""
        if event.kind is Kind.CONTEST:
            return self._record.contest
        if event.kind is Kind.PROBLEM:
            return self._record.columns.get(event.data["id"])
        return self._shown(self._record.entrants.get(event.data["id"])) if event.kind is Kind.TEAM else None

    def _shown(self, team: Entrant | None) -> Entrant | None:
        return None if team is None or (self._public and team.hidden) else team

    def _forget(self, touched: Touched) -> None:
        """After a change of settings, problems or a team: what was found from them is found again when it is read."""
        self._counts.clear()
        self._unsure.update(self._scores)
        self._columns = None
        if touched.everything:
            self._lines.clear()
        elif touched.team is not None:
            self._lines.pop(touched.team, None)

    def _score_again(self, touched: Touched) -> bool:
        keys: Iterable[CellKey] = touched.cells
        if touched.everything:
            keys = self._record.cells()
        elif touched.team is not None:
            keys = [(touched.team, problem) for problem in self._record.columns]
        changed = False
        for team, problem in keys:
            score = self._score((team, problem))
            scores = self._scores.setdefault(problem, {})
            if score == scores.get(team, _Score(CellScore(problem), None, None)):
                continue
            scores[team] = score
            self._lines.pop(team, None)
            self._counts.pop(problem, None)
            self._unsure.add(problem)
            changed |= self._shown(self._record.entrants.get(team)) is not None
        return changed

    def _score(self, key: CellKey) -> _Score:
        contest = self._record.contest
        if contest is None or contest.start is None:
            return _Score(CellScore(key[1]), None, None)
        tries = self._record.tries(key)
        if self._public:
            tries = as_the_public_sees(contest, tries)
        counting = [one for one in tries if one.verdict is not Verdict.CE and _counts(contest, one)]
        return _score_tries(contest, key[1], counting)

    def _find_first(self, problem_id: ProblemId) -> None:
        scores = list(self._scores_of(problem_id))
        accepted = [(score.accepted, team) for team, score in scores if score.accepted is not None]
        first = min(accepted, default=None)
        if first is not None:
            waiting = [score.waiting for team, score in scores if score.waiting is not None and team != first[1]]
            if any(order < first[0] for order in waiting):
                first = None
        before, now = self._first.pop(problem_id, None), None if first is None else first[1]
        if now is not None:
            self._first[problem_id] = now
        for team in {before, now} if before != now else ():
            self._lines.pop(team or TeamId(""), None)

    def _scores_of(self, problem_id: ProblemId) -> Iterable[tuple[TeamId, _Score]]:
        for team_id, score in self._scores.get(problem_id, {}).items():
            team = self._record.entrants.get(team_id)
            if team is not None and not team.hidden:
                yield team_id, score

    def _line(self, team: Entrant) -> TableRow:
        line = self._lines.get(team.id)
        if line is None:
            line = self._lines[team.id] = self._row(team)
        return line

    def _row(self, team: Entrant) -> TableRow:
        contest, cells, penalty, last = self._record.contest, [], 0, None
        for column in self.columns():
            score = self._scores.get(column.id, {}).get(team.id)
            cell = CellScore(column.id) if score is None else score.cell
            if cell.solved and cell.minute is not None and contest is not None:
                penalty += cell.minute + contest.penalty_minutes * (cell.attempts - 1)
                last = max(cell.minute, last or 0)
                cell = replace(cell, first=self._first.get(column.id) == team.id)
            cells.append(cell)
        return TableRow(0, team, sum(cell.solved for cell in cells), penalty, last, tuple(cells))


def _counts(contest: Contest, one: Try) -> bool:
    return 0 <= contest.contest_time_ms(one.arrived) < contest.duration_ms


def _score_tries(contest: Contest, problem_id: ProblemId, tries: Iterable[Try]) -> _Score:
    attempts, pending, waiting = 0, 0, None
    for one in tries:
        order = (one.arrived, one.id)
        if one.verdict is None:
            pending += 1
            waiting = waiting or order
            continue
        attempts += 1
        if one.verdict is Verdict.AC:
            minute = contest.contest_time_ms(one.arrived) // _MINUTE_MS
            return _Score(CellScore(problem_id, True, attempts, pending, minute), order, waiting)
    return _Score(CellScore(problem_id, False, attempts, pending), None, waiting)


def _ranked(rows: list[TableRow]) -> tuple[TableRow, ...]:
    def merit(row: TableRow) -> tuple[int, int, int]:
        return (-row.solved, row.penalty_minutes, row.last_minute or 0)

    rows.sort(key=lambda row: (merit(row), row.team.name.casefold(), row.team.id))
    ranked: list[TableRow] = []
    better, equal, previous = 0, 0, None
    for row in rows:
        if merit(row) != previous:
            better, equal, previous = better + equal, 0, merit(row)
        equal += not row.team.hidden
        ranked.append(replace(row, rank=better + 1))
    return tuple(ranked)
