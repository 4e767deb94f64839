"""ports/leases: a task is never lent twice at once, its attempt rises with each lease, and what is finished never comes back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from app.core.clock import Instant
from app.core.errors import Fault
from app.core.ids import ContestId, JudgementId, LeaseId, NodeId, TaskId
from app.core.spans import WHOLE, Span
from app.ports.leases import Task, TaskKind, TaskState
from app.ports.store import Store, Transaction
from contract.openers import OPENERS
from contract.rows import CONTEST, PACKAGE, furnish, submit

N1, N2 = NodeId("n1"), NodeId("n2")


def enqueue(store: Store, at: int = 1, *, language: str = "c", judgement: JudgementId | None = None) -> Task:
    def work(tx: Transaction) -> Task:
        return tx.leases.enqueue(
            CONTEST.id,
            TaskKind.JUDGE,
            judgement,
            {"a": [1, "x"]},
            needs_memory_bytes=9,
            language=language,
            at=Instant(at),
        )

    return store.write(work).result(5)


def claim(store: Store, lease: str, node: NodeId = N1, *, language: str = "", deadline: int = 100) -> Task | None:
    def work(tx: Transaction) -> Task | None:
        def fits(task: Task) -> bool:
            return language in ("", task.language)

        found = tx.leases.claim(node, fits, LeaseId(lease), Instant(deadline), Instant(50))
        return None if found is None else found[0]

    return store.write(work).result(5)


def test_oldest_task_that_fits(store: Store) -> None:
    """A machine without Java gets the oldest task that it can judge, with all that was stored of it."""
    java, c = enqueue(store, 1, language="java"), enqueue(store, 2)
    claimed = claim(store, "l1", language="c")
    assert claimed == replace(c, state=TaskState.LEASED, attempt=1)
    assert claim(store, "l2", language="c") is None
    assert claim(store, "l3") == replace(java, state=TaskState.LEASED, attempt=1)
    with store.read() as view:
        assert [lease.id for _, lease in view.leases.live()] == ["l3", "l1"]


def test_the_queue_tells_its_length_and_age(store: Store) -> None:
    """The console says how many tasks wait and since when the oldest does."""
    with store.read() as view:
        assert view.leases.waiting() == (0, None)
    enqueue(store, 7)
    enqueue(store, 8)
    with store.read() as view:
        assert view.leases.waiting() == (2, 7)


def test_a_task_given_back_keeps_its_place(store: Store) -> None:
    """A submission that a stopping machine gives back is next again, with its attempt counted."""
    first = enqueue(store)
    enqueue(store)
    claim(store, "l1")
    store.write(lambda tx: tx.leases.finish(LeaseId("l1"), TaskState.QUEUED)).result(5)
    again = claim(store, "l2", N2)
    assert again is not None
    assert (again.id, again.attempt) == (first.id, 2)


def test_only_its_node_renews_a_lease(store: Store) -> None:
    """Another machine's or a dead lease cannot be renewed; a renewed one expires later."""
    enqueue(store)
    claim(store, "l1", deadline=100)
    assert store.write(lambda tx: tx.leases.renew(LeaseId("l1"), N1, Instant(200))).result(5)
    assert not store.write(lambda tx: tx.leases.renew(LeaseId("l1"), N2, Instant(300))).result(5)
    assert not store.write(lambda tx: tx.leases.renew(LeaseId("l9"), N1, Instant(300))).result(5)
    with store.read() as view:
        assert list(view.leases.expired(Instant(199))) == []
        assert [lease.id for _, lease in view.leases.expired(Instant(200))] == ["l1"]


def test_all_leases_get_a_new_term(store: Store) -> None:
    """After a stumble of the server's clock every machine has a full term again, and no more: a clock that was set
    back between two starts must not leave a vanished machine its task for hours."""
    enqueue(store)
    enqueue(store)
    claim(store, "l1", deadline=100)
    claim(store, "l2", deadline=900)
    assert store.write(lambda tx: tx.leases.extend_all(Instant(500))).result(5) == 2
    with store.read() as view:
        assert [lease.deadline for _, lease in view.leases.live()] == [500, 500]


