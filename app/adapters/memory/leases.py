"""ports/leases over tables in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from app.adapters.memory.tables import Tables
from app.core.clock import Instant
from app.core.errors import Fault
from app.core.ids import ContestId, JudgementId, LeaseId, NodeId, TaskId
from app.core.spans import WHOLE, Span
from app.ports.leases import Lease, NewTask, Task, TaskKind, TaskState


class MemoryLeases:
    """The queue is the order of the tasks' numbers: a task that was given back keeps its place."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def enqueue(
        self,
        contest_id: ContestId,
        kind: TaskKind,
        judgement_id: JudgementId | None,
        payload: dict[str, Any],
        *,
        needs_memory_bytes: int,
        language: str,
        at: Instant,
    ) -> Task:
        if judgement_id is not None and self._tables.judgements.get(judgement_id) is None:
            raise Fault("storage", f"The store refused: there is no judgement {judgement_id}.")
        task = Task(
            TaskId(self._tables.next_number("tasks")),
            contest_id,
            kind,
            judgement_id,
            json.loads(json.dumps(payload)),
            TaskState.QUEUED,
            needs_memory_bytes=needs_memory_bytes,
            language=language,
            queued=at,
        )
        self._tables.tasks.put(task.id, task)
        return task

    def enqueue_all(self, tasks: Sequence[NewTask], at: Instant) -> None:
        for one in tasks:
            self.enqueue(
                one.contest_id,
                TaskKind.JUDGE,
                one.judgement_id,
                {},
                needs_memory_bytes=one.needs_memory_bytes,
                language=one.language,
                at=at,
            )

    def claim(
        self, node_id: NodeId, fits: Callable[[Task], bool], lease_id: LeaseId, deadline: Instant, at: Instant
    ) -> tuple[Task, Lease] | None:
        task = self._oldest(fits)
        if task is None:
            return None
        if self._tables.leases.get(lease_id) is not None or self._tables.ended.get(lease_id) is not None:
            raise Fault("storage", f"The store refused: there is a lease {lease_id} already.")
        task = replace(task, state=TaskState.LEASED, attempt=task.attempt + 1)
        lease = Lease(lease_id, task.id, node_id, task.attempt, deadline, at)
        self._tables.tasks.put(task.id, task)
        self._tables.leases.put(lease_id, lease)
        return task, lease

    def _oldest(self, fits: Callable[[Task], bool]) -> Task | None:
        refused: set[tuple[TaskKind, str, int]] = set()
        for task in self._tables.tasks.values():
            kin = (task.kind, task.language, task.needs_memory_bytes)
            if task.state is not TaskState.QUEUED or (task.untroubled and kin in refused):
                continue
            if fits(task):
                return task
            if task.untroubled:
                refused.add(kin)
        return None

    def renew(self, lease_id: LeaseId, node_id: NodeId, deadline: Instant) -> bool:
        lease = self._tables.leases.get(lease_id)
        if lease is None or lease.node_id != node_id:
            return False
        self._tables.leases.put(lease_id, replace(lease, deadline=deadline))
        return True

    def lease(self, lease_id: LeaseId) -> tuple[Task, Lease] | None:
        lease = self._tables.leases.get(lease_id)
        return None if lease is None else (self._task(lease.task_id), lease)

    def ended(self, lease_id: LeaseId) -> tuple[Task, Lease] | None:
        lease = self._tables.ended.get(lease_id)
        return None if lease is None else (self._task(lease.task_id), lease)

    def of_task(self, task_id: TaskId) -> Sequence[Lease]:
        live = (one for one in self._tables.leases.values() if one.task_id == task_id)
        return sorted(live, key=lambda one: one.attempt)

    def hold(self, lease_id: LeaseId, span: Span) -> None:
        lease = self._tables.leases.get(lease_id)
        if lease is None:
            raise Fault("storage", f"the lease {lease_id} is not alive")
        self._tables.leases.put(lease_id, replace(lease, span=span))

    def finish(self, lease_id: LeaseId, state: TaskState) -> Sequence[LeaseId]:
        lease = self._tables.leases.get(lease_id)
        if lease is None:
            raise Fault("storage", f"the lease {lease_id} is not alive")
        every = self.of_task(lease.task_id)
        if state is TaskState.LEASED and len(every) == 1:
            raise Fault("storage", "the last lease cannot end with its task still lent")
        ended = every if state in (TaskState.DONE, TaskState.DESK) else [lease]
        for one in ended:
            self._end(one)
        self._tables.tasks.put(lease.task_id, replace(self._task(lease.task_id), state=state))
        return [one.id for one in ended]

    def change(self, task: Task) -> None:
        before = self._tables.tasks.get(task.id)
        if before is None:
            raise Fault("storage", f"there is no task {task.id}")
        live = self.of_task(task.id)
        comes_back = before.state is TaskState.DONE and task.state is not TaskState.DONE
        if comes_back or (not live and task.state is TaskState.LEASED):
            raise Fault("storage", f"task {task.id} is {before.state.value} and cannot become {task.state.value}")
        for one in live if task.state in (TaskState.DONE, TaskState.DESK) else ():
            self._end(one)
        changed = replace(before, vanished=task.vanished, faulted=task.faulted, alone=task.alone, state=task.state)
        self._tables.tasks.put(task.id, changed)

    def expired(self, at: Instant) -> Sequence[tuple[Task, Lease]]:
        return [(task, lease) for task, lease in self.live() if lease.deadline <= at]

    def extend_all(self, deadline: Instant) -> int:
        leases = list(self._tables.leases.values())
        for lease in leases:
            self._tables.leases.put(lease.id, replace(lease, deadline=deadline))
        return len(leases)

    def live(self) -> Sequence[tuple[Task, Lease]]:
        leases = sorted(self._tables.leases.values(), key=lambda one: (one.task_id, one.attempt))
        return [(self._task(lease.task_id), lease) for lease in leases]

    def waiting(self, kind: TaskKind | None = None) -> tuple[int, Instant | None]:
        tasks = [one for one in self._tables.tasks.values() if one.state is TaskState.QUEUED]
        queued = [one.queued for one in tasks if kind is None or one.kind is kind]
        return len(queued), min(queued, default=None)

    def queued(self, kind: TaskKind) -> Sequence[Task]:
        tasks = self._tables.tasks.values()
        return [one for one in tasks if one.state is TaskState.QUEUED and one.kind is kind]

    def task_of(self, judgement_id: JudgementId) -> Task | None:
        mine = [one for one in self._tables.tasks.values() if one.judgement_id == judgement_id]
        return mine[-1] if mine else None

    def _end(self, lease: Lease) -> None:
        self._tables.leases.remove(lease.id)
        self._tables.ended.put(lease.id, replace(lease, span=WHOLE))

    def _task(self, task_id: TaskId) -> Task:
        task = self._tables.tasks.get(task_id)
        if task is None:
            raise Fault("storage", f"there is no task {task_id}")
        return task
