"""A contest's settings as plain data and back: what the CONTEST event and the stored row hold. Integers, texts and lists only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.clock import Instant
from app.core.contest import Contest, RemovedInterval
from app.core.ids import ContestId

_PLAIN = (
    "name",
    "duration_ms",
    "freeze_ms",
    "penalty_minutes",
    "show_progress",
    "all_tests",
    "source_limit_bytes",
    "file_limit",
    "submissions_per_minute",
)


def contest_data(contest: Contest) -> dict[str, Any]:
    """All settings of a contest, instants in milliseconds; `contest_from_data` gives the equal contest back."""
    data: dict[str, Any] = {name: getattr(contest, name) for name in _PLAIN}
    data["id"] = contest.id
    data["start"] = contest.start
    data["finalized"] = contest.finalized
    data["thawed"] = contest.thawed
    data["removed"] = [[gap.begin, gap.end] for gap in contest.removed]
    data["languages"] = list(contest.languages)
    return data


def contest_from_data(data: Mapping[str, Any]) -> Contest:
    """The contest of `contest_data`; a setting that is missing has its default. KeyError without id, name, start or duration."""
    plain = {name: data[name] for name in _PLAIN if name in data}
    removed = tuple(RemovedInterval(Instant(begin), Instant(end)) for begin, end in data.get("removed", ()))
    if "languages" in data:
        plain["languages"] = tuple(data["languages"])
    return Contest(
        id=ContestId(data["id"]),
        start=data["start"],
        finalized=data.get("finalized"),
        thawed=data.get("thawed"),
        removed=removed,
        **plain,
    )