def test_faults_of_a_task_are_kept(store: Store) -> None:
    """Vanished machines, the names of faulty ones and the wish to be alone are remembered with the task."""
    enqueue(store)
    task = claim(store, "l1")
    assert task is not None
    troubled = replace(task, vanished=2, faulted=(N1, N2), alone=True, state=TaskState.QUEUED)
    store.write(lambda tx: tx.leases.finish(LeaseId("l1"), TaskState.QUEUED)).result(5)
    store.write(lambda tx: tx.leases.change(troubled)).result(5)
    with store.read() as view:
        assert view.leases.lease(LeaseId("l1")) is None
    assert claim(store, "l2") == replace(troubled, state=TaskState.LEASED, attempt=2)


def test_the_newest_task_of_a_judgement(store: Store) -> None:
    """A judgement that is judged again is found by its newest task."""
    furnish(store)
    submission = submit(store)
    judgement = store.write(lambda tx: tx.add_judgement(submission, PACKAGE.version, 1, valid=True)).result(5)
    enqueue(store, judgement=judgement.id)
    newest = enqueue(store, judgement=judgement.id)
    with store.read() as view:
        assert view.leases.task_of(judgement.id) == newest
        assert view.leases.task_of(JudgementId(99)) is None


def test_an_ended_lease_is_remembered(store: Store) -> None:
    """Whose it was and in which attempt is known after it expired, was given back or done; a live or invented one has not ended."""
    first = enqueue(store)
    claim(store, "l1")
    with store.read() as view:
        assert view.leases.ended(LeaseId("l1")) is None
        live = view.leases.lease(LeaseId("l1"))
    assert live is not None
    store.write(lambda tx: tx.leases.finish(LeaseId("l1"), TaskState.QUEUED)).result(5)
    claim(store, "l2", N2)
    store.write(lambda tx: tx.leases.change(replace(first, attempt=2, state=TaskState.DESK))).result(5)
    with store.read() as view:
        ended = [view.leases.ended(LeaseId(one)) for one in ("l1", "l2")]
        assert view.leases.ended(LeaseId("no such")) is None
        assert view.leases.lease(LeaseId("l1")) is None
    assert [one and (one[0].id, one[0].state) for one in ended] == [(first.id, TaskState.DESK)] * 2
    assert ended[0] is not None
    assert ended[0][1] == live[1]
    assert [one and (one[1].node_id, one[1].attempt) for one in ended] == [(N1, 1), (N2, 2)]


def test_what_cannot_be(store: Store) -> None:
    """A dead lease cannot end, a finished task cannot be queued, and none is lent without a lease."""
    task = enqueue(store)
    with pytest.raises(Fault):
        store.write(lambda tx: tx.leases.finish(LeaseId("l1"), TaskState.DONE)).result(5)
    with pytest.raises(Fault):
        store.write(lambda tx: tx.leases.change(replace(task, state=TaskState.LEASED))).result(5)
    claim(store, "l1")
    with pytest.raises(Fault):
        store.write(lambda tx: tx.leases.finish(LeaseId("l1"), TaskState.LEASED)).result(5)
    store.write(lambda tx: tx.leases.finish(LeaseId("l1"), TaskState.DONE)).result(5)
    with pytest.raises(Fault):
        store.write(lambda tx: tx.leases.change(replace(task, state=TaskState.QUEUED))).result(5)
    assert claim(store, "l2") is None


