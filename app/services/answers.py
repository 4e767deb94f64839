"""What the services answer to whoever asks: values for pages, REST and the console. Times in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.core.clock import Instant
from app.core.ids import ContestId, LanguageId, ProblemId, SubmissionId, TeamId
from app.core.people import Account, Caller, Session
from app.core.problem import Problem
from app.core.scoring.cell import CellScore
from app.core.scoring.groups import GroupResult
from app.core.submission import SourceFile
from app.core.verdict import Verdict

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh sign-in: `token` is the cookie's value, told once and stored hashed only."""

    token: str
    session: Session
    account: Account
    caller: Caller


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token for programs; `expires_in` in seconds."""

    access_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class SubmitRequest:
    """What somebody wants to submit, parsed but not checked. `idempotency_key` is "" where none was given, `contest_id` None for the
    caller's own contest or the one that runs."""

    problem_id: ProblemId
    language: LanguageId
    files: tuple[SourceFile, ...]
    entry_point: str = ""
    idempotency_key: str = ""
    contest_id: ContestId | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """How many judgings wait for a judge machine, and how long the oldest of them has waited."""

    waiting: int
    oldest_wait_ms: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The submission is on disk. `repeated`: its key was answered before, nothing new was stored."""

    submission_id: SubmissionId
    repeated: bool


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; pages count from 1."""

    items: Sequence[T]
    page: int
    per_page: int
    total: int


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A submission as its caller may see it; what they may not see, or what isn't known yet, is None.

    `status` is PENDING, COMPILING, RUNNING or DONE; a judging error is DESK to the jury and PENDING to everybody else. `seq` is the
    counter of the topic `submission:ID`. `first_failing_test` is for the jury. `score` is an exact decimal; `groups` come with a single
    submission only.
    """

    id: SubmissionId
    seq: int
    contest_id: ContestId
    team_id: TeamId | None
    team_name: str
    problem_id: ProblemId
    problem_label: str
    problem_title: str
    language: LanguageId
    arrived: Instant
    contest_time_ms: int
    status: str
    verdict: Verdict | None = None
    tests_passed: int | None = None
    tests_total: int | None = None
    cpu_seconds: float | None = None
    memory_bytes: int | None = None
    score: str | None = None
    compile_output: str | None = None
    first_failing_test: int | None = None
    groups: tuple[GroupResult, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputView:
    """What a run printed and that may be read whole: its test's number and name, and how many bytes."""

    number: int
    test: str
    size: int


Cell = CellScore
"""One team's tries at one problem, as the scoring has it."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One team's line of the board."""

    rank: int
    team_id: TeamId
    team: str
    organization: str
    solved: int
    penalty_minutes: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class BoardProblem:
    """A column of the board."""

    id: ProblemId
    label: str
    rgb: str
    title: str


@dataclass(frozen=True, slots=True)
class Board:
    """The whole board of one visibility class; `version` rises with each change that the class can see."""

    version: int
    contest_id: ContestId
    frozen: bool
    problems: tuple[BoardProblem, ...]
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A problem in the list, with the counts of the board that the caller may see."""

    problem: Problem
    solved_by: int
    tried_by: int


@dataclass(frozen=True, slots=True)
class StatementView:
    """A problem to read: clean HTML, samples as (input, answer), the languages that it takes.

    `documents` are (language, blob's SHA-256, mime) of statements that are files of their own (PDF), `attachments` (name, blob's SHA-256,
    mime) of files that come with the problem. `package_state` is "unchecked" until a node has looked at the package; `package_notes` say
    what was found, and are empty for all but the jury.
    """

    problem: Problem
    html: str
    samples: tuple[tuple[str, str], ...]
    languages: tuple[LanguageId, ...]
    documents: tuple[tuple[str, str, str], ...] = ()
    attachments: tuple[tuple[str, str, str], ...] = ()
    package_state: str = "ready"
    dialogues: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Sample dialogues as lines (who, text); who is "judge", "team", or "pass" between two runs."""
    package_notes: tuple[str, ...] = ()
