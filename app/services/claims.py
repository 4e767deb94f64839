"""Claiming: which task a machine that asks is given, inside the writer (dispatch).

A machine gets the oldest submission that fits it, else a package or a trial, else a part of a judgement that another machine is at
(lending). Of a task that other machines hold spans of it gets what is open. A task that nobody can judge goes to the desk, and the
next one is tried.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.core.clock import Clock, Instant
from app.core.errors import Fault
from app.core.ids import LeaseId
from app.core.judgement import Judgement, State
from app.core.spans import WHOLE
from app.languages.definition import Language
from app.ports.leases import Lease, Task, TaskKind, TaskState
from app.ports.store import NodeRecord, Transaction
from app.services.fitting import Fitting
from app.services.gradings import Gradings
from app.services.grants import Grants
from app.services.lending import Lending
from app.services.live_work import LiveLease
from app.services.package_tasks import package_grant
from app.services.returned_tasks import lease_event, put_back
from app.services.solution_tasks import solution_grant
from app.wire.judge_v1 import LEASE_SECONDS, SHARES_TESTS, LeaseRequest, TaskGrant

log = logging.getLogger("contestbox.dispatch")

_TERM_MS = int(LEASE_SECONDS * 1000)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a wish for work led to: a grant with its entry among the live leases, and the lease that was cut for it."""

    grant: TaskGrant | None = None
    live: LiveLease | None = None
    cut: LiveLease | None = None


def selftest_grant() -> TaskGrant:
    """The order to test itself, which is no task of the store."""
    return TaskGrant(kind="selftest", lease_id="selftest", attempt=0, deadline_seconds=0)


def a_term_from(now: Instant) -> Instant:
    """When a lease that is granted or renewed now expires."""
    return Instant(now + _TERM_MS)


class Claims:
    """Claims for one machine at a time, in the writer's thread."""

    def __init__(
        self,
        *,
        clock: Clock,
        fitting: Fitting,
        grants: Grants,
        lending: Lending,
        gradings: Gradings,
        languages: Mapping[str, Language],
        new_lease_id: Callable[[], str],
    ) -> None:
        self._clock = clock
        self._fitting = fitting
        self._grants = grants
        self._lending = lending
        self._gradings = gradings
        self._languages = languages
        self._new_lease_id = new_lease_id

    def claim(self, tx: Transaction, node: NodeRecord, request: LeaseRequest) -> Claimed:
        """What this machine gets now."""
        known = tx.node(node.id)
        if known is None or known.state != "approved":
            # Paused or unpaired while its wish waited for the writer.
            return Claimed()
        mine = [(task, lease) for task, lease in tx.leases.live() if lease.node_id == node.id]
        now = self._clock.now()
        idle, cut = False, None
        while True:
            choice = self._fitting.choose(node.id, request, mine, idle=idle)
            claimed = tx.leases.claim(node.id, choice.fits, LeaseId(self._new_lease_id()), a_term_from(now), now)
            if claimed is not None:
                granted = self._grant(tx, *claimed, now, shares=SHARES_TESTS in choice.present.hello.abilities)
                if granted is not None:
                    return replace(granted, cut=cut)
            elif choice.wants_selftest:
                return Claimed(selftest_grant())
            elif not idle:
                idle = True
            elif cut is not None or (cut := self._lending.cut(tx, choice)) is None:
                return Claimed(cut=cut)

    def _grant(self, tx: Transaction, task: Task, lease: Lease, now: Instant, *, shares: bool) -> Claimed | None:
        """The grant of a task that was just claimed; None where it is not to be judged, or not now."""
        if task.kind in (TaskKind.PACKAGE, TaskKind.MEASURE):
            beside = (
                package_grant(tx, task, lease)
                if task.kind is TaskKind.PACKAGE
                else solution_grant(tx, task, lease, self._languages)
            )
            if beside is None:
                tx.leases.finish(lease.id, TaskState.DONE)
                return None
            lease_event(tx, task, lease, "granted", now)
            return Claimed(*beside)
        judgement = tx.judgement(task.judgement_id) if task.judgement_id is not None else None
        try:
            if judgement is None:
                raise Fault("task", "The judgement of this task is not there any more.")
            share = self._open_part(tx, task, lease, judgement, shares=shares)
            if share is None:
                tx.leases.finish(lease.id, TaskState.LEASED)
                return None
            grant, live = self._grants.build(tx, task, share, judgement)
        except Fault as fault:
            log.exception("task %s cannot be judged", task.id)
            tx.leases.finish(lease.id, TaskState.DESK)
            put_back(tx, task, State.DESK, reason=fault.sentence, at=now)
            return None
        started = judgement.started if judgement.started is not None else now
        tx.put_judgement(replace(judgement, state=State.LEASED, attempt=lease.attempt, started=started))
        lease_event(tx, task, share, "granted", now)
        return Claimed(grant, live)

    def _open_part(
        self, tx: Transaction, task: Task, lease: Lease, judgement: Judgement, *, shares: bool
    ) -> Lease | None:
        """The lease with what no other one of its task holds; None where nothing of that is needed any more, or is for one machine alone.

        `shares`: the machine is of a version that runs spans.
        """
        held = [one.span for one in tx.leases.of_task(task.id) if one.id != lease.id] if lease.attempt > 1 else []
        if not held:
            return lease
        if task.alone or len(task.faulted) > 1 or not shares:
            return None  # it waits for those that are at it
        rules = self._gradings.rules(tx, judgement)
        results = {one.run.number: one.run for one in tx.runs(judgement.id) if one.counted}
        span = rules.open_span(results, held)
        if span is None:
            return None
        if span != WHOLE:
            tx.leases.hold(lease.id, span)
        if rules.open_span(results, [*held, span]) is not None:
            tx.leases.change(replace(task, state=TaskState.QUEUED))
        return replace(lease, span=span)
