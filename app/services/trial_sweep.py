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

from app.core.events import Event, Kind
from app.core.ids import SubmissionId
from app.core.judgement import State
from app.core.submission import Submission
from app.ports.store import SubmissionFilter, View
from app.services.trial_book import Trial

PORTION = 4
PAGE = 500
PAGES = 2


@dataclass(frozen=True, slots=True)
class Portion:
    """Submissions that are to be judged with a version now; `oldest` and `fresh` tell what was looked at to find them."""

    key: str
    trial: Trial
    submissions: tuple[Submission, ...]
    oldest: SubmissionId | None
    fresh: tuple[SubmissionId, ...]
    over: bool = False


@dataclass(slots=True)
class _Look:
    trial: Trial
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

    def meet(self, trials: Mapping[str, Trial]) -> None:
        """These are on trial now, as they stand in the store; others are forgotten."""
        with self._lock:
            before = self._looks
            self._looks = {}
            for key, trial in trials.items():
                known = before.get(key)
                self._looks[key] = known if known is not None and known.trial == trial else _Look(trial)

    def next_portion(self, view: View, trials: Mapping[str, Trial]) -> Portion | None:
        """What a trial lacks; None where nothing is to be done now. The view is younger than `meet` with these trials."""
        for key, trial in trials.items():
            record = view.package(trial.version)
            if record is None or record.state != "ready" or view.problem(trial.contest_id, trial.problem_id) is None:
                continue
            found = self._look(view, key, trial)
            if found.submissions:
                return found
            self.done(found)
        return None

    def done(self, portion: Portion) -> None:
        """What the portion holds is on its way."""
        with self._lock:
            look = self._looks.get(portion.key)
            if look is None or look.trial != portion.trial:
                return
            look.before = portion.oldest if portion.oldest is not None else look.before
            look.over = look.over or portion.over
            for one in portion.fresh:
                look.fresh.pop(one, None)

    def _look(self, view: View, key: str, trial: Trial) -> Portion:
        with self._lock:
            look = self._looks[key]
            before, over, fresh = look.before, look.over, tuple(islice(look.fresh, PAGE))

        if fresh:
            # Those that are lacking stay noted until they are among a portion that was written.
            lacking = lacking_of(view, trial, (found for one in fresh if (found := view.submission(one)) is not None))
            left = {one.id for one in lacking[PORTION:]}
            looked_at = tuple(one for one in fresh if one not in left)
            return Portion(key, trial, tuple(lacking[:PORTION]), None, looked_at)
        for _ in range(0 if over else PAGES):
            page = view.submissions(
                SubmissionFilter(trial.contest_id, problem_id=trial.problem_id, before_id=before, limit=PAGE)
            )
            lacking = lacking_of(view, trial, page)
            if lacking:
                portion = tuple(lacking[:PORTION])
                return Portion(key, trial, portion, portion[-1].id, ())
            before = page[-1].id if page else before
            if len(page) < PAGE:
                return Portion(key, trial, (), before, (), over=True)
        return Portion(key, trial, (), before, ())


def lacking_of(view: View, trial: Trial, page: Iterable[Submission]) -> list[Submission]:
    """Those of the submissions that have a verdict, but neither have nor wait for one by the version on trial."""
    mine = [one for one in page if (one.contest_id, one.problem_id) == (trial.contest_id, trial.problem_id)]
    numbers = [one.id for one in mine]
    valid, beside = view.valid_judgements(numbers), view.judged_beside(numbers, trial.version)
    return [
        one
        for one in mine
        if one.id not in beside
        and (judgement := valid.get(one.id)) is not None
        and judgement.state is State.DONE
        and judgement.package_version != trial.version
    ]