def test_alike_tasks_are_asked_about_once(store: Store) -> None:
    """A machine without Java looks at one Java submission of a thousand and at each one that had trouble, not at all of them."""
    troubled = enqueue(store, language="java")
    store.write(lambda tx: tx.leases.change(replace(troubled, vanished=1))).result(5)
    for _ in range(20):
        enqueue(store, language="java")
    c = enqueue(store, language="c")
    asked: list[TaskId] = []

    def fits(task: Task) -> bool:
        asked.append(task.id)
        return task.language == "c"

    found = store.write(lambda tx: tx.leases.claim(N1, fits, LeaseId("l"), Instant(9), Instant(1))).result(5)
    assert found is not None
    assert asked == [troubled.id, TaskId(troubled.id + 1), c.id]


def share(store: Store, lease: str, last: int) -> None:
    """Cuts a lease after its test `last`, so that the rest of its task waits."""

    def work(tx: Transaction) -> None:
        held = tx.leases.lease(LeaseId(lease))
        assert held is not None
        tx.leases.hold(LeaseId(lease), Span(held[1].span.first, last))
        tx.leases.change(replace(held[0], state=TaskState.QUEUED))

    store.write(work).result(5)


def test_a_task_is_shared(store: Store) -> None:
    """Two machines hold parts of one task, each with an attempt and a deadline of its own; the end of one leaves the other."""
    task = enqueue(store)
    claim(store, "l1")
    share(store, "l1", 50)
    again = claim(store, "l2", N2, deadline=300)
    assert again is not None
    assert (again.id, again.attempt) == (task.id, 2)
    store.write(lambda tx: tx.leases.hold(LeaseId("l2"), Span(51, 90))).result(5)
    with store.read() as view:
        held = [(one.id, one.node_id, one.attempt, one.deadline, one.span) for one in view.leases.of_task(task.id)]
        assert held == [("l1", N1, 1, 100, Span(1, 50)), ("l2", N2, 2, 300, Span(51, 90))]
        assert [lease.id for _, lease in view.leases.live()] == ["l1", "l2"]
        assert [lease.id for _, lease in view.leases.expired(Instant(200))] == ["l1"]
        assert view.leases.waiting() == (0, None)
    assert list(store.write(lambda tx: tx.leases.finish(LeaseId("l1"), TaskState.LEASED)).result(5)) == ["l1"]
    with store.read() as view:
        assert [one.id for one in view.leases.of_task(task.id)] == ["l2"]
        ended = view.leases.ended(LeaseId("l1"))
    assert ended is not None
    assert (ended[0].state, ended[1].span) == (TaskState.LEASED, WHOLE)
    with pytest.raises(Fault):
        store.write(lambda tx: tx.leases.finish(LeaseId("l2"), TaskState.LEASED)).result(5)
    with pytest.raises(Fault):
        store.write(lambda tx: tx.leases.hold(LeaseId("l1"), Span(1, 2))).result(5)


@pytest.mark.parametrize("state", [TaskState.DONE, TaskState.DESK])
@pytest.mark.parametrize("by", ["finish", "change"])
def test_what_is_over_is_over_for_all_who_share_it(store: Store, state: TaskState, by: str) -> None:
    """The verdict, or the desk, takes the task from every machine that holds a part of it; giving back one part does not."""
    task = enqueue(store)
    claim(store, "l1")
    share(store, "l1", 50)
    claim(store, "l2", N2)
    share(store, "l2", 70)
    claim(store, "l3", N2)
    assert list(store.write(lambda tx: tx.leases.finish(LeaseId("l3"), TaskState.QUEUED)).result(5)) == ["l3"]
    with store.read() as view:
        assert [one.id for one in view.leases.of_task(task.id)] == ["l1", "l2"]

    def work(tx: Transaction) -> None:
        if by == "change":
            tx.leases.change(replace(task, attempt=3, state=state))
        else:
            assert sorted(tx.leases.finish(LeaseId("l2"), state)) == ["l1", "l2"]

    store.write(work).result(5)
    with store.read() as view:
        assert not view.leases.live()
        assert all(view.leases.ended(LeaseId(one)) for one in ("l1", "l2", "l3"))


