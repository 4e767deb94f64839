"""A contest is closed: machines are told to forget its tests, once each, whenever they come (DESIGN 7)."""

from __future__ import annotations

import pytest
from clocks import FakeClock

from app.core.errors import Refusal
from app.core.ids import SubmissionId
from app.core.verdict import Verdict
from app.services.closing import Closing
from app.wire.judge_v1 import Hello, LanguageOffer, LeaseRequest, TaskGrant
from unit.app.services.world import Machine, World


def ask(world: World, machine: Machine, forgotten: str = "") -> TaskGrant | None:
    wish = LeaseRequest(free_slots=1, free_memory_bytes=8 << 30, forgotten=forgotten)
    return world.services.dispatch.lease(machine.node, wish).result(5)


@pytest.fixture
def over(running: World, clock: FakeClock) -> World:
    """A contest with one judged submission whose time is over."""
    running.submit(running.team("ada"), running.problem().id)
    machine = running.machine("early")
    machine.judge(Verdict.AC)
    clock.forward(minutes=301)
    running.tick()
    return running


def test_final_means_forget(over: World) -> None:
    """The order comes in place of work, also to a paused machine, until the machine says that it was obeyed."""
    machine = over.machine("late")
    assert ask(over, machine) is None
    rung = over.bell.counter("tasks")
    over.services.control.finalize().result(5)
    assert over.bell.counter("tasks") > rung, "waiting machines are woken"
    order = ask(over, machine)
    assert order is not None
    assert (order.kind, bool(order.forget)) == ("forget", True)
    assert ask(over, machine, order.forget) is None
    over.services.machines.pause(machine.id).result(5)
    paused = ask(over, machine, "an older one")
    assert paused is not None
    assert paused.forget == order.forget


def test_machine_that_was_away_learns_it_at_its_hello(over: World) -> None:
    """The welcome names the order."""
    over.services.control.finalize().result(5)
    machine = over.machine("away")
    offers = [LanguageOffer(id="c", fingerprint="1")]
    hello = Hello(facts={}, slots=1, languages=offers, selftest_passed=True, free_memory_bytes=1 << 34)
    assert over.services.dispatch.hello(machine.node, hello).forget != ""


def test_a_restarted_server_gives_the_same_order(over: World) -> None:
    """The stamp comes from the contests on disk, so nobody empties its cache twice."""
    over.services.control.finalize().result(5)
    machine = over.machine("late")
    order = ask(over, machine)
    assert order is not None
    again = Closing(over.store, over.bell)
    again.catch_up(over.store)
    assert again.stamp() == order.forget


def test_work_for_a_closed_contest_leaves_nothing(over: World) -> None:
    """A submission that is judged again after the end, on the organiser's word, is judged, but its tests are not kept."""
    over.services.control.finalize().result(5)
    machine = over.machine("late")
    order = ask(over, machine)
    assert order is not None
    with pytest.raises(Refusal, match="results are final") as caught:
        over.services.desk.rejudge(SubmissionId(1)).result(5)
    assert (caught.value.code, set(caught.value.fields)) == (409, {"final_too"})
    assert ask(over, machine, order.forget) is None, "nothing is judged without that word"
    over.services.desk.rejudge(SubmissionId(1), final_too=True).result(5)
    grant = ask(over, machine, order.forget)
    assert grant is not None
    assert (grant.kind, grant.transient) == ("judge", True)


def test_contest_that_goes_on_is_not_forgotten(running: World) -> None:
    """Nothing is said while no contest is closed."""
    running.submit(running.team("ada"), running.problem().id)
    grant = ask(running, running.machine())
    assert grant is not None
    assert (grant.kind, grant.forget, grant.transient) == ("judge", "", False)
