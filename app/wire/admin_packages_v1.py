"""What the console's API says about packages: imports with their report, uploads, versions on trial. The routes stand in admin_v1."""

from __future__ import annotations

from pydantic import Field

from app.wire.admin_v1 import Command, ForContest, Shape


class ImportProblem(ForContest):
    """A package on the server's own machine."""

    path: str = Field(max_length=4096)
    label: str = Field(default="", max_length=8)
    rgb: str = Field(default="", max_length=16)


class ImportLine(Shape):
    """A finding of an import: level error, warning or note; file "" where it is the whole package's; advice says what to do."""

    level: str
    file: str
    sentence: str
    advice: str


class Imported(Shape):
    """The problem that a package became, and what was found in it."""

    id: str
    label: str
    title: str
    test_count: int
    version: str
    report: list[ImportLine]


class BeginUpload(Command):
    """A zip that will come in parts."""

    name: str = Field(max_length=255)
    size: int
    sha256: str = Field(max_length=64)


class UploadState(Shape):
    """How much of an upload is here."""

    id: str
    name: str
    size: int
    have: int


class ImportUpload(ForContest):
    """An upload that is whole becomes a problem."""

    label: str = Field(default="", max_length=8)
    rgb: str = Field(default="", max_length=16)


class OfferUpload(ForContest):
    """An upload that is whole goes on trial as another version of a problem."""

    problem: str = Field(max_length=64)


class SwitchVersion(ForContest):
    """The version on trial becomes the problem's; anyway: also where not all submissions are compared; final_too: also where that changes
    results that are final."""

    anyway: bool = False
    final_too: bool = False


class TrialDifference(Shape):
    """A submission that the version on trial judges otherwise. Scores in millionths, null without points."""

    submission_id: int
    team_id: str | None
    before: str | None
    after: str | None
    score_before: int | None
    score_after: int | None


class Trial(Shape):
    """Another version of a problem beside the present one, and what would change; package_state as in ProblemState; stopped says why it
    is not judged with any more, "" while it is; changes are sentences about what else is different: limits, tests, title."""

    present: str
    version: str
    package_state: str
    submissions: int
    judged: int
    differences: list[TrialDifference]
    stopped: str = ""
    changes: list[str] = Field(default=[])


class ProblemTest(Shape):
    """A test of a package: its name tells its groups; sizes in bytes."""

    number: int
    name: str
    sample: bool
    input_bytes: int
    answer_bytes: int


class SolutionRun(Shape):
    """What a jury solution ended as on one machine; verdict JE: it could not be judged. ok: as the package promises."""

    machine: str
    verdict: str
    ok: bool
    cpu_seconds: float
    limit_seconds: float
    memory_bytes: int
    tests_passed: int
    test_count: int
    failing_test: str
    message: str
    score_millionths: int | None
    at_ms: int


class JurySolutionState(Shape):
    """A jury solution of a package; state: unjudged, waiting, judging, done. score: least and most in millionths where promised."""

    name: str
    language: str
    expected: list[str]
    score: list[int] | None
    state: str
    runs: list[SolutionRun]


class LimitProposal(Shape):
    """The time limit that follows from the accepted solutions; seconds null while it does not; sentence "" where nothing is doubtful."""

    seconds: float | None
    slowest_seconds: float
    slowest: str
    multiplier: float
    sentence: str


class StatementRef(Shape):
    """A statement that can be read: language, and whether it is a page (html) or a document (pdf)."""

    language: str
    format: str


class ProblemDetail(Shape):
    """Everything that the organiser may know of a problem: the present version of its package, or with trial the one on trial."""

    id: str
    label: str
    title: str
    rgb: str
    version: str
    package_state: str
    cpu_seconds: float
    memory_bytes: int
    output_bytes: int
    package_cpu_seconds: float
    validator: str
    kind: str
    languages: list[str]
    statements: list[StatementRef]
    samples: list[list[str]]
    attachments: list[str]
    tests: list[ProblemTest]
    test_count: int
    report: list[ImportLine]
    solutions: list[JurySolutionState]
    proposal: LimitProposal
    can_export: bool
    has_trial: bool


class JudgeSolutions(ForContest):
    """Sends a problem's jury solutions to machines; everywhere: to each that is ready; trial: those of the version on trial."""

    everywhere: bool = False
    trial: bool = False


class SetLimit(ForContest):
    """Another time limit for this contest's problem, in seconds."""

    cpu_seconds: float = Field(ge=0.01, le=600, allow_inf_nan=False)