class LeaseMachine(RuleBasedStateMachine):
    """Machines that claim, renew, vanish, give back and finish in any order, against a plain account of what must be."""

    opener = "memory"
    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.store = OPENERS[self.opener](Path(self._folder.name))
        self.now, self.made = 1000, 0
        self.states: dict[TaskId, TaskState] = {}
        self.attempts: dict[TaskId, int] = {}
        self.languages: dict[TaskId, str] = {}
        self.held: dict[LeaseId, tuple[TaskId, NodeId, int]] = {}
        self.made_by: dict[LeaseId, tuple[TaskId, NodeId, int]] = {}

    def teardown(self) -> None:
        self.store.close()
        self._folder.cleanup()

    @initialize(count=st.integers(1, 3))
    def begin(self, count: int) -> None:
        for _ in range(count):
            self.enqueue("c")

    @rule(language=st.sampled_from(["c", "java"]))
    def enqueue(self, language: str) -> None:
        task = enqueue(self.store, self.now, language=language)
        self.states[task.id], self.attempts[task.id] = TaskState.QUEUED, 0
        self.languages[task.id] = language

    @rule(target=leases, node=st.sampled_from([N1, N2]), able=st.sampled_from([("c",), ("java",), ("c", "java")]))
    def claim(self, node: NodeId, able: tuple[str, ...]) -> object:
        self.made += 1
        lease_id, deadline = LeaseId(f"l{self.made}"), Instant(self.now + 8000)

        def fits(task: Task) -> bool:
            return task.language in able

        found = self.store.write(lambda tx: tx.leases.claim(node, fits, lease_id, deadline, Instant(self.now))).result(
            5
        )
        queued = [task for task, state in self.states.items() if state is TaskState.QUEUED]
        waiting = [task for task in queued if self.languages[task] in able]
        if found is None:
            assert not waiting
            return multiple()
        task, lease = found
        assert task.id == min(waiting)
        self.attempts[task.id] += 1
        assert task.attempt == lease.attempt == self.attempts[task.id]
        self.states[task.id] = TaskState.LEASED
        self.held[lease_id] = (task.id, node, deadline)
        self.made_by[lease_id] = (task.id, node, task.attempt)
        return lease_id

    @rule(lease=leases, node=st.sampled_from([N1, N2]))
    def renew(self, lease: LeaseId, node: NodeId) -> None:
        deadline = Instant(self.now + 8000)
        renewed = self.store.write(lambda tx: tx.leases.renew(lease, node, deadline)).result(5)
        assert renewed == (lease in self.held and self.held[lease][1] == node)
        if renewed:
            self.held[lease] = (*self.held[lease][:2], deadline)

    @rule(lease=leases, state=st.sampled_from([TaskState.DONE, TaskState.QUEUED, TaskState.DESK]))
    def finish(self, lease: LeaseId, state: TaskState) -> None:
        future = self.store.write(lambda tx: tx.leases.finish(lease, state))
        if lease in self.held:
            task = self.held[lease][0]
            shared = {one for one, held in self.held.items() if held[0] == task}
            ended = shared if state is not TaskState.QUEUED else {lease}
            assert set(future.result(5)) == ended
            for one in ended:
                del self.held[one]
            self.states[task] = state
        else:
            assert isinstance(future.exception(5), Fault), "an old lease must be fenced off"

    @rule(lease=leases, last=st.integers(1, 9))
    def share(self, lease: LeaseId, last: int) -> None:
        if lease in self.held:
            share(self.store, lease, last)
            self.states[self.held[lease][0]] = TaskState.QUEUED

    @rule(seconds=st.integers(1, 12))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * 1000

    @rule()
    def sweep(self) -> None:
        def work(tx: Transaction) -> list[LeaseId]:
            gone = tx.leases.expired(Instant(self.now))
            for task, lease in gone:
                tx.leases.finish(lease.id, TaskState.QUEUED)
                tx.leases.change(replace(task, vanished=task.vanished + 1, state=TaskState.QUEUED))
            return [lease.id for _, lease in gone]

        gone = self.store.write(work).result(5)
        assert set(gone) == {lease for lease, held in self.held.items() if held[2] <= self.now}
        for lease in gone:
            self.states[self.held.pop(lease)[0]] = TaskState.QUEUED

    @invariant()
    def each_task_is_where_it_must_be(self) -> None:
        with self.store.read() as view:
            live = view.leases.live()
            assert {lease.id: (task.id, lease.node_id, lease.deadline) for task, lease in live} == self.held
            assert all(task.state is self.states[task.id] for task, _ in live)
            for task in {one.id for one, _ in live}:
                attempts = [lease.attempt for _, lease in live if lease.task_id == task]
                assert attempts == sorted(set(attempts)) == [one.attempt for one in view.leases.of_task(task)]
            queued = sum(1 for state in self.states.values() if state is TaskState.QUEUED)
            assert view.leases.waiting()[0] == queued

    @invariant()
    def no_lease_is_forgotten(self) -> None:
        """Each lease is alive or has ended, never both, and its machine and attempt are known for ever."""
        with self.store.read() as view:
            for lease_id, (task_id, node, attempt) in self.made_by.items():
                ended = view.leases.ended(lease_id)
                assert (ended is None) == (lease_id in self.held)
                if ended is not None:
                    assert (ended[0].id, ended[1].node_id, ended[1].attempt) == (task_id, node, attempt)


