"""Taking in what machines report: runs kept once, the verdict folded by the server alone.

Theory of operation (DESIGN 4.6). A report names its lease and attempt. Only the live lease of that very attempt, held by that very
machine, is heard (fencing); anybody else is answered `accepted: false, cancel: true`, and what they say is kept as evidence where the lease
was once theirs (late_reports). Of each test the first accepted run counts; what a later attempt says of the same test is kept as evidence
and never counted. Everything of one report is one function of the writer: runs, event and, at the end, verdict, whole outputs and the
lease's end stand or fall together.

A report may come twice, since an answer can be lost: runs of the same attempt that are known are passed over, and a lease that its machine
has finished is answered as before. A run that ended as JE is a fault of the machine, not of the team: it goes to the log as evidence,
the machine is held, the task goes to others (returned_tasks). So is a finish that leaves the verdict open. With a version on trial
the version is blamed instead: the trial stops, nobody is held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from app.core.clock import Clock, Instant
from app.core.events import Kind
from app.core.ids import JudgementId, LeaseId
from app.core.judgement import Judgement, Run, State, count_passed, fold_runs
from app.core.scoring.groups import Graded, group_documents
from app.core.verdict import Verdict
from app.ports.bell import Bell
from app.ports.leases import Lease, Task, TaskKind, TaskState
from app.ports.store import NodeRecord, Store, Transaction
from app.services.futures import then
from app.services.gradings import Gradings
from app.services.late_reports import Late, keep_late, note_differences, room_of, run_of, runs_event
from app.services.live_work import LiveWork, Progress, work_topic
from app.services.machines import Machines
from app.services.outputs import keep_outputs
from app.services.package_tasks import take_package_report
from app.services.reported_grades import as_text, with_reported
from app.services.returned_tasks import after_fault, after_trial_error
from app.wire.judge_v1 import CompileReport, Finish, PackageReport, Report, ReportAnswer, RunReport

log = logging.getLogger("contestbox.report")

_STALE = ReportAnswer(accepted=False, cancel=True)
_HEARD = ReportAnswer(accepted=True)


@dataclass(slots=True)
class _Heard:
    """What one report did: the runs that count now, how many tests are known, whether it failed, whether it is over; `trial`: what failed
    is a version on trial, not its machine."""

    judgement_id: JudgementId | None = None
    known: int = 0
    fault: str = ""
    over: bool = False
    decided: Judgement | None = None
    stale: bool = False
    late: Late | None = None
    package: bool = False
    trial: bool = False
    counted: list[Run] = field(default_factory=list)
    evidence: list[Run] = field(default_factory=list)
    compares: list[Run] = field(default_factory=list)
    """New runs of tests that have others."""


class Reports:
    """The receiver. Any thread."""

    def __init__(
        self,
        *,
        store: Store,
        bell: Bell,
        clock: Clock,
        machines: Machines,
        work: LiveWork,
        on_package: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_package = on_package
        self._store = store
        self._bell = bell
        self._clock = clock
        self._machines = machines
        self._work = work
        self._gradings = Gradings()

    def take(self, node: NodeRecord, report: Report) -> Future[ReportAnswer]:
        """Progress of a lease, with a batch of runs or none. Idempotent."""
        self._machines.presence.seen(node.id)
        live = self._work.lease(LeaseId(report.lease_id))
        if not report.runs and report.compile is None and live is not None and live.node_id == node.id:
            # A phase alone is progress, which is transient: no commit for it.
            self._tell_progress(LeaseId(report.lease_id), report.phase, 0)
            return _answered(_HEARD)

        def keep(tx: Transaction) -> _Heard:
            return self._keep(tx, node, report.lease_id, report.attempt, report.compile, report.runs)

        return then(
            self._store.write(keep),
            lambda heard: self._answer(node, report.lease_id, report.attempt, heard, report.phase),
        )

    def finish(self, node: NodeRecord, finish: Finish) -> Future[ReportAnswer]:
        """The last runs and the end of a lease: the verdict is decided here. Idempotent."""
        self._machines.presence.seen(node.id)

        def keep(tx: Transaction) -> _Heard:
            if finish.package is not None:
                return self._keep_package(tx, node, finish, finish.package)
            heard = self._keep(tx, node, finish.lease_id, finish.attempt, finish.compile, finish.runs)
            if not heard.stale and not heard.over:
                self._conclude(tx, LeaseId(finish.lease_id), finish, heard)
            if heard.decided is not None:
                keep_outputs(tx, heard.decided, finish, self._work.outputs(LeaseId(finish.lease_id)))
            return heard

        return then(
            self._store.write(keep), lambda heard: self._answer(node, finish.lease_id, finish.attempt, heard, "running")
        )

    def progress(self, judgement_id: JudgementId) -> Progress | None:
        """How far a judgement is; None when nobody works on it. From memory."""
        return self._work.progress(judgement_id)

    def _keep_package(self, tx: Transaction, node: NodeRecord, finish: Finish, report: PackageReport) -> _Heard:
        found = tx.leases.lease(LeaseId(finish.lease_id))
        if found is None or found[1].node_id != node.id or found[1].attempt != finish.attempt:
            return _Heard(stale=True)
        if found[0].kind is not TaskKind.PACKAGE:
            return _Heard(stale=True)
        given = self._work.outputs(LeaseId(finish.lease_id))
        take_package_report(tx, *found, report, given, self._clock.now())
        return _Heard(over=True, package=True)

    def _keep(
        self,
        tx: Transaction,
        node: NodeRecord,
        lease_id: str,
        attempt: int,
        compile_report: CompileReport | None,
        runs: Sequence[RunReport],
    ) -> _Heard:
        found = tx.leases.lease(LeaseId(lease_id))
        now = self._clock.now()
        if found is None or found[1].node_id != node.id or found[1].attempt != attempt:
            late = keep_late(tx, node, LeaseId(lease_id), attempt, compile_report, runs, now)
            return _Heard(stale=True, late=late)
        task, lease = found
        judgement = tx.judgement(task.judgement_id) if task.judgement_id is not None else None
        if judgement is None:
            return _Heard(stale=True)
        heard = _Heard(judgement.id)
        _take_runs(tx, judgement, attempt, node, runs, heard, now)
        if compile_report is not None and compile_report.output != judgement.compile_output:
            tx.put_judgement(replace(judgement, compile_output=compile_report.output))
        if heard.counted or heard.evidence:
            runs_event(tx, judgement, attempt, node, heard.counted, heard.evidence, now)
        if heard.compares:
            note_differences(tx, judgement, heard.compares, now)
        if heard.fault:
            self._blame(tx, task, lease, heard, now)
        return heard

    def _conclude(self, tx: Transaction, lease_id: LeaseId, finish: Finish, heard: _Heard) -> None:
        compile_report = finish.compile
        found = tx.leases.lease(lease_id)
        judgement = tx.judgement(heard.judgement_id) if heard.judgement_id is not None else None
        if found is None or judgement is None:
            return
        task, lease = found
        now = self._clock.now()
        counted = {one.run.number: one.run for one in tx.runs(judgement.id) if one.counted}
        verdict: Verdict | None
        graded: Graded | None = None
        if compile_report is not None and not compile_report.ok:
            # What ran on another machine, or on this one, does compile: one of the two is broken, and the team must not pay for it.
            verdict = Verdict.CE if not counted else None
            heard.fault = f"it could not compile what {len(counted)} tests were run with" if counted else ""
        else:
            grading = with_reported(self._gradings.of(tx, judgement.package_version), finish.grades)
            if grading is None:
                # Not by the contest's setting of now: the machine went by the one that its task came with, and the verdict is the same.
                verdict = fold_runs(judgement.test_count, counted, all_tests=False)
            else:
                graded = grading.fold(counted)
                verdict = graded.verdict if graded is not None else None
        if verdict is None:
            heard.fault = (
                heard.fault or f"it finished with {len(counted)} of {judgement.test_count} tests and no verdict"
            )
            self._blame(tx, task, lease, heard, now)
            return
        tx.leases.finish(lease.id, TaskState.DONE)
        done = _decided(judgement, verdict, counted, now)
        if graded is not None:
            done = replace(done, score_millionths=graded.score_millionths, grades=as_text(finish.grades))
        tx.put_judgement(done)
        _verdict_event(tx, done, graded, now)
        heard.over = True
        heard.decided = done

    @staticmethod
    def _blame(tx: Transaction, task: Task, lease: Lease, heard: _Heard, now: Instant) -> None:
        heard.trial = task.kind is TaskKind.TRIAL
        (after_trial_error if heard.trial else after_fault)(tx, task, lease, heard.fault, now)
        heard.over = True

    def _answer(self, node: NodeRecord, lease_id: str, attempt: int, heard: _Heard, phase: str) -> ReportAnswer:
        """After the commit, in the writer's thread."""
        lease = LeaseId(lease_id)
        if heard.stale:
            if heard.late is not None:
                self._answer_late(node, heard.late)
            return _HEARD if self._work.was_finished(lease, node.id, attempt) else _STALE
        if heard.fault:
            log.warning("machine %s%s: %s", node.name, ", with a version on trial" if heard.trial else "", heard.fault)
            if not heard.trial:
                self._machines.presence.hold(node.id, f"It failed: {heard.fault}.")
            self._work.end(lease)
            self._bell.ring(("desk", "jury", "tasks"))
            return _STALE
        if heard.package:
            self._work.finished(lease)
            self._on_package()
            self._bell.ring(("desk", "jury", "public", work_topic(node.id)))
            return _HEARD
        if heard.over:
            self._work.finished(lease)
            self._machines.presence.judged_one(node.id)
            self._bell.ring(("jury", work_topic(node.id)))
            return _HEARD
        self._tell_progress(lease, phase, heard.known)
        return _HEARD

    def _answer_late(self, node: NodeRecord, late: Late) -> None:
        if late.fault:
            log.warning("machine %s, too late: %s", node.name, late.fault)
            self._machines.presence.hold(node.id, f"It failed: {late.fault}.")
        if late.kept or late.fault:
            log.info("machine %s reported too late: %d runs are kept as evidence", node.name, late.kept)
            self._bell.ring(("desk", "jury"))

    def _tell_progress(self, lease_id: LeaseId, phase: str, known: int) -> None:
        live = self._work.lease(lease_id)
        if live is None or not self._work.advance(live.judgement_id, phase, known, self._clock.monotonic_seconds()):
            return
        self._bell.ring({"jury"} | live.topics)


