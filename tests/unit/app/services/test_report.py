"""What machines report counts once, and the server alone makes a verdict of it."""

from __future__ import annotations

import pytest
from clocks import FakeClock
from pydantic import ValidationError

from app.core.events import Kind
from app.core.ids import JudgementId, SubmissionId
from app.core.judgement import Judgement, Run, State
from app.core.people import Caller
from app.core.scoring.grading_document import read_grading
from app.core.scoring.groups import ScoreFiles
from app.core.verdict import Verdict
from app.services.live_work import Progress
from app.wire.judge_v1 import CompileReport, Finish, Hello, Report, RunReport, TaskGrant
from unit.app.services.world import Machine, World

COMPILED = CompileReport(ok=True)


@pytest.fixture
def ada(running: World) -> Caller:
    return running.team("ada")


@pytest.fixture
def grant(running: World, ada: Caller) -> TaskGrant:
    """A submission of ada's, lent to the machine `bench-1`."""
    running.submit(ada, running.problem().id)
    granted = machine_of(running).take()
    assert granted is not None
    return granted


def machine_of(world: World) -> Machine:
    """The machine `bench-1`, paired at the first call."""
    known = getattr(world, "bench", None)
    if known is None:
        known = world.bench = world.machine()  # type: ignore[attr-defined]
    assert isinstance(known, Machine)
    return known


def run(number: int, verdict: Verdict = Verdict.AC, cpu_seconds: float = 0.25) -> RunReport:
    return RunReport(
        number=number, test=f"t{number}", verdict=verdict.value, cpu_seconds=cpu_seconds, wall_seconds=1, memory_bytes=7
    )


def report(world: World, grant: TaskGrant, *runs: RunReport, machine: Machine | None = None, attempt: int = 0) -> bool:
    """A batch of runs; whether it was accepted."""
    message = Report(lease_id=grant.lease_id, attempt=attempt or grant.attempt, phase="running", runs=list(runs))
    return world.services.report.take((machine or machine_of(world)).node, message).result(5).accepted


def finish(world: World, grant: TaskGrant, *runs: RunReport, compiled: CompileReport = COMPILED) -> bool:
    message = Finish(lease_id=grant.lease_id, attempt=grant.attempt, compile=compiled, runs=list(runs))
    return world.services.report.finish(machine_of(world).node, message).result(5).accepted


def judgement(world: World, grant: TaskGrant) -> Judgement:
    with world.store.read() as view:
        found = view.judgement(JudgementId(grant.judgement_id))
    assert found is not None
    return found


def kinds(world: World) -> list[Kind]:
    with world.store.read() as view:
        return [event.kind for event in view.events_after(0, 1000)]


def test_verdict_is_the_first_failing_test_in_order(running: World, grant: TaskGrant) -> None:
    """Tests may come in any order; the verdict is that of the first failing one, with the numbers of all."""
    assert report(running, grant, run(3, Verdict.TLE, 2.0))
    assert judgement(running, grant).verdict is None
    assert finish(running, grant, run(2, Verdict.WA), run(1))
    done = judgement(running, grant)
    assert (done.verdict, done.state, done.failing_test, done.tests_passed) == (Verdict.WA, State.DONE, 2, 1)
    assert done.cpu_seconds == 2.0


def test_same_report_again_changes_nothing(running: World, grant: TaskGrant) -> None:
    """An answer got lost and the machine says everything again: it is thanked again, and nothing is counted twice."""
    for _ in range(2):
        assert report(running, grant, run(1), run(2))
    for _ in range(3):
        assert finish(running, grant, run(3, Verdict.WA))
    with running.store.read() as view:
        assert sorted(one.run.number for one in view.runs(JudgementId(grant.judgement_id))) == [1, 2, 3]
    assert kinds(running).count(Kind.VERDICT) == 1
    assert kinds(running).count(Kind.RUNS) == 2
    assert running.services.machines.list()[0].judged == 1


def test_only_the_live_attempt_of_its_own_machine_is_heard(running: World, grant: TaskGrant, clock: FakeClock) -> None:
    """Another machine, another attempt, or a machine whose lease went to somebody else changes nothing and is told to stop."""
    other = running.machine("other")
    assert not report(running, grant, run(1), machine=other)
    assert not report(running, grant, run(1), attempt=2)
    for _ in range(20):
        clock.forward(ms=500)
        running.services.dispatch.tick()
    taken_over = other.take()
    assert taken_over is not None
    assert not report(running, grant, run(1, Verdict.WA))
    assert not finish(running, grant, run(1, Verdict.WA))
    with running.store.read() as view:
        kept = [(one.attempt, one.counted, one.run.verdict) for one in view.runs(JudgementId(grant.judgement_id))]
    assert kept == [(1, False, Verdict.WA)], "what the machine says of its own old lease is evidence, once"
    other.finish(taken_over, [Verdict.AC] * len(taken_over.tests))
    assert judgement(running, grant).verdict is Verdict.AC


