"""The console's API, version 1 (JSON; loopback listener with the admin key, node port for paired consoles).

A console on another machine pairs like a node (judge_v1, kind "console"), then signs in, and from then on shows both with each request:
`Authorization: Bearer CONSOLE_TOKEN` and `X-Contestbox-Session: SESSION`. A 401 with fields {"session": …} asks it to sign in again, one
with {"console": …} says that it is not paired any more. What names a path of the server's machine (import, backup) is refused to it (403).

    POST /admin/v1/sign-in                   SignIn → Session        node port only; admins only (others 403)

    GET  /admin/v1/state                     State: everything the first page needs, small
    GET  /admin/v1/wait?after=N&timeout=25   {"seq": N}: waits until something of jury, desk, tasks changed
    GET  /admin/v1/submissions?before=&limit=&problem=&team=   {"items": [SubmissionRow]}
    GET  /admin/v1/submissions/ID            SubmissionDetail
    GET  /admin/v1/submissions/ID/outputs/TEST?attempt=N   the whole stdout of a run, bytes; 404 where it was not kept
    GET  /admin/v1/machines                  {"items": [Machine], "pending": [PendingJoin]}
    POST /admin/v1/joins/REQUEST/approve     {"code"} → Machine     the code that the organiser read on the machine's screen
    POST /admin/v1/joins/REQUEST/refuse      {}
    POST /admin/v1/machines/ID/pause|resume|unpair|rename   {} or {"name"}
    POST /admin/v1/contest/start             {"at": ISO time|null}   null: now
    POST /admin/v1/contest/extend            {"minutes", "expected_duration_ms"?}  409 where its length is another one meanwhile
    POST /admin/v1/contest/settings          {"show_progress"?, "all_tests"?, "freeze_minutes"?}
    POST /admin/v1/contest/finalize          {}
    POST /admin/v1/contest/thaw              {}  after the end: everybody sees what happened in the freeze
    POST /admin/v1/desk/ID/again             {}  a judging error is judged again
    POST /admin/v1/submissions/ID/rejudge    {"final_too"?}  409 with field final_too where the results are final and it is not said
    GET  /admin/v1/events?after=SEQ&limit=   {"items": [LogLine]}
    GET  /admin/v1/teams                     {"items": [TeamRow]}  with usernames; passwords only by POST
    POST /admin/v1/teams/passwords           {} → {"items": [{"team_id", "username", "password"}]}
    POST /admin/v1/problems/import           ImportProblem → Imported: a folder or zip on the server's machine (console there)
    POST /admin/v1/uploads                   BeginUpload → UploadState: a zip comes in parts; begun again it tells how much is here
    PUT  /admin/v1/uploads/ID?offset=N       bytes, at most 8 MiB → UploadState; 409 with field have where it does not go on there
    GET  /admin/v1/uploads/ID                UploadState
    POST /admin/v1/uploads/ID/import         ImportUpload → Imported
    POST /admin/v1/uploads/ID/trial          OfferUpload → Trial
    POST /admin/v1/problems/ID/trial         ImportProblem → Trial: another version beside the present one (a path, console there)
    GET  /admin/v1/problems/ID/trial         Trial: what would change
    POST /admin/v1/problems/ID/switch        SwitchVersion → {"changed": verdicts that changed}
    POST /admin/v1/problems/ID/drop          {}  ends the trial
    POST /admin/v1/server/stop               {}
    POST /admin/v1/server/backup             {"directory"}

Commands about a contest or a package may name the contest that they mean ("contest_id"; a trial is read with ?contest_id=); without a
name it is the one that runs, else the next, else the newest. Switching takes "final_too" as rejudging does.
Errors: {"code", "message"} as everywhere. Times ISO 8601, durations in milliseconds.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """A value on the wire; unknown fields of a newer peer are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Command(BaseModel):
    """A command; unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ContestState(Shape):
    """The clock of the contest. phase as app.core.contest.Phase; contest_time_ms and remaining_ms at `now`."""

    id: str
    name: str
    phase: str
    now: str
    now_ms: int
    start_ms: int | None
    end_ms: int | None
    duration_ms: int
    freeze_ms: int | None
    contest_time_ms: int | None
    remaining_ms: int | None
    show_progress: bool
    all_tests: bool
    thawed: bool = Field(default=False, description="everybody has been shown what happened in the freeze")


class ProblemState(Shape):
    """A problem's place and balloon."""

    id: str
    label: str
    title: str
    rgb: str
    cpu_seconds: float
    memory_bytes: int
    test_count: int
    package_state: str
    package_notes: list[str] = Field(
        default=[], description="What a judge machine found in the package, most important first"
    )
    solutions: int = 0
    solutions_judged: int = Field(default=0, description="Jury solutions with a result on some machine")
    solutions_wrong: int = Field(default=0, description="Those that did not end as the package promises")
    solution_note: str = Field(default="", description="The first of those, in a sentence")
    on_trial: bool = False
    trial_stopped: str = ""


class DeskItem(Shape):
    """Something that needs a person now. urgency: larger is more urgent; action names the one button."""

    key: str
    kind: Literal["join", "judging_error", "difference", "machine", "clock", "backup", "store", "problem", "start"]
    urgency: int
    title: str
    detail: str
    since_ms: int
    action: str = ""
    target: str = ""


