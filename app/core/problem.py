"""A problem in a contest, as the contest knows it: the package behind it is an immutable version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.core.ids import ContestId, PackageVersion, ProblemId


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one contest; ids are per contest, as in CLICS. `ordinal` is its place, `rgb` its balloon (#RRGGBB)."""

    id: ProblemId
    contest_id: ContestId
    ordinal: int
    label: str
    title: str
    rgb: str
    color: str
    package_version: PackageVersion
    cpu_seconds: float
    memory_bytes: int
    output_bytes: int
    test_count: int
    languages: tuple[str, ...] = ()
    """Empty: all of the contest's."""


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """One stored version of a package: its manifest (plain JSON, see services/problems) and rendered statement.

    `manifest` names every blob by SHA-256; `state` is "unchecked" until a node has looked at it, "ready" or "refused".
    """

    version: PackageVersion
    contest_id: ContestId
    short_name: str
    state: str
    manifest: dict[str, Any]
    statement_html: str
    samples: tuple[tuple[str, str], ...]
    created_ms: int
