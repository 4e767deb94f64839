"""What the log says so far of one contest: its settings, teams, problems, and each team's tries with the verdict that stands.

Theory of operation. A submission can be judged many times; the verdict that stands is that of its valid judgement, once there is one.
Verdicts are kept by judgement, so that making another judgement valid (a rejudging, or its undoing) shows its verdict at once. A
judgement that is queued again has none; a judging error is none. Tries without a team (the jury's own) are not part of any table.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.contest_data import contest_from_data
from app.core.events import Event, Kind
from app.core.ids import ContestId, JudgementId, ProblemId, SubmissionId, TeamId
from app.core.verdict import Verdict

CellKey = tuple[TeamId, ProblemId]


@dataclass(frozen=True, slots=True)
class Column:
    """A problem of the table."""

    id: ProblemId
    ordinal: int
    label: str
    title: str
    rgb: str


@dataclass(frozen=True, slots=True)
class Entrant:
    """A team of the table."""

    id: TeamId
    name: str
    organization: str = ""
    group: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Try:
    """One submission in the contest's order (arrived, id); verdict None while it waits."""

    arrived: Instant
    id: SubmissionId
    verdict: Verdict | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Touched:
    """What an event may have changed: single cells, one team, or everything."""

    cells: frozenset[CellKey] = frozenset()
    team: TeamId | None = None
    everything: bool = False


NOTHING = Touched()
EVERYTHING = Touched(everything=True)


class Record:
    """Folds events of one contest, in the order of the log."""

    def __init__(self, contest_id: ContestId) -> None:
        self.contest_id = contest_id
        self.contest: Contest | None = None
        self.columns: dict[ProblemId, Column] = {}
        self.entrants: dict[TeamId, Entrant] = {}
        self._submissions: dict[SubmissionId, tuple[CellKey, Instant]] = {}
        self._orders: dict[CellKey, list[tuple[Instant, SubmissionId]]] = {}
        self._standing: dict[SubmissionId, JudgementId] = {}
        self._verdicts: dict[JudgementId, Verdict] = {}
        self._takes: dict[Kind, Callable[[Mapping[str, Any]], Touched]] = {
            Kind.CONTEST: self._settings,
            Kind.PROBLEM: self._problem,
            Kind.TEAM: self._team,
            Kind.SUBMISSION: self._submission,
            Kind.JUDGEMENT: self._judgement,
            Kind.VERDICT: self._verdict_came,
        }

    def tries(self, key: CellKey) -> list[Try]:
        """A team's tries at a problem in the contest's order."""
        return [Try(arrived, number, self._verdict(number)) for arrived, number in self._orders.get(key, ())]

    def cells(self) -> list[CellKey]:
        """All pairs of team and problem with at least one try."""
        return list(self._orders)

    def apply(self, event: Event) -> Touched:
        """Takes one event in; says what it may have changed. Events of other contests and other kinds change nothing."""
        take = self._takes.get(event.kind)
        return NOTHING if take is None or event.contest_id != self.contest_id else take(event.data)

    def _settings(self, data: Mapping[str, Any]) -> Touched:
        self.contest = contest_from_data(data)
        return EVERYTHING

    def _problem(self, data: Mapping[str, Any]) -> Touched:
        column = Column(data["id"], data["ordinal"], data["label"], data["title"], data["rgb"])
        if self.columns.get(column.id) == column:
            return NOTHING
        self.columns[column.id] = column
        return EVERYTHING

    def _team(self, data: Mapping[str, Any]) -> Touched:
        entrant = Entrant(
            data["id"],
            data["name"],
            data.get("organization", ""),
            data.get("group", ""),
            bool(data.get("hidden", False)),
        )
        self.entrants[entrant.id] = entrant
        return Touched(team=entrant.id)

    def _submission(self, data: Mapping[str, Any]) -> Touched:
        number = SubmissionId(data["id"])
        if data.get("team_id") is None or number in self._submissions:
            return NOTHING
        key = (TeamId(data["team_id"]), ProblemId(data["problem_id"]))
        self._submissions[number] = (key, Instant(data["arrived"]))
        insort(self._orders.setdefault(key, []), (Instant(data["arrived"]), number))
        return self._cell_of(number)

    def _judgement(self, data: Mapping[str, Any]) -> Touched:
        judgement, number = JudgementId(data["id"]), SubmissionId(data["submission_id"])
        if data["state"] != "done":
            self._verdicts.pop(judgement, None)
        return self._stands(judgement, number, valid=bool(data["valid"]))

    def _verdict_came(self, data: Mapping[str, Any]) -> Touched:
        judgement, number = JudgementId(data["judgement_id"]), SubmissionId(data["submission_id"])
        self._verdicts[judgement] = Verdict(data["verdict"])
        return self._stands(judgement, number, valid=bool(data["valid"]))

    def _stands(self, judgement: JudgementId, number: SubmissionId, *, valid: bool) -> Touched:
        if valid:
            self._standing[number] = judgement
        elif self._standing.get(number) == judgement:
            del self._standing[number]
        else:
            return NOTHING
        return self._cell_of(number)

    def _cell_of(self, number: SubmissionId) -> Touched:
        known = self._submissions.get(number)
        return NOTHING if known is None else Touched(cells=frozenset({known[0]}))

    def _verdict(self, number: SubmissionId) -> Verdict | None:
        standing = self._standing.get(number)
        verdict = None if standing is None else self._verdicts.get(standing)
        return None if verdict is Verdict.JE else verdict
