"""Groups of CMS (products and thresholds), static tests of 2025-09, and grades of a package's own grader, folded exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest

from app.core.scoring.grading_document import read_grading
from app.core.scoring.groups import MILLION, ScoreFiles
from app.core.scoring.legacy_groups import Grade, LegacyGrading, LegacyGroup
from app.core.scoring.new_groups import Aggregation, NewGrading, NewGroup, takes_raw_scores
from app.core.verdict import Verdict


@dataclass(frozen=True)
class Run:
    """What a fold needs of a run."""

    verdict: Verdict
    score_millionths: int | None = None


def ac(points: float) -> Run:
    return Run(Verdict.AC, round(points * MILLION))


def one_group(
    rule: Aggregation, *, threshold: float | None = None, static: tuple[int, int] | None = None
) -> NewGrading:
    """A problem of one group with three tests, worth sixty points; it survives being written and read."""
    bound = None if threshold is None else round(threshold * MILLION)
    group = NewGroup("secret/a", (1, 2, 3), 60 * MILLION, rule, (), bound, static)
    grading = NewGrading((), (group,), 60 * MILLION, Aggregation.SUM)
    assert read_grading(grading.as_document()) == grading
    return grading


@pytest.mark.parametrize(
    ("runs", "points"),
    [
        ((ac(60), ac(60), ac(60)), 60),
        ((ac(60), ac(30), ac(60)), 30),
        ((ac(45), ac(30), ac(20)), 7.5),
        ((ac(60), Run(Verdict.WA, 0)), 0),
        ((ac(0), ac(60), ac(60)), 0),
    ],
)
def test_products(runs: tuple[Run, ...], points: float) -> None:
    """Each test takes its part of what is left."""
    graded = one_group(Aggregation.MULTIPLY).fold(dict(enumerate(runs, 1)))
    assert graded is not None
    assert graded.score_millionths == round(points * MILLION)


@pytest.mark.parametrize(
    ("runs", "points", "verdict"),
    [
        ((ac(7), ac(6.5), ac(0)), 60, Verdict.AC),
        ((ac(7), ac(7.000001), ac(0)), 0, Verdict.WA),
        ((ac(7), Run(Verdict.RTE)), 0, Verdict.RTE),
    ],
)
def test_thresholds(runs: tuple[Run, ...], points: int, verdict: Verdict) -> None:
    """All or nothing: no value over the bound."""
    grading = one_group(Aggregation.THRESHOLD, threshold=7)
    assert takes_raw_scores(grading)
    graded = grading.fold(dict(enumerate(runs, 1)))
    assert graded is not None
    assert (graded.score_millionths, graded.groups[0].verdict) == (points * MILLION, verdict)
    assert grading.points(1, Verdict.AC, ScoreFiles(score="123.5")).score_millionths == 123_500_000
    assert grading.points(1, Verdict.AC, ScoreFiles()).fault == "it gave no score"


def test_static_tests_have_points_of_their_own() -> None:
    """In a sum the others share what the static test leaves."""
    grading = one_group(Aggregation.SUM, static=(1, 20 * MILLION))
    worth = [grading.points(number, Verdict.AC, ScoreFiles()).score_millionths for number in (1, 2, 3)]
    assert worth == [20 * MILLION] * 3
    assert grading.points(1, Verdict.AC, ScoreFiles(multiplier="0.25")).score_millionths == 5 * MILLION
    graded = grading.fold({1: ac(5), 2: ac(20), 3: Run(Verdict.WA, 0)})
    assert graded is not None
    assert graded.score_millionths == 25 * MILLION


def test_grades_of_a_grader() -> None:
    """Without its grades the fold is open and nothing more is run; with them it is theirs."""
    rules = LegacyGrading(
        LegacyGroup("", (LegacyGroup("secret", (1, 2), breaks=False, custom=True, flags=("x",)),), breaks=False)
    )
    runs = {1: ac(1), 2: Run(Verdict.WA, 0)}
    assert read_grading(rules.as_document()) == rules
    assert (rules.next_test({1: ac(1)}), rules.next_test(runs), rules.fold(runs)) == (2, None, None)
    graded = rules.with_grades({"secret": Grade(Verdict.AC, Fraction(41_500_000))}).fold(runs)
    assert graded is not None
    assert (graded.verdict, graded.score_millionths) == (Verdict.AC, 41_500_000)
    assert rules.with_grades({"other": Grade(Verdict.AC, Fraction(1))}).fold(runs) is None
