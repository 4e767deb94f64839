"""Submitting: what is taken, what is refused, and that an answer means it is stored."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from app.core.clock import Instant
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import LanguageId, ProblemId
from app.core.people import ANONYMOUS, Caller, Role
from app.core.submission import SourceFile
from app.ports.store import SubmissionFilter, Transaction
from app.services.answers import SubmitRequest
from app.services.submit import SHARE
from unit.app.services.world import SPRING, World

PYTHON = LanguageId("python3")


def request(
    *files: tuple[str, bytes], problem: str = "strikes", language: str = "python3", entry: str = ""
) -> SubmitRequest:
    sources = tuple(SourceFile(name, data) for name, data in files or (("main.py", b"print(1)"),))
    return SubmitRequest(ProblemId(problem), LanguageId(language), sources, entry)


def refused(world: World, caller: Caller, wanted: SubmitRequest) -> Refusal:
    with pytest.raises(Refusal) as caught:
        world.services.submit.accept(caller, wanted, world.clock.now()).result(5)
    return caught.value


@pytest.fixture
def team(running: World) -> Caller:
    running.problem()
    return running.team("lanterns")


def test_an_accepted_submission_is_stored_whole(running: World, team: Caller) -> None:
    """The answer comes after source, judgement, task and log entries are in the store."""
    accepted = running.submit(team, ProblemId("strikes"), "print(42)")
    with running.store.read() as view:
        submission = view.submission(accepted.submission_id)
        assert submission is not None
        assert (submission.team_id, submission.arrived, submission.late_commit) == (
            "lanterns",
            running.clock.now(),
            False,
        )
        assert [file.data for file in view.sources(submission.id)] == [b"print(42)"]
        judgement = view.valid_judgements([submission.id])[submission.id]
        task = view.leases.task_of(judgement.id)
        kinds = [event.kind for event in view.events_after(0, 1000)][-2:]
    assert task is not None
    assert task.language == "python3"
    assert kinds == [Kind.SUBMISSION, Kind.JUDGEMENT]


def test_the_same_key_gives_the_same_answer(running: World, team: Caller) -> None:
    """A page sent twice submits once, even when the second try comes after the end; another body with that key is refused."""
    first = running.submit(team, ProblemId("strikes"), key="k1")
    again = running.submit(team, ProblemId("strikes"), key="k1")
    assert (again.submission_id, again.repeated, first.repeated) == (first.submission_id, True, False)
    with pytest.raises(Refusal) as caught:
        running.submit(team, ProblemId("strikes"), "print(2)", key="k1")
    assert caught.value.code == 409
    running.clock.forward(minutes=301)
    assert running.submit(team, ProblemId("strikes"), key="k1").submission_id == first.submission_id
    with running.store.read() as view:
        assert view.count_submissions(SubmissionFilter(SPRING)) == 1


def test_the_clock_decides_at_arrival(running: World, team: Caller) -> None:
    """What arrived in the last millisecond counts although it is stored later; one millisecond later it does not."""
    end = running.services.control.contest().end
    assert end is not None
    running.clock.forward(minutes=310)
    submit = running.services.submit
    assert submit.accept(team, request(), Instant(end - 1)).result(5)
    with pytest.raises(Refusal, match="over") as caught:
        submit.accept(team, request(), end).result(5)
    assert caught.value.code == 403
    keyed = replace(request(), idempotency_key="k")
    with pytest.raises(Refusal, match="over"):
        submit.accept(team, keyed, end).result(5)


def test_before_the_start_only_the_jury_submits(world: World) -> None:
    """The jury tries its solutions before the start; a team cannot."""
    world.contest(begins_in_minutes=10)
    world.problem()
    team, jury = world.team("lanterns"), world.jury()
    assert refused(world, team, request()).code == 403
    assert world.submit(jury, ProblemId("strikes")).submission_id
    with world.store.read() as view:
        assert [one.team_id for one in view.submissions(SubmissionFilter(SPRING))] == [None]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (request(problem="unknown"), 404),
        (request(language="cobol"), 422),
        (request(("main.py", b" \n")), 422),
        (request(("main.cpp", b"int main(){}")), 422),
        (request(("../main.py", b"x")), 422),
        (request(("a.py", b"x"), ("A.py", b"y")), 422),
        (request(("main.py", b"x" * 102_401)), 413),
        (request(*[(f"m{number}.py", b"x") for number in range(11)]), 413),
        (request(("a.py", b"x"), entry="b.py"), 422),
        (replace(request(), idempotency_key="two words"), 400),
    ],
    ids=["problem", "language", "empty", "extension", "path", "same name", "large", "many", "entry point", "key"],
)
def test_what_cannot_be_judged_is_refused_and_leaves_nothing(
    running: World, team: Caller, wanted: SubmitRequest, code: int
) -> None:
    """Each impossible submission gets its code and a sentence, and nothing is stored."""
    refusal = refused(running, team, wanted)
    assert refusal.code == code
    assert refusal.sentence.endswith((".", "?"))
    with running.store.read() as view:
        assert view.count_submissions(SubmissionFilter(SPRING)) == 0


def test_the_largest_source_is_taken(running: World, team: Caller) -> None:
    """Exactly 100 KiB is not too large."""
    wanted = request(("main.py", b"#" * 102_400))
    assert running.services.submit.accept(team, wanted, running.clock.now()).result(5)


def test_who_may_not_submit(running: World, team: Caller) -> None:
    """Nobody, and staff, cannot submit; a closed account cannot although its page is still open."""
    assert refused(running, ANONYMOUS, request()).code == 401
    assert refused(running, running.jury("desk", Role.STAFF), request()).code == 403
    assert team.account_id is not None
    running.services.accounts.set_enabled(team.account_id, False).result(5)
    assert refused(running, team, request()).code == 401


def test_thirty_a_minute_and_no_more(running: World, team: Caller) -> None:
    """The 31st submission of a minute is told when to come back, and is then taken."""
    for _ in range(30):
        running.submit(team, ProblemId("strikes"))
        running.clock.forward(seconds=1)
    refusal = refused(running, team, request())
    assert (refusal.code, refusal.retry_after_seconds) == (429, 30)
    running.clock.forward(seconds=29)
    assert refused(running, team, request()).code == 429
    running.clock.forward(seconds=1)
    assert running.submit(team, ProblemId("strikes"))


def test_a_submission_rings_for_its_team_and_the_machines(running: World, team: Caller) -> None:
    """The team's pages, the jury's list and the machines wake; other teams' pages sleep on."""
    heard: set[str] = set()
    running.bell.listen(heard.update)
    accepted = running.submit(team, ProblemId("strikes"))
    assert heard == {"team:lanterns", f"submission:{accepted.submission_id}", "jury", "desk", "tasks"}


def test_who_sends_without_pause_fills_only_their_own_share(running: World, team: Caller) -> None:
    """While the disk is busy an account may have some submissions waiting; more are told to come back, another team's are taken."""
    free, busy, other = threading.Event(), threading.Event(), running.team("otters")

    def hold(tx: Transaction) -> None:
        busy.set()
        assert free.wait(10)

    accept = running.services.submit.accept
    accept(other, request(), running.clock.now()).result(5)
    disk = threading.Thread(target=lambda: running.store.write(hold))
    disk.start()
    assert busy.wait(10)
    waiting = [accept(team, request(), running.clock.now()) for _ in range(SHARE)]
    assert refused(running, team, request()).code == 429
    theirs = accept(other, request(), running.clock.now())
    free.set()
    disk.join(10)
    assert len({one.result(5).submission_id for one in (*waiting, theirs)}) == SHARE + 1
    assert accept(team, request(), running.clock.now()).result(5).submission_id
