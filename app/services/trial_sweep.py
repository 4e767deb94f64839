"""What a version on trial has not judged yet, found without reading all submissions again and again.

Theory of operation. For each trial one look goes over the problem's submissions, from the newest to the oldest, at most PAGES pages at a
time; afterwards only submissions of which a new verdict was written are looked at. Verdicts are collected from `meet` on, and a view that
is opened after it shows all earlier ones, so none falls between the two. A portion counts as looked at when its judgements are on disk
(`done`); until then the same one is found again. Everything here is memory: a server that was started again looks anew.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from app.core.events import Event, Kind
from app.core.ids import ContestId, PackageVersion, ProblemId, SubmissionId
from app.core.judgement import Judgement, State
from app.core.problem import Problem
from app.core.submission import Submission
from app.ports.store import SubmissionFilter, View

PORTION = 4
PAGE = 500
PAGES = 2


@dataclass(frozen=True, slots=True)
class Portion:
    """Submissions that are to be judged with a version now; `oldest` and `fresh` tell what was looked at to find them."""

    key: str
    version: PackageVersion
    submissions: tuple[Submission, ...]
    oldest: SubmissionId | None
    fresh: tuple[SubmissionId, ...]
    over: bool = False


@dataclass(slots=True)
class _Look:
    version: PackageVersion
    before: SubmissionId | None = None
    over: bool = False
    fresh: dict[SubmissionId, None] = field(default_factory=dict)


class TrialSweep:
    """Safe from any thread; `next_portion` and `done` from one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looks: dict[str, _Look] = {}

    def committed(self, events: Sequence[Event]) -> None:
        """Notes which submissions have a new verdict."""
        verdicts = [event for event in events if event.kind is Kind.VERDICT]
        with self._lock:
            for key, look in self._looks.items() if verdicts else ():
                contest_id = key.partition("/")[0]
                mine = (one.data["submission_id"] for one in verdicts if one.contest_id == contest_id)
                look.fresh.update(dict.fromkeys(SubmissionId(one) for one in mine))

    def meet(self, trials: Mapping[str, Any]) -> None:
        """These are on trial now, as they stand in the store; others are forgotten."""
        with self._lock:
            before = self._looks
            self._looks = {}
            for key, trial in trials.items():
                known = before.get(key)
                same = known is not None and known.version == trial["version"]
                self._looks[key] = known if known is not None and same else _Look(PackageVersion(trial["version"]))

    def next_portion(self, view: View, trials: Mapping[str, Any]) -> Portion | None:
        """What a trial lacks; None where nothing is to be done now. The view is younger than `meet` with these trials."""
        for key in trials:
            contest_id, _, problem_id = key.partition("/")
            problem = view.problem(ContestId(contest_id), ProblemId(problem_id))
            record = view.package(PackageVersion(trials[key]["version"]))
            if problem is None or record is None or record.state != "ready":
                continue
            found = self._look(view, key, problem, record.version, trials[key]["judgements"])
            if found.submissions:
                return found
            self.done(found)
        return None

    def done(self, portion: Portion) -> None:
        """What the portion holds is on its way."""
        with self._lock:
            look = self._looks.get(portion.key)
            if look is None or look.version != portion.version:
                return
            look.before = portion.oldest if portion.oldest is not None else look.before
            look.over = look.over or portion.over
            for one in portion.fresh:
                look.fresh.pop(one, None)

    def _look(
        self, view: View, key: str, problem: Problem, version: PackageVersion, judged: Mapping[str, int]
    ) -> Portion:
        with self._lock:
            look = self._looks[key]
            before, over, fresh = look.before, look.over, tuple(islice(look.fresh, PAGE))

        def lacks(page: Iterable[Submission]) -> list[Submission]:
            return [
                one
                for one, judgement in with_verdicts(view, page)
                if one.problem_id == problem.id and str(one.id) not in judged and judgement.package_version != version
            ]

        if fresh:
            # Those that are lacking stay noted until they are among a portion that was written.
            lacking = lacks(found for one in fresh if (found := view.submission(one)) is not None)
            left = {one.id for one in lacking[PORTION:]}
            looked_at = tuple(one for one in fresh if one not in left)
            return Portion(key, version, tuple(lacking[:PORTION]), None, looked_at)
        for _ in range(0 if over else PAGES):
            page = view.submissions(
                SubmissionFilter(problem.contest_id, problem_id=problem.id, before_id=before, limit=PAGE)
            )
            lacking = lacks(page)
            if lacking:
                portion = tuple(lacking[:PORTION])
                return Portion(key, version, portion, portion[-1].id, ())
            before = page[-1].id if page else before
            if len(page) < PAGE:
                return Portion(key, version, (), before, (), over=True)
        return Portion(key, version, (), before, ())


def with_verdicts(view: View, page: Iterable[Submission]) -> list[tuple[Submission, Judgement]]:
    """Those of the submissions whose judgement that counts is done."""
    listed = list(page)
    valid = view.valid_judgements([one.id for one in listed])
    return [
        (one, judgement)
        for one in listed
        if (judgement := valid.get(one.id)) is not None and judgement.state is State.DONE
    ]
