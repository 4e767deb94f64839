"""Scoring with test groups: what the runs of a judgement say, folded into verdict, score and results of groups.

Two sets of rules share this interface: `new_groups` (2025-09) and `legacy_groups`. Both are pure: they take what is known of each test
and give the next test to be run, or the fold. Verdict, score and group results are folded from the runs side by side; none of them
is made from another (PROBLEM_FORMATS 5 and 12.3).

Scores are integers in millionths outside and exact fractions inside: 100 points on three tests are 100 points again. A run that
has the rounded share of its test counts with the exact one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from app.core.verdict import Verdict

MILLION = 1_000_000
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,2})?", re.ASCII)


class Scored(Protocol):
    """What a fold needs of a run: its verdict, and its points in millionths where it has some."""

    @property
    def verdict(self) -> Verdict: ...

    @property
    def score_millionths(self) -> int | None: ...


Results = Mapping[int, Scored]
"""What is known of the tests, by their numbers from 1."""


@dataclass(frozen=True, slots=True)
class ScoreFiles:
    """What a validator left in score.txt and score_multiplier.txt; None where there is no such file."""

    score: str | None = None
    multiplier: str | None = None


@dataclass(frozen=True, slots=True)
class CasePoints:
    """The points of one run in millionths (None: it has none), or why its validator broke the rules: a judging error."""

    score_millionths: int | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group: `verdict` None where it was not run. Points in millionths; `most` None where there is no bound."""

    name: str
    verdict: Verdict | None
    score_millionths: int
    most_millionths: int | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """What a judgement of a scoring problem ended as. `score_millionths` is None only after a judging error."""

    verdict: Verdict
    score_millionths: int | None
    groups: tuple[GroupResult, ...] = ()


class Grading(Protocol):
    """The rules of one scoring problem."""

    def next_test(self, results: Results, *, all_tests: bool = False) -> int | None:
        """The next test in test order that has to be run, None when the fold is decided.

        With `all_tests` a group goes on after a failing test where the rules leave the choice.
        """
        ...

    def fold(self, results: Results) -> Graded | None:
        """What the runs decide, None while they don't. Results that the rules would not have asked for change nothing."""
        ...

    def points(self, number: int, verdict: Verdict, files: ScoreFiles) -> CasePoints:
        """The points of test `number` that ended with `verdict`, its validator having left `files`."""
        ...

    @property
    def most_millionths(self) -> int | None:
        """The largest score, None where there is no bound."""
        ...

    def as_document(self) -> dict[str, Any]:
        """As plain JSON values, for the stored package and for tasks (grading_document reads it)."""
        ...


def whole(points: Fraction) -> int:
    """Exact millionths as an integer, halves to even."""
    return round(points)


def number_of(text: str) -> Fraction | None:
    """A decimal number as millionths, exact; None for anything else."""
    word = text.strip()
    return Fraction(word) * MILLION if _NUMBER.fullmatch(word) else None


def decimal(millionths: int) -> str:
    """A score as people and JSON read it: `7`, `33.333333`, `-0.5`."""
    sign, (units, rest) = "-" if millionths < 0 else "", divmod(abs(millionths), MILLION)
    return f"{sign}{units}.{rest:06d}".rstrip("0").rstrip(".")


def plain_number(millionths: int | None) -> int | float | None:
    """A score as a JSON number: an integer where it is one."""
    if millionths is None:
        return None
    return millionths // MILLION if millionths % MILLION == 0 else millionths / MILLION


def group_documents(groups: tuple[GroupResult, ...]) -> list[dict[str, Any]]:
    """Group results as plain JSON values, in integers."""
    return [
        {
            "name": one.name,
            "verdict": None if one.verdict is None else one.verdict.value,
            "score_millionths": one.score_millionths,
            "most_millionths": one.most_millionths,
        }
        for one in groups
    ]
