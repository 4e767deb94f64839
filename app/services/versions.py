"""Another version of a problem's package beside the present one: judged in the background, compared, and put in its place on a word.

Theory of operation. `offer` stores the new version without touching the problem; teams go on with the present one. Every submission of
the problem that has a verdict is then judged with the new version too, as a judgement that does not count (`valid` false), in small
portions and only while no submission waits for its first verdict. `compared` lists what would change. `switch` makes the new version the
problem's and lets those judgements count whose verdict or score differs; all others keep the judgement that they have, with the version
that it started with, as does whatever is being judged at that moment. `drop` forgets the trial; versions stay in the store.

What is on trial stands in one setting of the store, so a server that was stopped goes on with it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.core.clock import Clock
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import ContestId, JudgementId, PackageVersion, ProblemId, SubmissionId
from app.core.judgement import Judgement, State
from app.core.problem import PackageRecord, Problem
from app.core.submission import Submission
from app.ports.blobs import Blobs
from app.ports.leases import TaskKind
from app.ports.store import Store, SubmissionFilter, Transaction, View
from app.services.contest_book import ContestBook
from app.services.final_results import check_not_final
from app.services.package_import import import_files
from app.services.package_manifest import limits_of
from app.services.package_tasks import problem_data, queue_package
from app.services.taking import AIR_BYTES, judgement_data
from app.services.trial_sweep import PAGE, Portion, TrialSweep, with_verdicts
from app.services.verdict_again import count_instead

_SETTING = "trials"
_ENDED = (State.DONE, State.DESK)
_NONE = "No other version of this problem is on trial."


@dataclass(frozen=True, slots=True)
class Difference:
    """A submission that another version judges otherwise; verdicts and scores before and after (None: no points, or no verdict)."""

    submission: Submission
    before: Judgement
    after: Judgement


@dataclass(frozen=True, slots=True)
class Compared:
    """How far a trial is: `judged` of `submissions` are judged with the new version too, `differences` are among those."""

    present: PackageVersion
    version: PackageVersion
    state: str
    submissions: int
    judged: int
    differences: tuple[Difference, ...]


class Versions:
    """Trials of package versions. Safe from any thread; `offer` blocks while it reads the package."""

    def __init__(self, *, store: Store, clock: Clock, blobs: Blobs, book: ContestBook) -> None:
        self._store = store
        self._clock = clock
        self._blobs = blobs
        self._book = book
        self._lock = threading.Lock()
        self._sweep = TrialSweep()
        self._known: tuple[str, dict[str, Any]] = ("{}", {})
        self._under_way: tuple[Portion, Future[bool]] | None = None
        store.on_commit(self._sweep.committed)

    def offer(self, contest_id: ContestId, problem_id: ProblemId, path: Path) -> PackageVersion:
        """Puts the package at a path of this machine beside the problem's present version. Blocks.

        Refusals of the reader; 404 problem, 409 when it is the present version, 422 for one whose tests have to be made first.
        """
        self._problem_now(contest_id, problem_id)
        imported = import_files(path, self._blobs)
        version = PackageVersion(imported.package.version)
        if "incomplete" in imported.manifest:
            raise Refusal(
                422, "The package lacks tests; import it as a problem of its own first, so that they are made."
            )

        def work(tx: Transaction) -> None:
            problem = tx.problem(contest_id, problem_id)
            if problem is None or problem.package_version == version:
                raise Refusal(409, "This is the version that the problem has; nothing would change.")
            now = self._clock.now()
            if tx.package(version) is None:
                record = PackageRecord(
                    version=version,
                    contest_id=contest_id,
                    short_name=imported.package.short_name,
                    state=imported.state,
                    manifest=imported.manifest,
                    statement_html=imported.statement_html,
                    samples=imported.samples,
                    created_ms=now,
                )
                tx.put_package(record)
                if record.state == "unchecked":
                    queue_package(tx, record, now)
            trials = _trials(tx)
            trials[_key(contest_id, problem_id)] = {"version": version, "judgements": {}}
            _keep(tx, trials)
            tx.append_event(contest_id, Kind.PROBLEM, now, {**problem_data(problem), "trial": version})

        self._store.write(work).result()
        return version

    def compared(self, contest_id: ContestId, problem_id: ProblemId) -> Compared:
        """How far the trial is and what would change. Refusal 404 without one."""
        problem = self._problem_now(contest_id, problem_id)
        with self._store.read() as view:
            trial = _trial(view, contest_id, problem_id)
            record = view.package(trial.version)
            judged = list(_judged(view, problem, trial))
            differences = tuple(one for one in judged if _differs(one))
            return Compared(
                present=problem.package_version,
                version=trial.version,
                state=record.state if record is not None else "refused",
                submissions=view.count_submissions(SubmissionFilter(contest_id, problem_id=problem_id)),
                judged=len(judged),
                differences=differences,
            )

    def switch(
        self, contest_id: ContestId, problem_id: ProblemId, *, anyway: bool = False, final_too: bool = False
    ) -> Future[int]:
        """Makes the version on trial the problem's; gives how many verdicts change.

        Refusal 404 without a trial; 409 while the version is not ready, or not everything is compared unless `anyway`: those submissions
        keep their verdict then. 409 also where it changes a result that is final, unless `final_too`.
        """

        def work(tx: Transaction) -> int:
            trial = _trial(tx, contest_id, problem_id)
            problem, record = tx.problem(contest_id, problem_id), tx.package(trial.version)
            if problem is None or record is None or record.state != "ready":
                raise Refusal(
                    409, "The new version is not ready; its page says what a judge machine found, or waits for."
                )
            judged = list(_judged(tx, problem, trial))
            missing = tx.count_submissions(SubmissionFilter(contest_id, problem_id=problem_id)) - len(judged)
            if missing and not anyway:
                raise Refusal(
                    409, f"{missing} submissions are not judged with the new version yet; wait, or switch anyway."
                )
            differing = [one for one in judged if _differs(one) and one.after.state is State.DONE]
            check_not_final(tx, contest_id, final_too or not differing)
            now = self._clock.now()
            changed = _switched(problem, record)
            tx.put_problem(changed)
            tx.append_event(contest_id, Kind.PROBLEM, now, problem_data(changed))
            for one in differing:
                count_instead(tx, one.before, one.after, now)
            _drop(tx, contest_id, problem_id)
            return len(differing)

        return self._store.write(work)

    def drop(self, contest_id: ContestId, problem_id: ProblemId) -> Future[None]:
        """Ends a trial; nothing changes for anybody. Refusal 404 without one."""

        def work(tx: Transaction) -> None:
            _trial(tx, contest_id, problem_id)
            _drop(tx, contest_id, problem_id)

        return self._store.write(work)

    def tick(self) -> None:
        """Every half second from the server's pulse: queues a portion of a trial while nothing else waits. Never waits."""
        with self._lock:
            if not self._last_is_done():
                return
            with self._store.read() as view:
                trials = {} if view.leases.waiting(TaskKind.JUDGE)[0] else self._on_trial(view)
            if not trials:
                return
            self._sweep.meet(trials)
            with self._store.read() as view:
                portion = self._sweep.next_portion(view, trials)
            if portion is not None:
                found = portion
                self._under_way = portion, self._store.write(lambda tx: self._begin(tx, found))

    def _last_is_done(self) -> bool:
        if self._under_way is None:
            return True
        portion, future = self._under_way
        if not future.done():
            return False
        self._under_way = None
        # A portion that was not written is found again; why, the store has said.
        if future.exception() is None and future.result():
            self._sweep.done(portion)
        return True

    def _on_trial(self, view: View) -> dict[str, Any]:
        """With 50,000 submissions on trial the setting is a megabyte: it is read anew only when it is another one."""
        text = view.setting(_SETTING) or "{}"
        if text != self._known[0]:
            self._known = text, json.loads(text)
        return self._known[1]

    def _begin(self, tx: Transaction, portion: Portion) -> bool:
        trials = _trials(tx)
        stored, record = trials.get(portion.key), tx.package(portion.version)
        if (
            stored is None
            or stored["version"] != portion.version
            or record is None
            or tx.leases.waiting(TaskKind.JUDGE)[0]
        ):
            return False
        for submission in portion.submissions:
            stored["judgements"][str(submission.id)] = self._judge(tx, submission, record)
        _keep(tx, trials)
        return True

    def _judge(self, tx: Transaction, submission: Submission, record: PackageRecord) -> JudgementId:
        now, limits = self._clock.now(), limits_of(record.manifest)
        new = tx.add_judgement(submission, record.version, len(record.manifest["tests"]), valid=False)
        tx.leases.enqueue(
            submission.contest_id,
            TaskKind.JUDGE,
            new.id,
            {},
            needs_memory_bytes=limits.memory_bytes + AIR_BYTES,
            language=submission.language,
            at=now,
        )
        tx.append_event(submission.contest_id, Kind.JUDGEMENT, now, judgement_data(new))
        return new.id

    def _problem_now(self, contest_id: ContestId, problem_id: ProblemId) -> Problem:
        problem = self._book.problem(contest_id, problem_id)
        if problem is None:
            raise Refusal(404, "There is no such problem in this contest.")
        return problem


