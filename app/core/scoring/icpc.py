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

from dataclasses import dataclass, replace
from operator import attrgetter

from app.core.contest import Contest
from app.core.events import Event, Kind
from app.core.ids import ContestId, ProblemId, TeamId
from app.core.scoring.cell import CellScore, Score, score_tries
from app.core.scoring.freeze import as_the_public_sees
from app.core.scoring.record import CellKey, Column, Entrant, Record
from app.core.scoring.tally import Tally


@dataclass(frozen=True, slots=True)
class TableRow:
    """One team's line. `last_minute` is the minute of its last accepted problem, None while it has none."""

    rank: int
    team: Entrant
    solved: int
    penalty_minutes: int
    last_minute: int | None
    cells: tuple[CellScore, ...]

    @property
    def merit(self) -> tuple[int, int, int]:
        """What ranks are decided by: the smaller, the better."""
        return (-self.solved, self.penalty_minutes, self.last_minute or 0)


@dataclass(slots=True)
class _Line:
    """A team's row as it stood when it was last ranked, and what it is ordered by. Forgotten when anything of it changes but the rank."""

    order: tuple[tuple[int, int, int], str, TeamId]
    row: TableRow


class IcpcTable:
    """One contest's table. public: behind the curtain of the freeze and without hidden teams; else the jury's."""

    def __init__(self, contest_id: ContestId, *, public: bool) -> None:
        self._public = public
        self._record = Record(contest_id)
        self._scores: dict[CellKey, Score] = {}
        self._counted: dict[CellKey, Score] = {}
        self._tallies: dict[ProblemId, Tally] = {}
        self._columns: tuple[Column, ...] = ()
        self._lines: dict[TeamId, _Line] = {}
        self._rows: tuple[TableRow, ...] | None = ()
        self._by_team: dict[TeamId, TableRow] = {}
        self._due: dict[CellKey, None] = {}
        self._all_due = False
        self._moved = False

    @property
    def contest(self) -> Contest | None:
        """The contest's settings as the log has them."""
        return self._record.contest

    def apply(self, event: Event) -> bool:
        """Takes the log's next event in; whether anything that this table shows has changed."""
        self.note(event)
        return self.settle()

    def note(self, event: Event) -> None:
        """Takes the log's next event in and leaves the scoring to `settle`, which must come before anybody reads."""
        before = self._heading(event)
        touched = self._record.apply(event)
        if touched.everything:
            self._columns = tuple(sorted(self._record.columns.values(), key=lambda one: (one.ordinal, one.id)))
            self._lines.clear()
            self._all_due = True
        elif touched.team is not None:
            self._lines.pop(touched.team, None)
            self._due.update(((touched.team, problem), None) for problem in self._record.columns)
        self._due.update((key, None) for key in touched.cells)
        if touched.everything or touched.team is not None:
            self._moved |= before != self._heading(event)

    def settle(self) -> bool:
        """Scores what was noted, each pair once however many events named it; whether anything that this table shows has changed."""
        keys = list(self._record.cells() if self._all_due else self._due)
        changed, self._moved = self._moved, False
        self._all_due = False
        self._due.clear()
        for key in keys:
            changed |= self._score_cell(key)
        if changed:
            self._rows = None
        return changed

    def columns(self) -> tuple[Column, ...]:
        """The problems in their order."""
        return self._columns

    def rows(self) -> tuple[TableRow, ...]:
        """All shown teams, best first; equals by name. A team of which nothing has changed keeps its very row."""
        if self._rows is None:
            self._rows = _ranked([self._line(team) for team in self._record.entrants.values() if self._shown(team)])
            self._by_team = {row.team.id: row for row in self._rows}
        return self._rows

    def row_of(self, team_id: TeamId) -> TableRow | None:
        """One team's line; None for a team that this table does not show."""
        self.rows()
        return self._by_team.get(team_id)

    def counts(self, problem_id: ProblemId) -> tuple[int, int]:
        """How many teams solved a problem, and how many tried it, without hidden ones."""
        tally = self._tallies.get(problem_id)
        return (0, 0) if tally is None else tally.counts

    def _heading(self, event: Event) -> object:
        """What is shown of the thing that the event is about, beside the cells."""
        if event.kind is Kind.CONTEST:
            return self._record.contest
        if event.kind is Kind.PROBLEM:
            return self._record.columns.get(event.data["id"])
        return self._shown(self._record.entrants.get(event.data["id"])) if event.kind is Kind.TEAM else None

    def _shown(self, team: Entrant | None) -> Entrant | None:
        return None if team is None or (self._public and team.hidden) else team

    def _score_cell(self, key: CellKey) -> bool:
        """Scores one cell again and tells its column; whether that changed what is shown."""
        entrant, score = self._record.entrants.get(key[0]), self._score(key)
        counts = entrant is not None and not entrant.hidden
        if score == self._scores.get(key) and counts == (key in self._counted):
            return False
        changed = score.cell != self._cell(key) and self._shown(entrant) is not None
        if changed:
            self._lines.pop(key[0], None)
        self._scores[key] = score
        return self._count(key, score if counts else None) | changed

    def _count(self, key: CellKey, counted: Score | None) -> bool:
        """Keeps the column's tally, None for a team that does not count; whether another team is first now."""
        team, problem = key
        tally = self._tallies.setdefault(problem, Tally())
        first = tally.first
        tally.change(team, self._counted.pop(key, None), counted)
        if counted is not None:
            self._counted[key] = counted
        if tally.first == first:
            return False
        for one in (first, tally.first):
            if one is not None:
                self._lines.pop(one, None)
        return True

    def _score(self, key: CellKey) -> Score:
        contest = self._record.contest
        if contest is None:
            return Score(CellScore(key[1]))
        tries = self._record.tries(key)
        return score_tries(contest, key[1], as_the_public_sees(contest, tries) if self._public else tries)

    def _cell(self, key: CellKey) -> CellScore:
        score = self._scores.get(key)
        return CellScore(key[1]) if score is None else score.cell

    def _line(self, team: Entrant) -> _Line:
        line = self._lines.get(team.id)
        if line is None:
            row = self._unranked(team)
            line = self._lines[team.id] = _Line((row.merit, team.name.casefold(), team.id), row)
        return line

    def _unranked(self, team: Entrant) -> TableRow:
        each_rejected = 0 if self._record.contest is None else self._record.contest.penalty_minutes
        cells, penalty, last = [], 0, None
        for column in self._columns:
            cell = self._cell((team.id, column.id))
            if cell.minute is not None:
                penalty += cell.minute + each_rejected * (cell.attempts - 1)
                last = max(cell.minute, last or 0)
                cell = replace(cell, first=self._tallies[column.id].first == team.id)
            cells.append(cell)
        return TableRow(0, team, sum(cell.solved for cell in cells), penalty, last, tuple(cells))


def _ranked(lines: list[_Line]) -> tuple[TableRow, ...]:
    lines.sort(key=attrgetter("order"))
    better, equal, previous = 0, 0, None
    for line in lines:
        row, merit = line.row, line.order[0]
        if merit != previous:
            better, equal, previous = better + equal, 0, merit
        equal += not row.team.hidden
        if row.rank != better + 1:
            line.row = TableRow(better + 1, row.team, row.solved, row.penalty_minutes, row.last_minute, row.cells)
    return tuple(line.row for line in lines)
