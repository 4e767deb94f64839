"""The groups of the legacy format: a tree of folders, each with its own testdata.yaml (PROBLEM_FORMATS 5.1).

A group is gone through in order. After a child that was not accepted it stops where its `on_reject` is break: what would have come
later is no part of the fold, even if it is known. The grader makes verdict and score of a group from those of its direct children.
The score of a judgement that is not accepted is kept as well.

A group with a grader of the package's own is graded by a program, which only a node can run: `grader` asks it, and the server gets its
grades with the node's report (`with_grades`). Without them the fold is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from app.core.scoring.groups import (
    MILLION,
    CasePoints,
    Graded,
    GroupResult,
    Results,
    ScoreFiles,
    number_of,
    whole,
)
from app.core.verdict import Verdict

RULES = "legacy"
# JE first; NO is a wrong answer of a kind that this format does not name.
_WORST = [
    Verdict.JE, Verdict.RTE, Verdict.MLE, Verdict.TLE, Verdict.OLE, Verdict.WA, Verdict.NO, Verdict.CE, Verdict.AC,
]  # fmt: skip


class VerdictMode(StrEnum):
    """How a group's verdict comes from those of its children."""

    WORST_ERROR = "worst_error"
    FIRST_ERROR = "first_error"
    ALWAYS_ACCEPT = "always_accept"


class ScoreMode(StrEnum):
    """How a group's points come from those of its children."""

    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class LegacyGroup:
    """A folder: `children` are tests by number and groups, in order. Points in millionths, None for no bound.

    `ignore_sample` (the root's) takes the last child alone; `any_accepted` accepts where one child is accepted. `custom`: the package's
    own grader decides, called with `flags`.
    """

    name: str
    children: tuple[int | LegacyGroup, ...]
    breaks: bool = True
    accept_score: int = MILLION
    reject_score: int = 0
    least: int | None = None
    most: int | None = None
    verdict_mode: VerdictMode = VerdictMode.WORST_ERROR
    score_mode: ScoreMode = ScoreMode.SUM
    ignore_sample: bool = False
    any_accepted: bool = False
    custom: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """Verdict and points of a test or a group, in exact millionths."""

    verdict: Verdict
    points: Fraction


Grader = Callable[[LegacyGroup, Sequence[Grade]], Grade | None]
"""Grades a group from its direct children; None where that is not known (yet)."""


@dataclass(frozen=True, slots=True)
class _Missing:
    number: int


@dataclass(frozen=True, slots=True)
class LegacyGrading:
    """The whole problem. With `custom_score` each accepted output gets its points from the validator; with `lenient` it may."""

    root: LegacyGroup
    custom_score: bool = False
    lenient: bool = False
    grader: Grader | None = field(default=None, compare=False)

    def with_grades(self, known: Mapping[str, Grade]) -> LegacyGrading:
        """The same rules with what the package's grader said of its groups, by their names."""
        return replace(self, grader=lambda group, _: known.get(group.name))

    @property
    def custom(self) -> bool:
        """Whether any group is graded by the package's own grader."""
        return _is_custom(self.root)

    @property
    def most_millionths(self) -> int | None:
        return self.root.most

    def next_test(self, results: Results, *, all_tests: bool = False) -> int | None:
        """Here the rules leave no choice: `all_tests` changes nothing."""
        if any(run.verdict is Verdict.JE for run in results.values()):
            return None
        grade = self._grade(self.root, results, {})
        return grade.number or None if isinstance(grade, _Missing) else None

    def fold(self, results: Results) -> Graded | None:
        if any(run.verdict is Verdict.JE for run in results.values()):
            return Graded(Verdict.JE, None)
        seen: dict[str, Grade] = {}
        grade = self._grade(self.root, results, seen)
        if isinstance(grade, _Missing):
            return None
        groups = tuple(_result(group, seen.get(group.name)) for group in _shown(self.root))
        return Graded(grade.verdict, whole(grade.points), groups)

    def points(self, number: int, verdict: Verdict, files: ScoreFiles) -> CasePoints:
        group = _parent(self.root, number)
        if group is None or verdict is Verdict.JE:
            return CasePoints()
        if files.score is not None and (verdict is not Verdict.AC or not (self.custom_score or self.lenient)):
            why = "to a rejected output" if verdict is not Verdict.AC else "although problem.yaml does not let it"
            return CasePoints(fault=f"it gave a score {why}")
        if verdict is not Verdict.AC:
            return CasePoints(group.reject_score)
        if not self.custom_score and files.score is None:
            return CasePoints(group.accept_score)
        return _from_file(group, files.score)

    def as_document(self) -> dict[str, Any]:
        return {
            "rules": RULES,
            "custom_score": self.custom_score,
            "lenient": self.lenient,
            "root": _group_document(self.root),
        }

    def _grade(self, group: LegacyGroup, results: Results, seen: dict[str, Grade]) -> Grade | _Missing:
        grades: list[Grade] = []
        for child in group.children:
            grade = self._child(group, child, results, seen)
            if isinstance(grade, _Missing):
                return grade
            grades.append(grade)
            if grade.verdict is not Verdict.AC and group.breaks:
                break
        graded = self._graded(group, grades)
        if graded is None:
            return _Missing(0)
        seen[group.name] = graded
        return graded

    def _graded(self, group: LegacyGroup, grades: list[Grade]) -> Grade | None:
        if not group.custom:
            return _graded(group, grades)
        return self.grader(group, grades) if self.grader is not None else None

    def _child(
        self, group: LegacyGroup, child: int | LegacyGroup, results: Results, seen: dict[str, Grade]
    ) -> Grade | _Missing:
        if isinstance(child, LegacyGroup):
            return self._grade(child, results, seen)
        run = results.get(child)
        if run is None:
            return _Missing(child)
        otherwise = group.accept_score if run.verdict is Verdict.AC else group.reject_score
        return Grade(run.verdict, Fraction(otherwise if run.score_millionths is None else run.score_millionths))


