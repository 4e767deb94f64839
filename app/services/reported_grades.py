"""What a node says that the package's own grader said: the fold takes it where the rules ask for it, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction

from app.core.scoring.groups import Grading
from app.core.scoring.legacy_groups import Grade, LegacyGrading
from app.core.verdict import Verdict
from app.wire.judge_v1 import GroupGrade


def with_reported(grading: Grading | None, grades: Sequence[GroupGrade]) -> Grading | None:
    """The rules with the reported grades of groups that have a grader of the package's own."""
    if not isinstance(grading, LegacyGrading) or not grading.custom:
        return grading
    known = {one.group: Grade(Verdict(one.verdict), _points(one.points)) for one in grades}
    return grading.with_grades(known)


def as_text(grades: Sequence[GroupGrade]) -> str:
    """The grades as a judgement keeps them, so that its groups can be shown later."""
    return json.dumps([[one.group, one.verdict, one.points] for one in grades]) if grades else ""


def with_kept(grading: Grading, text: str) -> Grading:
    """The rules with the grades that `as_text` wrote."""
    if not text or not isinstance(grading, LegacyGrading):
        return grading
    kept: list[tuple[str, str, str]] = json.loads(text)
    return grading.with_grades({group: Grade(Verdict(verdict), _points(points)) for group, verdict, points in kept})


def _points(text: str) -> Fraction:
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return Fraction(0)
