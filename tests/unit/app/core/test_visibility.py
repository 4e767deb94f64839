"""Who may see and do what: role by phase by object."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.ids import AccountId, ContestId, JudgementId, LanguageId, PackageVersion, ProblemId, SubmissionId, TeamId
from app.core.judgement import Judgement, State
from app.core.people import ANONYMOUS, Caller, Role
from app.core.submission import Submission
from app.core.verdict import Verdict
from app.core.visibility import (
    ALL_FIELDS,
    NOTHING,
    Entry,
    Field,
    board_class,
    may_administer,
    may_see_problems,
    may_see_sources,
    may_submit,
    may_wait,
    submission_fields,
)

HOUR = 3_600_000
C = ContestId("c")
CONTEST = Contest(C, "C", Instant(0), 5 * HOUR, freeze_ms=HOUR)
UNPLANNED = replace(CONTEST, start=None)
BEFORE, RUNNING, FROZEN, OVER = Instant(-1), Instant(HOUR), Instant(4 * HOUR + 1), Instant(5 * HOUR)

OWN = Caller(Role.TEAM, AccountId("a1"), TeamId("t1"), C)
RIVAL = Caller(Role.TEAM, AccountId("a2"), TeamId("t2"), C)
STRANGER = Caller(Role.TEAM, AccountId("a3"), TeamId("t1"), ContestId("other"))
STAFF = Caller(Role.STAFF, AccountId("a4"))
JUDGE = Caller(Role.JUDGE, AccountId("a5"))
ADMIN = Caller(Role.ADMIN, AccountId("a6"))
EVERYBODY = (ANONYMOUS, OWN, RIVAL, STRANGER, STAFF, JUDGE, ADMIN)
PUBLIC = (ANONYMOUS, RIVAL, STRANGER, STAFF)
JURY = (JUDGE, ADMIN)

EARLY = Submission(
    SubmissionId(7), C, AccountId("a1"), TeamId("t1"), ProblemId("p"), LanguageId("c"), Instant(HOUR // 2), False
)
IN_FREEZE = replace(EARLY, arrived=Instant(4 * HOUR))
WAITS = Judgement(JudgementId(1), C, EARLY.id, PackageVersion("v"), State.QUEUED, True)
RUNS = replace(WAITS, state=State.LEASED)
DONE = replace(WAITS, state=State.DONE, verdict=Verdict.WA)
ERROR = replace(WAITS, state=State.DONE, verdict=Verdict.JE)
DESK = replace(WAITS, state=State.DESK)

OWN_WAITING = frozenset({Field.EXISTS, Field.SOURCES})
OWN_DONE = OWN_WAITING | {Field.VERDICT, Field.TESTS, Field.RESOURCES, Field.SCORE, Field.COMPILE_OUTPUT}


@pytest.mark.parametrize("contest", [CONTEST, UNPLANNED])
def test_problems_before_the_start(contest: Contest) -> None:
    """Before the start only the jury sees the problems."""
    assert [one.role for one in EVERYBODY if may_see_problems(one, contest, BEFORE)] == [Role.JUDGE, Role.ADMIN]


@pytest.mark.parametrize("at", [RUNNING, FROZEN, OVER])
def test_problems_after_the_start(at: Instant) -> None:
    """From the start on everybody sees the problems."""
    assert all(may_see_problems(one, CONTEST, at) for one in EVERYBODY)


@pytest.mark.parametrize(
    ("caller", "before", "running", "frozen", "over"),
    [
        (ANONYMOUS, Entry.SIGN_IN, Entry.SIGN_IN, Entry.SIGN_IN, Entry.SIGN_IN),
        (OWN, Entry.NOT_BEGUN, Entry.OPEN, Entry.OPEN, Entry.OVER),
        (STRANGER, Entry.OTHER_CONTEST, Entry.OTHER_CONTEST, Entry.OTHER_CONTEST, Entry.OTHER_CONTEST),
        (STAFF, Entry.NOT_A_TEAM, Entry.NOT_A_TEAM, Entry.NOT_A_TEAM, Entry.NOT_A_TEAM),
        (replace(OWN, team_id=None), Entry.NOT_A_TEAM, Entry.NOT_A_TEAM, Entry.NOT_A_TEAM, Entry.NOT_A_TEAM),
        (JUDGE, Entry.OPEN, Entry.OPEN, Entry.OPEN, Entry.OPEN),
        (ADMIN, Entry.OPEN, Entry.OPEN, Entry.OPEN, Entry.OPEN),
    ],
)
def test_who_may_submit(caller: Caller, before: Entry, running: Entry, frozen: Entry, over: Entry) -> None:
    """Teams submit from the start to the end, the jury at any time, nobody else ever."""
    assert [may_submit(caller, CONTEST, at) for at in (BEFORE, RUNNING, FROZEN, OVER)] == [
        before,
        running,
        frozen,
        over,
    ]


def test_submitting_in_a_contest_without_a_time() -> None:
    """While no start is set a team hears that it has not begun."""
    assert may_submit(OWN, UNPLANNED, RUNNING) is Entry.NOT_BEGUN


def test_the_edges_of_the_contest() -> None:
    """The first and the last millisecond count, the end itself does not."""
    edges = [Instant(0), Instant(5 * HOUR - 1), Instant(5 * HOUR)]
    assert [may_submit(OWN, CONTEST, at) for at in edges] == [Entry.OPEN, Entry.OPEN, Entry.OVER]


@pytest.mark.parametrize("caller", JURY)
@pytest.mark.parametrize("at", [BEFORE, RUNNING, FROZEN, OVER])
@pytest.mark.parametrize("judgement", [None, WAITS, DONE, ERROR, DESK])
def test_the_jury_sees_all(caller: Caller, at: Instant, judgement: Judgement | None) -> None:
    """Judges and admins see every field of every submission at any time."""
    assert submission_fields(caller, IN_FREEZE, CONTEST, judgement, at, team_hidden=True) == ALL_FIELDS


@pytest.mark.parametrize(
    ("judgement", "fields"),
    [
        (None, OWN_WAITING),
        (WAITS, OWN_WAITING | {Field.PROGRESS}),
        (RUNS, OWN_WAITING | {Field.PROGRESS}),
        (DONE, OWN_DONE),
        (ERROR, OWN_WAITING),
        (DESK, OWN_WAITING),
    ],
)
@pytest.mark.parametrize("submission", [EARLY, IN_FREEZE])
@pytest.mark.parametrize("at", [RUNNING, FROZEN, OVER])
def test_what_a_team_sees_of_its_own(
    at: Instant, submission: Submission, judgement: Judgement | None, fields: frozenset[Field]
) -> None:
    """A team sees its own progress and verdict, also in the freeze; a judging error or a case on the desk looks like waiting."""
    assert submission_fields(OWN, submission, CONTEST, judgement, at) == fields
    assert submission_fields(OWN, submission, CONTEST, judgement, at, team_hidden=True) == fields


@pytest.mark.parametrize("judgement", [WAITS, RUNS])
def test_progress_can_be_switched_off(judgement: Judgement) -> None:
    """Where the organiser hides progress a team sees PENDING until the verdict."""
    quiet = replace(CONTEST, show_progress=False)
    assert submission_fields(OWN, EARLY, quiet, judgement, RUNNING) == OWN_WAITING


@pytest.mark.parametrize("caller", PUBLIC)
@pytest.mark.parametrize(
    ("submission", "judgement", "at", "fields"),
    [
        (EARLY, DONE, RUNNING, {Field.EXISTS, Field.VERDICT}),
        (EARLY, DONE, FROZEN, {Field.EXISTS, Field.VERDICT}),
        (EARLY, RUNS, RUNNING, {Field.EXISTS}),
        (EARLY, ERROR, RUNNING, {Field.EXISTS}),
        (EARLY, DESK, RUNNING, {Field.EXISTS}),
        (IN_FREEZE, DONE, FROZEN, {Field.EXISTS}),
        (IN_FREEZE, DONE, OVER, {Field.EXISTS}),
        (replace(EARLY, arrived=OVER), DONE, OVER, NOTHING),
        (replace(EARLY, arrived=BEFORE), DONE, RUNNING, NOTHING),
        (replace(EARLY, team_id=None, account_id=AccountId("a5")), DONE, RUNNING, NOTHING),
    ],
)
def test_what_others_see(
    caller: Caller, submission: Submission, judgement: Judgement, at: Instant, fields: set[Field]
) -> None:
    """Others see that a team tried, and its verdict unless it fell in the freeze; never code, progress, output or the jury's tries."""
    assert submission_fields(caller, submission, CONTEST, judgement, at) == fields
    assert submission_fields(caller, submission, CONTEST, judgement, at, team_hidden=True) == NOTHING


