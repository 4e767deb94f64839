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
    is not judged with any more, "" while it is."""

    present: str
    version: str
    package_state: str
    submissions: int
    judged: int
    differences: list[TrialDifference]
    stopped: str = ""
