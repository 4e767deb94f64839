"""Lending tasks to judge machines: who gets what, for how long, and what happens when a machine falls silent or fails.

Theory of operation (DESIGN 4.6 to 4.7). A task waits in the store's queue. A machine that asks gets the oldest one that fits it, as a
lease of eight seconds with the task's attempt raised by one; it renews every two seconds, and only who holds a live lease may report. All
changes are functions given to the store's writer, so two machines never get one task. What ends a lease:

    finish      the machine's own report (see report.py): the task is done
    give_back   the machine stops: the task is queued again, nobody is to blame
    expiry      tick() finds the deadline passed: vanished + 1, queued again; after two the task wants a machine for itself
                that has just passed its self-test; the third brings it to the organiser's desk
    fault       the machine failed and says so: it is held until its self-test passes, the task goes to others; faults by two
                different machines (or three by the only one there is) bring it to the desk; of a task that is shared, when the
                last of those that are at it is gone

The desk is a judging error of ours: the team sees PENDING. Deadlines are instants of the anchored clock. When the tick itself comes over
a second late (a laptop that slept) the silence was ours, so every lease gets a full term first; the same at every start.

A task that wants to be alone must not wait for ever beside a busy machine: the first machine that could take it and asks gets nothing
else until it is idle; is its self-test not fresh, it gets a "selftest" grant, which is no task of the store.

A machine for which nothing waits may get a part of what another one is at (lending): the task then has several live leases, each with a
span of its tests, and each of them ends as above.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

from app.core.clock import Clock, Instant
from app.core.errors import Refusal
from app.core.ids import LeaseId, NodeId
from app.languages.definition import Language
from app.ports.bell import Bell
from app.ports.leases import Lease, Task, TaskKind
from app.ports.store import NodeRecord, Store, Transaction
from app.services.claims import Claimed, Claims, a_term_from, selftest_grant
from app.services.closing import Closing
from app.services.fitting import Fitting, StuckTask
from app.services.futures import then
from app.services.gradings import Gradings
from app.services.grants import Grants
from app.services.lending import Lending
from app.services.live_work import LiveLease, LiveWork
from app.services.machines import Machines
from app.services.package_tasks import package_grant
from app.services.returned_tasks import (
    after_fault,
    after_giving_back,
    after_trial_error,
    after_vanishing,
)
from app.services.solution_tasks import solution_grant
from app.wire.judge_v1 import (
    FaultReport,
    GiveBack,
    Hello,
    LeaseRequest,
    RenewAnswer,
    RenewRequest,
    TaskGrant,
    Welcome,
)

log = logging.getLogger("contestbox.dispatch")

TICK_SECONDS = 0.5
_LATE_SECONDS = 1.0
_OF_THE_TASK = frozenset({"task", "pipeline"})


class Dispatch:
    """The lender. Any thread; each node's requests are checked against its own leases only."""

    def __init__(
        self,
        *,
        store: Store,
        bell: Bell,
        clock: Clock,
        machines: Machines,
        work: LiveWork,
        languages: Mapping[str, Language],
        server_id: str,
        new_lease_id: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._machines = machines
        self._work = work
        self._server_id = server_id
        self._languages = languages
        self._closing = Closing(store, bell)
        self._grants = Grants(languages, self._closing.is_closed)
        self._fitting = Fitting(clock, machines.presence, machines.may_work)
        gradings = Gradings()
        self._lending = Lending(clock, work, machines.presence, gradings)
        self._claims = Claims(
            clock=clock,
            fitting=self._fitting,
            grants=self._grants,
            lending=self._lending,
            gradings=gradings,
            languages=languages,
            new_lease_id=new_lease_id,
        )
        self._lock = threading.Lock()
        self._ticked: float | None = None
        self._under_way: Future[None] | None = None

    def start(self) -> None:
        """At every start: all live leases get a full new term and are known again. Blocks until it is on disk."""
        self._closing.catch_up(self._store)

        def adopt(tx: Transaction) -> list[LiveLease]:
            tx.leases.extend_all(self._deadline())
            return [live for task, lease in tx.leases.live() if (live := self._live(tx, task, lease)) is not None]

        for live in self._store.write(adopt).result():
            self._work.begin(live)

    def _live(self, tx: Transaction, task: Task, lease: Lease) -> LiveLease | None:
        if task.kind is TaskKind.PACKAGE:
            package = package_grant(tx, task, lease)
            return None if package is None else package[1]
        if task.kind is TaskKind.MEASURE:
            solution = solution_grant(tx, task, lease, self._languages)
            return None if solution is None else solution[1]
        return self._grants.live(tx, task, lease)

    def hello(self, node: NodeRecord, hello: Hello, address: str = "") -> Welcome:
        """A machine says what it is and offers; with a passed self-test a held one may work again."""
        self._machines.presence.hello(node.id, hello)
        self._machines.learn_facts(node, hello.facts, address or node.address)
        with self._store.read() as view:
            heads = view.heads(1)
        self._bell.ring(("desk", "tasks"))
        return Welcome(
            server_id=self._server_id,
            node_id=node.id,
            name=node.name,
            head_seq=heads[0].seq if heads else 0,
            head_hash=heads[0].hash.hex() if heads else "",
            head_signature=heads[0].signature.hex() if heads else "",
            paused=node.state == "paused",
            forget=self._closing.stamp(),
        )

    def lease(self, node: NodeRecord, request: LeaseRequest) -> Future[TaskGrant | None]:
        """A task that fits, or None now. Refusal(409) when the machine has not said hello to this process since it last gave work back."""
        present = self._machines.presence.seen(node.id)
        if present is None or present.leaving:
            raise Refusal(409, "Say hello first.")
        closed = self._closing.stamp()
        if closed not in ("", request.forgotten):
            return _done(TaskGrant(kind="forget", lease_id="forget", attempt=0, deadline_seconds=0, forget=closed))
        if node.state == "paused" or request.free_slots == 0:
            return _done(None)
        if present.held:
            return _done(selftest_grant())
        with self._store.read() as view:
            waiting, _ = view.leases.waiting()
        if waiting == 0 and not self._lending.has_any(present):
            return _done(None)
        return then(
            self._store.write(lambda tx: self._claims.claim(tx, node, request)),
            lambda claimed: self._granted(node, claimed),
        )

    def renew(self, node: NodeRecord, request: RenewRequest) -> Future[RenewAnswer]:
        """A new term for what the machine still holds."""
        self._machines.presence.seen(node.id)

        def extend(tx: Transaction) -> RenewAnswer:
            deadline = self._deadline()
            held = {one: tx.leases.renew(LeaseId(one), node.id, deadline) for one in request.lease_ids}
            extended = [one for one, live in held.items() if live]
            ends = {one: self._work.last_test(LeaseId(one)) for one in extended}
            return RenewAnswer(
                extended=extended,
                cancelled=[one for one, live in held.items() if not live],
                last={one: last for one, last in ends.items() if last is not None},
            )

        return self._store.write(extend)

    def give_back(self, node: NodeRecord, request: GiveBack) -> Future[None]:
        """The machine stops with this lease; nothing when it isn't its own any more."""

        def take(tx: Transaction) -> Sequence[LeaseId]:
            held = tx.leases.lease(LeaseId(request.lease_id))
            if held is None or held[1].node_id != node.id:
                return []
            self._machines.presence.leaves(node.id)
            return after_giving_back(tx, *held, self._clock.now())

        return then(self._store.write(take), self._ended)

    def fault(self, node: NodeRecord, report: FaultReport) -> Future[None]:
        """The machine failed on a lease: it is held, the task goes to others or to the desk. What it says of the task itself, where that
        is of a version on trial, stops the trial instead."""
        sentence = f"It reported a fault: {report.sentence}"
        log.warning("machine %s failed (%s): %s\n%s", node.name, report.kind, report.sentence, report.log_tail)
        live = self._work.lease(LeaseId(report.lease_id))
        beside = live is not None and (live.trial or live.jury)
        doubted = live is not None and beside and live.node_id == node.id and report.kind in _OF_THE_TASK
        if not doubted:
            self._machines.presence.hold(node.id, sentence)

        def take(tx: Transaction) -> Sequence[LeaseId]:
            held = tx.leases.lease(LeaseId(report.lease_id))
            if held is None or held[1].node_id != node.id:
                return []
            trial = doubted and held[0].kind is TaskKind.TRIAL
            return (after_trial_error if trial else after_fault)(tx, *held, report.sentence, self._clock.now())

        return then(self._store.write(take), self._ended)

    def tick(self) -> None:
        """Every half second from the server's pulse: ends leases whose machine fell silent. Never waits."""
        monotonic = self._clock.monotonic_seconds()
        with self._lock:
            gap = TICK_SECONDS if self._ticked is None else monotonic - self._ticked
            self._ticked = monotonic
            under_way = self._under_way is not None and not self._under_way.done()
        busy = {node_id: len(self._work.of_node(node_id)) for node_id in self._machines.presence.here()}
        self._machines.presence.sample(busy, round(gap * 1000))
        if gap > TICK_SECONDS + _LATE_SECONDS:
            log.warning("the server's clock ticked %.1f s late; every lease gets a full new term", gap)
            self._follow(then(self._store.write(lambda tx: tx.leases.extend_all(self._deadline())), lambda _: None))
            return
        if under_way:
            return
        now = self._clock.now()
        with self._store.read() as view:
            over = view.leases.expired(now)
        if over:
            self._follow(then(self._store.write(lambda tx: self._expire(tx, now)), self._ended))

    def blob_allowed(self, node_id: NodeId, lease_id: LeaseId, sha256: str) -> bool:
        """Whether a live lease of that machine names this blob. From memory."""
        return self._work.may_fetch(node_id, lease_id, sha256)

    def holds(self, node_id: NodeId, lease_id: LeaseId) -> bool:
        """Whether that machine holds this lease. From memory."""
        lease = self._work.lease(lease_id)
        return lease is not None and lease.node_id == node_id

    def take_output(self, lease_id: LeaseId, sha256: str, size: int, most: int) -> bool:
        """Counts an output that a lease gives; False where all together would be more than `most` bytes, or nobody would read it."""
        lease = self._work.lease(lease_id)
        if lease is not None and lease.jury:
            return False
        return self._work.take_output(lease_id, sha256, size, most)

    def drop_output(self, lease_id: LeaseId, sha256: str) -> None:
        """An output that was counted could not be kept."""
        self._work.drop_output(lease_id, sha256)

    def stuck(self) -> tuple[StuckTask, ...]:
        """Tasks that wait and that no machine here can hold, each with a sentence for the desk."""
        return self._fitting.stuck()

    def _granted(self, node: NodeRecord, claimed: Claimed) -> TaskGrant | None:
        grant, live, cut = claimed.grant, claimed.live, claimed.cut
        if cut is not None:
            self._work.hold(cut.lease_id, cut.span)
        if live is not None:
            self._machines.presence.works(node.id)
            self._work.begin(live)
            self._fitting.taken(node.id, live.judgement_id)
            self._bell.ring(("jury",))
        return grant

    @staticmethod
    def _expire(tx: Transaction, now: Instant) -> list[LeaseId]:
        # By the tick's own moment: the writer may come to it much later, after a silence that was ours.
        ended: list[LeaseId] = []
        for _, lease in tx.leases.expired(now):
            # Another lease of the same task may just have changed it, or brought it to the desk.
            held = tx.leases.lease(lease.id)
            if held is not None:
                ended.extend(after_vanishing(tx, *held, now))
        return ended

    def _ended(self, lease_ids: Sequence[LeaseId]) -> None:
        topics = {"tasks", "jury", "desk"}
        for lease_id in lease_ids:
            lease = self._work.end(lease_id)
            if lease is not None:
                topics |= lease.topics
        self._bell.ring(topics)

    def _follow(self, future: Future[None]) -> None:
        with self._lock:
            self._under_way = future
        future.add_done_callback(_log_failure)

    def _deadline(self) -> Instant:
        return a_term_from(self._clock.now())


def _log_failure(future: Future[None]) -> None:
    failure = future.exception()
    if failure is not None:
        log.error("leases could not be ended; the next tick tries again", exc_info=failure)


def _done(grant: TaskGrant | None) -> Future[TaskGrant | None]:
    future: Future[TaskGrant | None] = Future()
    future.set_result(grant)
    return future
