"""ports/leases over tables of tasks, of the leases that are alive, and of those that have ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from app.adapters.sqlite.rows import Row, Rows, to_json
from app.core.clock import Instant
from app.core.errors import Fault
from app.core.ids import ContestId, JudgementId, LeaseId, NodeId, TaskId
from app.core.spans import Span
from app.ports.leases import Lease, NewTask, Task, TaskKind, TaskState

_KIND = "CASE WHEN t.trial = 1 THEN 'trial' ELSE t.kind END"
_TASK = (
    f"t.id, t.contest_id, {_KIND}, t.judgement_id, t.payload, t.state, t.attempt, t.vanished, t.faulted, t.alone,"
    " t.needs_memory_bytes, t.language, t.queued"
)
_LEASE = "l.id, l.task_id, l.node_id, l.attempt, l.deadline, l.granted"
_LIVE = (
    f"SELECT {_TASK}, {_LEASE}, l.first_test, l.last_test"  # noqa: S608 - own constants
    " FROM leases l JOIN tasks t ON t.id = l.task_id"
)
_ENDED = (
    f"SELECT {_TASK}, {_LEASE}"  # noqa: S608 - own constants
    " FROM ended_leases l JOIN tasks t ON t.id = l.task_id WHERE l.id = ?"
)
_TASK_WIDTH, _LEASE_WIDTH = 13, 6
_ORDER = "ORDER BY l.task_id, l.attempt"
_UNLIKE = (
    f" AND NOT (t.vanished = 0 AND t.faulted = '[]' AND t.alone = 0 AND {_KIND} = ? AND t.language = ?"
    " AND t.needs_memory_bytes = ?)"
)


class SqliteLeases(Rows):
    """The queue is the order of the tasks' numbers: a task that was given back keeps its place."""

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
        cursor = self._do(
            "INSERT INTO tasks (contest_id, kind, trial, judgement_id, payload, state, needs_memory_bytes, language, queued)"
            " VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)",
            contest_id,
            (TaskKind.JUDGE if kind is TaskKind.TRIAL else kind).value,
            int(kind is TaskKind.TRIAL),
            judgement_id,
            to_json(payload),
            needs_memory_bytes,
            language,
            at,
        )
        return Task(
            TaskId(cursor.lastrowid or 0),
            contest_id,
            kind,
            judgement_id,
            payload,
            TaskState.QUEUED,
            needs_memory_bytes=needs_memory_bytes,
            language=language,
            queued=at,
        )

    def enqueue_all(self, tasks: Sequence[NewTask], at: Instant) -> None:
        rows = [
            (
                one.contest_id,
                TaskKind.JUDGE.value,
                one.judgement_id,
                "{}",
                "queued",
                one.needs_memory_bytes,
                one.language,
                at,
            )
            for one in tasks
        ]
        self._insert(
            "tasks (contest_id, kind, judgement_id, payload, state, needs_memory_bytes, language, queued)", rows
        )

    def claim(
        self, node_id: NodeId, fits: Callable[[Task], bool], lease_id: LeaseId, deadline: Instant, at: Instant
    ) -> tuple[Task, Lease] | None:
        task = self._oldest(fits)
        if task is None:
            return None
        task = replace(task, state=TaskState.LEASED, attempt=task.attempt + 1)
        lease = Lease(lease_id, task.id, node_id, task.attempt, deadline, at)
        self._do("UPDATE tasks SET state = 'leased', attempt = ? WHERE id = ?", task.attempt, task.id)
        self._do(
            "INSERT INTO leases (id, contest_id, task_id, node_id, attempt, deadline, granted) VALUES (?, ?, ?, ?, ?, ?, ?)",
            lease.id,
            task.contest_id,
            task.id,
            node_id,
            lease.attempt,
            deadline,
            at,
        )
        return task, lease

    def _oldest(self, fits: Callable[[Task], bool]) -> Task | None:
        """The oldest queued task that fits; the database passes over those that are like a refused one."""
        after, unlike = 0, ""
        refused: list[object] = []
        while True:
            row = self._one(
                f"SELECT {_TASK} FROM tasks t WHERE t.state = 'queued' AND t.id > ? {unlike} ORDER BY t.id LIMIT 1",  # noqa: S608
                after,
                *refused,
            )
            if row is None:
                return None
            task = _to_task(row)
            if fits(task):
                return task
            after = task.id
            if task.untroubled:
                unlike += _UNLIKE
                refused += [task.kind.value, task.language, task.needs_memory_bytes]

    def renew(self, lease_id: LeaseId, node_id: NodeId, deadline: Instant) -> bool:
        cursor = self._do("UPDATE leases SET deadline = ? WHERE id = ? AND node_id = ?", deadline, lease_id, node_id)
        return cursor.rowcount == 1

    def lease(self, lease_id: LeaseId) -> tuple[Task, Lease] | None:
        row = self._one(f"{_LIVE} WHERE l.id = ?", lease_id)
        return None if row is None else _to_pair(row)

    def ended(self, lease_id: LeaseId) -> tuple[Task, Lease] | None:
        row = self._one(_ENDED, lease_id)
        return None if row is None else _to_pair(row)

    def of_task(self, task_id: TaskId) -> Sequence[Lease]:
        rows = self._all(
            f"SELECT {_LEASE}, l.first_test, l.last_test FROM leases l WHERE l.task_id = ? ORDER BY l.attempt",  # noqa: S608
            task_id,
        )
        return [_to_lease(row) for row in rows]

    def hold(self, lease_id: LeaseId, span: Span) -> None:
        done = self._do("UPDATE leases SET first_test = ?, last_test = ? WHERE id = ?", span.first, span.last, lease_id)
        if done.rowcount != 1:
            raise Fault("storage", f"the lease {lease_id} is not alive")

    def finish(self, lease_id: LeaseId, state: TaskState) -> Sequence[LeaseId]:
        rows = self._all(
            "SELECT id, task_id FROM leases WHERE task_id = (SELECT task_id FROM leases WHERE id = ?)", lease_id
        )
        if not rows:
            raise Fault("storage", f"the lease {lease_id} is not alive")
        if state is TaskState.LEASED and len(rows) == 1:
            raise Fault("storage", "the last lease cannot end with its task still lent")
        ended = [row[0] for row in rows] if state in (TaskState.DONE, TaskState.DESK) else [lease_id]
        for one in ended:
            self._end(one)
        self._do("UPDATE tasks SET state = ? WHERE id = ?", state.value, rows[0][1])
        return ended

    def _end(self, lease_id: str) -> None:
        self._do(
            "INSERT INTO ended_leases (id, contest_id, task_id, node_id, attempt, deadline, granted)"
            " SELECT id, contest_id, task_id, node_id, attempt, deadline, granted FROM leases WHERE id = ?",
            lease_id,
        )
        self._do("DELETE FROM leases WHERE id = ?", lease_id)

    def change(self, task: Task) -> None:
        rows = self._all(
            "SELECT t.state, l.id FROM tasks t LEFT JOIN leases l ON l.task_id = t.id WHERE t.id = ?", task.id
        )
        if not rows:
            raise Fault("storage", f"there is no task {task.id}")
        before, live = rows[0][0], [row[1] for row in rows if row[1] is not None]
        if (before == "done" and task.state is not TaskState.DONE) or (not live and task.state is TaskState.LEASED):
            raise Fault("storage", f"task {task.id} is {before} and cannot become {task.state.value}")
        for lease_id in live if task.state in (TaskState.DONE, TaskState.DESK) else ():
            self._end(lease_id)
        self._do(
            "UPDATE tasks SET vanished = ?, faulted = ?, alone = ?, state = ? WHERE id = ?",
            task.vanished,
            to_json(list(task.faulted)),
            int(task.alone),
            task.state.value,
            task.id,
        )

    def expired(self, at: Instant) -> Sequence[tuple[Task, Lease]]:
        return [_to_pair(row) for row in self._all(f"{_LIVE} WHERE l.deadline <= ? {_ORDER}", at)]

    def extend_all(self, deadline: Instant) -> int:
        return self._do("UPDATE leases SET deadline = ?", deadline).rowcount

    def live(self) -> Sequence[tuple[Task, Lease]]:
        return [_to_pair(row) for row in self._all(f"{_LIVE} {_ORDER}")]

    def waiting(self, kind: TaskKind | None = None) -> tuple[int, Instant | None]:
        every = "SELECT count(*), min(t.queued) FROM tasks t WHERE t.state = 'queued'"
        row = self._one(every) if kind is None else self._one(f"{every} AND {_KIND} = ?", kind.value)
        return (0, None) if row is None else (row[0], row[1])

    def queued(self, kind: TaskKind) -> Sequence[Task]:
        rows = self._all(
            f"SELECT {_TASK} FROM tasks t WHERE t.state = 'queued' AND {_KIND} = ? ORDER BY t.id",  # noqa: S608
            kind.value,
        )
        return [_to_task(row) for row in rows]

    def task_of(self, judgement_id: JudgementId) -> Task | None:
        row = self._one(
            f"SELECT {_TASK} FROM tasks t WHERE t.judgement_id = ? ORDER BY t.id DESC LIMIT 1",  # noqa: S608
            judgement_id,
        )
        return None if row is None else _to_task(row)


def _to_task(row: Row) -> Task:
    (
        number,
        contest_id,
        kind,
        judgement_id,
        payload,
        state,
        attempt,
        vanished,
        faulted,
        alone,
        memory,
        language,
        queued,
    ) = row
    return Task(
        number,
        contest_id,
        TaskKind(kind),
        judgement_id,
        json.loads(payload),
        TaskState(state),
        attempt,
        vanished,
        tuple(json.loads(faulted)),
        bool(alone),
        memory,
        language,
        queued,
    )


def _to_pair(row: Row) -> tuple[Task, Lease]:
    return _to_task(row[:_TASK_WIDTH]), _to_lease(row[_TASK_WIDTH:])


def _to_lease(row: Row) -> Lease:
    lease = Lease(*row[:_LEASE_WIDTH])
    return lease if len(row) == _LEASE_WIDTH else replace(lease, span=Span(*row[_LEASE_WIDTH:]))
