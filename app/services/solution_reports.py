"""What machines report of jury solutions, folded by the server as verdicts of submissions are.

Theory of operation. Batches of runs are kept in memory until the end of the lease, since nobody follows them; at the end all runs are
folded in one function of the writer, and only the result is stored. A server that was started again meanwhile lacks the first batches:
the solution is then judged once more, which happens at most _AGAIN times in a row. Runs that end as a judging error blame the package,
never the machine. A solution that could not be judged says so in its result; nothing of it comes to anybody as a submission.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future

from app.core.clock import Clock, Instant
from app.core.ids import LeaseId, NodeId
from app.core.judgement import Run, count_passed, fold_runs
from app.core.verdict import Verdict
from app.ports.bell import Bell
from app.ports.leases import Task, TaskState
from app.ports.store import NodeRecord, Store, Transaction
from app.services.futures import then
from app.services.gradings import Gradings
from app.services.late_reports import run_of
from app.services.live_work import LiveWork, work_topic
from app.services.reported_grades import with_reported
from app.services.solution_book import SolutionResult, keep_result, unjudged
from app.services.solution_tasks import limits_now, place_of, version_of
from app.wire.judge_v1 import CompileReport, Finish, Report, ReportAnswer, RunReport

_AGAIN = 3
_SILENT = {"stdout_head": "", "stderr_head": "", "transcript": ""}


class SolutionReports:
    """Collects runs of live leases, and decides at their end. Any thread."""

    def __init__(self, *, store: Store, bell: Bell, clock: Clock, work: LiveWork) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._work = work
        self._gradings = Gradings()
        self._lock = threading.Lock()
        self._runs: dict[LeaseId, dict[int, RunReport]] = {}

    def is_ours(self, lease_id: str, node_id: NodeId, attempt: int) -> bool:
        """Whether it is a live lease of that machine, at that attempt, for a jury solution. From memory."""
        live = self._work.lease(LeaseId(lease_id))
        return live is not None and live.jury and live.node_id == node_id and live.attempt == attempt

    def take(self, report: Report) -> Future[ReportAnswer]:
        """A batch of runs; nothing is written for it."""
        live, known = self._work.lease(LeaseId(report.lease_id)), self._note(report)
        now = self._clock.monotonic_seconds()
        if live is not None and self._work.advance(live.judgement_id, report.phase, known, now):
            self._bell.ring(("jury",))
        heard: Future[ReportAnswer] = Future()
        heard.set_result(ReportAnswer(accepted=True))
        return heard

    def finish(self, node: NodeRecord, finish: Finish) -> Future[ReportAnswer]:
        """The last runs and the end of the lease."""
        self._note(finish)

        def ended(is_live: bool) -> ReportAnswer:
            self._work.finished(LeaseId(finish.lease_id))
            self._bell.ring(("desk", "jury", "tasks", work_topic(node.id)))
            return ReportAnswer(accepted=is_live, cancel=not is_live)

        return then(self._store.write(lambda tx: self._conclude(tx, finish, self._clock.now())), ended)

    def _note(self, report: Report | Finish) -> int:
        """Keeps runs until the end; gives how many tests are known."""
        lease_id = LeaseId(report.lease_id)
        live = self._work.lease(lease_id)
        with self._lock:
            if lease_id not in self._runs:
                # Leases whose machine vanished or failed never come to an end here.
                self._runs = {one: runs for one, runs in self._runs.items() if self._work.lease(one) is not None}
            known = self._runs.setdefault(lease_id, {})
            most = live.tests if live is not None else 0
            for run in report.runs:
                if run.number <= most:
                    # What it printed is kept nowhere.
                    known.setdefault(run.number, run.model_copy(update=_SILENT))
            return len(known)

    def _conclude(self, tx: Transaction, finish: Finish, at: Instant) -> bool:
        """Inside the writer: the end of a lease. False where it is not live any more."""
        found = tx.leases.lease(LeaseId(finish.lease_id))
        with self._lock:
            reports = self._runs.pop(LeaseId(finish.lease_id), {})
        if found is None:
            return False
        task, lease = found
        node = tx.node(lease.node_id)
        name = node.name if node is not None else ""
        runs = {number: run_of(report, name) for number, report in reports.items()}
        result = self._result(tx, task, runs, finish, name, at)
        if result is None and task.attempt < _AGAIN:
            tx.leases.finish(lease.id, TaskState.QUEUED)
            return True
        tx.leases.finish(lease.id, TaskState.DONE)
        left = f"The machine finished with {len(runs)} tests and no verdict."
        keep_result(tx, version_of(task), place_of(task), result or unjudged(at, left))
        return True

    def _result(
        self, tx: Transaction, task: Task, runs: dict[int, Run], finish: Finish, machine: str, at: Instant
    ) -> SolutionResult | None:
        record = tx.package(version_of(task))
        if record is None:
            return unjudged(at, "The package is not there any more.")
        tests = len(record.manifest["tests"])
        score = None
        verdict: Verdict | None
        if finish.compile is not None and not finish.compile.ok:
            verdict = Verdict.CE
        elif any(run.verdict is Verdict.JE for run in runs.values()):
            verdict = Verdict.JE
        else:
            grading = with_reported(self._gradings.of(tx, record.version), finish.grades)
            graded = grading.fold(runs) if grading is not None else None
            score = graded.score_millionths if graded is not None else None
            decided = graded.verdict if graded is not None else None
            verdict = decided if grading is not None else fold_runs(tests, runs, all_tests=False)
        if verdict is None:
            return None
        failing = _telling(list(runs.values()), verdict)
        return SolutionResult(
            machine=machine,
            verdict=verdict.value,
            cpu_us=round(max((run.cpu_seconds for run in runs.values()), default=0.0) * 1_000_000),
            limit_us=round(limits_now(tx, task.contest_id, record).cpu_seconds * 1_000_000),
            memory_bytes=max((run.memory_bytes for run in runs.values()), default=0),
            passed=count_passed(list(runs.values())),
            tests=tests,
            at=at,
            failing_test=failing.test if failing is not None else "",
            message=failing.message if failing is not None else _compiler(finish.compile),
            score_millionths=score,
        )


def keep_trouble(tx: Transaction, task: Task, reason: str, at: Instant) -> None:
    """No machine could judge a solution: its result says why."""
    keep_result(tx, version_of(task), place_of(task), unjudged(at, reason))


def _telling(runs: Sequence[Run], verdict: Verdict) -> Run | None:
    """The run that tells most about a verdict: the first that ended so, else the first that did not pass."""
    ordered = sorted((run for run in runs if run.verdict is not Verdict.AC), key=lambda run: run.number)
    return next((run for run in ordered if run.verdict is verdict), ordered[0] if ordered else None)


def _compiler(report: CompileReport | None) -> str:
    return "" if report is None or report.ok else report.output.strip().partition("\n")[0]
