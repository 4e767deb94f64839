"""Typed ids of the contest's things. All are opaque to whoever holds them; numbers rise."""

from __future__ import annotations

from typing import NewType

ContestId = NewType("ContestId", str)
ProblemId = NewType("ProblemId", str)
AccountId = NewType("AccountId", str)
TeamId = NewType("TeamId", str)
SubmissionId = NewType("SubmissionId", int)
JudgementId = NewType("JudgementId", int)
TaskId = NewType("TaskId", int)
LeaseId = NewType("LeaseId", str)
NodeId = NewType("NodeId", str)
SessionId = NewType("SessionId", str)
LanguageId = NewType("LanguageId", str)
PackageVersion = NewType("PackageVersion", str)
"""SHA-256 of a package's content, hex: names one immutable version."""
Sha256 = NewType("Sha256", str)
"""64 hex digits, lower case."""

_PREFIX = "sub_"


def submission_public_id(submission_id: SubmissionId) -> str:
    """The REST spelling of a submission's id (API.md)."""
    return f"{_PREFIX}{submission_id}"


def parse_submission_id(text: str) -> SubmissionId | None:
    """A submission's number from `sub_17` or `17`; None for anything else."""
    digits = text.removeprefix(_PREFIX)
    if digits.isascii() and digits.isdigit() and 0 < len(digits) <= 15:
        return SubmissionId(int(digits))
    return None
