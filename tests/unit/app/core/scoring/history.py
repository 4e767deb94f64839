"""Histories of a small contest: events as the services write them, and a plain account of what they mean, written apart from the fold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.contest_data import contest_data
from app.core.events import Event, Kind
from app.core.ids import ContestId, ProblemId, TeamId
from app.core.scoring.icpc import CellScore, IcpcTable
from app.core.verdict import Verdict

MINUTE = 60_000
C = ContestId("c")
CONTEST = Contest(C, "C", Instant(0), 300 * MINUTE, freeze_ms=60 * MINUTE)
PROBLEMS = ("p1", "p2", "p3")
TEAMS = ("t1", "t2", "t3", "hid")


@dataclass
class Judged:
    """One judgement of the account."""

    id: int
    verdict: Verdict | None = None


@dataclass
class Sent:
    """One submission of the account."""

    id: int
    team: str
    problem: str
    arrived: int
    judgements: list[Judged] = field(default_factory=list)
    valid: int | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that stands; a judging error is none."""
        standing = [one.verdict for one in self.judgements if one.id == self.valid]
        return standing[0] if standing and standing[0] is not Verdict.JE else None


class History:
    """Writes events and keeps the account of them."""

    def __init__(self, contest: Contest = CONTEST, teams: tuple[str, ...] = TEAMS) -> None:
        self.events: list[Event] = []
        self.contest = contest
        self.sent: list[Sent] = []
        self.teams = teams
        self._judgements = 0
        self.settings(contest)
        for place, problem in enumerate(PROBLEMS):
            data = {"id": problem, "label": "ABC"[place], "title": problem, "rgb": "#000000", "ordinal": place}
            self.add(Kind.PROBLEM, {**data, "package_version": "v", "test_count": 1})
        for team in teams:
            self.team(team, hidden=team == "hid")

    def add(self, kind: Kind, data: dict[str, Any]) -> None:
        self.events.append(Event(len(self.events) + 1, C, kind, Instant(0), data, b"", b""))

    def settings(self, contest: Contest) -> None:
        self.contest = contest
        self.add(Kind.CONTEST, contest_data(contest))

    def thaw(self, at: int) -> None:
        self.settings(replace(self.contest, thawed=Instant(at)))

    def team(self, team: str, *, hidden: bool = False, name: str = "") -> None:
        data = {"id": team, "name": name or team, "organization": "", "group": "", "hidden": hidden}
        self.add(Kind.TEAM, data)

    def send(self, team: str, problem: str, at: int) -> Sent:
        """A submission with its first judgement, still waiting."""
        one = Sent(len(self.sent) + 1, team, problem, at)
        self.sent.append(one)
        data = {"id": one.id, "team_id": team, "account_id": team, "problem_id": problem, "language": "c"}
        self.add(Kind.SUBMISSION, {**data, "arrived": at, "late_commit": False, "sources": []})
        self.judge_again(one)
        return one

    def judge_again(self, one: Sent) -> None:
        """A new judgement becomes the valid one and waits."""
        self._judgements += 1
        one.judgements.append(Judged(self._judgements))
        self.make_valid(one, one.judgements[-1])

    def make_valid(self, one: Sent, judged: Judged) -> None:
        """A judgement becomes the valid one, with the verdict that it has."""
        one.valid = judged.id
        state = "queued" if judged.verdict is None else "done"
        data = {"id": judged.id, "submission_id": one.id, "package_version": "v", "state": state, "attempt": 0}
        self.add(Kind.JUDGEMENT, {**data, "valid": True})

    def decide(self, one: Sent, verdict: Verdict, judged: Judged | None = None) -> None:
        """A verdict comes for a judgement (the newest one unless told)."""
        judged = judged or one.judgements[-1]
        judged.verdict = verdict
        data = {"judgement_id": judged.id, "submission_id": one.id, "verdict": verdict.value, "tests_passed": 0}
        self.add(Kind.VERDICT, {**data, "valid": one.valid == judged.id, "cpu_us": 0, "memory_bytes": 0})

    def judged(self, team: str, problem: str, at: int, verdict: Verdict) -> Sent:
        """A submission with its verdict at once."""
        one = self.send(team, problem, at)
        self.decide(one, verdict)
        return one

    def table(self, *, public: bool) -> IcpcTable:
        """The fold of all events so far."""
        table = IcpcTable(C, public=public)
        for event in self.events:
            table.apply(event)
        return table


def plain_cells(history: History, *, public: bool) -> dict[tuple[TeamId, ProblemId], CellScore]:
    """What each cell must say by the rules, counted anew from the account (without who was first)."""
    contest, cells = history.contest, {}
    for team in history.teams:
        if public and team == "hid":
            continue
        for problem in PROBLEMS:
            attempts, pending, minute = 0, 0, None
            mine = [one for one in history.sent if (one.team, one.problem) == (team, problem)]
            for one in sorted(mine, key=lambda sent: (sent.arrived, sent.id)):
                moment = contest.contest_time_ms(Instant(one.arrived))
                if moment < 0 or moment >= contest.duration_ms or minute is not None:
                    continue
                verdict, freeze = one.verdict, contest.freeze_ms
                if public and contest.thawed is None and freeze is not None and moment >= contest.duration_ms - freeze:
                    verdict = None
                if verdict is None:
                    pending += 1
                elif verdict is not Verdict.CE:
                    attempts += 1
                    minute = moment // MINUTE if verdict is Verdict.AC else None
            cell = CellScore(ProblemId(problem), minute is not None, attempts, pending, minute)
            cells[TeamId(team), ProblemId(problem)] = cell
    return cells
