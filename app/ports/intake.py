"""Taking submissions in: append, look up, read on. In SQLite part of the same transaction; a log's consumer later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from app.core.clock import Instant
from app.core.ids import AccountId, SubmissionId
from app.core.submission import NewSubmission, Submission


class Intake(Protocol):
    """The order of arrival."""

    def append(self, new: NewSubmission, committed: Instant) -> Submission:
        """Writes submission, sources and idempotency key, and gives it its rising number. late_commit is set when
        it arrived more than 5 s before `committed`."""
        ...

    def append_all(self, new: Sequence[NewSubmission], committed: Instant) -> Sequence[Submission]:
        """The same for many in their order. No two of them have the same account and key."""
        ...

    def remembered(self, account_id: AccountId, key: str) -> tuple[str, SubmissionId] | None:
        """(digest of the command, submission) of an idempotency key that was answered before, else None."""
        ...

    def count_since(self, account_id: AccountId, since: Instant) -> int:
        """How many submissions of the account arrived at or after `since`."""
        ...

    def counts_since(self, account_ids: Collection[AccountId], since: Instant) -> Mapping[AccountId, int]:
        """The same for many accounts; those with none are left out."""
        ...

    def read_after(self, submission_id: SubmissionId, limit: int) -> Sequence[Submission]:
        """The next submissions after a number, in the order of their numbers."""
        ...