def test_first_run_of_a_test_stands_and_later_ones_are_evidence(
    running: World, grant: TaskGrant, clock: FakeClock
) -> None:
    """The second machine measures a test that the first had reported: the first run counts, the other is kept for the jury."""
    assert report(running, grant, run(1, Verdict.AC))
    for _ in range(20):
        clock.forward(ms=500)
        running.services.dispatch.tick()
    other = running.machine("other")
    again = other.take()
    assert again is not None
    assert [(one.number, one.verdict) for one in again.known] == [(1, Verdict.AC)], "it need not be run again"
    other.finish(again, [Verdict.WA, *[Verdict.AC] * (len(again.tests) - 1)])
    assert judgement(running, grant).verdict is Verdict.AC
    with running.store.read() as view:
        first = [
            (one.run.verdict, one.counted) for one in view.runs(JudgementId(grant.judgement_id)) if one.run.number == 1
        ]
        evidence = [event.data["evidence"] for event in view.events_after(0, 1000) if event.kind is Kind.RUNS]
    assert first == [(Verdict.AC, True), (Verdict.WA, False)]
    assert [one["verdict"] for batch in evidence for one in batch] == ["WA"]


def test_judging_error_is_never_the_teams(
    running: World, grant: TaskGrant, ada: Caller, expected_warnings: list[str]
) -> None:
    """A run that ended as a judging error holds the machine and sends the task to others; no run of it counts."""
    expected_warnings.append("judging error")
    assert not report(running, grant, run(1), run(2, Verdict.JE))
    held = running.services.machines.list()[0]
    assert held.state == "held"
    assert judgement(running, grant).state is State.QUEUED
    with running.store.read() as view:
        assert all(one.run.verdict is not Verdict.JE for one in view.runs(JudgementId(grant.judgement_id)))
    other = running.machine("other")
    again = other.take()
    assert again is not None
    other.finish(again, [Verdict.AC] * len(again.tests))
    view_of_team = running.services.submissions.view(ada, SubmissionId(grant.submission_id))
    assert view_of_team.verdict is Verdict.AC


def test_finish_that_leaves_the_verdict_open_is_a_fault(
    running: World, grant: TaskGrant, expected_warnings: list[str]
) -> None:
    """A machine that says "done" with tests missing is not believed."""
    expected_warnings.append("no verdict")
    assert not finish(running, grant, run(1))
    assert judgement(running, grant).state is State.QUEUED
    assert running.services.machines.list()[0].state == "held"


def test_compile_error_ends_it_with_the_compilers_words(running: World, grant: TaskGrant) -> None:
    """CE comes without runs, and its output is kept for the team."""
    assert finish(running, grant, compiled=CompileReport(ok=False, output="main.py:1: no"))
    done = judgement(running, grant)
    assert (done.verdict, done.compile_output, done.tests_passed) == (Verdict.CE, "main.py:1: no", 0)


def test_tests_that_do_not_exist_are_passed_over(running: World, grant: TaskGrant) -> None:
    """A run of a test beyond the last is no run."""
    assert report(running, grant, run(len(grant.tests) + 1, Verdict.WA))
    with running.store.read() as view:
        assert view.runs(JudgementId(grant.judgement_id)) == []


def test_progress_is_shown_and_rings_at_most_four_times_a_second(
    running: World, grant: TaskGrant, clock: FakeClock
) -> None:
    """COMPILING, then RUNNING n/N, in memory only; a machine that reports too often does not ring more."""
    reports, judgement_id = running.services.report, JudgementId(grant.judgement_id)
    topic = f"submission:{grant.submission_id}"
    compiling = Report(lease_id=grant.lease_id, attempt=1, phase="compiling")
    events = len(kinds(running))
    rung = running.bell.counter(topic)
    assert reports.take(machine_of(running).node, compiling).result(5).accepted
    assert reports.progress(judgement_id) == Progress("compiling", 0, len(grant.tests))
    assert running.bell.counter(topic) > rung
    assert len(kinds(running)) == events, "progress leaves no trace in the log"
    clock.forward(ms=250)
    heard: list[frozenset[str]] = []
    unlisten = running.bell.listen(heard.append)
    for number in range(1, 5):
        assert report(running, grant, run(number))
        clock.forward(ms=100)
    unlisten()
    assert sum(topic in topics for topics in heard) == 2
    assert reports.progress(judgement_id) == Progress("running", 4, len(grant.tests))
    assert finish(running, grant, run(5, Verdict.WA))
    assert reports.progress(judgement_id) is None


def test_another_word_about_the_same_test_is_evidence(running: World, grant: TaskGrant) -> None:
    """A machine that says two things about one test in one attempt: the first counts, the second is kept where the jury sees it."""
    assert report(running, grant, run(1, Verdict.AC))
    for _ in range(2):
        assert report(running, grant, run(1, Verdict.WA))
    with running.store.read() as view:
        kept = [(one.run.verdict, one.counted) for one in view.runs(JudgementId(grant.judgement_id))]
    assert kept == [(Verdict.AC, True), (Verdict.WA, False)]
    assert kinds(running).count(Kind.RUNS) == 2, "said again it is not new"


