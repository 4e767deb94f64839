"""The laptop's clock is set by hand, or by a time server, in the middle of a contest."""

from __future__ import annotations

import pytest
from clocks import FakeClock

from app.core.events import Kind
from app.core.people import Caller
from app.services.clock_watch import ClockWatch, behind_the_log
from app.wire.judge_v1 import RenewRequest
from unit.app.services.world import SPRING, World


@pytest.fixture
def ada(running: World) -> Caller:
    return running.team("ada")


def jumps(world: World) -> list[int]:
    with world.store.read() as view:
        return [event.data["drift_ms"] for event in view.events_after(0, 1000) if event.kind is Kind.SERVER]


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_jump_changes_nothing_but_the_alarm(
    running: World, ada: Caller, clock: FakeClock, hours: int, expected_warnings: list[str]
) -> None:
    """Three hours forward or back: phase, contest time, leases and sessions stay; log and desk say it once, and so the way back."""
    expected_warnings.append("clock jumped")
    watch = ClockWatch(store=running.store, clock=clock)
    submission = running.submit(ada, running.problem().id).submission_id
    machine = running.machine()
    grant = machine.take()
    assert grant is not None
    contest = running.services.control.contest(SPRING)
    before = (contest.phase(clock.now()), contest.contest_time_ms(clock.now()), clock.now())
    heard: list[frozenset[str]] = []
    unlisten = running.bell.listen(heard.append)
    clock.wall_drift = hours * 3_600_000
    for _ in range(3):
        watch.tick()
        running.services.dispatch.tick()
        running.services.control.tick()
    unlisten()
    assert any("desk" in topics for topics in heard), "the organiser's screen does not wait to be asked"
    assert jumps(running) == [clock.wall_drift]
    assert [item.kind for item in running.services.desk.items() if item.kind == "clock"] == ["clock"]
    assert before == (contest.phase(clock.now()), contest.contest_time_ms(clock.now()), clock.now())
    renewed = running.services.dispatch.renew(machine.node, RenewRequest(lease_ids=[grant.lease_id])).result(5)
    assert renewed.extended == [grant.lease_id]
    with running.store.read() as view:
        kept = view.submission(submission)
    assert kept is not None
    assert kept.arrived == clock.now()
    assert "undisturbed" in running.audit.log_lines(0, 500)[-1].sentence
    clock.wall_drift = 0
    watch.tick()
    assert jumps(running) == [hours * 3_600_000, 0]
    assert not [item for item in running.services.desk.items() if item.kind == "clock"]
    clock.wall_drift = 900
    watch.tick()
    assert len(jumps(running)) == 2, "what a time server corrects bit by bit is no jump"


def test_a_clock_that_was_set_back_while_no_server_ran(
    running: World, ada: Caller, clock: FakeClock, expected_warnings: list[str]
) -> None:
    """The laptop starts two hours in the past: that is noticed, and a machine that is gone does not keep its task for two hours."""
    expected_warnings.append("behind the newest entry")
    running.submit(ada, running.problem().id)
    assert running.machine("gone").take() is not None
    clock.forward(seconds=1)
    assert behind_the_log(running.store, clock) == 0, "time went on as it should"
    clock.forward(minutes=-120)
    assert behind_the_log(running.store, clock) >= 7_190_000
    again = World(clock, store=running.store)
    clock.forward(seconds=8)
    again.services.dispatch.tick()
    with again.store.read() as view:
        assert not view.leases.live()
    again.services.accounts.close()
