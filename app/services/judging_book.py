"""What is being judged, from memory: a projection of the event log, and the bell's ringing for it.

Theory of operation. The writer's thread hands over the events of each commit, in order; the book folds them under its lock and then rings
the topics of whoever is concerned, so that a woken reader finds the new state. A start folds the whole log first. Who rings: this
book for submissions, judgements, verdicts, desk items, settings and the clock; Standings for `board`; progress of a running
judgement and returned tasks ring where they happen (report, dispatch).
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.core.clock import Instant
from app.core.events import Event, Kind
from app.core.ids import ContestId, JudgementId, ProblemId, SubmissionId, TeamId
from app.ports.bell import Bell
from app.ports.store import Store

_RECENT = 200
_EVERYBODY = frozenset({"public", "jury", "desk"})
_RINGS = {
    Kind.CONTEST: _EVERYBODY,
    Kind.CLOCK: _EVERYBODY,
    Kind.PROBLEM: _EVERYBODY | {"tasks"},  # a package may wait for a node
    Kind.TEAM: _EVERYBODY,
    Kind.NODE: frozenset({"desk"}),
    Kind.SERVER: frozenset({"desk"}),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """A submission as the book follows it; `verdict` is that of the valid judgement, "" while there is none; `judged_once` whether there
    ever was one."""

    id: SubmissionId
    contest_id: ContestId
    team_id: TeamId | None
    problem_id: ProblemId
    arrived: Instant
    judgement_id: JudgementId | None = None
    verdict: str = ""
    judged_once: bool = False


@dataclass(frozen=True, slots=True)
class JudgingError:
    """A judgement that waits for the organiser."""

    judgement_id: JudgementId
    submission_id: SubmissionId
    reason: str
    since: Instant


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A judgement with runs that contradict each other; `sentence` names the first test that does."""

    judgement_id: JudgementId
    submission_id: SubmissionId
    sentence: str
    since: Instant