def test_compile_error_of_what_has_run_is_a_fault_of_ours(
    running: World, grant: TaskGrant, ada: Caller, expected_warnings: list[str]
) -> None:
    """One machine ran tests of it, the next says that it does not compile: that is a broken compiler, and never the team's verdict."""
    expected_warnings.append("could not compile")
    assert report(running, grant, run(1))
    assert not finish(running, grant, compiled=CompileReport(ok=False, output="no such compiler"))
    assert judgement(running, grant).state is State.QUEUED
    assert running.services.submissions.view(ada, SubmissionId(grant.submission_id)).verdict is None
    assert running.services.machines.list()[0].state == "held"


@pytest.mark.parametrize(
    "lie",
    [
        {"cpu_seconds": float("inf")},
        {"cpu_seconds": 1e308},
        {"wall_seconds": float("nan")},
        {"memory_bytes": 2**64},
        {"repeats": [float("nan")]},
        {"exit_code": 10**30},
        {"number": 10**30},
        {"verdict": "CE"},
        {"message": "x" * 8193},
    ],
)
def test_impossible_numbers_are_refused_before_they_reach_the_store(lie: dict[str, object]) -> None:
    """A lying machine's report that could not be kept would be sent for ever, and its submission would never be judged."""
    honest = run(1).model_dump()
    assert RunReport.model_validate(honest)
    with pytest.raises(ValidationError):
        RunReport.model_validate({**honest, **lie})


def test_what_a_machine_says_of_itself_is_small() -> None:
    """Facts are kept with the machine and shown in every list of machines."""
    hello = {"slots": 1, "languages": [], "free_memory_bytes": 0}
    assert Hello.model_validate({**hello, "facts": {"host": "bench-1", "load": 0.5}})
    for facts in ({"host": "x" * 20_000}, {"load": float("nan")}):
        with pytest.raises((ValidationError, ValueError)):
            Hello.model_validate({**hello, "facts": facts})


def test_scores_are_folded_by_the_server(running: World, ada: Caller) -> None:
    """A scoring problem: points of solved groups, a group that was not run, all of it in the log, to the team and to the jury."""
    submitted = running.submit(ada, running.problem("stretch").id)
    grant = machine_of(running).take()
    assert grant is not None
    grading = read_grading(grant.grading)
    assert grading is not None
    known: dict[int, RunReport] = {}
    while (number := grading.next_test({n: run_of(one) for n, one in known.items()})) is not None:
        verdict = Verdict.TLE if grant.tests[number - 1].name == "secret/2/03" else Verdict.AC
        known[number] = run(number, verdict).model_copy(
            update={"score_millionths": grading.points(number, verdict, ScoreFiles()).score_millionths}
        )
    assert finish(running, grant, *known.values())
    done = judgement(running, grant)
    assert (done.verdict, done.score_millionths, done.failing_test) == (Verdict.AC, 20_000_000, 9)
    shown = running.services.submissions.view(ada, submitted.submission_id)
    assert shown.score == "20"
    assert [(one.name, one.verdict, one.score_millionths) for one in shown.groups] == [
        ("secret/1", Verdict.AC, 20_000_000),
        ("secret/2", Verdict.TLE, 0),
        ("secret/3", None, 0),
    ]
    detail = running.services.submissions.admin_detail(submitted.submission_id)
    assert (detail.row.score, [one.max_score for one in detail.groups]) == ("20", ["20", "30", "50"])
    with running.store.read() as view:
        event = next(one for one in view.events_after(0, 1000) if one.kind is Kind.VERDICT)
    assert event.data["score_millionths"] == 20_000_000
    assert event.data["groups"][1]["verdict"] == "TLE"


def test_open_groups_are_no_verdict(running: World, ada: Caller, expected_warnings: list[str]) -> None:
    """A machine that ends before the groups are decided has failed; the task goes to another one."""
    expected_warnings.append("it finished with 2 of 16 tests and no verdict")
    running.submit(ada, running.problem("stretch").id)
    grant = machine_of(running).take()
    assert grant is not None
    assert not finish(running, grant, run(1), run(2))
    assert judgement(running, grant).verdict is None


def run_of(report: RunReport) -> Run:
    """The run that a report tells of."""
    return Run(
        report.number, report.test, Verdict(report.verdict), 0.1, 0.1, 1, score_millionths=report.score_millionths
    )


def test_all_tests_are_wanted_in_the_middle_of_a_judging(running: World, grant: TaskGrant) -> None:
    """The organiser turns «run all tests» on while a machine judges: it stops at the first failing
    test, as it was told, and is not to blame."""
    running.services.control.settings(all_tests=True).result(5)
    assert finish(running, grant, run(1), run(2, Verdict.WA))
    with running.store.read() as view:
        judgement = view.judgement(JudgementId(grant.judgement_id))
    assert judgement is not None
    assert judgement.verdict is Verdict.WA
    assert not running.services.machines.presence.seen(machine_of(running).id).held  # type: ignore[union-attr]
