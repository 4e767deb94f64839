"""Another version of a problem's package beside the present one: judged in the background, compared, and put in its place on a word.

Theory of operation. `offer` stores the new version without touching the problem; teams go on with the present one. Every submission of
the problem that has a verdict is then judged with the new version too, as a judgement that does not count (`valid` false), in small
portions: one begins only when no submission waits for a machine and nothing of an earlier portion is open, and machines take trials
only where no submission fits them (fitting). So a team waits at most for what runs already. `compared` lists what would change.
`switch` makes the new version the problem's and lets those judgements count whose verdict or score differs; all others keep the
judgement that they have, with the version that it started with, as does whatever is being judged at that moment. `drop` forgets the
trial; versions stay in the store. A trial in which a submission cannot be judged (a validator that breaks) stops with a sentence:
nothing more is judged with that version until it is offered again, and no machine is held for it.

What is on trial stands in the store (trial_book), so a server that was stopped goes on with it; what was judged for it is found by the
version. A version that is offered again finds what was judged with it before.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.clock import Clock
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import ContestId, PackageVersion, ProblemId
from app.core.judgement import Judgement
from app.core.problem import PackageRecord, Problem
from app.core.submission import Submission
from app.ports.blobs import Blobs
from app.ports.leases import TaskKind
from app.ports.store import Store, SubmissionFilter, Transaction, View
from app.services.contest_book import ContestBook
from app.services.final_results import check_not_final
from app.services.package_import import import_files
from app.services.package_manifest import limits_of
from app.services.package_tasks import problem_data, store_package
from app.services.problem_detail import changes_between
from app.services.taking import AIR_BYTES, judgement_data
from app.services.trial_book import begin_trial, end_trial, trial_of, trials_of
from app.services.trial_sweep import Portion, TrialSweep, lacking_of
from app.services.verdict_again import count_instead


@dataclass(frozen=True, slots=True)
class Difference:
    """A submission that another version judges otherwise; verdicts and scores before and after (None: no points, or no verdict)."""

    submission: Submission
    before: Judgement
    after: Judgement


@dataclass(frozen=True, slots=True)
class Compared:
    """How far a trial is: `judged` of `submissions` are judged with the new version too, `differences` are among those. `stopped` says why
    it does not go on, "" while it does; `changes` are sentences about limits, tests and title."""

    present: PackageVersion
    version: PackageVersion
    state: str
    submissions: int
    judged: int
    differences: tuple[Difference, ...]
    stopped: str = ""
    changes: tuple[str, ...] = ()


class Versions:
    """Trials of package versions. Safe from any thread; `offer` blocks while it reads the package."""

    def __init__(self, *, store: Store, clock: Clock, blobs: Blobs, book: ContestBook) -> None:
        self._store = store
        self._clock = clock
        self._blobs = blobs
        self._book = book
        self._lock = threading.Lock()
        self._sweep = TrialSweep()
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
                store_package(tx, contest_id, imported, now)
            begin_trial(tx, contest_id, problem_id, version)
            tx.append_event(contest_id, Kind.PROBLEM, now, {**problem_data(problem), "trial": version})

        self._store.write(work).result()
        return version

    def compared(self, contest_id: ContestId, problem_id: ProblemId) -> Compared:
        """How far the trial is and what would change. Refusal 404 without one."""
        problem = self._problem_now(contest_id, problem_id)
        with self._store.read() as view:
            trial = trial_of(view, contest_id, problem_id)
            record, before = view.package(trial.version), view.package(problem.package_version)
            found = view.compare_versions(contest_id, problem_id, trial.version)
            differences = tuple(
                Difference(submission, before, after)
                for before, after in found.differing
                if (submission := view.submission(before.submission_id)) is not None
            )
            return Compared(
                present=problem.package_version,
                version=trial.version,
                state=record.state if record is not None else "refused",
                submissions=view.count_submissions(SubmissionFilter(contest_id, problem_id=problem_id)),
                judged=found.judged,
                differences=differences,
                stopped=trial.stopped,
                changes=tuple(changes_between(problem, before.manifest, record.manifest)) if before and record else (),
            )

    def switch(
        self, contest_id: ContestId, problem_id: ProblemId, *, anyway: bool = False, final_too: bool = False
    ) -> Future[int]:
        """Makes the version on trial the problem's; gives how many verdicts change.

        Refusal 404 without a trial; 409 for one that stopped, while the version is not ready, or while not everything is compared unless
        `anyway`: those submissions keep their verdict then. 409 also where it changes a result that is final, unless `final_too`.
        """

        def work(tx: Transaction) -> int:
            trial = trial_of(tx, contest_id, problem_id)
            if trial.stopped:
                raise Refusal(
                    409, f"This trial has stopped; offer the version again to go on, or a mended one. {trial.stopped}"
                )
            problem, record = tx.problem(contest_id, problem_id), tx.package(trial.version)
            if problem is None or record is None or record.state != "ready":
                raise Refusal(
                    409, "The new version is not ready; its page says what a judge machine found, or waits for."
                )
            found = tx.compare_versions(contest_id, problem_id, trial.version)
            missing = tx.count_submissions(SubmissionFilter(contest_id, problem_id=problem_id)) - found.judged
            if missing and not anyway:
                raise Refusal(
                    409, f"{missing} submissions are not judged with the new version yet; wait, or switch anyway."
                )
            check_not_final(tx, contest_id, final_too or not found.differing)
            now = self._clock.now()
            changed = _switched(problem, record)
            tx.put_problem(changed)
            tx.append_event(contest_id, Kind.PROBLEM, now, problem_data(changed))
            for before, after in found.differing:
                count_instead(tx, before, after, now)
            end_trial(tx, contest_id, problem_id)
            return len(found.differing)

        return self._store.write(work)

    def drop(self, contest_id: ContestId, problem_id: ProblemId) -> Future[None]:
        """Ends a trial, and what waits for it leaves the queue; nothing changes for anybody. Refusal 404 without one."""

        def work(tx: Transaction) -> None:
            trial_of(tx, contest_id, problem_id)
            end_trial(tx, contest_id, problem_id)

        return self._store.write(work)

    def tick(self) -> None:
        """Every half second from the server's pulse: queues a portion of a trial while nothing else waits. Never waits."""
        with self._lock:
            if not self._last_is_done():
                return
            with self._store.read() as view:
                trials = {key: one for key, one in trials_of(view).items() if not one.stopped}
                busy = bool(trials) and _is_busy(view)
            self._sweep.meet(trials)
            if busy or not trials:
                return
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

    def _begin(self, tx: Transaction, portion: Portion) -> bool:
        trial, record = portion.trial, tx.package(portion.trial.version)
        if trials_of(tx).get(portion.key) != trial or record is None or _is_busy(tx):
            return False
        for submission in lacking_of(tx, trial, portion.submissions):
            self._judge(tx, submission, record)
        return True

    def _judge(self, tx: Transaction, submission: Submission, record: PackageRecord) -> None:
        now, limits = self._clock.now(), limits_of(record.manifest)
        new = tx.add_judgement(submission, record.version, len(record.manifest["tests"]), valid=False)
        tx.leases.enqueue(
            submission.contest_id,
            TaskKind.TRIAL,
            new.id,
            {},
            needs_memory_bytes=limits.memory_bytes + AIR_BYTES,
            language=submission.language,
            at=now,
        )
        tx.append_event(submission.contest_id, Kind.JUDGEMENT, now, judgement_data(new))

    def _problem_now(self, contest_id: ContestId, problem_id: ProblemId) -> Problem:
        problem = self._book.problem(contest_id, problem_id)
        if problem is None:
            raise Refusal(404, "There is no such problem in this contest.")
        return problem


def _is_busy(view: View) -> bool:
    """Whether a submission waits for a machine, or something of an earlier portion is open."""
    leases = view.leases
    if leases.waiting(TaskKind.JUDGE)[0] or leases.waiting(TaskKind.TRIAL)[0]:
        return True
    return any(task.kind is TaskKind.TRIAL for task, _ in leases.live())


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
