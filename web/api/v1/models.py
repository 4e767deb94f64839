"""The REST interface's messages (API.md): commands refuse unknown fields, answers are built from the services' values."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from app.core.clock import iso
from app.core.ids import submission_public_id
from app.core.verdict import Verdict
from app.services.answers import Board, BoardRow, Page, ProblemView, StatementView, SubmissionView

T = TypeVar("T")


DIFFICULTIES = frozenset({"EASY", "MEDIUM", "HARD"})


class Command(BaseModel):
    """What a program sends; unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shape(BaseModel):
    """What a program gets."""

    model_config = ConfigDict(frozen=True)


class TokenRequest(Command):
    """POST /api/v1/tokens."""

    username: str = Field(max_length=200)
    password: str = Field(max_length=200)


class TokenAnswer(Shape):
    """A bearer token; expires_in in seconds."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105  the scheme's name
    expires_in: int


class FileUpload(Command):
    """One file of a submission; data in base64."""

    name: str = Field(max_length=255)
    data: str


class SubmissionRequest(Command):
    """POST /api/v1/submissions: either `code`, or `files` with an optional `entry_point`."""

    problem_id: str | StrictInt
    language: str = Field(max_length=60)
    code: str | None = None
    files: list[FileUpload] | None = Field(default=None, max_length=100)
    entry_point: str = Field(default="", max_length=255)


class SubmissionTaken(Shape):
    """202: the submission is on disk."""

    submission_id: str
    status: str = "PENDING"


class Status(StrEnum):
    """A submission's state as programs see it."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    ACCEPTED = "ACCEPTED"
    WRONG_ANSWER = "WRONG_ANSWER"
    TLE = "TLE"
    MLE = "MLE"
    RUNTIME_ERROR = "RUNTIME_ERROR"
    COMPILE_ERROR = "COMPILE_ERROR"
    OUTPUT_LIMIT = "OUTPUT_LIMIT"
    NO_OUTPUT = "NO_OUTPUT"
    ERROR = "ERROR"


BY_VERDICT = {
    Verdict.AC: Status.ACCEPTED,
    Verdict.WA: Status.WRONG_ANSWER,
    Verdict.TLE: Status.TLE,
    Verdict.MLE: Status.MLE,
    Verdict.RTE: Status.RUNTIME_ERROR,
    Verdict.CE: Status.COMPILE_ERROR,
    Verdict.OLE: Status.OUTPUT_LIMIT,
    Verdict.NO: Status.NO_OUTPUT,
    Verdict.JE: Status.ERROR,
}


def status_of(view: SubmissionView) -> Status:
    """The status word of a submission as its caller may see it."""
    if view.verdict is not None:
        return BY_VERDICT[view.verdict]
    return Status.IN_PROGRESS if view.status in ("COMPILING", "RUNNING") else Status.PENDING


class SubmissionAnswer(Shape):
    """A submission. runtime_ms is the largest CPU time of a test, memory_kb the largest peak; null: not known or not to be seen."""

    submission_id: str
    seq: int
    problem_id: str
    language: str
    status: Status
    verdict: str | None
    testcases_passed: int | None
    testcases_total: int | None
    runtime_ms: int | None
    memory_kb: int | None
    score: str | None
    created_at: str
    compile_output: str | None = None

    @classmethod
    def of(cls, view: SubmissionView) -> SubmissionAnswer:
        """From the service's view, which already holds nothing that the caller may not see."""
        return cls(
            submission_id=submission_public_id(view.id),
            seq=view.seq,
            problem_id=view.problem_id,
            language=view.language,
            status=status_of(view),
            verdict=view.verdict.value if view.verdict is not None else None,
            testcases_passed=view.tests_passed,
            testcases_total=view.tests_total,
            runtime_ms=None if view.cpu_seconds is None else math.ceil(view.cpu_seconds * 1000),
            memory_kb=None if view.memory_bytes is None else math.ceil(view.memory_bytes / 1024),
            score=view.score,
            created_at=iso(view.arrived),
            compile_output=view.compile_output or None,
        )


