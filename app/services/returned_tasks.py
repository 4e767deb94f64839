"""What becomes of a task whose machine fell silent or failed (DESIGN 4.7). Functions of the writer: they change rows, nothing else.

Where other machines go on with their spans of its tests only this one's is queued, and trouble with a part alone never ends the whole:
machines that share a task may all vanish by one pulled cable, and a part may fail that one machine would never have come to. So those that
are at it end it first, from the second trouble on nobody joins them (claims), and what they leave goes to one machine like a task that
was never shared.
Each function gives the leases that have ended with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.core.clock import Instant
from app.core.events import Kind
from app.core.ids import LeaseId
from app.core.judgement import State
from app.core.spans import WHOLE
from app.ports.leases import Lease, Task, TaskKind, TaskState
from app.ports.store import Transaction
from app.services.package_tasks import refuse_package
from app.services.solution_reports import keep_trouble
from app.services.trial_book import going_on, stop_trial

_VANISHINGS_ALONE = 2
_VANISHINGS_DESK = 3
_FAULTS_DESK = 3


def after_vanishing(tx: Transaction, task: Task, lease: Lease, at: Instant) -> Sequence[LeaseId]:
    """A machine disappeared with the task: the first times it is queued again, the third brings it to the desk."""
    vanished, trial = task.vanished + 1, task.kind in (TaskKind.TRIAL, TaskKind.MEASURE)
    if lease.span != WHOLE:
        vanished = min(vanished, _VANISHINGS_ALONE)
    # No machine is emptied for a trial or a jury solution.
    changed = replace(task, vanished=vanished, alone=task.alone or (vanished >= _VANISHINGS_ALONE and not trial))
    enough = vanished >= (_VANISHINGS_ALONE if trial else _VANISHINGS_DESK)
    reason = f"{vanished} machines disappeared while they judged it." if enough else ""
    return _return(tx, changed, lease, reason, "expired", at)


def after_fault(tx: Transaction, task: Task, lease: Lease, sentence: str, at: Instant) -> Sequence[LeaseId]:
    """A machine failed on the task: faults of two different machines bring it to the desk, or three of a single one."""
    faulted = (*task.faulted, lease.node_id)
    # A jury solution is given to no machine that failed on it.
    enough = len(set(faulted)) >= 2 or len(faulted) >= _FAULTS_DESK or task.kind is TaskKind.MEASURE
    enough = enough and len(tx.leases.of_task(task.id)) == 1
    reason = f"Judging it failed {len(faulted)} times; the last machine said: {sentence}" if enough else ""
    return _return(tx, replace(task, faulted=faulted), lease, reason, "faulted", at)


def after_trial_error(tx: Transaction, task: Task, lease: Lease, sentence: str, at: Instant) -> Sequence[LeaseId]:
    """A judgement for a version on trial ended as a judging error: the trial stops, since what it tries is the first to be doubted."""
    return _return(tx, task, lease, f"Judging it with the new version failed: {sentence}", "faulted", at)


def after_giving_back(tx: Transaction, task: Task, lease: Lease, at: Instant) -> Sequence[LeaseId]:
    """A machine stops with the task, or may not go on with it: it is queued again, nobody is to blame."""
    return _return(tx, task, lease, "", "given_back", at)


def put_back(tx: Transaction, task: Task, state: State, *, at: Instant, reason: str = "") -> None:
    """The judgement follows its task: queued again, or on the desk with a reason."""
    if task.kind is TaskKind.PACKAGE and state is State.DESK:
        refuse_package(tx, task, reason, at)
    if task.kind is TaskKind.MEASURE and state is State.DESK:
        keep_trouble(tx, task, reason, at)
    judgement = tx.judgement(task.judgement_id) if task.judgement_id is not None else None
    if judgement is None or judgement.state is State.DONE:
        return
    tx.put_judgement(replace(judgement, state=state))
    if task.kind is TaskKind.TRIAL:
        if reason:
            stop_trial(tx, judgement, reason)
    elif state is State.DESK:
        tx.append_event(judgement.contest_id, Kind.DESK, at, {"judgement_id": judgement.id, "reason": reason})


def lease_event(tx: Transaction, task: Task, lease: Lease, what: str, at: Instant) -> None:
    """The log's line about a lease: granted, expired, given_back or faulted; of a part also cut and ended."""
    data = {
        "task_id": task.id,
        "judgement_id": task.judgement_id,
        "node": lease.node_id,
        "attempt": lease.attempt,
        "what": what,
    }
    if lease.span != WHOLE:
        data |= {"first": lease.span.first, "last": lease.span.last}
    tx.append_event(task.contest_id, Kind.LEASE, at, data)


def _return(tx: Transaction, changed: Task, lease: Lease, reason: str, what: str, at: Instant) -> Sequence[LeaseId]:
    over = bool(reason) or _is_of_no_trial(tx, changed)
    state = TaskState.DESK if over else TaskState.QUEUED
    ended = tx.leases.finish(lease.id, state)
    tx.leases.change(replace(changed, state=state))
    lease_event(tx, changed, lease, what, at)
    shared = lease.span != WHOLE and tx.leases.of_task(changed.id)
    put_back(tx, changed, State.DESK if over else State.LEASED if shared else State.QUEUED, reason=reason, at=at)
    return ended


def _is_of_no_trial(tx: Transaction, task: Task) -> bool:
    """Whether it was for a trial that has ended meanwhile."""
    judgement = tx.judgement(task.judgement_id) if task.judgement_id is not None else None
    return task.kind is TaskKind.TRIAL and (judgement is None or going_on(tx, judgement) is None)
