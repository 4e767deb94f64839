"""Tasks are lent to machines: to whom, for how long, and what becomes of them when a machine falls silent or fails."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from clocks import FakeClock

from app.core.clock import Instant
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import JudgementId, LeaseId, PackageVersion
from app.core.judgement import Judgement, State
from app.core.people import Caller
from app.core.problem import Problem
from app.core.verdict import Verdict
from app.ports.store import Transaction
from app.services.dispatch import TICK_SECONDS
from app.wire.judge_v1 import FaultReport, GiveBack, Hello, LanguageOffer, LeaseRequest, RenewRequest, TaskGrant
from unit.app.services.world import Machine, World

MIB = 1 << 20
LATE = "late; every lease gets a full new term"


@pytest.fixture
def problem(running: World) -> Problem:
    return running.problem()


@pytest.fixture
def ada(running: World) -> Caller:
    return running.team("ada")


def ticks(world: World, clock: FakeClock, seconds: float) -> None:
    """The server's pulse beats for so long."""
    for _ in range(round(seconds / TICK_SECONDS)):
        clock.forward(seconds=TICK_SECONDS)
        world.services.dispatch.tick()


def judgement_of(world: World, grant: TaskGrant) -> Judgement:
    with world.store.read() as view:
        judgement = view.judgement(JudgementId(grant.judgement_id))
    assert judgement is not None
    return judgement


def take(machine: Machine) -> TaskGrant:
    """The next task, which must be there."""
    grant = machine.take()
    assert grant is not None
    return grant


def hello(
    world: World,
    machine: Machine,
    *,
    passed: bool = True,
    languages: tuple[str, ...] = ("python3",),
    free: int = 8192,
    trouble: str = "",
) -> None:
    offers = [LanguageOffer(id=one, fingerprint="1") for one in languages]
    message = Hello(
        facts={}, slots=4, languages=offers, selftest_passed=passed, trouble=trouble, free_memory_bytes=free * MIB
    )
    world.services.dispatch.hello(machine.node, message)


def fault(world: World, machine: Machine, grant: TaskGrant) -> None:
    report = FaultReport(lease_id=grant.lease_id, kind="sandbox", sentence="The kernel refused.")
    world.services.dispatch.fault(machine.node, report).result(5)


def test_grant_holds_all_that_judging_needs(running: World, problem: Problem, ada: Caller) -> None:
    """Source, language, tests by hash, limits of the contest; its blobs may be fetched under this lease and no other."""
    running.submit(ada, problem.id, "print(7)")
    machine, other = running.machine(), running.machine("other")
    grant = take(machine)
    assert (grant.kind, grant.attempt, grant.language, grant.problem) == ("judge", 1, "python3", problem.label)
    assert [file.name for file in grant.files] == ["main.py"]
    assert len(grant.tests) == problem.test_count
    assert grant.limits is not None
    assert (grant.limits.cpu_seconds, grant.limits.memory_bytes) == (problem.cpu_seconds, problem.memory_bytes)
    assert grant.language_hash == running.languages["python3"].definition_hash
    dispatch, lease_id = running.services.dispatch, LeaseId(grant.lease_id)
    assert dispatch.blob_allowed(machine.id, lease_id, grant.tests[0].input)
    assert not dispatch.blob_allowed(other.id, lease_id, grant.tests[0].input)
    assert not dispatch.blob_allowed(machine.id, lease_id, "0" * 64)
    machine.finish(grant, [Verdict.AC] * len(grant.tests))
    assert not dispatch.blob_allowed(machine.id, lease_id, grant.tests[0].input)


def test_each_submission_is_lent_once_and_in_order(running: World, problem: Problem, ada: Caller) -> None:
    """The oldest waiting submission goes first, and never to two machines."""
    first = running.submit(ada, problem.id, "print(1)").submission_id
    second = running.submit(ada, problem.id, "print(2)").submission_id
    one, two = running.machine("one"), running.machine("two")
    assert [take(one).submission_id, take(two).submission_id] == [first, second]
    assert one.take() is None


def test_machine_must_say_hello_to_this_server(running: World, problem: Problem, ada: Caller) -> None:
    """A machine that the restarted server has not heard yet is told to say hello before it gets work."""
    running.submit(ada, problem.id)
    machine = running.machine()
    running.services.machines.presence.forget(machine.id)
    with pytest.raises(Refusal) as refused:
        machine.take()
    assert refused.value.code == 409


