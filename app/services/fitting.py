"""Which waiting task a machine may take: language, memory, past faults, and the wish to be alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.clock import Clock, Instant
from app.core.errors import Refusal
from app.core.ids import JudgementId, NodeId, TaskId
from app.ports.leases import Lease, Task, TaskKind
from app.services.package_tasks import TEX
from app.services.presence import Presence, Present
from app.services.solution_tasks import fits_machine
from app.wire.judge_v1 import LeaseRequest

_DRAIN_MS = 60_000
_SEEN_MS = 60_000


@dataclass(frozen=True, slots=True)
class StuckTask:
    """A task that no machine here can hold. `since` is when it was queued."""

    task_id: TaskId
    judgement_id: JudgementId | None
    sentence: str
    since: Instant


@dataclass(frozen=True, slots=True)
class _Drain:
    """A machine that gets nothing else until it is idle and takes this task."""

    node_id: NodeId
    until: Instant


@dataclass(slots=True)
class Choice:
    """One machine's look at the queue, oldest task first. `wants_selftest`: it is idle, and a task for a machine alone waits for
    nothing but a fresh self-test of it."""

    fitting: Fitting
    node_id: NodeId
    request: LeaseRequest
    present: Present
    mine: Sequence[tuple[Task, Lease]]
    others: Mapping[NodeId, Present] = field(default_factory=dict)
    """The other machines that may work now: neither held, paused nor away."""
    wants_selftest: bool = False
    drained: bool = False
    idle: bool = False
    """Whether packages, trials and jury solutions may be given as well: only where no submission waits that fits."""

    def fits(self, task: Task) -> bool:
        """Whether this machine takes the task now. Called by the writer, oldest first."""
        if self.drained or any(held.alone for held, _ in self.mine):
            return False
        if task.kind in (TaskKind.PACKAGE, TaskKind.MEASURE):
            fits = self._fits_package if task.kind is TaskKind.PACKAGE else self._fits_solution
            return self.idle and fits(task)
        if task.kind is not TaskKind.JUDGE and not self._fits_trial(task):
            return False
        if not self.present.offers(task.language) or task.needs_memory_bytes > self.request.free_memory_bytes:
            self.fitting.could_not(task)
            return False
        if self.node_id in task.faulted and any(
            present.can_hold(task.language, task.needs_memory_bytes)
            for other, present in self.others.items()
            if other not in task.faulted
        ):
            return False
        return self._alone(task) if task.alone else True

    def _fits_trial(self, task: Task) -> bool:
        """One place stays free for a team's submission, where the machine has more than one."""
        return task.kind is TaskKind.TRIAL and self.idle and (not self.mine or self.request.free_slots > 1)

    def _fits_solution(self, task: Task) -> bool:
        """A jury solution: as a trial, and nothing is said on the desk where no machine can judge its language."""
        language, mine = fits_machine(task, self.node_id)
        room = not self.mine or self.request.free_slots > 1
        memory = task.needs_memory_bytes <= self.request.free_memory_bytes
        return mine and room and memory and self.present.offers(language) and self.node_id not in task.faulted

    def _fits_package(self, task: Task) -> bool:
        """One package at a time, so that a machine with more than one slot goes on judging; TeX goes to a machine that can convert it,
        where there is one."""
        if any(held.kind is TaskKind.PACKAGE for held, _ in self.mine):
            return False
        able = self.present.hello.abilities
        if "package" not in able or task.needs_memory_bytes > self.request.free_memory_bytes:
            return False
        elsewhere = [present.hello.abilities for present in self.others.values() if not present.held]
        if task.language == TEX and "pandoc" not in able and any("pandoc" in one for one in elsewhere):
            return False
        if self.node_id in task.faulted and any("package" in one for one in elsewhere):
            return False
        return self._alone(task) if task.alone else True

    def _alone(self, task: Task) -> bool:
        if not self.fitting.drains(task.id, self.node_id):
            return False
        if self.mine:
            self.drained = True
            return False
        if not self.present.fresh:
            self.drained = self.wants_selftest = True
            return False
        return True


class Fitting:
    """Remembers which machine is being emptied for which task, and which tasks could not be placed. Any thread."""

    def __init__(self, clock: Clock, presence: Presence, may_work: Callable[[NodeId], bool]) -> None:
        """`may_work` says of a machine whether the organiser lets it work (neither paused nor unpaired)."""
        self._clock = clock
        self._presence = presence
        self._may_work = may_work
        self._lock = threading.Lock()
        self._drains: dict[TaskId, _Drain] = {}
        self._unplaced: dict[TaskId, tuple[Task, Instant]] = {}

    def choose(
        self, node_id: NodeId, request: LeaseRequest, mine: Sequence[tuple[Task, Lease]], *, idle: bool = False
    ) -> Choice:
        """A look at the queue for one machine with what it holds now. Refusal(409) for one that was forgotten meanwhile."""
        if not mine:
            self._presence.idle(node_id, request.free_memory_bytes)
        here = self._presence.here()
        others = {
            one: present for one, present in here.items() if one != node_id and not present.held and self._may_work(one)
        }
        present = here.get(node_id) or self._presence.of(node_id)
        if present is None:
            raise Refusal(409, "Say hello first.")
        return Choice(self, node_id, request, present, mine, others, idle=idle)

    def drains(self, task_id: TaskId, node_id: NodeId) -> bool:
        """Whether this machine is, or becomes, the one that is emptied for the task. A wish ends after a minute."""
        now = self._clock.now()
        with self._lock:
            drain = self._drains.get(task_id)
            if drain is None or drain.until < now or drain.node_id not in self._presence.here():
                self._drains[task_id] = drain = _Drain(node_id, Instant(now + _DRAIN_MS))
            return drain.node_id == node_id

    def could_not(self, task: Task) -> None:
        """A machine could not take this task for its language or memory."""
        with self._lock:
            self._unplaced[task.id] = (task, self._clock.now())

    def taken(self, node_id: NodeId, judgement_id: JudgementId) -> None:
        """A machine took a task: it isn't emptied any more, and the task has its place."""
        with self._lock:
            self._unplaced = {
                task_id: (task, seen)
                for task_id, (task, seen) in self._unplaced.items()
                if task.judgement_id != judgement_id
            }
            self._drains = {task_id: drain for task_id, drain in self._drains.items() if drain.node_id != node_id}

    def stuck(self) -> tuple[StuckTask, ...]:
        """Tasks looked at in the last minute that none of the machines here can ever hold."""
        now = self._clock.now()
        with self._lock:
            self._unplaced = {
                task_id: (task, seen) for task_id, (task, seen) in self._unplaced.items() if now - seen < _SEEN_MS
            }
            unplaced = [task for task, _ in self._unplaced.values()]
        here = list(self._presence.here().values())
        found = []
        for task in unplaced:
            sentence = _why_nobody(task, here)
            if sentence:
                found.append(StuckTask(task.id, task.judgement_id, sentence, task.queued))
        return tuple(sorted(found, key=lambda one: one.task_id))


def _why_nobody(task: Task, here: Sequence[Present]) -> str:
    able = [one for one in here if one.offers(task.language)]
    if not able:
        return f"No machine here can judge {task.language}; install its compiler on one of them."
    most = max(one.free_memory_bytes for one in able)
    if task.needs_memory_bytes > most:
        needs, has = task.needs_memory_bytes >> 20, most >> 20
        return f"No machine here has the {needs} MiB of memory that it needs; the largest has {has} MiB free."
    return ""
