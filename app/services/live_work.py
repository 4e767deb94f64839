"""What the machines are doing right now, in memory: who holds which lease, how far it is, what it may fetch.

The store knows the truth about leases; this is the quick copy that the gate reads on its loop. It is written after commits, by the
writer's thread, and lost with the process: `Dispatch.start` fills it again. Every method takes the lock for a moment only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.core.clock import Instant
from app.core.ids import JudgementId, LeaseId, NodeId, SubmissionId
from app.core.spans import MOST_TESTS, WHOLE, Span

_REMEMBERED = 20_000
_RING_SECONDS = 0.24
"""Four times a second; a little less than the 250 ms of the machines' batches, so that none of them is passed over."""
_PHASES = ("fetching", "compiling", "running")
_OFFER_SECONDS = 1.0


def work_topic(node_id: NodeId) -> str:
    """What the bell rings when a machine has finished a task: a wish for work that it still has out knows less memory than it has now."""
    return f"work:{node_id}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a judgement is: phase "fetching", "compiling" or "running"; `test` tests of `tests` are known."""

    phase: str
    test: int
    tests: int


@dataclass(frozen=True, slots=True)
class LiveLease:
    """One lease with what people want to know about it; `hashes` are the blobs that its node may fetch."""

    lease_id: LeaseId
    node_id: NodeId
    judgement_id: JudgementId
    submission_id: SubmissionId
    team_topic: str
    problem: str
    attempt: int
    tests: int
    granted: Instant
    alone: bool = False
    hashes: frozenset[str] = field(default=frozenset())
    may_give_bytes: int = 0
    """What it may give beyond the outputs of a judgement: files made for a package."""
    trial: bool = False
    """It judges for a version on trial, of which no team hears."""
    jury: bool = False
    """It judges a jury solution, which is nobody's submission."""
    span: Span = WHOLE
    language: str = ""

    @property
    def kind(self) -> str:
        """What it is for, in a word of the console's API."""
        if self.jury:
            return "solution"
        return "trial" if self.trial else "submission" if self.submission_id else "package"

    @property
    def topics(self) -> frozenset[str]:
        """Whom its progress concerns beside the jury."""
        if self.trial or self.jury:
            return frozenset()
        return frozenset({f"submission:{self.submission_id}"} | ({self.team_topic} if self.team_topic else set()))


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a lease goes through its tests: `ran` of them in `seconds`, everything counted, after a compilation of `compile_seconds`."""

    compile_seconds: float
    seconds: float
    ran: int


@dataclass(slots=True)
class _Running:
    compile_seconds: float
    since: float
    ran: int = 0
    offered: float = 0.0


class LiveWork:
    """The leases of this moment and their progress."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leases: dict[LeaseId, LiveLease] = {}
        self._progress: dict[JudgementId, Progress] = {}
        self._outputs: dict[LeaseId, dict[str, int]] = {}
        self._rung: dict[JudgementId, float] = {}
        self._ended: OrderedDict[LeaseId, LiveLease] = OrderedDict()
        self._running: dict[LeaseId, _Running] = {}

    def begin(self, lease: LiveLease) -> None:
        """A lease was granted."""
        with self._lock:
            self._leases[lease.lease_id] = lease
            # Another machine may be further with this judgement.
            self._progress.setdefault(lease.judgement_id, Progress("fetching", 0, lease.tests))

    def hold(self, lease_id: LeaseId, span: Span) -> None:
        """The span of a live lease was cut."""
        with self._lock:
            lease = self._leases.get(lease_id)
            if lease is not None:
                self._leases[lease_id] = replace(lease, span=span)

    def last_test(self, lease_id: LeaseId) -> int | None:
        """Where a live lease ends before the last test; None where it does not."""
        lease = self.lease(lease_id)
        return None if lease is None or lease.span.last == MOST_TESTS else lease.span.last

    def end(self, lease_id: LeaseId) -> LiveLease | None:
        """A lease is over, in whatever way; gives what it was."""
        with self._lock:
            lease = self._leases.pop(lease_id, None)
            if lease is not None:
                self._outputs.pop(lease_id, None)
                self._running.pop(lease_id, None)
                if all(one.judgement_id != lease.judgement_id for one in self._leases.values()):
                    self._progress.pop(lease.judgement_id, None)
                    self._rung.pop(lease.judgement_id, None)
            return lease

    def finished(self, lease_id: LeaseId) -> None:
        """A lease was finished by its node's own report, so the same report again is answered the same way."""
        lease = self.end(lease_id)
        if lease is not None:
            with self._lock:
                self._ended[lease_id] = replace(lease, hashes=frozenset())
                if len(self._ended) > _REMEMBERED:
                    self._ended.popitem(last=False)

    def was_finished(self, lease_id: LeaseId, node_id: NodeId, attempt: int) -> bool:
        """Whether this node finished this very lease."""
        with self._lock:
            lease = self._ended.get(lease_id)
        return lease is not None and lease.node_id == node_id and lease.attempt == attempt

    def lease(self, lease_id: LeaseId) -> LiveLease | None:
        """A live lease."""
        with self._lock:
            return self._leases.get(lease_id)

    def of_node(self, node_id: NodeId) -> tuple[LiveLease, ...]:
        """All live leases of a node, oldest first."""
        with self._lock:
            return tuple(lease for lease in self._leases.values() if lease.node_id == node_id)

    def progress(self, judgement_id: JudgementId) -> Progress | None:
        """How far a judgement is; None when nobody works on it."""
        with self._lock:
            return self._progress.get(judgement_id)

    def advance(self, judgement_id: JudgementId, phase: str, test: int, monotonic_seconds: float) -> bool:
        """Notes progress of a live judgement; whether the bell should ring for it now: it is new, and the last ring was long enough ago.

        A judgement never goes back in its tests, nor in its phase when a second machine begins with it.
        """
        with self._lock:
            present = self._progress.get(judgement_id)
            if present is None:
                return False
            after = Progress(max(present.phase, phase, key=_PHASES.index), max(present.test, test), present.tests)
            if after == present:
                return False
            self._progress[judgement_id] = after
            rung = self._rung.get(judgement_id)
            if rung is not None and monotonic_seconds - rung < _RING_SECONDS and after.phase == present.phase:
                return False
            self._rung[judgement_id] = monotonic_seconds
            return True

    def runs(self, lease_id: LeaseId, compile_seconds: float, ran: int, monotonic_seconds: float) -> None:
        """A live lease is past its compiler, and has `ran` further tests."""
        with self._lock:
            if lease_id not in self._leases:
                return
            running = self._running.get(lease_id)
            if running is None:
                # What it ran before is of unknown length.
                self._running[lease_id] = _Running(compile_seconds, monotonic_seconds)
            else:
                running.ran += ran

    def paces(self, monotonic_seconds: float, lease_id: LeaseId | None = None) -> list[tuple[LiveLease, Pace]]:
        """The leases that run tests, or this one if it does, each with its pace."""
        with self._lock:
            asked = self._running if lease_id is None else {lease_id} & self._running.keys()
            running = [(self._leases[one], self._running[one]) for one in asked]
            return [
                (lease, Pace(one.compile_seconds, monotonic_seconds - one.since, one.ran)) for lease, one in running
            ]

    def offer(self, lease_id: LeaseId, monotonic_seconds: float) -> bool:
        """Whether idle machines should be told now that a part of this lease may be lent: once a second."""
        with self._lock:
            running = self._running.get(lease_id)
            if running is None or monotonic_seconds - running.offered < _OFFER_SECONDS:
                return False
            running.offered = monotonic_seconds
            return True

    def may_fetch(self, node_id: NodeId, lease_id: LeaseId, sha256: str) -> bool:
        """Whether a live lease of that node names this blob."""
        with self._lock:
            lease = self._leases.get(lease_id)
        return lease is not None and lease.node_id == node_id and sha256 in lease.hashes

    def take_output(self, lease_id: LeaseId, sha256: str, size: int, most: int) -> bool:
        """Counts an output that a live lease gives, each once; False, and nothing counted, where all would be more than `most` bytes."""
        with self._lock:
            lease = self._leases.get(lease_id)
            if lease is None:
                return False
            most = max(most, lease.may_give_bytes)
            given = self._outputs.setdefault(lease_id, {})
            if sha256 not in given and sum(given.values()) + size > most:
                return False
            given[sha256] = size
            return True

    def drop_output(self, lease_id: LeaseId, sha256: str) -> None:
        """An output could not be kept."""
        with self._lock:
            self._outputs.get(lease_id, {}).pop(sha256, None)

    def outputs(self, lease_id: LeaseId) -> dict[str, int]:
        """The outputs that a live lease has given, with their sizes."""
        with self._lock:
            return dict(self._outputs.get(lease_id, {}))

    def end_all(self, lease_ids: Iterable[LeaseId]) -> None:
        """Several leases are over."""
        for lease_id in lease_ids:
            self.end(lease_id)