class StreamEvent(Shape):
    """One event of a submission's stream; absent numbers are not known yet."""

    status: Status
    testcases_passed: int | None = None
    testcases_total: int | None = None
    runtime_ms: int | None = None
    memory_kb: int | None = None
    score: str | None = None

    @classmethod
    def of(cls, view: SubmissionView) -> StreamEvent:
        """The same view in the stream's short form."""
        whole = SubmissionAnswer.of(view)
        return cls(
            status=whole.status,
            testcases_passed=whole.testcases_passed,
            testcases_total=whole.testcases_total,
            runtime_ms=whole.runtime_ms,
            memory_kb=whole.memory_kb,
            score=whole.score,
        )


class ListAnswer(Shape, Generic[T]):
    """One page of a list."""

    items: list[T]
    page: int
    per_page: int
    total: int


def submission_list(page: Page[SubmissionView]) -> ListAnswer[SubmissionAnswer]:
    """A page of submissions."""
    items = [SubmissionAnswer.of(view) for view in page.items]
    return ListAnswer[SubmissionAnswer](items=items, page=page.page, per_page=page.per_page, total=page.total)


class ProblemAnswer(Shape):
    """A problem in the list. languages: empty means all of the contest's; difficulty is null where nobody set it."""

    id: str
    label: str
    title: str
    difficulty: str | None = None
    time_limit_ms: int
    memory_limit_kb: int
    languages: list[str]
    solved_by: int
    tried_by: int

    @classmethod
    def of(cls, view: ProblemView, languages: tuple[str, ...]) -> ProblemAnswer:
        """From the service's view; `languages` are the contest's, for problems that name none."""
        problem = view.problem
        return cls(
            id=problem.id,
            label=problem.label,
            title=problem.title,
            time_limit_ms=round(problem.cpu_seconds * 1000),
            memory_limit_kb=problem.memory_bytes // 1024,
            languages=list(problem.languages or languages),
            solved_by=view.solved_by,
            tried_by=view.tried_by,
        )


class Sample(Shape):
    """A sample test."""

    input: str
    output: str


class StatementDocument(Shape):
    """A statement that is a file of its own."""

    language: str
    href: str
    mime: str


class Attachment(Shape):
    """A file that comes with the problem."""

    name: str
    href: str
    mime: str


class ProblemDetail(ProblemAnswer):
    """A problem to read."""

    statement_html: str
    statements: list[StatementDocument]
    samples: list[Sample]
    attachments: list[Attachment]
    signature: str | None = None

    @classmethod
    def of_statement(cls, view: ProblemView, statement: StatementView) -> ProblemDetail:
        """From the list's view and the statement."""
        short = ProblemAnswer.of(view, statement.languages)
        files = f"/blobs/statement/{view.problem.package_version}"
        return cls(
            **short.model_dump(),
            statement_html=statement.html,
            statements=[
                StatementDocument(language=language, href=f"{files}/{digest}", mime=mime)
                for language, digest, mime in statement.documents
            ],
            samples=[Sample(input=given, output=wanted) for given, wanted in statement.samples],
            attachments=[
                Attachment(name=name, href=f"{files}/{digest}", mime=mime)
                for name, digest, mime in statement.attachments
            ],
        )


class CellAnswer(Shape):
    """A team's tries at one problem."""

    problem_id: str
    solved: bool
    attempts: int
    pending: int
    minute: int | None
    first: bool


class RowAnswer(Shape):
    """A team's line of the board; penalty in minutes."""

    rank: int
    team_id: str
    team: str
    organization: str
    solved: int
    penalty: int
    score: str | None = None
    cells: list[CellAnswer]

    @classmethod
    def of(cls, row: BoardRow) -> RowAnswer:
        """From the board's row."""
        cells = [
            CellAnswer(
                problem_id=cell.problem_id,
                solved=cell.solved,
                attempts=cell.attempts,
                pending=cell.pending,
                minute=cell.minute,
                first=cell.first,
            )
            for cell in row.cells
        ]
        return cls(
            rank=row.rank,
            team_id=row.team_id,
            team=row.team,
            organization=row.organization,
            solved=row.solved,
            penalty=row.penalty_minutes,
            cells=cells,
        )


def leaderboard(board: Board, page: int, per_page: int) -> ListAnswer[RowAnswer]:
    """One page of the board's rows."""
    begin = (page - 1) * per_page
    items = [RowAnswer.of(row) for row in board.rows[begin : begin + per_page]]
    return ListAnswer[RowAnswer](items=items, page=page, per_page=per_page, total=len(board.rows))


class RankAnswer(Shape):
    """A team's place on the board; null where it has none."""

    team_id: str
    rank: int | None
    solved: int
    penalty: int
