"""ports/intake over tables in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.adapters.memory.tables import Tables
from app.core.clock import Instant
from app.core.errors import Fault
from app.core.ids import AccountId, SubmissionId
from app.core.submission import LATE_COMMIT_MS, NewSubmission, Submission


class MemoryIntake:
    """The order of arrival."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def append(self, new: NewSubmission, committed: Instant) -> Submission:
        if self._tables.problems.get((new.contest_id, new.problem_id)) is None:
            raise Fault("storage", f"The store refused: there is no problem {new.problem_id} in {new.contest_id}.")
        if new.idempotency_key and self.remembered(new.account_id, new.idempotency_key):
            raise Fault("storage", f"The store refused: the key {new.idempotency_key} was used before.")
        number = SubmissionId(self._tables.next_number("submissions"))
        submission = Submission(
            number,
            new.contest_id,
            new.account_id,
            new.team_id,
            new.problem_id,
            new.language,
            new.arrived,
            committed - new.arrived > LATE_COMMIT_MS,
            new.entry_point,
        )
        self._tables.submissions.put(number, submission)
        self._tables.sources.put(number, tuple(new.files))
        if new.idempotency_key:
            self._tables.idempotency.put((new.account_id, new.idempotency_key), (new.command_digest, number))
        return submission

    def append_all(self, new: Sequence[NewSubmission], committed: Instant) -> Sequence[Submission]:
        return [self.append(one, committed) for one in new]

    def remembered(self, account_id: AccountId, key: str) -> tuple[str, SubmissionId] | None:
        return self._tables.idempotency.get((account_id, key))

    def count_since(self, account_id: AccountId, since: Instant) -> int:
        mine = (one for one in self._tables.submissions.values() if one.account_id == account_id)
        return sum(1 for one in mine if one.arrived >= since)

    def counts_since(self, account_ids: Collection[AccountId], since: Instant) -> Mapping[AccountId, int]:
        counts = {account_id: self.count_since(account_id, since) for account_id in account_ids}
        return {account_id: count for account_id, count in counts.items() if count}

    def read_after(self, submission_id: SubmissionId, limit: int) -> Sequence[Submission]:
        return [one for one in self._tables.submissions.values() if one.id > submission_id][:limit]
