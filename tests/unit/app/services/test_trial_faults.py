"""Machines that fail with a version on trial, and what an earlier program wrote about such a judgement."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.core.events import Kind
from app.core.verdict import Verdict
from app.ports.store import Transaction
from app.services.judging_book import JudgingBook
from app.services.trial_book import trial_of
from app.wire.judge_v1 import FaultReport, TaskGrant
from unit.app.services.world import PACKAGES, SPRING, Machine, World


def on_trial(world: World, machine: Machine, tmp_path: Path) -> TaskGrant:
    """A judged submission whose problem has another version on trial; the machine has just begun with it."""
    problem = world.problem("strikes")
    world.submit(world.team("lanterns"), problem.id)
    machine.judge(Verdict.AC)
    folder = tmp_path / "strikes"
    shutil.copytree(PACKAGES / "strikes", folder)
    shutil.rmtree(folder / "input_validators")
    world.services.versions.offer(SPRING, problem.id, folder)
    world.services.versions.tick()
    grant = machine.take()
    assert grant is not None
    return grant


def broken(world: World, machine: Machine, grant: TaskGrant, kind: str = "sandbox") -> None:
    """The machine says that it failed."""
    fault = FaultReport(lease_id=grant.lease_id, kind=kind, sentence="No room.")
    world.services.dispatch.fault(machine.node, fault).result(5)


def test_a_machine_that_fails_itself(running: World, tmp_path: Path, expected_warnings: list[str]) -> None:
    """Another machine tries what it had, since the version is not doubted for it yet; a second machine's failure stops the trial."""
    expected_warnings.append("failed (sandbox)")
    first, second = running.machine("bench-1"), running.machine("bench-2")
    broken(running, first, on_trial(running, first, tmp_path))
    problem = running.book.problems(SPRING)[0]
    with running.store.read() as view:
        assert trial_of(view, SPRING, problem.id).stopped == ""
    again = second.take()
    assert again is not None
    broken(running, second, again)
    stopped = running.services.versions.compared(SPRING, problem.id).stopped
    assert stopped.startswith("Submission 1: ")
    assert "No room." in stopped
    assert list(running.judging.errors()) == []


def test_a_machine_that_cannot_do_the_task(running: World, tmp_path: Path, expected_warnings: list[str]) -> None:
    """What it says of the task is the new version's fault: the trial stops at once, and the machine goes on with a team's submission."""
    expected_warnings.append("failed (task)")
    machine = running.machine()
    broken(running, machine, on_trial(running, machine, tmp_path), "task")
    problem = running.book.problems(SPRING)[0]
    assert "No room." in running.services.versions.compared(SPRING, problem.id).stopped
    late = running.submit(running.team("late"), problem.id)
    assert machine.judge(Verdict.AC) == late.submission_id


def test_an_error_of_a_judgement_that_does_not_count(running: World, tmp_path: Path) -> None:
    """A log in which a trial's judgement went to the desk is read again without an item that nobody could end."""
    grant = on_trial(running, running.machine(), tmp_path)

    def work(tx: Transaction) -> None:
        data = {"judgement_id": grant.judgement_id, "reason": "said the validator"}
        tx.append_event(SPRING, Kind.DESK, running.clock.now(), data)

    running.store.write(work).result(5)
    again = JudgingBook(running.store, running.bell)
    with running.store.read() as view:
        again.catch_up(view.events_after(0, 1000))
    assert list(running.judging.errors()) == list(again.errors()) == []
