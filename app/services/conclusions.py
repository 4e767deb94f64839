"""What the end of a lease means for its judgement: the verdict, or that others have tests to run yet. Functions of the writer.

Theory of operation. The server alone folds runs into a verdict. One machine that ran all tests finishes with runs that decide, or it
has failed. Where several share the tests (core/spans), each finishes its span; the finish after which the runs decide brings the verdict
and ends the other leases, a finish before that leaves the judgement to them. A failing run may make another machine's span needless: that
lease ends at once. The numbers of a judgement (passed tests, largest time and memory) are those of the tests that one machine alone
would have run, whatever others had run by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.clock import Instant
from app.core.events import Kind
from app.core.ids import LeaseId
from app.core.judgement import Judgement, Run, State, count_passed
from app.core.scoring.groups import Graded, group_documents
from app.core.spans import WHOLE, Rules
from app.core.verdict import Verdict
from app.ports.leases import Lease, Task, TaskState
from app.ports.store import Transaction
from app.services.gradings import Gradings
from app.services.reported_grades import as_text, with_reported
from app.services.returned_tasks import lease_event
from app.services.taking import verdict_data
from app.wire.judge_v1 import Finish


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a finish led to: a judged judgement, nothing yet, or the `fault` of its machine. `ended` are other leases that are over now."""

    decided: Judgement | None = None
    ended: Sequence[LeaseId] = ()
    fault: str = ""


class Conclusions:
    """Concludes."""

    def __init__(self, gradings: Gradings) -> None:
        self._gradings = gradings

    def conclude(
        self, tx: Transaction, task: Task, lease: Lease, judgement: Judgement, finish: Finish, at: Instant
    ) -> Conclusion:
        """The end of a live lease whose runs are stored already. With a fault nothing is changed."""
        counted = _counted(tx, judgement)
        if finish.compile is not None and not finish.compile.ok:
            if counted:
                # What ran on another machine, or on this one, does compile: one of the two is broken, and the team must not pay for it.
                return Conclusion(fault=f"it could not compile what {len(counted)} tests were run with")
            return self._decide(tx, lease, judgement, Verdict.CE, {}, None, finish, at)
        # Not by the contest's setting of now: the machine went by the one that its task came with, and the verdict is the same.
        rules = Rules(judgement.test_count, self._gradings.of(tx, judgement.package_version))
        graded = replace(rules, grading=with_reported(rules.grading, finish.grades)).fold(counted)
        if lease.span != WHOLE and self._others_go_on(tx, task, lease, judgement, counted, graded):
            lease_event(tx, task, lease, "ended", at)
            return Conclusion()
        if graded is None:
            return Conclusion(fault=f"it finished with {len(counted)} of {judgement.test_count} tests and no verdict")
        scored = None if rules.grading is None else graded
        if lease.attempt > 1 or lease.span != WHOLE:
            counted = self._gradings.rules(tx, judgement).asked_of_one(counted)
        return self._decide(tx, lease, judgement, graded.verdict, counted, scored, finish, at)

    def spare_others(
        self, tx: Transaction, task: Task, lease: Lease, judgement: Judgement, at: Instant
    ) -> Sequence[LeaseId]:
        """Ends what other machines do with this judgement and nobody needs any more: those leases."""
        rules, counted, ended = self._gradings.rules(tx, judgement), _counted(tx, judgement), []
        for other in tx.leases.of_task(task.id):
            if other.id != lease.id and not rules.needs(counted, other.span):
                tx.leases.finish(other.id, task.state)
                lease_event(tx, task, other, "ended", at)
                ended.append(other.id)
        return ended

    def _others_go_on(
        self,
        tx: Transaction,
        task: Task,
        lease: Lease,
        judgement: Judgement,
        counted: Mapping[int, Run],
        graded: Graded | None,
    ) -> bool:
        """Whether the judgement goes on without this lease, which has run its span and is ended then."""
        rules = self._gradings.rules(tx, judgement)
        others = [one.span for one in tx.leases.of_task(task.id) if one.id != lease.id]
        if graded is None and replace(rules, all_tests=False).needs(counted, lease.span):
            return False
        if graded is not None and not (rules.all_tests and rules.needs(counted, WHOLE)):
            return False
        waits = not others or rules.open_span(counted, others) is not None
        tx.leases.finish(lease.id, TaskState.QUEUED if waits else TaskState.LEASED)
        if not others:
            tx.put_judgement(replace(judgement, state=State.QUEUED))
        return True

    @staticmethod
    def _decide(
        tx: Transaction,
        lease: Lease,
        judgement: Judgement,
        verdict: Verdict,
        counted: Mapping[int, Run],
        scored: Graded | None,
        finish: Finish,
        at: Instant,
    ) -> Conclusion:
        ended = [one for one in tx.leases.finish(lease.id, TaskState.DONE) if one != lease.id]
        done = _decided(judgement, verdict, counted, at)
        if scored is not None:
            done = replace(done, score_millionths=scored.score_millionths, grades=as_text(finish.grades))
        tx.put_judgement(done)
        _verdict_event(tx, done, scored, at)
        return Conclusion(done, ended)


def _counted(tx: Transaction, judgement: Judgement) -> dict[int, Run]:
    return {one.run.number: one.run for one in tx.runs(judgement.id) if one.counted}


def _decided(judgement: Judgement, verdict: Verdict, counted: Mapping[int, Run], at: Instant) -> Judgement:
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
    data = verdict_data(judgement)
    if graded is not None:
        data["score_millionths"] = graded.score_millionths
        data["groups"] = group_documents(graded.groups)
    tx.append_event(judgement.contest_id, Kind.VERDICT, at, data)