def _answered(answer: ReportAnswer) -> Future[ReportAnswer]:
    future: Future[ReportAnswer] = Future()
    future.set_result(answer)
    return future


def _take_runs(
    tx: Transaction,
    judgement: Judgement,
    attempt: int,
    node: NodeRecord,
    runs: Sequence[RunReport],
    heard: _Heard,
    at: Instant,
) -> None:
    """The first run of a test counts, others are evidence as far as there is room for it."""
    room = room_of(tx.runs(judgement.id))
    for report in runs:
        run = run_of(report, node.name)
        if run.number > judgement.test_count or room.knows(attempt, run):
            continue
        if run.verdict is Verdict.JE:
            room.remember(attempt, run, counts=False)
            heard.fault = (
                heard.fault or f"test {run.number} ended as a judging error: {run.message or 'no reason given'}"
            )
            heard.evidence.append(run)
        elif run.number not in room.counted:
            if run.number in room.numbers():
                heard.compares.append(run)
            room.remember(attempt, run, counts=True)
            tx.add_run(judgement.id, attempt, run, at)
            heard.counted.append(run)
        elif (evidence := room.take(attempt, run)) is not None:
            tx.add_run(judgement.id, attempt, evidence, at)
            heard.evidence.append(evidence)
            heard.compares.append(evidence)
    heard.known = len(room.numbers())


