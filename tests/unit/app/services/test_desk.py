"""The desk: what needs a person now, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from app.core.errors import Refusal
from app.core.ids import ProblemId
from app.core.verdict import Verdict
from app.wire.judge_v1 import FaultReport, JoinOpen, JoinRequest
from unit.app.services.world import World


def keys(world: World) -> list[str]:
    return [item.key for item in world.services.desk.items()]


def test_nothing_needs_you(running: World) -> None:
    """A running contest with a problem and a ready machine leaves the desk empty."""
    running.problem()
    running.machine()
    assert keys(running) == []


def test_a_machine_that_knocks_comes_first_with_its_code(running: World) -> None:
    """A machine that wants to join is on the desk with the letters to compare."""
    running.problem()
    running.machine()
    nonce = b"n" * 32
    challenge = running.services.machines.begin(
        JoinRequest(commitment=hashlib.sha256(nonce).hexdigest(), name="lab-7"), "10.0.0.7"
    )
    running.services.machines.open(JoinOpen(request_id=challenge.request_id, node_nonce=nonce.hex()))
    (item,) = running.services.desk.items()
    assert (item.kind, item.action, item.target) == ("join", "approve", challenge.request_id)
    assert running.services.machines.pending()[0].code in item.detail


def test_a_judging_error_can_be_judged_again(running: World, expected_warnings: list[str]) -> None:
    """Two machines report a fault: the organiser decides; judged again, the item is gone and the team never saw a verdict."""
    expected_warnings += ["machine bench-1 failed", "machine bench-2 failed"]
    running.problem()
    team = running.team("lanterns")
    submission = running.submit(team, ProblemId("strikes")).submission_id
    for name in ("bench-1", "bench-2"):
        machine = running.machine(name)
        grant = machine.take()
        assert grant is not None
        report = FaultReport(lease_id=grant.lease_id, kind="sandbox", sentence="No container.")
        running.services.dispatch.fault(machine.node, report).result(5)
    item = next(one for one in running.services.desk.items() if one.kind == "judging_error")
    assert running.services.submissions.view(team, submission).status == "PENDING"
    assert running.services.submissions.view(running.jury(), submission).status == "DESK"
    running.services.desk.again(item.target).result(5)
    assert not any(key.startswith("judging_error") for key in keys(running))
    running.machine("bench-3").judge(Verdict.AC)
    assert running.services.submissions.view(team, submission).verdict is Verdict.AC
    for target in (item.target, "9999", "x"):
        with pytest.raises(Refusal):
            running.services.desk.again(target).result(5)


def test_the_desk_says_what_is_missing_before_the_start(world: World) -> None:
    """An unscheduled contest without problems: both are on the desk, the missing problems first."""
    world.contest(begins_in_minutes=None)
    assert keys(world) == ["problem:none", "start"]


def test_no_machine_in_a_running_contest_is_urgent(running: World) -> None:
    """A contest that runs without a judge machine says so at the top."""
    running.problem()
    assert keys(running)[0] == "machine:none"


def test_the_host_troubles_come_to_the_desk(running: World) -> None:
    """A jumped clock, one that was set back while no server ran, an old backup, copies that fail and a full disk each get a line; the
    full disk first."""
    running.problem()
    running.machine()
    running.clock.wall_drift = 90_000
    running.facts = replace(running.facts, backup_age_ms=600_000, free_bytes=1 << 20)
    assert keys(running) == ["store", "backup", "clock"]
    running.facts = replace(running.facts, backup_trouble="Commits are not copied.", clock_behind_ms=7_200_000)
    assert keys(running) == ["store", "clock:start", "backup:trouble", "backup", "clock"]


def test_the_end_asks_for_final_results(running: World) -> None:
    """After the end, with every verdict there, the desk offers to make it final; then it is empty."""
    running.problem()
    running.clock.forward(minutes=300)
    assert keys(running) == ["finalize"]
    running.services.control.finalize().result(5)
    assert keys(running) == []


def test_the_first_page(running: World) -> None:
    """The state holds the clock, the counts and the seconds from submission to verdict; its number rises with news."""
    running.problem()
    team = running.team("lanterns")
    machine = running.machine()
    before = running.services.desk.state()
    running.submit(team, ProblemId("strikes"))
    running.clock.forward(seconds=2)
    assert running.services.desk.state().server.queue == 1
    machine.judge()
    after = running.services.desk.state()
    assert after.seq > before.seq
    assert (after.submission_count, after.team_count, after.verdict_seconds) == (1, 1, [2.0])
    assert (after.contest.phase, after.contest.remaining_ms) == ("running", 300 * 60_000 - 2000)
    assert [one.package_state for one in after.problems] == ["unchecked"]
    assert after.server.machines_ready == 1


def test_judging_again_does_not_look_like_a_slow_judge(running: World) -> None:
    """An hour later everything is judged again: how long teams wait for their verdicts is told by the first ones only."""
    running.problem()
    machine = running.machine()
    submission = running.submit(running.team("lanterns"), ProblemId("strikes")).submission_id
    running.clock.forward(seconds=2)
    machine.judge()
    running.clock.forward(minutes=60)
    running.services.desk.rejudge(submission).result(5)
    machine.judge()
    assert running.services.desk.state().verdict_seconds == [2.0]
