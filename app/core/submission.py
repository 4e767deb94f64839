"""What a team sends in."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.clock import Instant
from app.core.ids import AccountId, ContestId, LanguageId, ProblemId, SubmissionId, TeamId


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One submitted file."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission as it arrives, before it has a number.

    `arrived` is the moment its body was complete; `idempotency_key` is "" where none was given, `command_digest` the SHA-256
    of the parsed command. team_id is None for a jury's own try.
    """

    contest_id: ContestId
    account_id: AccountId
    team_id: TeamId | None
    problem_id: ProblemId
    language: LanguageId
    files: tuple[SourceFile, ...]
    arrived: Instant
    entry_point: str = ""
    idempotency_key: str = ""
    command_digest: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that is on disk. The contest's order is (arrived, id)."""

    id: SubmissionId
    contest_id: ContestId
    account_id: AccountId
    team_id: TeamId | None
    problem_id: ProblemId
    language: LanguageId
    arrived: Instant
    late_commit: bool
    entry_point: str = ""


LATE_COMMIT_MS = 5000
"""An arrival longer than this before its commit is marked (DESIGN 4)."""