def test_renewed_lease_lives_and_silent_one_is_taken_over(
    running: World, problem: Problem, ada: Caller, clock: FakeClock
) -> None:
    """A machine that renews keeps its work; one that falls silent loses it after eight seconds, and only the attempt rises."""
    running.submit(ada, problem.id)
    machine, other = running.machine("silent"), running.machine("other")
    grant = take(machine)
    renew = RenewRequest(lease_ids=[grant.lease_id])
    for _ in range(10):
        ticks(running, clock, 2)
        assert running.services.dispatch.renew(machine.node, renew).result(5).extended == [grant.lease_id]
    assert running.services.dispatch.renew(other.node, renew).result(5).cancelled == [grant.lease_id]
    ticks(running, clock, 7.5)
    assert other.take() is None
    ticks(running, clock, 1)
    assert running.services.dispatch.renew(machine.node, renew).result(5).cancelled == [grant.lease_id]
    again = take(other)
    assert (again.submission_id, again.attempt) == (grant.submission_id, 2)
    assert judgement_of(running, again).state is State.LEASED


def test_server_that_slept_blames_nobody(
    running: World, problem: Problem, ada: Caller, clock: FakeClock, expected_warnings: list[str]
) -> None:
    """The laptop slept for a minute: every lease gets a full term before any is ended, and at a restart too."""
    expected_warnings.append(LATE)
    running.submit(ada, problem.id)
    machine = running.machine()
    grant = take(machine)
    ticks(running, clock, 1)
    clock.forward(seconds=60)
    running.services.dispatch.tick()
    ticks(running, clock, 7)
    renew = RenewRequest(lease_ids=[grant.lease_id])
    assert running.services.dispatch.renew(machine.node, renew).result(5).extended == [grant.lease_id]
    clock.forward(seconds=60)
    running.work.end(LeaseId(grant.lease_id))
    running.services.dispatch.start()
    assert running.services.dispatch.renew(machine.node, renew).result(5).extended == [grant.lease_id]
    assert running.services.dispatch.blob_allowed(machine.id, LeaseId(grant.lease_id), grant.tests[0].input)


def test_given_back_work_goes_on_elsewhere(running: World, problem: Problem, ada: Caller) -> None:
    """A machine that is switched off properly gives its work back; another one takes it at once, nobody is blamed."""
    running.submit(ada, problem.id)
    machine, other = running.machine("leaving"), running.machine("other")
    grant = take(machine)
    running.services.dispatch.give_back(other.node, GiveBack(lease_id=grant.lease_id, reason="x")).result(5)
    assert other.take() is None, "nobody gives back what is another's"
    running.services.dispatch.give_back(machine.node, GiveBack(lease_id=grant.lease_id, reason="x")).result(5)
    with pytest.raises(Refusal) as leaving:
        machine.take()
    assert leaving.value.code == 409, "its request that still waits does not get the work back"
    assert take(other).submission_id == grant.submission_id
    with running.store.read() as view:
        task = view.leases.task_of(JudgementId(grant.judgement_id))
    assert task is not None
    assert (task.vanished, task.faulted, task.attempt) == (0, (), 2)


def test_after_two_vanishings_a_proven_machine_alone(
    running: World, problem: Problem, ada: Caller, clock: FakeClock
) -> None:
    """Two machines disappeared with it: the third has to be idle and to have just passed its self-test, and gets nothing beside it."""
    bad = running.submit(ada, problem.id).submission_id
    machine = running.machine()
    for _ in range(2):
        assert take(machine).submission_id == bad
        ticks(running, clock, 9)
    other = running.submit(ada, problem.id, "print(2)").submission_id
    assert take(machine).kind == "selftest", "its last self-test is older than its last task"
    hello(running, machine)
    grant = take(machine)
    assert (grant.submission_id, grant.alone, grant.attempt) == (bad, True, 3)
    assert machine.take() is None, "nothing runs beside it"
    machine.finish(grant, [Verdict.WA])
    assert take(machine).submission_id == other


def test_busy_machine_is_emptied_for_a_task_that_wants_to_be_alone(
    running: World, problem: Problem, ada: Caller, clock: FakeClock
) -> None:
    """A machine with other work gets no more until it is idle, so that the task does not wait for ever; others go on."""
    own = running.submit(ada, problem.id).submission_id
    machine, other = running.machine("emptied"), running.machine("other")
    held = take(machine)
    assert held.submission_id == own
    bad = running.submit(ada, problem.id, "print(2)").submission_id
    for _ in range(2):
        assert take(other).submission_id == bad
        for _ in range(9):
            running.services.dispatch.renew(machine.node, RenewRequest(lease_ids=[held.lease_id])).result(5)
            ticks(running, clock, 1)
    later = running.submit(ada, problem.id, "print(3)").submission_id
    assert machine.take() is None, "it is emptied for the task that wants to be alone"
    assert take(other).submission_id == later
    machine.finish(held, [Verdict.WA])
    assert take(machine).kind == "selftest"
    hello(running, machine)
    assert take(machine).submission_id == bad


