"""Who sees what of a submission, from the queue to the verdict."""

from __future__ import annotations

import pytest

from app.core.errors import Refusal
from app.core.ids import ProblemId
from app.core.people import ANONYMOUS, Caller
from app.core.verdict import Verdict
from app.wire.judge_v1 import Report
from unit.app.services.world import World

STRIKES = ProblemId("strikes")


@pytest.fixture
def team(running: World) -> Caller:
    running.problem()
    return running.team("lanterns")


def test_a_team_follows_its_submission(running: World, team: Caller) -> None:
    """PENDING, COMPILING, RUNNING n/N, then the verdict with time and memory; the number of news rises with it."""
    machine = running.machine()
    submission = running.submit(team, STRIKES).submission_id
    submissions = running.services.submissions
    pending = submissions.view(team, submission)
    assert (pending.status, pending.verdict, pending.problem_label) == ("PENDING", None, "A")
    grant = machine.take()
    assert grant is not None
    report = running.services.report
    for phase in ("compiling", "running"):
        running.clock.forward(seconds=1)
        message = Report(lease_id=grant.lease_id, attempt=grant.attempt, phase=phase)
        assert report.take(machine.node, message).result(5).accepted
        assert submissions.view(team, submission).status == phase.upper()
    machine.finish(grant, [Verdict.AC] * len(grant.tests))
    done = submissions.view(team, submission)
    assert (done.status, done.verdict, done.tests_passed) == ("DONE", Verdict.AC, len(grant.tests))
    assert done.cpu_seconds == pytest.approx(0.1 * len(grant.tests))
    assert done.seq > pending.seq


def test_progress_can_be_hidden(running: World, team: Caller) -> None:
    """With the setting off a team sees PENDING until the verdict; the jury sees more."""
    running.services.control.settings(show_progress=False).result(5)
    machine = running.machine()
    submission = running.submit(team, STRIKES).submission_id
    grant = machine.take()
    assert grant is not None
    message = Report(lease_id=grant.lease_id, attempt=grant.attempt, phase="running")
    running.services.report.take(machine.node, message).result(5)
    assert running.services.submissions.view(team, submission).status == "PENDING"
    assert running.services.submissions.view(running.jury(), submission).status == "RUNNING"


def test_a_compile_error_shows_what_the_compiler_said(running: World, team: Caller) -> None:
    """The team reads the compiler's words; another team does not even learn the time it took."""
    machine = running.machine()
    submission = running.submit(team, STRIKES).submission_id
    machine.judge(Verdict.CE)
    view = running.services.submissions.view(team, submission)
    assert (view.verdict, view.compile_output) == (Verdict.CE, "line 1: no")
    other = running.services.submissions.view(running.team("rivals"), submission)
    assert (other.verdict, other.compile_output, other.cpu_seconds, other.tests_passed) == (
        Verdict.CE,
        None,
        None,
        None,
    )


def test_sources_are_for_their_team_and_the_jury(running: World, team: Caller) -> None:
    """Nobody else gets a team's code, whatever the number they ask for."""
    submission = running.submit(team, STRIKES, "print('secret')").submission_id
    sources = running.services.submissions.sources
    assert sources(team, submission)[0].data == b"print('secret')"
    assert sources(running.jury(), submission)
    for caller in (running.team("rivals"), ANONYMOUS):
        with pytest.raises(Refusal) as caught:
            sources(caller, submission)
        assert caught.value.code == 404


def test_in_the_freeze_others_see_no_verdict(running: World, team: Caller) -> None:
    """A submission of the last hour is pending to everybody but its team and the jury until the thaw."""
    machine = running.machine()
    running.clock.forward(minutes=250)
    machine = running.machine("bench-2")
    submission = running.submit(team, STRIKES).submission_id
    machine.judge()
    rivals = running.team("rivals")
    submissions = running.services.submissions
    assert submissions.view(team, submission).verdict is Verdict.AC
    assert submissions.view(rivals, submission).status == "PENDING"
    assert submissions.view(rivals, submission).verdict is None
    running.clock.forward(minutes=60)
    running.services.control.thaw().result(5)
    assert submissions.view(rivals, submission).verdict is Verdict.AC