class ServerState(Shape):
    """What the status line says."""

    server_id: str
    version: str
    started_ms: int
    people_url: str
    node_url: str
    data: str
    store_bytes: int
    commit_ms: float | None
    backup_age_ms: int | None
    queue: int
    oldest_wait_ms: int | None
    machines_ready: int
    wall_drift_ms: int
    free_bytes: int
    trust_url: str = Field(
        default="", description="where people read how to trust the certificate, when they come by https"
    )
    trust_words: str = Field(
        default="", description="the certificate's fingerprint in words, which that page shows too"
    )


class State(Shape):
    """The whole of the first page. seq is what /wait takes."""

    seq: int
    contest: ContestState
    problems: list[ProblemState]
    server: ServerState
    desk: list[DeskItem]
    submission_count: int
    team_count: int
    verdict_seconds: list[float] = Field(default=[], description="seconds from submission to verdict, last 200")


class Doing(Shape):
    """What a machine's slot is doing; submission_id 0: a jury solution or a package of the problem, as kind says."""

    submission_id: int
    problem: str
    phase: str
    test: int
    tests: int
    seconds: float
    kind: str = Field(default="submission", description="submission, trial, solution or package")


class Machine(Shape):
    """A paired judge machine. state: ready, judging, paused, held, away, unpaired; a paired console (kind) is "console" or "paused"."""

    id: str
    name: str
    state: str
    state_sentence: str
    address: str
    slots: int
    busy: int
    doing: list[Doing]
    facts: dict[str, Any]
    languages: list[dict[str, str]]
    seen_ms: int | None
    judged: int
    kind: str = "node"
    load: list[int] = Field(default=[], description="busy slots in tenths, one number for each of the last 60 x 10 s")


class PendingJoin(Shape):
    """A machine that wants to join, as a judge or as a console (kind): the 8 letters must equal those on its screen."""

    request_id: str
    name: str
    address: str
    code: str
    facts: dict[str, Any]
    since_ms: int
    expires_ms: int
    kind: str = "node"


class SignIn(Command):
    """Who sits at a console on another machine."""

    username: str = Field(max_length=200)
    password: str = Field(max_length=200)


class Session(Shape):
    """A sign-in at one console: worth nothing at any other, nor on the people's port."""

    session: str
    expires_in_seconds: int
    username: str


class SubmissionRow(Shape):
    """A row of the live list. verdict null while it isn't known; status is PENDING, COMPILING, RUNNING, DONE or DESK."""

    id: int
    contest_time_ms: int
    team: str
    team_id: str | None
    problem: str
    language: str
    status: str
    verdict: str | None
    tests: str = Field(
        description="one letter a test: . passed, - not run, > running, else first letter of the verdict"
    )
    test_count: int
    tests_passed: int
    cpu_seconds: float
    cpu_limit_seconds: float
    memory_bytes: int
    memory_limit_bytes: int
    machine: str
    score: str | None = None


class RunRow(Shape):
    """One run in the detail view."""

    number: int
    test: str
    verdict: str
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    exit_code: int | None
    signal: int | None
    limit: str
    message: str
    stdout_head: str
    stderr_head: str
    repeats: list[float]
    flaky: bool
    counted: bool
    machine: str
    attempt: int
    score: str | None = None
    transcript: str = ""
    stdout_bytes: int | None = None
    output_bytes: int | None = Field(
        default=None, description="length of the whole stdout that can be fetched, or null"
    )
    output_note: str = ""
    differs: bool = Field(default=False, description="evidence with another verdict than the run that counts")


class GroupRow(Shape):
    """A test group of a scoring problem; verdict null where it was not run, max_score null without a bound."""

    name: str
    verdict: str | None
    score: str
    max_score: str | None


class SubmissionDetail(Shape):
    """A submission with everything the jury may see."""

    row: SubmissionRow
    files: list[dict[str, str]] = Field(description="name, text")
    compile_output: str
    runs: list[RunRow]
    judgements: list[dict[str, Any]]
    groups: list[GroupRow] = []
    differences: list[str] = Field(default=[], description="sentences: where two runs of a test disagree")


class TeamRow(Shape):
    """A team with its account."""

    id: str
    name: str
    organization: str
    username: str
    enabled: bool


class LogLine(Shape):
    """An event for the log page."""

    seq: int
    at: str
    kind: str
    sentence: str
    data: dict[str, Any]


class Approve(Command):
    """The code read on the machine's own screen."""

    code: str = Field(max_length=32)


class ForContest(Command):
    """A command that names the contest that its sender sees; null: the one that runs, else the next, else the newest."""

    contest_id: str | None = Field(default=None, max_length=64)


class Start(ForContest):
    """When the contest starts; null: now."""

    at: str | None = None


class Extend(ForContest):
    """How much longer than the duration that its sender sees; null: than whatever it is."""

    minutes: int = Field(ge=1, le=24 * 60)
    expected_duration_ms: int | None = None


class ContestSettings(ForContest):
    """What may be changed while a contest runs; absent keys stay."""

    show_progress: bool | None = None
    all_tests: bool | None = None
    freeze_minutes: int | None = Field(default=None, ge=0, le=24 * 60)


class Rejudge(Command):
    """final_too: also where the results are final."""

    final_too: bool = False


class Rename(Command):
    """A new name for a machine."""

    name: str = Field(min_length=1, max_length=60)


class Https(Command):
    """Whether contestants come by https from the server's next start on."""

    on: bool


class Backup(Command):
    """Where a copy goes."""

    directory: str = Field(max_length=4096)
