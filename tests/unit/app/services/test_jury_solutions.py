"""Jury solutions on the contest's machines: nobody's submissions, judged last, kept by version and machine, compared with the promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.errors import Refusal
from app.core.ids import LeaseId, NodeId, ProblemId
from app.core.problem import Problem
from app.core.verdict import Verdict
from app.ports.leases import TaskKind
from app.ports.store import SubmissionFilter, Transaction
from app.wire.admin_packages_v1 import ProblemDetail
from app.wire.judge_v1 import FaultReport, TaskGrant
from unit.app.services.world import SPRING, Machine, World


@pytest.fixture
def before(world: World) -> World:
    """A contest that begins in an hour."""
    world.contest(begins_in_minutes=60)
    return world


def detail(world: World, problem: Problem) -> ProblemDetail:
    """What the console shows."""
    return world.services.details.detail(SPRING, problem.id)


def checked(world: World, package: str = "strikes") -> Problem:
    """A problem whose package a machine has found in order."""
    problem = world.problem(package)

    def ready(tx: Transaction) -> None:
        record = tx.package(problem.package_version)
        assert record is not None
        tx.put_package(replace(record, state="ready"))

    world.store.write(ready).result(5)
    return problem


def ends(world: World, machine: Machine, grant: TaskGrant, problem: Problem) -> None:
    """Judges a solution as its package promises: by its folder, which its place in the manifest tells."""
    with world.store.read() as view:
        live = view.leases.lease(LeaseId(grant.lease_id))
        record = view.package(problem.package_version)
    assert live is not None
    assert record is not None
    expected = record.manifest["solutions"][live[0].payload["solution"]]["expected"]
    verdict = Verdict(expected[0])
    if verdict is Verdict.CE:
        machine.finish(grant, (), compiled=False)
    else:
        machine.finish(grant, [verdict] if verdict is not Verdict.AC else [Verdict.AC] * len(grant.tests))


def test_before_the_start_they_are_judged_by_themselves(before: World) -> None:
    """A checked package's solutions go to the first machine that is ready; all end as promised, and a limit follows."""
    problem = checked(before)
    before.solutions.tick()
    assert detail(before, problem).solutions[0].state == "unjudged", "there is no machine yet"
    machine = before.machine()
    before.solutions.tick()
    found = detail(before, problem)
    assert {one.state for one in found.solutions} == {"waiting"}
    assert found.proposal.seconds is None
    grant = machine.take()
    assert grant is not None
    assert (grant.kind, grant.submission_id, grant.judgement_id) == ("judge", 0, 0)
    while grant is not None:
        ends(before, machine, grant, problem)
        grant = machine.take()
    found = detail(before, problem)
    assert {one.state for one in found.solutions} == {"done"}
    assert all(run.ok and run.machine == "bench-1" for one in found.solutions for run in one.runs)
    assert found.proposal.seconds is not None
    assert found.proposal.seconds >= found.proposal.slowest_seconds * found.proposal.multiplier
    with before.store.read() as view:
        assert view.count_submissions(SubmissionFilter(SPRING)) == 0, "they are nobody's submissions"
    assert before.services.desk.state().problems[0].solutions_wrong == 0
    before.solutions.tick()
    assert machine.take() is None, "once for each version"


def test_while_the_contest_runs_only_on_a_word(running: World) -> None:
    """Teams come first: nothing is sent by itself, and a submission that arrives meanwhile is judged before the next solution."""
    problem, machine = checked(running), running.machine()
    running.solutions.tick()
    assert machine.take() is None
    count = running.solutions.judge(SPRING, problem.id).result(5)
    assert count == len(detail(running, problem).solutions) > 2
    assert running.solutions.judge(SPRING, problem.id).result(5) == 0, "what waits is not sent twice"
    first = machine.take()
    assert first is not None
    assert first.submission_id == 0
    assert machine.take(free_slots=1) is None, "the last free place stays free for a team"
    sent = running.submit(running.team("lanterns"), problem.id)
    second = machine.take(free_slots=1)
    assert second is not None
    assert second.submission_id == sent.submission_id
    assert running.solutions.stop(SPRING, problem.id).result(5) == count - 1
    ends(running, machine, first, problem)
    assert sum(one.state == "done" for one in detail(running, problem).solutions) == 1