def _decided(judgement: Judgement, verdict: Verdict, counted: dict[int, Run], at: Instant) -> Judgement:
    runs = list(counted.values())
    failing = [number for number, run in counted.items() if run.verdict is not Verdict.AC]
    return replace(
        judgement,
        state=State.DONE,
        verdict=verdict,
        tests_passed=count_passed(runs),
        cpu_seconds=max((run.cpu_seconds for run in runs), default=0.0),
        memory_bytes=max((run.memory_bytes for run in runs), default=0),
        ended=at,
        failing_test=min(failing, default=None),
    )


def _verdict_event(tx: Transaction, judgement: Judgement, graded: Graded | None, at: Instant) -> None:
    data: dict[str, object] = {
        "judgement_id": judgement.id,
        "submission_id": judgement.submission_id,
        "verdict": judgement.verdict.value if judgement.verdict is not None else "",
        "valid": judgement.valid,
        "tests_passed": judgement.tests_passed,
        "cpu_us": round(judgement.cpu_seconds * 1_000_000),
        "memory_bytes": judgement.memory_bytes,
    }
    if graded is not None:
        data["score_millionths"] = graded.score_millionths
        data["groups"] = group_documents(graded.groups)
    tx.append_event(judgement.contest_id, Kind.VERDICT, at, data)