def test_after_the_thaw_all_verdicts_are_public() -> None:
    """When the organiser has thawed the board, verdicts of the freeze are public."""
    thawed = replace(CONTEST, thawed=Instant(6 * HOUR))
    assert Field.VERDICT not in submission_fields(RIVAL, IN_FREEZE, thawed, DONE, Instant(6 * HOUR - 1))
    assert Field.VERDICT in submission_fields(RIVAL, IN_FREEZE, thawed, DONE, Instant(6 * HOUR))


def test_the_freeze_counts_by_submission_not_by_judging() -> None:
    """What was sent in before the freeze is public when it is judged in the freeze."""
    last = replace(EARLY, arrived=Instant(4 * HOUR - 1))
    assert Field.VERDICT in submission_fields(RIVAL, last, CONTEST, DONE, FROZEN)


def test_sources_are_for_their_owner_and_the_jury() -> None:
    """Nobody sees another team's code; a jury member's own try without a team is theirs and the jury's."""
    assert [may_see_sources(one, EARLY) for one in EVERYBODY] == [False, True, False, False, False, True, True]
    jurys = replace(EARLY, team_id=None, account_id=AccountId("a4"))
    assert [may_see_sources(one, jurys) for one in EVERYBODY] == [False, False, False, False, True, True, True]
    nobodys = replace(EARLY, team_id=None)
    assert not may_see_sources(ANONYMOUS, nobodys)


