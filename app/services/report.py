"""Taking in what machines report: runs kept once, the verdict folded by the server alone.

Theory of operation (DESIGN 4.6). A report names its lease and attempt. Only the live lease of that very attempt, held by that very
machine, is heard (fencing); anybody else is answered `accepted: false, cancel: true`, and what they say is kept as evidence where the lease
was once theirs (late_reports). Of each test the first accepted run counts; what a later attempt says of the same test is kept as evidence
and never counted. Everything of one report is one function of the writer: runs, event and, at the end, verdict, whole outputs and the
lease's end stand or fall together.

What the end of a lease means for its judgement stands in conclusions.

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
from app.core.ids import JudgementId, LeaseId
from app.core.judgement import Judgement, Run
from app.core.spans import WHOLE
from app.core.verdict import Verdict
from app.ports.bell import Bell
from app.ports.leases import Lease, Task, TaskKind
from app.ports.store import NodeRecord, Store, Transaction
from app.services.conclusions import Conclusions
from app.services.futures import then
from app.services.gradings import Gradings
from app.services.late_reports import Late, keep_late, note_differences, room_of, run_of, runs_event
from app.services.lending import has_to_lend
from app.services.live_work import LiveWork, Progress, work_topic
from app.services.machines import Machines
from app.services.outputs import keep_outputs
from app.services.package_tasks import take_package_report
from app.services.returned_tasks import after_fault, after_trial_error
from app.services.solution_reports import SolutionReports
from app.wire.judge_v1 import CompileReport, Finish, PackageReport, Report, ReportAnswer, RunReport

log = logging.getLogger("contestbox.report")

_STALE = ReportAnswer(accepted=False, cancel=True)
_HEARD = ReportAnswer(accepted=True)
_COMPILE_SECONDS = 2.0
"""Assumed of a compiler that this process has not heard of: it was restarted meanwhile."""


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
    ended: list[LeaseId] = field(default_factory=list)
    """Other leases of the same task that are over with it, or are not needed any more."""


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
        self._solutions = SolutionReports(store=store, bell=bell, clock=clock, work=work)
        self._store = store
        self._bell = bell
        self._clock = clock
        self._machines = machines
        self._work = work
        self._conclusions = Conclusions(Gradings())

    def take(self, node: NodeRecord, report: Report) -> Future[ReportAnswer]:
        """Progress of a lease, with a batch of runs or none. Idempotent."""
        self._machines.presence.seen(node.id)
        live = self._work.lease(LeaseId(report.lease_id))
        if not report.runs and report.compile is None and live is not None and live.node_id == node.id:
            # A phase alone is progress, which is transient: no commit for it.
            self._tell_progress(live.lease_id, report.phase, 0)
            return _answered(self._go_on(live.lease_id))

        if self._solutions.is_ours(report.lease_id, node.id, report.attempt):
            return self._solutions.take(report)

        def keep(tx: Transaction) -> _Heard:
            return self._keep(tx, node, report.lease_id, report.attempt, report.compile, report.runs)

        def answer(heard: _Heard) -> ReportAnswer:
            if report.phase == "running":
                compiling = report.compile.wall_seconds if report.compile is not None else _COMPILE_SECONDS
                ran, now = len(report.runs), self._clock.monotonic_seconds()
                self._work.runs(LeaseId(report.lease_id), compiling, ran, now)
            return self._answer(node, report.lease_id, report.attempt, heard, report.phase)

        return then(self._store.write(keep), answer)

    def finish(self, node: NodeRecord, finish: Finish) -> Future[ReportAnswer]:
        """The last runs and the end of a lease: the verdict is decided here. Idempotent."""
        self._machines.presence.seen(node.id)
        if self._solutions.is_ours(finish.lease_id, node.id, finish.attempt):
            return self._solutions.finish(node, finish)

        def keep(tx: Transaction) -> _Heard:
            if finish.package is not None:
                return self._keep_package(tx, node, finish, finish.package)
            heard = self._keep(tx, node, finish.lease_id, finish.attempt, finish.compile, finish.runs)
            if not heard.stale and not heard.over:
                self._conclude(tx, LeaseId(finish.lease_id), finish, heard)
            if heard.over and not heard.fault and heard.judgement_id is not None:
                keep_outputs(tx, heard.judgement_id, finish, self._work.outputs(LeaseId(finish.lease_id)))
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
        # Of several machines that compile it the one with the first tests is shown.
        shown = compile_report is not None and lease.span.first == 1
        if compile_report is not None and shown and compile_report.output != judgement.compile_output:
            tx.put_judgement(replace(judgement, compile_output=compile_report.output))
        if heard.counted or heard.evidence:
            runs_event(tx, judgement, attempt, node, heard.counted, heard.evidence, now)
        if heard.compares:
            note_differences(tx, judgement, heard.compares, now)
        if heard.fault:
            self._blame(tx, task, lease, heard, now)
        elif lease.span != WHOLE and any(run.verdict is not Verdict.AC for run in heard.counted):
            heard.ended.extend(self._conclusions.spare_others(tx, task, lease, judgement, now))
        return heard

    def _conclude(self, tx: Transaction, lease_id: LeaseId, finish: Finish, heard: _Heard) -> None:
        found = tx.leases.lease(lease_id)
        judgement = tx.judgement(heard.judgement_id) if heard.judgement_id is not None else None
        if found is None or judgement is None:
            return
        task, lease = found
        now = self._clock.now()
        end = self._conclusions.conclude(tx, task, lease, judgement, finish, now)
        if end.fault:
            heard.fault = end.fault
            self._blame(tx, task, lease, heard, now)
            return
        heard.over, heard.decided = True, end.decided
        heard.ended.extend(end.ended)

    @staticmethod
    def _blame(tx: Transaction, task: Task, lease: Lease, heard: _Heard, now: Instant) -> None:
        heard.trial = task.kind is TaskKind.TRIAL
        ended = (after_trial_error if heard.trial else after_fault)(tx, task, lease, heard.fault, now)
        heard.ended.extend(one for one in ended if one != lease.id)
        heard.over = True

    def _answer(self, node: NodeRecord, lease_id: str, attempt: int, heard: _Heard, phase: str) -> ReportAnswer:
        """After the commit, in the writer's thread."""
        lease = LeaseId(lease_id)
        self._work.end_all(heard.ended)
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
            if heard.decided is not None:
                self._machines.presence.judged_one(node.id)
            self._bell.ring(("jury", work_topic(node.id), *(() if heard.decided is not None else ("tasks",))))
            return _HEARD
        self._tell_progress(lease, phase, heard.known)
        self._offer(lease)
        return self._go_on(lease)

    def _go_on(self, lease_id: LeaseId) -> ReportAnswer:
        last = self._work.last_test(lease_id)
        return _HEARD if last is None else ReportAnswer(accepted=True, last=last)

    def _offer(self, lease_id: LeaseId) -> None:
        """Machines that wait for work are told when they may have a part of this."""
        now = self._clock.monotonic_seconds()
        if any(has_to_lend(*one) for one in self._work.paces(now, lease_id)) and self._work.offer(lease_id, now):
            self._bell.ring(("tasks",))

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
