"""Rows of submissions and their sources, and the intake that appends them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.adapters.sqlite.rows import Row, Rows, to_json
from app.core.clock import Instant
from app.core.ids import AccountId, SubmissionId
from app.core.submission import LATE_COMMIT_MS, NewSubmission, SourceFile, Submission
from app.ports.store import SubmissionFilter

_READ = "SELECT id, contest_id, account_id, team_id, problem_id, language, arrived, late_commit, entry_point FROM submissions"

_SUBMISSIONS = (
    "submissions (id, contest_id, account_id, team_id, problem_id, language, entry_point, arrived, late_commit)"
)
_SOURCES = "sources (submission_id, contest_id, position, name, data)"
_KEYS = "idempotency (account_id, idempotency_key, contest_id, digest, submission_id)"


class SubmissionReads(Rows):
    """Submissions, newest number first where they are listed."""

    def submission(self, submission_id: SubmissionId) -> Submission | None:
        row = self._one(f"{_READ} WHERE id = ?", submission_id)
        return None if row is None else _to_submission(row)

    def submissions(self, wanted: SubmissionFilter) -> Sequence[Submission]:
        where, values = _where(wanted)
        rows = self._all(f"{_READ} {where} ORDER BY id DESC LIMIT ? OFFSET ?", *values, wanted.limit, wanted.offset)
        return [_to_submission(row) for row in rows]

    def count_submissions(self, wanted: SubmissionFilter) -> int:
        where, values = _where(wanted)
        row = self._one(f"SELECT count(*) FROM submissions {where}", *values)  # noqa: S608 - texts of _where only
        return 0 if row is None else int(row[0])

    def sources(self, submission_id: SubmissionId) -> Sequence[SourceFile]:
        rows = self._all("SELECT name, data FROM sources WHERE submission_id = ? ORDER BY position", submission_id)
        return [SourceFile(name, data) for name, data in rows]


class SqliteIntake(Rows):
    """ports/intake in the same transaction as everything else."""

    def append(self, new: NewSubmission, committed: Instant) -> Submission:
        return self.append_all([new], committed)[0]

    def append_all(self, new: Sequence[NewSubmission], committed: Instant) -> Sequence[Submission]:
        first = self._last_number("submissions") + 1
        taken = [_numbered(SubmissionId(number), one, committed) for number, one in enumerate(new, first)]
        self._insert(_SUBMISSIONS, [_from_submission(one) for one in taken])
        pairs = list(zip(taken, new, strict=True))
        self._insert(
            _SOURCES,
            [
                (submission.id, submission.contest_id, position, file.name, file.data)
                for submission, one in pairs
                for position, file in enumerate(one.files)
            ],
        )
        self._insert(
            _KEYS,
            [
                (one.account_id, one.idempotency_key, one.contest_id, one.command_digest, submission.id)
                for submission, one in pairs
                if one.idempotency_key
            ],
        )
        return taken

    def remembered(self, account_id: AccountId, key: str) -> tuple[str, SubmissionId] | None:
        row = self._one(
            "SELECT digest, submission_id FROM idempotency WHERE account_id = ? AND idempotency_key = ?",
            account_id,
            key,
        )
        return None if row is None else (row[0], SubmissionId(row[1]))

    def count_since(self, account_id: AccountId, since: Instant) -> int:
        row = self._one("SELECT count(*) FROM submissions WHERE account_id = ? AND arrived >= ?", account_id, since)
        return 0 if row is None else int(row[0])

    def counts_since(self, account_ids: Collection[AccountId], since: Instant) -> Mapping[AccountId, int]:
        rows = self._gathered(
            "account_id, number",
            "FROM (SELECT account_id, count(*) AS number FROM submissions"
            " WHERE account_id IN (SELECT value FROM json_each(?)) AND arrived >= ? GROUP BY account_id)",
            to_json(sorted(account_ids)),
            since,
        )
        return {AccountId(account_id): int(number) for account_id, number in rows}

    def read_after(self, submission_id: SubmissionId, limit: int) -> Sequence[Submission]:
        return [
            _to_submission(row) for row in self._all(f"{_READ} WHERE id > ? ORDER BY id LIMIT ?", submission_id, limit)
        ]


def _numbered(number: SubmissionId, new: NewSubmission, committed: Instant) -> Submission:
    late = committed - new.arrived > LATE_COMMIT_MS
    return Submission(
        number,
        new.contest_id,
        new.account_id,
        new.team_id,
        new.problem_id,
        new.language,
        new.arrived,
        late,
        new.entry_point,
    )


def _from_submission(one: Submission) -> Row:
    return (
        one.id,
        one.contest_id,
        one.account_id,
        one.team_id,
        one.problem_id,
        one.language,
        one.entry_point,
        one.arrived,
        int(one.late_commit),
    )


def _where(wanted: SubmissionFilter) -> tuple[str, list[object]]:
    clauses, values = ["contest_id = ?"], [wanted.contest_id]
    pairs: list[tuple[str, object]] = [
        ("team_id = ?", wanted.team_id),
        ("account_id = ?", wanted.account_id),
        ("problem_id = ?", wanted.problem_id),
        ("id < ?", wanted.before_id),
    ]
    texts = [text for text, value in pairs if value is not None]
    return "WHERE " + " AND ".join(clauses + texts), [*values, *(value for _, value in pairs if value is not None)]


def _to_submission(row: Row) -> Submission:
    number, contest_id, account_id, team_id, problem_id, language, arrived, late, entry_point = row
    return Submission(number, contest_id, account_id, team_id, problem_id, language, arrived, bool(late), entry_point)