def test_board_classes() -> None:
    """Only the jury has the live board in the freeze."""
    assert [board_class(one) for one in EVERYBODY] == ["public"] * 5 + ["jury"] * 2


def test_only_admins_change_the_contest() -> None:
    """Settings, machines and accounts are the admins' alone."""
    assert [one.role for one in EVERYBODY if may_administer(one)] == [Role.ADMIN]


@pytest.mark.parametrize(
    ("topic", "allowed"),
    [
        ("board", EVERYBODY),
        ("public", EVERYBODY),
        ("jury", JURY),
        ("desk", JURY),
        ("tasks", ()),
        ("team:t1", (OWN, STRANGER, *JURY)),
        ("team:t2", (RIVAL, *JURY)),
        ("team:", ()),
        ("submission:7", (OWN, *JURY)),
        ("submission:8", ()),
        ("submission:", ()),
        ("everything", ()),
        ("", ()),
    ],
)
def test_who_may_wait_for_what(topic: str, allowed: tuple[Caller, ...]) -> None:
    """A waiting page learns of its own team's news and the public's, never of another team's rhythm in the freeze."""
    assert tuple(one for one in EVERYBODY if may_wait(one, topic, submission=EARLY)) == allowed


def test_a_submission_topic_needs_the_submission() -> None:
    """Without knowing whose it is, nobody waits for a submission."""
    assert not any(may_wait(one, "submission:7") for one in EVERYBODY)
