"""What comes too late is evidence: kept within bounds, shown to the jury, never counted (DESIGN 4.6, 6)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clocks import FakeClock

from app.core.events import Kind
from app.core.evidence import MOST_OF_A_TEST, MOST_TEXT
from app.core.ids import JudgementId, SubmissionId
from app.core.judgement import State
from app.core.verdict import Verdict
from app.ports.store import StoredRun
from app.services.judging_book import JudgingBook
from app.services.replay import replay_log
from app.services.standings import Standings
from app.wire.judge_v1 import CompileReport, Finish, Report, RunReport, TaskGrant
from unit.app.services.world import Machine, World

COMPILED = CompileReport(ok=True)


@pytest.fixture
def slow(running: World) -> Machine:
    """The machine that falls silent."""
    return running.machine("slow")


@pytest.fixture
def lost(running: World, slow: Machine, clock: FakeClock) -> TaskGrant:
    """A submission lent to the slow machine, whose lease has expired."""
    running.submit(running.team("ada"), running.problem().id)
    granted = slow.take()
    assert granted is not None
    expire(running, clock)
    return granted


def expire(world: World, clock: FakeClock) -> None:
    for _ in range(20):
        clock.forward(ms=500)
        world.services.dispatch.tick()


def run(number: int, verdict: Verdict = Verdict.AC, cpu_seconds: float = 0.25, said: str = "") -> RunReport:
    return RunReport(
        number=number,
        test=f"t{number}",
        verdict=verdict.value,
        cpu_seconds=cpu_seconds,
        wall_seconds=1,
        memory_bytes=7,
        stdout_head=said,
    )


def report(world: World, machine: Machine, grant: TaskGrant, *runs: RunReport) -> bool:
    message = Report(lease_id=grant.lease_id, attempt=grant.attempt, phase="running", runs=list(runs))
    answer = world.services.report.take(machine.node, message).result(5)
    assert answer.accepted or answer.cancel
    return answer.accepted


def finish(world: World, machine: Machine, grant: TaskGrant, *runs: RunReport, ok: bool = True) -> bool:
    message = Finish(lease_id=grant.lease_id, attempt=grant.attempt, compile=CompileReport(ok=ok), runs=list(runs))
    return world.services.report.finish(machine.node, message).result(5).accepted


def taken_over(world: World) -> tuple[Machine, TaskGrant]:
    """Another machine has the submission now."""
    other = world.machine("quick")
    grant = other.take()
    assert grant is not None
    return other, grant


def stored(world: World, grant: TaskGrant) -> list[StoredRun]:
    with world.store.read() as view:
        return list(view.runs(JudgementId(grant.judgement_id)))


def kinds(world: World) -> list[Kind]:
    with world.store.read() as view:
        return [event.kind for event in view.events_after(0, 10_000)]


def verdict(world: World, grant: TaskGrant) -> Verdict | None:
    with world.store.read() as view:
        judgement = view.judgement(JudgementId(grant.judgement_id))
    assert judgement is not None
    return judgement.verdict


def test_late_run_never_counts_even_as_the_first_of_its_test(running: World, slow: Machine, lost: TaskGrant) -> None:
    """The silent machine wakes up while the other one has not reached that test: what it says waits beside, and does not count."""
    other, grant = taken_over(running)
    assert not report(running, slow, lost, run(1, Verdict.WA), run(2, Verdict.TLE))
    assert [(one.counted, one.run.verdict) for one in stored(running, grant)] == [
        (False, Verdict.WA),
        (False, Verdict.TLE),
    ]
    other.finish(grant, [Verdict.AC] * len(grant.tests))
    assert verdict(running, grant) is Verdict.AC
    assert sum(one.counted for one in stored(running, grant)) == len(grant.tests)


def test_a_different_result_stands_on_the_desk(running: World, slow: Machine, lost: TaskGrant) -> None:
    """The late machine says WA where AC counts: the jury reads both on desk, page and log, until it has the submission judged again."""
    other, grant = taken_over(running)
    other.finish(grant, [Verdict.AC] * len(grant.tests))
    assert not finish(running, slow, lost, run(1), run(2, Verdict.WA))
    assert verdict(running, grant) is Verdict.AC
    items = [one for one in running.services.desk.items() if one.kind == "difference"]
    assert [(one.target, one.detail) for one in items] == [
        (str(grant.submission_id), "Test 2: AC on quick counts, WA on slow does not.")
    ]
    detail = running.services.submissions.admin_detail(SubmissionId(grant.submission_id))
    assert detail.differences == ["Test 2: AC on quick counts, WA on slow does not."]
    assert [(one.number, one.differs) for one in detail.runs if not one.counted] == [(1, False), (2, True)]
    lines = running.audit.log_lines(0, 1000)
    assert any("judged twice with different results: test 2 AC and WA" in one.sentence for one in lines)
    assert any("slow reported 2 runs too late" in one.sentence for one in lines)
    running.services.desk.rejudge(SubmissionId(grant.submission_id)).result(5)
    assert not [one for one in running.services.desk.items() if one.kind == "difference"]


def test_evidence_that_came_first_is_compared_with_what_counts_later(
    running: World, slow: Machine, lost: TaskGrant
) -> None:
    """It is the same whichever of the two was heard first; where both agree there is nothing to look at."""
    other, grant = taken_over(running)
    assert not report(running, slow, lost, run(1), run(2, Verdict.WA))
    other.finish(grant, [Verdict.AC] * len(grant.tests))
    assert kinds(running).count(Kind.DIFFERENCE) == 1
    assert [one.detail for one in running.services.desk.items() if one.kind == "difference"] == [
        "Test 2: AC on quick counts, WA on slow does not."
    ]


def test_a_restarted_server_still_knows_of_it(running: World, slow: Machine, lost: TaskGrant) -> None:
    """The disagreement is in the log, so a new process shows it again; lease and machine are told apart from disk."""
    other, grant = taken_over(running)
    other.finish(grant, [Verdict.AC] * len(grant.tests))
    finish(running, slow, lost, run(2, Verdict.WA))
    book = JudgingBook(running.store, running.bell)
    standings = Standings(store=running.store, bell=running.bell, clock=running.clock, book=running.book)
    replay_log(running.store, book, standings)
    assert [one.judgement_id for one in book.disagreements()] == [grant.judgement_id]


def test_strangers_leave_no_trace(running: World, slow: Machine, lost: TaskGrant) -> None:
    """Only the machine that had this very lease in this very attempt is evidence; nothing is kept of others, of live leases of others,
    or of leases that never were."""
    other, grant = taken_over(running)
    before = kinds(running)
    assert not report(running, other, lost, run(1, Verdict.WA))
    assert not report(running, slow, lost.model_copy(update={"attempt": 2}), run(1, Verdict.WA))
    assert not report(running, slow, grant, run(1, Verdict.WA))
    assert not report(running, slow, lost.model_copy(update={"lease_id": "no such"}), run(1, Verdict.WA))
    assert not report(running, slow, lost, run(len(grant.tests) + 1, Verdict.WA))
    assert stored(running, grant) == []
    assert kinds(running) == before


def test_a_mad_machine_cannot_fill_the_disk(running: World, slow: Machine, lost: TaskGrant) -> None:
    """It says something new about the same tests for ever: few runs of each are kept, their words only up to a bound."""
    words = "x" * 8192
    for turn in range(40):
        report(running, slow, lost, *(run(number, Verdict.WA, turn / 100, words) for number in range(1, 4)))
    kept = stored(running, lost)
    assert len(kept) == 3 * MOST_OF_A_TEST
    for turn in range(40):
        report(running, slow, lost, *(run(number, Verdict.AC, turn / 100, words) for number in range(4, 13)))
    kept = stored(running, lost)
    assert sum(len(one.run.stdout_head) for one in kept) <= MOST_TEXT
    events = len(kinds(running))
    for turn in range(40):
        report(running, slow, lost, *(run(number, Verdict.WA, turn / 100, words) for number in range(1, 13)))
    assert len(kinds(running)) == events
    assert len(stored(running, lost)) == len(kept)


def test_a_live_machine_cannot_fill_the_disk_either(running: World, slow: Machine, clock: FakeClock) -> None:
    """The same bound holds for a machine that holds its lease and says of one test a hundred different things."""
    running.submit(running.team("ada"), running.problem().id)
    grant = slow.take()
    assert grant is not None
    for turn in range(100):
        assert report(running, slow, grant, run(1, Verdict.WA, turn / 100))
    assert len(stored(running, grant)) == 1 + MOST_OF_A_TEST


def test_said_again_it_is_no_new_evidence(running: World, slow: Machine, lost: TaskGrant) -> None:
    """An answer got lost: the same late report is kept once."""
    for _ in range(3):
        report(running, slow, lost, run(1, Verdict.WA))
    assert len(stored(running, lost)) == 1
    assert kinds(running).count(Kind.RUNS) == 1


def test_finish_again_after_the_end_with_other_words(running: World, clock: FakeClock) -> None:
    """A machine that finished says something else afterwards: it is thanked as before, and the jury sees the difference."""
    machine = running.machine("odd")
    running.submit(running.team("ada"), running.problem().id)
    grant = machine.take()
    assert grant is not None
    machine.finish(grant, [Verdict.AC] * len(grant.tests))
    machine.finish(grant, [Verdict.AC] * len(grant.tests))
    assert kinds(running).count(Kind.RUNS) == 1
    assert finish(running, machine, grant, run(1, Verdict.WA))
    assert [(one.counted, one.run.verdict) for one in stored(running, grant) if one.run.number == 1] == [
        (True, Verdict.AC),
        (False, Verdict.WA),
    ]
    assert verdict(running, grant) is Verdict.AC


def test_a_late_compiler_that_disagrees_is_told_once(running: World, slow: Machine, lost: TaskGrant) -> None:
    """One machine compiled it, the other says that it cannot be compiled: one of them is broken, and the jury hears of it."""
    other, grant = taken_over(running)
    other.finish(grant, [Verdict.AC] * len(grant.tests))
    for _ in range(3):
        assert not finish(running, slow, lost, ok=False)
    assert kinds(running).count(Kind.DIFFERENCE) == 1
    detail = running.services.submissions.admin_detail(SubmissionId(grant.submission_id))
    assert detail.differences == ["On slow it could not be compiled, too late to count."]
    assert verdict(running, grant) is Verdict.AC


def test_late_judging_error_holds_the_machine(
    running: World, slow: Machine, lost: TaskGrant, expected_warnings: list[str]
) -> None:
    """A sandbox that failed proves nothing about the team, also too late; the machine has to test itself."""
    expected_warnings.append("too late")
    assert not report(running, slow, lost, run(1, Verdict.JE))
    assert stored(running, lost) == []
    assert running.services.machines.list()[0].state == "held"


def test_a_rejudged_submission_is_not_disturbed(running: World, slow: Machine, lost: TaskGrant) -> None:
    """Late news about a judgement that does not count any more reach the log and nobody's desk."""
    other, grant = taken_over(running)
    other.finish(grant, [Verdict.AC] * len(grant.tests))
    running.services.desk.rejudge(SubmissionId(grant.submission_id)).result(5)
    finish(running, slow, lost, run(1, Verdict.WA))
    assert not [one for one in running.services.desk.items() if one.kind == "difference"]
    with running.store.read() as view:
        valid = view.valid_judgements([SubmissionId(grant.submission_id)])[SubmissionId(grant.submission_id)]
        assert view.runs(valid.id) == []
    assert replace(valid, state=State.QUEUED) == valid
