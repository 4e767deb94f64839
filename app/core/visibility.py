"""Who may see and do what: role, phase and object give yes, no, or which fields (DESIGN 5). Decided here and nowhere else.

Theory of operation. Three kinds of viewers: the jury (judges and admins) sees all; the owner (the team, or the account of a jury's own
try) sees their own; everybody else is the public, signed in or not, staff included. What happened in the freeze (by the contest
time of the submission, not of its judging) is public only after the thaw. A judging error and a judgement on the desk look
like a submission that still waits, to all but the jury.
"""

from __future__ import annotations

from enum import StrEnum

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.judgement import Judgement, State
from app.core.people import Caller, Role
from app.core.submission import Submission
from app.core.verdict import Verdict


class Field(StrEnum):
    """What can be known of a submission. EXISTS: that it is there, with team, problem, language and time."""

    EXISTS = "exists"
    PROGRESS = "progress"
    """COMPILING and RUNNING n/N."""
    VERDICT = "verdict"
    TESTS = "tests"
    """How many tests passed, of how many."""
    RESOURCES = "resources"
    """CPU time and memory."""
    SCORE = "score"
    COMPILE_OUTPUT = "compile_output"
    SOURCES = "sources"
    FAILING_TEST = "failing_test"
    RUNS = "runs"
    """Single runs, evidence, nodes: hidden data."""


class Entry(StrEnum):
    """Whether somebody may submit, and if not, why."""

    OPEN = "open"
    SIGN_IN = "sign_in"
    NOT_A_TEAM = "not_a_team"
    OTHER_CONTEST = "other_contest"
    NOT_BEGUN = "not_begun"
    OVER = "over"


ALL_FIELDS = frozenset(Field)
NOTHING: frozenset[Field] = frozenset()
_RESULT = frozenset({Field.VERDICT, Field.TESTS, Field.RESOURCES, Field.SCORE, Field.COMPILE_OUTPUT})
_PUBLIC_RESULT = frozenset({Field.VERDICT})


def may_see_problems(caller: Caller, contest: Contest, at: Instant) -> bool:
    """Whether problems, statements and attachments are shown: to the jury always, to all others from the start."""
    return caller.role.is_jury or contest.phase(at).begun


def may_submit(caller: Caller, contest: Contest, at: Instant) -> Entry:
    """Whether a submission that arrived at an instant is taken. The jury may try its own solutions at any time."""
    if caller.role is Role.ANONYMOUS or caller.account_id is None:
        return Entry.SIGN_IN
    if caller.role.is_jury:
        return Entry.OPEN
    if caller.role is not Role.TEAM or caller.team_id is None:
        return Entry.NOT_A_TEAM
    if caller.contest_id != contest.id:
        return Entry.OTHER_CONTEST
    phase = contest.phase(at)
    if not phase.begun:
        return Entry.NOT_BEGUN
    return Entry.OPEN if phase.takes_submissions else Entry.OVER


def owns(caller: Caller, submission: Submission) -> bool:
    """Whether the submission is the caller's own: their team's, or by their account where it has no team."""
    if submission.team_id is None:
        return caller.account_id is not None and caller.account_id == submission.account_id
    return caller.team_id == submission.team_id and caller.contest_id == submission.contest_id


def submission_fields(
    caller: Caller,
    submission: Submission,
    contest: Contest,
    judgement: Judgement | None,
    at: Instant,
    *,
    team_hidden: bool = False,
) -> frozenset[Field]:
    """What the caller may know of a submission and its valid judgement at an instant. Without EXISTS: nothing at all (404).

    `team_hidden` says that the submission's team is hidden from the public.
    """
    if caller.role.is_jury:
        return ALL_FIELDS
    if owns(caller, submission):
        return _own_fields(contest, judgement)
    if team_hidden or submission.team_id is None or not _in_contest_time(contest, submission.arrived):
        return NOTHING
    if not contest.phase(at).begun:
        return NOTHING
    fields = frozenset({Field.EXISTS})
    if decided(judgement) and not (contest.board_is_frozen(at) and in_freeze(contest, submission.arrived)):
        fields |= _PUBLIC_RESULT
    return fields


def may_see_sources(caller: Caller, submission: Submission) -> bool:
    """Whether the submitted files are shown: to their owner and the jury."""
    return caller.role.is_jury or owns(caller, submission)


def may_see_output(caller: Caller, submission: Submission, judgement: Judgement | None, *, sample: bool) -> bool:
    """Whether what a run printed may be read whole: by the jury always, by the owner of a decided submission for samples only.

    A sample's data is public, and what the program printed on it is the team's own; on secret data it could print the data itself.
    """
    return caller.role.is_jury or (sample and owns(caller, submission) and decided(judgement))


def decided(judgement: Judgement | None) -> bool:
    """Whether a judgement has a verdict that a team may be told: done, and no judging error."""
    return judgement is not None and judgement.state is State.DONE and judgement.verdict not in (None, Verdict.JE)


def in_freeze(contest: Contest, arrived: Instant) -> bool:
    """Whether something of that instant belongs to the freeze, by its contest time."""
    if contest.start is None or contest.freeze_ms is None:
        return False
    return contest.contest_time_ms(arrived) >= contest.duration_ms - contest.freeze_ms


def board_class(caller: Caller) -> str:
    """Which of the two boards somebody sees: "jury" or "public" (frozen)."""
    return "jury" if caller.role.is_jury else "public"


def is_one_of_the_teams(caller: Caller, contest: Contest) -> bool:
    """Whether the caller sees of a contest what each of its teams sees, and beside it only what is the team's own."""
    known = caller.account_id is not None and caller.team_id is not None
    return known and caller.role is Role.TEAM and caller.contest_id == contest.id


def may_administer(caller: Caller) -> bool:
    """Whether the contest's settings, machines and accounts may be changed."""
    return caller.role is Role.ADMIN


def may_wait(caller: Caller, topic: str, *, submission: Submission | None = None) -> bool:
    """Whether the caller may wait for news of a topic; for `submission:ID` the submission itself must be given.

    In the freeze the rhythm of a topic would tell of others' verdicts: so foreign `submission` and `team` topics are for the jury.
    """
    kind, _, name = topic.partition(":")
    if topic in ("board", "public"):
        return True
    if topic in ("jury", "desk"):
        return caller.role.is_jury
    if kind == "team" and name:
        return caller.role.is_jury or caller.team_id == name
    if kind == "submission" and submission is not None and name == str(submission.id):
        return may_see_sources(caller, submission)
    return False


def _own_fields(contest: Contest, judgement: Judgement | None) -> frozenset[Field]:
    fields = frozenset({Field.EXISTS, Field.SOURCES})
    if decided(judgement):
        return fields | _RESULT
    waits = judgement is not None and judgement.state in (State.QUEUED, State.LEASED)
    return fields | {Field.PROGRESS} if waits and contest.show_progress else fields


def _in_contest_time(contest: Contest, arrived: Instant) -> bool:
    return contest.start is not None and 0 <= contest.contest_time_ms(arrived) < contest.duration_ms