class SqliteLeaseMachine(LeaseMachine):
    """The same on the database."""

    opener = "sqlite"


TestLeasesInMemory = LeaseMachine.TestCase
TestLeasesInMemory.settings = settings(max_examples=60, stateful_step_count=40)
TestLeasesInSqlite = SqliteLeaseMachine.TestCase
TestLeasesInSqlite.settings = settings(max_examples=15, stateful_step_count=30)


def test_contest_of_a_task(store: Store) -> None:
    """A task says to which contest it belongs."""
    assert enqueue(store).contest_id == ContestId("spring")


def test_trials_are_a_kind_of_their_own(store: Store) -> None:
    """A machine that takes no trials passes over them, also where they are like a team's submission in language and memory."""
    furnish(store)
    submission = submit(store)

    def work(tx: Transaction) -> tuple[Task, Task]:
        beside = tx.add_judgement(submission, PACKAGE.version, 7, valid=False)
        trial, judge = (
            tx.leases.enqueue(CONTEST.id, kind, beside.id, {}, needs_memory_bytes=9, language="c", at=Instant(at))
            for at, kind in enumerate((TaskKind.TRIAL, TaskKind.JUDGE), start=1)
        )
        return trial, judge

    trial, judge = store.write(work).result(5)
    assert (trial.kind, judge.kind) == (TaskKind.TRIAL, TaskKind.JUDGE)
    with store.read() as view:
        assert (view.leases.waiting(), view.leases.waiting(TaskKind.TRIAL)) == ((2, 1), (1, 1))
        assert view.leases.waiting(TaskKind.JUDGE) == (1, 2)
        assert (list(view.leases.queued(TaskKind.TRIAL)), list(view.leases.queued(TaskKind.JUDGE))) == (
            [trial],
            [judge],
        )

    def take(tx: Transaction) -> list[TaskKind]:
        kinds = []
        for lease, wanted in (("l1", {TaskKind.JUDGE}), ("l2", set(TaskKind))):
            found = tx.leases.claim(N1, _among(wanted), LeaseId(lease), Instant(9), Instant(5))
            kinds.append(found[0].kind if found is not None else TaskKind.SELFTEST)
        return kinds

    assert store.write(take).result(5) == [TaskKind.JUDGE, TaskKind.TRIAL]
    with store.read() as view:
        assert [task.kind for task, _ in view.leases.live()] == [TaskKind.TRIAL, TaskKind.JUDGE]
        assert list(view.leases.queued(TaskKind.TRIAL)) == []


def _among(kinds: set[TaskKind]) -> Callable[[Task], bool]:
    return lambda task: task.kind in kinds