@dataclass(frozen=True, slots=True)
class _Trial:
    version: PackageVersion
    judgements: dict[str, int]


def _key(contest_id: ContestId, problem_id: ProblemId) -> str:
    return f"{contest_id}/{problem_id}"


def _trials(view: View) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(view.setting(_SETTING) or "{}")
    return found


def _keep(tx: Transaction, trials: dict[str, Any]) -> None:
    tx.put_setting(_SETTING, json.dumps(trials))


def _trial(view: View, contest_id: ContestId, problem_id: ProblemId) -> _Trial:
    stored = _trials(view).get(_key(contest_id, problem_id))
    if stored is None:
        raise Refusal(404, _NONE)
    return _Trial(PackageVersion(stored["version"]), stored["judgements"])


def _drop(tx: Transaction, contest_id: ContestId, problem_id: ProblemId) -> None:
    trials = _trials(tx)
    trials.pop(_key(contest_id, problem_id), None)
    _keep(tx, trials)


def _with_verdict(view: View, problem: Problem) -> Iterator[tuple[Submission, Judgement]]:
    """The problem's submissions that have a verdict, the newest first."""
    before: SubmissionId | None = None
    while True:
        wanted = SubmissionFilter(problem.contest_id, problem_id=problem.id, before_id=before, limit=PAGE)
        page = view.submissions(wanted)
        yield from with_verdicts(view, page)
        if len(page) < PAGE:
            return
        before = page[-1].id


def _judged(view: View, problem: Problem, trial: _Trial) -> Iterator[Difference]:
    """Every submission that both versions have judged, the newest first."""
    for submission, judgement in _with_verdict(view, problem):
        if judgement.package_version == trial.version:
            yield Difference(submission, judgement, judgement)
            continue
        number = trial.judgements.get(str(submission.id))
        after = view.judgement(JudgementId(number)) if number is not None else None
        if after is not None and after.state in _ENDED:
            yield Difference(submission, judgement, after)


def _differs(one: Difference) -> bool:
    return (one.before.verdict, one.before.score_millionths) != (one.after.verdict, one.after.score_millionths)


def _switched(problem: Problem, record: PackageRecord) -> Problem:
    limits = limits_of(record.manifest)
    return replace(
        problem,
        title=record.manifest["title"],
        package_version=record.version,
        cpu_seconds=limits.cpu_seconds,
        memory_bytes=limits.memory_bytes,
        output_bytes=limits.output_bytes,
        test_count=len(record.manifest["tests"]),
        languages=tuple(record.manifest["languages"]),
    )