def test_third_vanishing_is_a_judging_error_of_ours(
    running: World, problem: Problem, ada: Caller, clock: FakeClock
) -> None:
    """After the third vanishing the organiser decides; the team sees that its submission waits, never a verdict."""
    submission = running.submit(ada, problem.id).submission_id
    machine = running.machine()
    for _ in range(3):
        grant = take(machine)
        if grant.kind == "selftest":
            hello(running, machine)
            grant = take(machine)
        ticks(running, clock, 9)
    assert judgement_of(running, grant).state is State.DESK
    assert machine.take() is None
    view = running.services.submissions.view(ada, submission)
    assert (view.status, view.verdict) == ("PENDING", None)
    assert any(item.kind == "judging_error" for item in running.services.desk.items())


def test_machine_with_a_fault_is_held_until_it_proves_itself(
    running: World, problem: Problem, ada: Caller, expected_warnings: list[str]
) -> None:
    """A machine that failed gets its self-test and nothing else; a failed self-test changes nothing, a passed one does."""
    expected_warnings.append("The kernel refused.")
    running.submit(ada, problem.id)
    machine, other = running.machine("broken"), running.machine("other")
    fault(running, machine, take(machine))
    assert running.services.machines.list()[0].state == "held"
    assert take(machine).kind == "selftest"
    hello(running, machine, passed=False)
    assert take(machine).kind == "selftest"
    said = running.services.machines.list()[0].state_sentence
    assert said == "It reported a fault: The kernel refused. It works again when its self-test passes."
    hello(running, machine, passed=False, trouble="No space left in /var")
    said = running.services.machines.list()[0].state_sentence
    assert said == "Its self-test did not pass: No space left in /var. It works again when its self-test passes."
    assert take(machine).kind == "selftest"
    hello(running, machine)
    assert running.services.machines.list()[0].state == "ready"
    assert machine.take() is None, "the task goes to a machine that has not failed on it"
    assert take(other).attempt == 2


@pytest.mark.parametrize("machines", [["one", "two"], ["one", "one", "one"]])
def test_faults_of_two_machines_bring_it_to_the_desk(
    running: World, problem: Problem, ada: Caller, machines: list[str], expected_warnings: list[str]
) -> None:
    """Two different machines failed on it, or the only one there is three times: it is a judging error on the desk."""
    expected_warnings.append("The kernel refused.")
    running.submit(ada, problem.id)
    here = {name: running.machine(name) for name in dict.fromkeys(machines)}
    for name in machines:
        grant = take(here[name])
        assert grant.kind == "judge"
        fault(running, here[name], grant)
        hello(running, here[name])
    assert judgement_of(running, grant).state is State.DESK
    with running.store.read() as view:
        assert any(event.kind is Kind.DESK for event in view.events_after(0, 1000))


