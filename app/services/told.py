"""What the log tells of each row that a result depends on: the last word about contests, teams, accounts and problems, every submission
with its sources, every judgement with its verdict and the runs that count (DESIGN 8: the log is the truth for everything shown).

A judgement's runs may be many: of each only a number of 64 bits is kept, made from what the log says of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.contest_data import contest_data, contest_from_data
from app.core.events import Event, Kind
from app.core.ids import JudgementId, SubmissionId

KINDS = frozenset(
    {
        Kind.CONTEST,
        Kind.TEAM,
        Kind.ACCOUNT,
        Kind.PROBLEM,
        Kind.SUBMISSION,
        Kind.JUDGEMENT,
        Kind.RUNS,
        Kind.VERDICT,
    }
)
_SETTLED = {Kind.CONTEST: "contest", Kind.TEAM: "team", Kind.ACCOUNT: "account", Kind.PROBLEM: "problem"}
_OF_A_VERDICT = ("verdict", "tests_passed", "cpu_us", "memory_bytes", "score_millionths")


@dataclass(slots=True)
class Told:
    """The last word of the log about one thing: what it says, and the number of the entry that says so."""

    seq: int
    data: Mapping[str, Any]


@dataclass(slots=True)
class ToldJudgement:
    """A judgement as the log tells of it; `runs` are marks of the runs that count, in the order in which they were told."""

    submission_id: SubmissionId
    said: dict[str, Any]
    seq: int
    runs: array[int] = field(default_factory=lambda: array("q"))


Name = tuple[str, str, str]
"""What it is, the contest that it belongs to, its id."""


class LogFold:
    """Takes the log's entries in their order."""

    def __init__(self) -> None:
        self.settled: dict[Name, Told] = {}
        self.submissions: dict[SubmissionId, Told] = {}
        self.judgements: dict[JudgementId, ToldJudgement] = {}
        self.unreadable: list[int] = []
        self._counting: dict[SubmissionId, JudgementId] = {}

    def take(self, event: Event) -> None:
        """One entry; those of an unknown shape are remembered as unreadable."""
        try:
            self._take(event)
        except (KeyError, TypeError, AttributeError):
            self.unreadable.append(event.seq)

    def _take(self, event: Event) -> None:
        data = event.data
        if event.kind in _SETTLED:
            what = _SETTLED[event.kind]
            if event.kind is Kind.CONTEST:
                data = contest_data(contest_from_data(data))
            # A team that was moved to another contest is one row there.
            contest_id = event.contest_id if event.kind is Kind.PROBLEM else ""
            self.settled[what, contest_id, data["id"]] = Told(event.seq, {**data, "contest_id": event.contest_id})
        elif event.kind is Kind.SUBMISSION:
            told = Told(event.seq, {**data, "contest_id": event.contest_id})
            self.submissions[SubmissionId(data["id"])] = told
        elif event.kind is Kind.JUDGEMENT:
            self._judgement(event)
        elif event.kind is Kind.RUNS:
            marks = (
                run_mark(one["number"], one["verdict"], one["cpu_us"], one["memory_bytes"]) for one in data["counted"]
            )
            self.judgements[JudgementId(data["judgement_id"])].runs.extend(marks)
        elif event.kind is Kind.VERDICT:
            judgement = self.judgements[JudgementId(data["judgement_id"])]
            judgement.said.update({name: data.get(name) for name in _OF_A_VERDICT})
            judgement.seq = event.seq

    def _judgement(self, event: Event) -> None:
        data = event.data
        number, submission_id = JudgementId(data["id"]), SubmissionId(data["submission_id"])
        judgement = self.judgements.get(number)
        if judgement is None:
            judgement = self.judgements[number] = ToldJudgement(submission_id, {"verdict": None}, event.seq)
        judgement.said |= {
            "submission_id": submission_id,
            "package_version": data["package_version"],
            "contest_id": event.contest_id,
        }
        judgement.said["valid"] = data["valid"]
        before = self._counting.get(submission_id)
        if data["valid"]:
            # One counts: what counts from now on takes that from the one before.
            if before is not None and before != number:
                self.judgements[before].said["valid"] = False
            self._counting[submission_id] = number
        elif before == number:
            del self._counting[submission_id]


def run_mark(number: int, verdict: str, cpu_us: int, memory_bytes: int) -> int:
    """A number that stands for a run's facts, for as long as this process lives."""
    return hash((number, verdict, cpu_us, memory_bytes))
