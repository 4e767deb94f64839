"""Rows of judgements and of the runs that they are folded from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.adapters.sqlite.rows import Row, Rows, to_json
from app.core.clock import Instant
from app.core.ids import ContestId, JudgementId, PackageVersion, ProblemId, SubmissionId
from app.core.judgement import Judgement, Run, State
from app.core.submission import Submission
from app.core.verdict import Verdict
from app.ports.store import ComparedVersions, StoredOutput, StoredRun

_COLUMNS = (
    "id, contest_id, submission_id, package_version, state, valid, verdict, test_count, tests_passed, cpu_seconds,"
    " memory_bytes, compile_output, attempt, score_millionths, started, ended, failing_test, grades"
)
_READ = f"SELECT {_COLUMNS} FROM judgements"  # noqa: S608 - own constants
_WIDTH = len(_COLUMNS.split(","))
_BESIDE = "SELECT max(id) FROM judgements WHERE submission_id = s.id AND package_version = ? AND valid = 0 AND state <> 'desk'"
_PAIRS = (
    " FROM submissions s JOIN judgements v ON v.submission_id = s.id AND v.valid = 1 AND v.state = 'done'"
    f" LEFT JOIN judgements t ON t.id = ({_BESIDE}) AND t.state = 'done' AND v.package_version <> t.package_version"
    " WHERE s.contest_id = ? AND s.problem_id = ?"
)
_BODY = (
    "test",
    "exit_code",
    "signal",
    "limit",
    "processes",
    "message",
    "stdout_head",
    "stderr_head",
    "repeats",
    "near_limit",
    "flaky",
    "disturbed",
    "node",
    "score_millionths",
    "transcript",
    "stdout_bytes",
)


class JudgementReads(Rows):
    """Judgements of a submission in the order in which they were begun; runs in the order in which they came."""

    def judgement(self, judgement_id: JudgementId) -> Judgement | None:
        row = self._one(f"{_READ} WHERE id = ?", judgement_id)
        return None if row is None else _to_judgement(row)

    def judgements(self, submission_id: SubmissionId) -> Sequence[Judgement]:
        return [_to_judgement(row) for row in self._all(f"{_READ} WHERE submission_id = ? ORDER BY id", submission_id)]

    def valid_judgements(self, submission_ids: Sequence[SubmissionId]) -> dict[SubmissionId, Judgement]:
        rows = self._all(
            f"{_READ} WHERE valid = 1 AND submission_id IN (SELECT value FROM json_each(?))",  # noqa: S608
            to_json(list(submission_ids)),
        )
        return {judgement.submission_id: judgement for judgement in map(_to_judgement, rows)}

    def judged_beside(
        self, submission_ids: Sequence[SubmissionId], version: PackageVersion
    ) -> dict[SubmissionId, Judgement]:
        rows = self._all(
            f"{_READ} WHERE valid = 0 AND state <> 'desk' AND package_version = ?"  # noqa: S608
            " AND submission_id IN (SELECT value FROM json_each(?)) ORDER BY id",
            version,
            to_json(list(submission_ids)),
        )
        return {judgement.submission_id: judgement for judgement in map(_to_judgement, rows)}

    def compare_versions(
        self, contest_id: ContestId, problem_id: ProblemId, version: PackageVersion
    ) -> ComparedVersions:
        count = self._one(
            f"SELECT count(*) {_PAIRS} AND (t.id IS NOT NULL OR v.package_version = ?)",
            version,
            contest_id,
            problem_id,
            version,
        )
        both = ", ".join(f"{table}.{name.strip()}" for table in "vt" for name in _COLUMNS.split(","))
        rows = self._all(
            f"SELECT {both} {_PAIRS} AND t.id IS NOT NULL"
            " AND (v.verdict IS NOT t.verdict OR v.score_millionths IS NOT t.score_millionths) ORDER BY s.id DESC",
            version,
            contest_id,
            problem_id,
        )
        pairs = [(_to_judgement(row[:_WIDTH]), _to_judgement(row[_WIDTH:])) for row in rows]
        return ComparedVersions(0 if count is None else count[0], pairs)

    def runs(self, judgement_id: JudgementId) -> Sequence[StoredRun]:
        rows = self._all(
            "SELECT number, attempt, counted, at_ms, verdict, cpu_seconds, wall_seconds, memory_bytes, body FROM runs"
            " WHERE judgement_id = ? ORDER BY ordinal",
            judgement_id,
        )
        return [_to_stored_run(judgement_id, row) for row in rows]

    def outputs(self, judgement_id: JudgementId) -> Sequence[StoredOutput]:
        rows = self._all(
            "SELECT judgement_id, number, attempt, sha256, size, note FROM outputs WHERE judgement_id = ?"
            " ORDER BY number, attempt",
            judgement_id,
        )
        return [StoredOutput(*row) for row in rows]


class JudgementWrites(JudgementReads):
    """One judgement of a submission is valid: making one valid takes it from the others."""

    def add_judgement(
        self, submission: Submission, package_version: PackageVersion, test_count: int, *, valid: bool
    ) -> Judgement:
        if valid:
            self._do("UPDATE judgements SET valid = 0 WHERE submission_id = ? AND valid = 1", submission.id)
        cursor = self._do(
            "INSERT INTO judgements (contest_id, submission_id, package_version, state, valid, test_count, tests_passed,"
            " cpu_seconds, memory_bytes, compile_output, attempt) VALUES (?, ?, ?, 'queued', ?, ?, 0, 0.0, 0, '', 0)",
            submission.contest_id,
            submission.id,
            package_version,
            int(valid),
            test_count,
        )
        number = JudgementId(cursor.lastrowid or 0)
        return Judgement(
            number, submission.contest_id, submission.id, package_version, State.QUEUED, valid, test_count=test_count
        )

    def add_judgements(self, new: Sequence[tuple[Submission, PackageVersion, int]]) -> Sequence[Judgement]:
        first = self._last_number("judgements") + 1
        added = [
            Judgement(JudgementId(number), one.contest_id, one.id, version, State.QUEUED, True, test_count=tests)
            for number, (one, version, tests) in enumerate(new, first)
        ]
        self._insert(f"judgements ({_COLUMNS})", [_from_judgement(one) for one in added])
        return added

    def put_judgement(self, judgement: Judgement) -> None:
        if judgement.valid:
            self._do(
                "UPDATE judgements SET valid = 0 WHERE submission_id = ? AND valid = 1 AND id <> ?",
                judgement.submission_id,
                judgement.id,
            )
        self._do(
            f"INSERT INTO judgements ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            " ON CONFLICT (id) DO UPDATE SET state = excluded.state, valid = excluded.valid, verdict = excluded.verdict,"
            " package_version = excluded.package_version, test_count = excluded.test_count,"
            " tests_passed = excluded.tests_passed, cpu_seconds = excluded.cpu_seconds,"
            " memory_bytes = excluded.memory_bytes, compile_output = excluded.compile_output,"
            " attempt = excluded.attempt, score_millionths = excluded.score_millionths, started = excluded.started,"
            " ended = excluded.ended, failing_test = excluded.failing_test, grades = excluded.grades",
            *_from_judgement(judgement),
        )

    def add_run(self, judgement_id: JudgementId, attempt: int, run: Run, at: Instant, *, late: bool = False) -> bool:
        """Keeps a run; the very same report again (same attempt, equal run) is not kept twice and gives False."""
        known = self.runs_of_test(judgement_id, run.number)
        if any(one.attempt == attempt and one.run == run for one in known):
            return False
        counted = not late and not any(one.counted for one in known)
        body = {name: getattr(run, name) for name in _BODY}
        self._do(
            "INSERT INTO runs (contest_id, judgement_id, number, attempt, counted, at_ms, verdict, cpu_seconds, wall_seconds,"
            " memory_bytes, body) SELECT contest_id, id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM judgements WHERE id = ?",
            run.number,
            attempt,
            int(counted),
            at,
            run.verdict.value,
            float(run.cpu_seconds),
            float(run.wall_seconds),
            run.memory_bytes,
            to_json(body),
            judgement_id,
        )
        return counted

    def put_output(self, output: StoredOutput) -> None:
        self._do(
            "INSERT INTO outputs (judgement_id, number, attempt, contest_id, sha256, size, note)"
            " SELECT id, ?, ?, contest_id, ?, ?, ? FROM judgements WHERE id = ?"
            " ON CONFLICT (judgement_id, number, attempt) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,"
            " note = excluded.note",
            output.number,
            output.attempt,
            output.sha256,
            output.size,
            output.note,
            output.judgement_id,
        )

    def runs_of_test(self, judgement_id: JudgementId, number: int) -> Sequence[StoredRun]:
        """All that was reported of one test."""
        rows = self._all(
            "SELECT number, attempt, counted, at_ms, verdict, cpu_seconds, wall_seconds, memory_bytes, body FROM runs"
            " WHERE judgement_id = ? AND number = ? ORDER BY ordinal",
            judgement_id,
            number,
        )
        return [_to_stored_run(judgement_id, row) for row in rows]


def _from_judgement(one: Judgement) -> tuple[object, ...]:
    return (
        one.id,
        one.contest_id,
        one.submission_id,
        one.package_version,
        one.state.value,
        int(one.valid),
        None if one.verdict is None else one.verdict.value,
        one.test_count,
        one.tests_passed,
        float(one.cpu_seconds),
        one.memory_bytes,
        one.compile_output,
        one.attempt,
        one.score_millionths,
        one.started,
        one.ended,
        one.failing_test,
        one.grades,
    )


def _to_judgement(row: Row) -> Judgement:
    number, contest_id, submission_id, version, state, valid, verdict, *rest = row
    decided = None if verdict is None else Verdict(verdict)
    return Judgement(number, contest_id, submission_id, version, State(state), bool(valid), decided, *rest)


def _to_stored_run(judgement_id: JudgementId, row: Row) -> StoredRun:
    number, attempt, counted, at_ms, verdict, cpu_seconds, wall_seconds, memory_bytes, body = row
    more: dict[str, Any] = json.loads(body)
    more["repeats"] = tuple(more["repeats"])
    run = Run(
        number=number,
        verdict=Verdict(verdict),
        cpu_seconds=cpu_seconds,
        wall_seconds=wall_seconds,
        memory_bytes=memory_bytes,
        **more,
    )
    return StoredRun(judgement_id, attempt, bool(counted), at_ms, run)