def test_work_fits_the_machine(running: World, problem: Problem, ada: Caller) -> None:
    """A machine without the language, or without memory for limit and air, does not get it; the desk names what no machine can hold."""
    running.submit(ada, problem.id)
    machine = running.machine()
    hello(running, machine, languages=("c",))
    assert machine.take() is None
    assert "python3" in running.services.dispatch.stuck()[0].sentence
    needs = problem.memory_bytes + 256 * MIB
    hello(running, machine, free=needs // MIB - 1)

    def ask(free_bytes: int) -> TaskGrant | None:
        request = LeaseRequest(free_slots=1, free_memory_bytes=free_bytes)
        return running.services.dispatch.lease(machine.node, request).result(5)

    assert ask(needs - 1) is None
    assert f"{needs // MIB} MiB" in running.services.dispatch.stuck()[0].sentence
    assert any("memory" in item.title + item.detail for item in running.services.desk.items())
    hello(running, machine)
    assert ask(needs - 1) is None
    assert running.services.dispatch.stuck(), (
        "it does nothing else, so other programs took its memory: a person must know"
    )
    assert ask(needs) is not None
    assert running.services.dispatch.stuck() == ()
    running.submit(ada, problem.id, "print(2)")
    assert ask(needs - 1) is None, "its own work needs the memory now"
    assert running.services.dispatch.stuck() == (), "but it can hold the task later"


@pytest.mark.parametrize("hindrance", ["other language", "paused", "little memory"])
def test_failed_task_comes_back_where_nobody_else_can_take_it(
    running: World, problem: Problem, ada: Caller, hindrance: str, expected_warnings: list[str]
) -> None:
    """The only other machine cannot judge it: the one that failed gets it again after its self-test, so that it never waits for ever."""
    expected_warnings.append("The kernel refused.")
    running.submit(ada, problem.id)
    machine, other = running.machine("failed"), running.machine("other")
    if hindrance == "paused":
        running.services.machines.pause(other.id).result(5)
    elif hindrance == "other language":
        hello(running, other, languages=("c",))
    else:
        hello(running, other, free=problem.memory_bytes // MIB)
    fault(running, machine, take(machine))
    hello(running, machine)
    assert take(machine).attempt == 2


def test_foreign_lease_ids_touch_nothing(
    running: World, problem: Problem, ada: Caller, expected_warnings: list[str]
) -> None:
    """A paired machine that lies about another one's lease takes neither its work nor its test data from it."""
    expected_warnings.append("The kernel refused.")
    running.submit(ada, problem.id)
    machine, liar = running.machine("honest"), running.machine("liar")
    grant = take(machine)
    running.services.dispatch.give_back(liar.node, GiveBack(lease_id=grant.lease_id, reason="x")).result(5)
    fault(running, liar, grant)
    assert running.services.dispatch.blob_allowed(machine.id, LeaseId(grant.lease_id), grant.tests[0].input)
    assert running.services.machines.list()[0].doing, "the console still shows it at work"
    machine.finish(grant, [Verdict.WA])


def test_silence_of_the_server_itself_while_a_lease_is_being_ended(
    running: World, problem: Problem, ada: Caller, clock: FakeClock
) -> None:
    """The laptop sleeps between noticing one silent machine and writing it down: the leases of the others are not taken with it."""
    for number in range(2):
        running.submit(ada, problem.id, f"print({number})")
    silent, lively = running.machine("silent"), running.machine("lively")
    take(silent)
    ticks(running, clock, 6)
    grant = take(lively)
    ticks(running, clock, 1.5)
    write = running.store.write
    renewed: list[str] = []

    def slow_writer(work: Callable[[Transaction], Any], *, arrived: Instant | None = None) -> Future[Any]:
        clock.forward(seconds=60)
        running.store.write = write  # type: ignore[method-assign]
        return write(work, arrived=arrived)

    running.store.write = slow_writer  # type: ignore[method-assign]
    clock.forward(seconds=TICK_SECONDS)
    running.services.dispatch.tick()
    renewed += running.services.dispatch.renew(lively.node, RenewRequest(lease_ids=[grant.lease_id])).result(5).extended
    assert renewed == [grant.lease_id]
    assert take(silent).attempt == 2, "only the silent machine's lease was ended"


@pytest.mark.parametrize("change", ["pause", "unpair"])
def test_machine_taken_out_while_its_wish_waits(running: World, problem: Problem, ada: Caller, change: str) -> None:
    """The organiser pauses or unpairs a machine at the moment at which it asks: it gets nothing, and the task waits for others."""
    running.submit(ada, problem.id)
    machine, other = running.machine("out"), running.machine("other")
    getattr(running.services.machines, change)(machine.id).result(5)
    if change == "unpair":
        # What its request knew of it when it came in.
        offers = [LanguageOffer(id="python3", fingerprint="1")]
        known = Hello(facts={}, slots=1, languages=offers, selftest_passed=True, free_memory_bytes=1 << 40)
        running.services.machines.presence.hello(machine.id, known)
    assert machine.take() is None
    assert take(other).attempt == 1


def test_a_problem_is_replaced_while_a_submission_waits(running: World, problem: Problem, ada: Caller) -> None:
    """The mended package allows more time: what was submitted before is judged wholly by the old one, its tests and its limits."""
    running.submit(ada, problem.id)
    newer = replace(problem, package_version=PackageVersion("f" * 64), cpu_seconds=99.0, memory_bytes=MIB)
    running.store.write(lambda tx: tx.put_problem(newer)).result(5)
    grant = running.machine().take()
    assert grant is not None
    assert grant.limits.cpu_seconds == problem.cpu_seconds
    assert grant.limits.memory_bytes == problem.memory_bytes