class JudgingBook:
    """Safe from any thread; every answer comes from memory."""

    def __init__(self, store: Store, bell: Bell) -> None:
        self._bell = bell
        self._lock = threading.Lock()
        self._folded = 0
        self._submissions: dict[SubmissionId, Followed] = {}
        self._judgements: dict[JudgementId, SubmissionId] = {}
        self._errors: dict[JudgementId, JudgingError] = {}
        self._disagreements: dict[JudgementId, Disagreement] = {}
        self._seconds: deque[float] = deque(maxlen=_RECENT)
        self._counts: Counter[ContestId] = Counter()
        self._judged: Counter[ContestId] = Counter()
        self._folds: Mapping[Kind, Callable[[Event], set[str]]] = {
            Kind.SUBMISSION: self._submission,
            Kind.JUDGEMENT: self._judgement,
            Kind.VERDICT: self._verdict,
            Kind.DESK: self._error,
            Kind.DIFFERENCE: self._difference,
        }
        store.on_commit(self._committed)

    def catch_up(self, events: Sequence[Event]) -> None:
        """Takes in what the log holds already, in its order, batch by batch; nobody is rung for it."""
        with self._lock:
            for event in events:
                self._fold(event)

    @property
    def folded(self) -> int:
        """The number of the last entry of the log that is known here."""
        return self._folded

    def followed(self, submission_id: SubmissionId) -> Followed | None:
        """What is known of a submission."""
        with self._lock:
            return self._submissions.get(submission_id)

    def errors(self) -> Sequence[JudgingError]:
        """Judgements on the desk, oldest first."""
        with self._lock:
            return sorted(self._errors.values(), key=lambda one: (one.since, one.judgement_id))

    def disagreements(self) -> Sequence[Disagreement]:
        """Judgements that count and hold runs with different results, oldest first."""
        with self._lock:
            return sorted(self._disagreements.values(), key=lambda one: (one.since, one.judgement_id))

    def unjudged(self, contest_id: ContestId) -> int:
        """How many submissions of the contest have no verdict yet."""
        with self._lock:
            return self._counts[contest_id] - self._judged[contest_id]

    def count(self, contest_id: ContestId) -> int:
        """How many submissions the contest has."""
        with self._lock:
            return self._counts[contest_id]

    def verdict_seconds(self) -> list[float]:
        """Seconds from arrival to verdict of the newest first verdicts, oldest first; at most 200."""
        with self._lock:
            return list(self._seconds)

    def _committed(self, events: Sequence[Event]) -> None:
        topics: set[str] = set()
        with self._lock:
            for event in events:
                topics |= self._fold(event)
        if topics:
            self._bell.ring(topics)

    def _fold(self, event: Event) -> set[str]:
        if event.seq <= self._folded:
            return set()
        self._folded = event.seq
        fold = self._folds.get(event.kind)
        if event.kind is Kind.PROBLEM and event.data.get("trial"):
            return {"jury", "tasks"}  # nobody else sees anything of another version before it is switched to
        return fold(event) if fold is not None else set(_RINGS.get(event.kind, ()))

    def _keep(self, one: Followed) -> Followed:
        before = self._submissions.get(one.id)
        self._counts[one.contest_id] += before is None
        self._judged[one.contest_id] += bool(one.verdict) - bool(before is not None and before.verdict)
        self._submissions[one.id] = one
        return one

    def _submission(self, event: Event) -> set[str]:
        data = event.data
        one = Followed(
            id=SubmissionId(data["id"]),
            contest_id=event.contest_id,
            team_id=TeamId(data["team_id"]) if data["team_id"] is not None else None,
            problem_id=ProblemId(data["problem_id"]),
            arrived=Instant(data["arrived"]),
        )
        self._keep(one)
        return self._topics(one)

    def _judgement(self, event: Event) -> set[str]:
        judgement_id, submission_id = JudgementId(event.data["id"]), SubmissionId(event.data["submission_id"])
        self._judgements[judgement_id] = submission_id
        one = self._submissions.get(submission_id)
        if one is None:
            return {"jury"}
        if event.data["valid"] and one.judgement_id != judgement_id:
            self._errors.pop(one.judgement_id or JudgementId(0), None)
            self._disagreements.pop(one.judgement_id or JudgementId(0), None)
            # Each field by its place: this runs for each submission, and `replace` costs as much as all the rest of it.
            one = self._keep(
                Followed(
                    one.id,
                    one.contest_id,
                    one.team_id,
                    one.problem_id,
                    one.arrived,
                    judgement_id,
                    judged_once=one.judged_once,
                )
            )
        # A judgement that does not count is nothing that a team hears of.
        topics = self._topics(one) if event.data["valid"] else {"jury"}
        if event.data["state"] == "queued":
            self._errors.pop(judgement_id, None)
            return topics | {"tasks", "desk"}
        return topics

    def _verdict(self, event: Event) -> set[str]:
        one = self._submissions.get(SubmissionId(event.data["submission_id"]))
        judgement_id = JudgementId(event.data["judgement_id"])
        was_error = self._errors.pop(judgement_id, None) is not None
        if one is None:
            return {"jury"}
        if event.data["valid"]:
            if not one.judged_once:
                self._seconds.append(max(0, event.at - one.arrived) / 1000)
            verdict = str(event.data["verdict"])
            self._keep(replace(one, judgement_id=judgement_id, verdict=verdict, judged_once=True))
        return (self._topics(one) if event.data["valid"] else {"jury"}) | ({"desk"} if was_error else set())

    def _error(self, event: Event) -> set[str]:
        judgement_id = JudgementId(event.data["judgement_id"])
        submission_id = self._judgements.get(judgement_id)
        one = self._submissions.get(submission_id) if submission_id is not None else None
        if submission_id is None or (one is not None and one.judgement_id != judgement_id):
            # One that does not count waits for nobody: there is no other to be made in its place.
            return {"desk", "jury"}
        self._errors[judgement_id] = JudgingError(judgement_id, submission_id, str(event.data["reason"]), event.at)
        return {"desk", "jury"}

    def _difference(self, event: Event) -> set[str]:
        judgement_id, submission_id = JudgementId(event.data["judgement_id"]), SubmissionId(event.data["submission_id"])
        one = self._submissions.get(submission_id)
        tests = event.data["tests"]
        if one is None or one.judgement_id != judgement_id or not tests:
            # It was judged again meanwhile: what was wrong about the old judgement counts for nothing.
            return {"jury"}
        found = Disagreement(judgement_id, submission_id, _difference_sentence(tests), event.at)
        self._disagreements.setdefault(judgement_id, found)
        return {"desk", "jury"}

    @staticmethod
    def _topics(one: Followed) -> set[str]:
        topics = {f"submission:{one.id}", "jury"}
        if one.team_id is not None:
            topics.add(f"team:{one.team_id}")
        return topics


def _difference_sentence(tests: Sequence[Mapping[str, Any]]) -> str:
    first = tests[0]
    what = f"Test {first['number']}" if first["number"] else "The compiler"
    counted = f"{first['counted']} on {first['node']}" if first["node"] else str(first["counted"])
    more = f" (and {len(tests) - 1} more)" if len(tests) > 1 else ""
    return f"{what}: {counted} counts, {first['other']} on {first['other_node']} does not{more}."