def test_the_list_holds_ones_own(running: World, team: Caller) -> None:
    """A team lists its own submissions, newest first, page by page; the jury all; nobody none."""
    rivals = running.team("rivals")
    mine = [running.submit(team, STRIKES).submission_id for _ in range(5)]
    running.submit(rivals, STRIKES)
    machine = running.machine()
    machine.judge()
    page = running.services.submissions.page
    first = page(team, per_page=2)
    assert ([one.id for one in first.items], first.total) == ([mine[4], mine[3]], 5)
    assert [one.id for one in page(team, page=3, per_page=2).items] == [mine[0]]
    assert [one.id for one in page(team, states={"AC"}).items] == [mine[0]]
    assert page(team, states={"PENDING"}).total == 4
    assert page(running.jury()).total == 6
    assert page(team, problem_id=ProblemId("other")).total == 0
    with pytest.raises(Refusal):
        page(ANONYMOUS)
    with pytest.raises(Refusal):
        page(team, page=0)


def test_a_judging_again_replaces_the_verdict_in_the_open(running: World, team: Caller) -> None:
    """After a rejudging the new verdict counts, and the jury still sees both judgements."""
    machine = running.machine()
    submission = running.submit(team, STRIKES).submission_id
    desk = running.services.desk
    with pytest.raises(Refusal, match="being judged"):
        desk.rejudge(submission).result(5)
    machine.judge(Verdict.WA)
    desk.rejudge(submission).result(5)
    assert running.services.submissions.view(team, submission).status == "PENDING"
    machine.judge(Verdict.AC)
    assert running.services.submissions.view(team, submission).verdict is Verdict.AC
    detail = running.services.submissions.admin_detail(submission)
    assert [(one["verdict"], one["valid"]) for one in detail.judgements] == [("WA", False), ("AC", True)]


def test_the_jurys_rows(running: World, team: Caller) -> None:
    """The live list shows squares for each test; the detail the sources, the runs and the machine."""
    machine = running.machine()
    wrong = running.submit(team, STRIKES, "print('no')").submission_id
    waiting = running.submit(team, STRIKES).submission_id
    machine.judge(Verdict.TLE)
    rows = running.services.submissions.admin_rows()
    assert [row.id for row in rows] == [waiting, wrong]
    assert rows[1].tests.startswith("T-")
    assert set(rows[0].tests) == {"-"}
    assert (rows[1].verdict, rows[1].machine, rows[1].team) == ("TLE", "bench-1", "Lanterns")
    assert [row.id for row in running.services.submissions.admin_rows(before=waiting)] == [wrong]
    detail = running.services.submissions.admin_detail(wrong)
    assert detail.files == [{"name": "main.py", "text": "print('no')"}]
    assert (detail.runs[0].verdict, detail.runs[0].message) == ("TLE", "said the validator")


def test_everybody_can_see_what_waits_for_a_judge(running: World) -> None:
    """Length and age of the queue, counted anew after two seconds: empty again when all of it is judged."""
    running.problem()
    team = running.team("lanterns")
    machine = running.machine()
    while (other := machine.take()) is not None and other.kind != "judge":  # the package's own check
        pass
    assert running.services.submissions.queue().waiting == 0
    running.submit(team, ProblemId("strikes"))
    running.clock.forward(seconds=3)
    running.submit(team, ProblemId("strikes"))
    queue = running.services.submissions.queue()
    assert (queue.waiting, queue.oldest_wait_ms) == (2, 3000)
    for _ in range(2):
        assert machine.take() is not None
    running.clock.forward(seconds=2)
    assert running.services.submissions.queue().waiting == 0