def _from_file(group: LegacyGroup, text: str | None) -> CasePoints:
    if text is None:
        return CasePoints(fault="it gave no score")
    score = number_of(text)
    if score is None:
        return CasePoints(fault="the score that it gave is not a number")
    if (group.least is not None and score < group.least) or (group.most is not None and score > group.most):
        return CasePoints(fault="the score that it gave is out of range")
    return CasePoints(whole(score))


def _graded(group: LegacyGroup, grades: list[Grade]) -> Grade:
    """The default grader."""
    if not grades:
        return Grade(Verdict.AC, Fraction(0))
    if group.ignore_sample:
        grades = grades[-1:]
    verdicts = [one.verdict for one in grades]
    points = [one.points for one in grades]
    verdict = Verdict.AC
    if not (group.any_accepted and Verdict.AC in verdicts):
        if group.verdict_mode is VerdictMode.WORST_ERROR:
            verdict = min(verdicts, key=_WORST.index)
        elif group.verdict_mode is VerdictMode.FIRST_ERROR:
            verdict = next((one for one in verdicts if one is not Verdict.AC), Verdict.AC)
    total = sum(points, Fraction(0))
    by_mode = {
        ScoreMode.SUM: total,
        ScoreMode.AVG: total / len(points),
        ScoreMode.MIN: min(points),
        ScoreMode.MAX: max(points),
    }
    return Grade(verdict, by_mode[group.score_mode])


def _is_custom(group: LegacyGroup) -> bool:
    return group.custom or any(_is_custom(one) for one in group.children if isinstance(one, LegacyGroup))


def _result(group: LegacyGroup, grade: Grade | None) -> GroupResult:
    if grade is None:
        return GroupResult(group.name, None, 0, group.most)
    return GroupResult(group.name, grade.verdict, whole(grade.points), group.most)


def _shown(root: LegacyGroup) -> list[LegacyGroup]:
    """The groups that people think of: those that hold tests."""
    found = [root] if root.name and any(isinstance(child, int) for child in root.children) else []
    for child in root.children:
        if isinstance(child, LegacyGroup):
            found.extend(_shown(child))
    return found


def _parent(group: LegacyGroup, number: int) -> LegacyGroup | None:
    for child in group.children:
        if child == number:
            return group
        if isinstance(child, LegacyGroup) and (found := _parent(child, number)) is not None:
            return found
    return None


def _group_document(group: LegacyGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "children": [one if isinstance(one, int) else _group_document(one) for one in group.children],
        "breaks": group.breaks,
        "accept_score": group.accept_score,
        "reject_score": group.reject_score,
        "least": group.least,
        "most": group.most,
        "verdict_mode": group.verdict_mode.value,
        "score_mode": group.score_mode.value,
        "ignore_sample": group.ignore_sample,
        "any_accepted": group.any_accepted,
        **({"custom": True, "flags": list(group.flags)} if group.custom else {}),
    }
