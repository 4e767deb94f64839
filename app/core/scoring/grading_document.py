"""Reads the scoring rules of a problem from plain JSON values, as `as_document` of the two kinds writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import Refusal
from app.core.scoring.groups import Grading
from app.core.scoring.legacy_groups import RULES as LEGACY
from app.core.scoring.legacy_groups import LegacyGrading, LegacyGroup, ScoreMode, VerdictMode
from app.core.scoring.new_groups import RULES as NEW
from app.core.scoring.new_groups import Aggregation, NewGrading, NewGroup

_DEEPEST = 32


def read_grading(document: Mapping[str, Any] | None) -> Grading | None:
    """The rules; None where there are none (a pass-fail problem). Refusal(422) for rules that are none of ours."""
    if not document:
        return None
    try:
        if document["rules"] == NEW:
            return _new(document)
        if document["rules"] == LEGACY:
            root = _legacy(document["root"], 0)
            return LegacyGrading(root, bool(document["custom_score"]), bool(document["lenient"]))
    except (KeyError, TypeError, ValueError) as wrong:
        raise Refusal(422, f"The scoring rules of the problem cannot be read: {wrong}.") from wrong
    raise Refusal(422, f"There are no scoring rules {document['rules']!r}.")


def _new(document: Mapping[str, Any]) -> NewGrading:
    return NewGrading(
        samples=tuple(document["samples"]),
        groups=tuple(
            NewGroup(
                name=one["name"],
                tests=tuple(one["tests"]),
                most=one["most"],
                aggregation=Aggregation(one["aggregation"]),
                require_pass=tuple(one["require_pass"]),
                threshold=one.get("threshold"),
                static=(int(one["static"][0]), int(one["static"][1])) if one.get("static") else None,
            )
            for one in document["groups"]
        ),
        most=document["most"],
        aggregation=Aggregation(document["aggregation"]),
    )


def _legacy(document: Mapping[str, Any], depth: int) -> LegacyGroup:
    if depth > _DEEPEST:
        raise ValueError("groups are nested too deep")
    return LegacyGroup(
        name=document["name"],
        children=tuple(one if isinstance(one, int) else _legacy(one, depth + 1) for one in document["children"]),
        breaks=document["breaks"],
        accept_score=document["accept_score"],
        reject_score=document["reject_score"],
        least=document["least"],
        most=document["most"],
        verdict_mode=VerdictMode(document["verdict_mode"]),
        score_mode=ScoreMode(document["score_mode"]),
        ignore_sample=document["ignore_sample"],
        any_accepted=document["any_accepted"],
        custom=document.get("custom", False),
        flags=tuple(document.get("flags", ())),
    )
