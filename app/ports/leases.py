"""Tasks and their leases: claim, renew, fence. SQL at every stage of growth.

Theory of operation: a task is work for a node; its `attempt` rises with each lease, and only a live lease with its own attempt may report
(fencing). Deadlines are instants of the server's anchored monotonic clock, so a jump of the wall clock changes nothing. A task whose tests
are shared by several machines has a live lease for each, with a span of its own (core/spans); while any part of it waits it is QUEUED.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from app.core.clock import Instant
from app.core.ids import ContestId, JudgementId, LeaseId, NodeId, TaskId
from app.core.spans import WHOLE, Span


class TaskKind(StrEnum):
    """What a node is asked to do (DESIGN 4). TRIAL: as JUDGE, for a judgement that does not count."""

    JUDGE = "judge"
    TRIAL = "trial"
    PACKAGE = "package"
    MEASURE = "measure"
    CUSTOM = "custom"
    SELFTEST = "selftest"


class TaskState(StrEnum):
    """Where a task is."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Task:
    """Work for a node. `vanished` counts nodes that disappeared with it, `faulted` names the nodes that reported a fault;
    `alone` asks for a node with nothing else to do that has just passed its self-test; needs_memory_bytes includes the 256 MiB of air."""

    id: TaskId
    contest_id: ContestId
    kind: TaskKind
    judgement_id: JudgementId | None
    payload: dict[str, Any]
    state: TaskState
    attempt: int = 0
    vanished: int = 0
    faulted: tuple[NodeId, ...] = ()
    alone: bool = False
    needs_memory_bytes: int = 0
    language: str = ""
    queued: Instant = field(default=Instant(0))

    @property
    def untroubled(self) -> bool:
        """Whether no node vanished with it or reported a fault, and it needs no node for itself."""
        return not (self.vanished or self.faulted or self.alone)


@dataclass(frozen=True, slots=True)
class Lease:
    """A task, or the tests of a span of it, lent to a node until the deadline."""

    id: LeaseId
    task_id: TaskId
    node_id: NodeId
    attempt: int
    deadline: Instant
    granted: Instant
    span: Span = WHOLE


@dataclass(frozen=True, slots=True)
class NewTask:
    """The judging of a new submission, as it goes into the queue."""

    contest_id: ContestId
    judgement_id: JudgementId
    needs_memory_bytes: int
    language: str


class Leases(Protocol):
    """The queue of tasks and who holds them. Reading methods work in a view, changing ones in a transaction only."""

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
        """Adds a task to the end of the queue."""
        ...

    def enqueue_all(self, tasks: Sequence[NewTask], at: Instant) -> None:
        """Adds JUDGE tasks in their order to the end of the queue."""
        ...

    def claim(
        self, node_id: NodeId, fits: Callable[[Task], bool], lease_id: LeaseId, deadline: Instant, at: Instant
    ) -> tuple[Task, Lease] | None:
        """Leases the oldest queued task that fits, whole, with its attempt raised by one; None when there is none.

        Tasks without trouble (`untroubled`) that are alike in kind, language and memory are asked about once: what doesn't fit one
        fits none of them. So a long queue that a machine cannot take costs the writer next to nothing.
        """
        ...

    def renew(self, lease_id: LeaseId, node_id: NodeId, deadline: Instant) -> bool:
        """A new deadline for a live lease of that node; False when it is gone."""
        ...

    def lease(self, lease_id: LeaseId) -> tuple[Task, Lease] | None:
        """A live lease with its task."""
        ...

    def ended(self, lease_id: LeaseId) -> tuple[Task, Lease] | None:
        """A lease that is over, in whatever way, with its task as it is now; None for a live one and for one that never was. Which span
        it held is forgotten.
        """
        ...

    def of_task(self, task_id: TaskId) -> Sequence[Lease]:
        """The live leases of a task, by their attempts."""
        ...

    def hold(self, lease_id: LeaseId, span: Span) -> None:
        """From now on a live lease holds this span."""
        ...

    def finish(self, lease_id: LeaseId, state: TaskState) -> Sequence[LeaseId]:
        """Ends a live lease and puts the task in a state: QUEUED to give it back (attempt stays), LEASED where others go on with it, DONE
        or DESK, which end every lease of it. Gives all leases that have ended.
        """
        ...

    def change(self, task: Task) -> None:
        """Writes vanished, faulted, alone and state of a task; DONE and DESK end its leases."""
        ...

    def expired(self, at: Instant) -> Sequence[tuple[Task, Lease]]:
        """Live leases whose deadline has passed."""
        ...

    def extend_all(self, deadline: Instant) -> int:
        """Gives every live lease a full new term and no more than that (server start, late clock tick); how many."""
        ...

    def live(self) -> Sequence[tuple[Task, Lease]]:
        """All live leases."""
        ...

    def waiting(self, kind: TaskKind | None = None) -> tuple[int, Instant | None]:
        """How many tasks (of one kind) are queued, and since when the oldest is."""
        ...

    def queued(self, kind: TaskKind) -> Sequence[Task]:
        """All queued tasks of a kind, oldest first; for kinds of which there are few."""
        ...

    def task_of(self, judgement_id: JudgementId) -> Task | None:
        """The newest task of a judgement."""
        ...