def test_every_machine_for_itself(running: World) -> None:
    """Each solution on each machine that is ready: no machine takes what is another's, and results stand beside each other."""
    problem, first, second = checked(running), running.machine("bench-1"), running.machine("bench-2")
    count = running.solutions.judge(SPRING, problem.id, everywhere=True).result(5)
    taken = 0
    while (grant := first.take()) is not None:
        ends(running, first, grant, problem)
        taken += 1
    assert taken * 2 == count
    while (grant := second.take()) is not None:
        ends(running, second, grant, problem)
    assert {tuple(run.machine for run in one.runs) for one in detail(running, problem).solutions} == {
        ("bench-1", "bench-2")
    }


def test_a_disagreement_is_one_entry_of_the_desk(running: World) -> None:
    """Whatever ends otherwise than promised: one entry for the problem, however many solutions it is."""
    problem, machine = checked(running), running.machine()
    running.solutions.judge(SPRING, problem.id).result(5)
    while (grant := machine.take()) is not None:
        machine.finish(grant, [Verdict.RTE])
    state = running.services.desk.state()
    entries = [one for one in state.desk if one.key.startswith("solutions:")]
    assert [one.target for one in entries] == [problem.id]
    assert "RTE" in entries[0].detail
    assert state.problems[0].solutions_wrong > 1
    found = detail(running, problem)
    assert found.proposal.seconds is None
    assert "ended as RTE" in found.proposal.sentence


def test_a_broken_validator_blames_the_package(running: World, expected_warnings: list[str]) -> None:
    """A solution that cannot be judged says why in its result; the machine goes on working, and no team's queue is troubled."""
    problem, machine = checked(running), running.machine()
    running.solutions.judge(SPRING, problem.id).result(5)
    grant = machine.take()
    assert grant is not None
    report = FaultReport(lease_id=grant.lease_id, kind="pipeline", sentence="The validator does not compile.")
    running.services.dispatch.fault(machine.node, report).result(5)
    again = machine.take()
    assert again is not None, "it is not held back"
    expected_warnings.append("The validator does not compile.")
    wrong = [run for one in detail(running, problem).solutions for run in one.runs]
    assert [(run.verdict, run.ok) for run in wrong] == [("JE", False)]
    assert "does not compile" in wrong[0].message
    assert running.judging.errors() == []


def test_batches_that_a_restart_forgot(running: World) -> None:
    """The end of a lease without the runs before it: the solution is judged again instead of ending without a verdict."""
    problem, machine = checked(running), running.machine()
    running.solutions.judge(SPRING, problem.id).result(5)
    grant = machine.take()
    assert grant is not None
    machine.finish(grant, ())
    with running.store.read() as view:
        states = [task.attempt for task in view.leases.queued(TaskKind.MEASURE)]
    assert 1 in states
    assert all(one.state == "waiting" for one in detail(running, problem).solutions)


def test_another_limit_goes_into_the_log(running: World) -> None:
    """The organiser's limit holds for the contest, is told in the log, and nonsense is refused."""
    problem = checked(running)
    changed = running.solutions.set_limit(SPRING, problem.id, 3.5).result(5)
    assert changed.cpu_seconds == 3.5
    assert detail(running, problem).cpu_seconds == 3.5
    lines = running.audit.log_lines(0, 1000)
    assert any("its time limit is 3.5 s now" in line.sentence for line in lines)
    with pytest.raises(Refusal):
        running.solutions.set_limit(SPRING, problem.id, 0)
    with pytest.raises(Refusal) as missing:
        running.solutions.set_limit(SPRING, ProblemId("none"), 1.0).result(5)
    assert missing.value.code == 404


def test_refusals(running: World) -> None:
    """Without a machine there is nobody to judge everywhere; an unchecked package waits; unpaired machines take nothing."""
    problem = running.problem("strikes")
    with pytest.raises(Refusal):
        running.solutions.judge(SPRING, problem.id, everywhere=True)
    with pytest.raises(Refusal):
        running.solutions.judge(SPRING, problem.id).result(5)
    assert NodeId("n1") not in running.services.machines.ready()
