"""Rows of contests, their problems and the packages behind them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.adapters.sqlite.rows import Row, Rows, to_json, upsert
from app.core.contest import Contest
from app.core.contest_data import contest_data, contest_from_data
from app.core.ids import ContestId, PackageVersion, ProblemId
from app.core.problem import PackageRecord, Problem

_PROBLEM = (
    "ordinal",
    "label",
    "title",
    "rgb",
    "color",
    "package_version",
    "cpu_seconds",
    "memory_bytes",
    "output_bytes",
    "test_count",
    "languages",
)
_PACKAGE = ("contest_id", "short_name", "state", "manifest", "statement_html", "samples", "created_ms")
_READ_PROBLEM = f"SELECT id, contest_id, {', '.join(_PROBLEM)} FROM problems"  # noqa: S608 - own constants, as below
_READ_PACKAGE = f"SELECT version, {', '.join(_PACKAGE)} FROM packages"  # noqa: S608


class ContestReads(Rows):
    """Contests in the order in which they were created, problems in the order of their places."""

    def contests(self) -> Sequence[Contest]:
        return [
            contest_from_data(json.loads(row[0])) for row in self._all("SELECT body FROM contests ORDER BY ordinal")
        ]

    def contest(self, contest_id: ContestId) -> Contest | None:
        row = self._one("SELECT body FROM contests WHERE contest_id = ?", contest_id)
        return None if row is None else contest_from_data(json.loads(row[0]))

    def problems(self, contest_id: ContestId) -> Sequence[Problem]:
        rows = self._all(f"{_READ_PROBLEM} WHERE contest_id = ? ORDER BY ordinal, id", contest_id)
        return [_to_problem(row) for row in rows]

    def problem(self, contest_id: ContestId, problem_id: ProblemId) -> Problem | None:
        row = self._one(f"{_READ_PROBLEM} WHERE contest_id = ? AND id = ?", contest_id, problem_id)
        return None if row is None else _to_problem(row)

    def package(self, version: PackageVersion) -> PackageRecord | None:
        row = self._one(f"{_READ_PACKAGE} WHERE version = ?", version)
        return None if row is None else _to_package(row)


class ContestWrites(ContestReads):
    """Each `put` adds the row or changes the one with its id."""

    def put_contest(self, contest: Contest) -> None:
        self._do(upsert("contests", "contest_id", ("body",)), contest.id, to_json(contest_data(contest)))

    def put_problem(self, problem: Problem) -> None:
        self._do(
            upsert("problems", "id, contest_id", _PROBLEM),
            problem.id,
            problem.contest_id,
            problem.ordinal,
            problem.label,
            problem.title,
            problem.rgb,
            problem.color,
            problem.package_version,
            problem.cpu_seconds,
            problem.memory_bytes,
            problem.output_bytes,
            problem.test_count,
            to_json(list(problem.languages)),
        )

    def put_package(self, package: PackageRecord) -> None:
        self._do(
            upsert("packages", "version", _PACKAGE),
            package.version,
            package.contest_id,
            package.short_name,
            package.state,
            to_json(package.manifest),
            package.statement_html,
            to_json([list(pair) for pair in package.samples]),
            package.created_ms,
        )


def _to_problem(row: Row) -> Problem:
    plain: tuple[Any, ...] = (*row[:12], tuple(json.loads(row[12])))
    return Problem(*plain)


def _to_package(row: Row) -> PackageRecord:
    version, contest_id, short_name, state, manifest, statement_html, samples, created_ms = row
    pairs = tuple((before, after) for before, after in json.loads(samples))
    return PackageRecord(
        version, contest_id, short_name, state, json.loads(manifest), statement_html, pairs, created_ms
    )
