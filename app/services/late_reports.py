"""What machines report too late, and where two runs of one test disagree: kept and shown to the jury, never counted (DESIGN 4.6, 6).

Theory of operation. A lease that is over may still be reported on: its machine was suspended, or its cable was out for longer than the
term. Whoever says so must be the machine that had this very lease in this very attempt; a stranger's report leaves no trace. Its runs
become evidence beside the ones that count, as many as core/evidence admits, and the machine is told to stop. Wherever evidence and a
counted run of the same test have different verdicts, whichever came first, the log says so in an entry of its own, which stands on the
desk until the submission is judged again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.clock import Instant
from app.core.events import Kind
from app.core.evidence import EvidenceRoom, differences
from app.core.ids import LeaseId
from app.core.judgement import Judgement, Run
from app.core.verdict import Verdict
from app.ports.leases import TaskKind
from app.ports.store import NodeRecord, StoredOutput, StoredRun, Transaction
from app.wire.judge_v1 import CompileReport, RunReport

COMPILER = 0
"""The number under which evidence about the compiler stands, where tests begin at 1."""


@dataclass(frozen=True, slots=True)
class Late:
    """What a late report did. `fault` says why its machine should be held, "" where it should not."""

    kept: int = 0
    fault: str = ""


def keep_late(
    tx: Transaction,
    node: NodeRecord,
    lease_id: LeaseId,
    attempt: int,
    compiled: CompileReport | None,
    runs: Sequence[RunReport],
    at: Instant,
) -> Late:
    """Keeps what a machine says of a lease that was its own and is over; nothing of anybody else's."""
    found = tx.leases.ended(lease_id)
    if found is None or found[1].node_id != node.id or found[1].attempt != attempt:
        return Late()
    task_judgement = found[0].judgement_id
    judgement = tx.judgement(task_judgement) if task_judgement is not None else None
    if judgement is None:
        return Late()
    room, kept, fault = room_of(tx.runs(judgement.id)), [], ""
    for report in runs:
        run = run_of(report, node.name)
        if run.number > judgement.test_count:
            continue
        if run.verdict is Verdict.JE:
            # With a version on trial it is the version that is doubted (returned_tasks).
            if found[0].kind is not TaskKind.TRIAL:
                fault = f"test {run.number} ended as a judging error: {run.message or 'no reason given'}"
            continue
        evidence = room.take(attempt, run)
        if evidence is not None:
            tx.add_run(judgement.id, attempt, evidence, at, late=True)
            kept.append(evidence)
    if kept:
        runs_event(tx, judgement, attempt, node, (), kept, at, late=True)
        note_differences(tx, judgement, kept, at)
    if compiled is not None:
        _note_compiler(tx, judgement, attempt, compiled, node, at)
    return Late(len(kept), fault)


def room_of(stored: Sequence[StoredRun]) -> EvidenceRoom:
    """What a judgement has heard already."""
    room = EvidenceRoom()
    for one in stored:
        room.remember(one.attempt, one.run, counts=one.counted)
    return room


def run_of(report: RunReport, node_name: str) -> Run:
    """A run as it is stored."""
    fields = report.model_dump(exclude={"verdict", "repeats"})
    return Run(**fields, verdict=Verdict(report.verdict), repeats=tuple(report.repeats), node=node_name)


def runs_event(
    tx: Transaction,
    judgement: Judgement,
    attempt: int,
    node: NodeRecord,
    counted: Sequence[Run],
    evidence: Sequence[Run],
    at: Instant,
    *,
    late: bool = False,
) -> None:
    """The log's entry about one batch."""
    data: dict[str, Any] = {
        "judgement_id": judgement.id,
        "attempt": attempt,
        "node": node.id,
        "counted": [_facts(run) for run in counted],
        "evidence": [_facts(run) for run in evidence],
    }
    if late:
        data["late"] = True
    tx.append_event(judgement.contest_id, Kind.RUNS, at, data)


def note_differences(tx: Transaction, judgement: Judgement, fresh: Sequence[Run], at: Instant) -> None:
    """Says in the log where runs that have just been stored disagree with others of their tests."""
    numbers = {run.number for run in fresh}
    stored = [one for one in tx.runs(judgement.id) if one.run.number in numbers]
    counted = {one.run.number: one.run for one in stored if one.counted}
    every = differences(counted, (one.run for one in stored if not one.counted))
    found = [one for one in every if one.counted in fresh or one.other in fresh]
    if not found:
        return
    tests = [
        {
            "number": one.counted.number,
            "counted": one.counted.verdict.value,
            "node": one.counted.node,
            "other": one.other.verdict.value,
            "other_node": one.other.node,
        }
        for one in found
    ]
    _difference_event(tx, judgement, tests, at)


def _note_compiler(
    tx: Transaction, judgement: Judgement, attempt: int, compiled: CompileReport, node: NodeRecord, at: Instant
) -> None:
    """A late word of the compiler against the verdict, kept and said once for an attempt."""
    ours = judgement.verdict
    if ours is None or compiled.ok is (ours is not Verdict.CE):
        return
    if any((one.number, one.attempt) == (COMPILER, attempt) for one in tx.outputs(judgement.id)):
        return
    said = "compiled" if compiled.ok else Verdict.CE.value
    note = f"On {node.name} it {'could be compiled' if compiled.ok else 'could not be compiled'}, too late to count."
    tx.put_output(StoredOutput(judgement.id, COMPILER, attempt, "", 0, note))
    test = {"number": COMPILER, "counted": ours.value, "node": "", "other": said, "other_node": node.name}
    _difference_event(tx, judgement, [test], at)


def _difference_event(tx: Transaction, judgement: Judgement, tests: list[dict[str, Any]], at: Instant) -> None:
    data = {"judgement_id": judgement.id, "submission_id": judgement.submission_id, "tests": tests}
    tx.append_event(judgement.contest_id, Kind.DIFFERENCE, at, data)


def _facts(run: Run) -> dict[str, object]:
    facts: dict[str, object] = {
        "number": run.number,
        "verdict": run.verdict.value,
        "cpu_us": round(run.cpu_seconds * 1_000_000),
        "memory_bytes": run.memory_bytes,
    }
    if run.score_millionths is not None:
        facts["score_millionths"] = run.score_millionths
    return facts
