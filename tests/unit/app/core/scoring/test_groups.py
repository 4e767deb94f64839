"""Scoring with groups: the rules of both formats, and what holds for every outcome."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Refusal
from app.core.scoring.grading_document import read_grading
from app.core.scoring.groups import MILLION, Grading, ScoreFiles, decimal, number_of, plain_number
from app.core.scoring.legacy_groups import LegacyGrading, LegacyGroup, ScoreMode, VerdictMode
from app.core.scoring.new_groups import Aggregation, NewGrading, NewGroup
from app.core.verdict import Verdict

AC, WA, TLE, RTE, JE = Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.RTE, Verdict.JE


@dataclass(frozen=True)
class Known:
    verdict: Verdict
    score_millionths: int | None = None


def runs(*verdicts: Verdict) -> dict[int, Known]:
    return {number: Known(verdict) for number, verdict in enumerate(verdicts, 1)}


def points(number: int) -> int:
    return number * MILLION


def new(*groups: NewGroup, most: int | None = points(100), rule: Aggregation = Aggregation.SUM) -> NewGrading:
    return NewGrading((1,), groups, most, rule)


def group(name: str, tests: tuple[int, ...], most: int | None, rule: Aggregation, *after: str) -> NewGroup:
    return NewGroup(name, tests, None if most is None else points(most), rule, after)


TWO = new(
    group("secret/1", (2, 3), 30, Aggregation.PASS_FAIL),
    group("secret/2", (4, 5), 70, Aggregation.MIN, "secret/1"),
)


def legacy(*children: int | LegacyGroup, most: int = 100, **more: object) -> LegacyGrading:
    """The usual Kattis pattern: points of solved groups are summed, one solved group is enough to be accepted."""
    secret = LegacyGroup("secret", children, breaks=False, verdict_mode=VerdictMode.FIRST_ERROR, any_accepted=True)
    root = LegacyGroup("", (LegacyGroup("sample", (1,)), secret), breaks=False, ignore_sample=True, most=points(most))
    return LegacyGrading(root, **more)  # type: ignore[arg-type]


def paid(name: str, tests: tuple[int, ...], accept: int) -> LegacyGroup:
    return LegacyGroup(name, tests, accept_score=points(accept), score_mode=ScoreMode.MIN)


USUAL = legacy(paid("secret/1", (2, 3), 40), paid("secret/2", (4, 5), 60))


def test_all_or_nothing_and_requirements() -> None:
    """The second group counts only for who has passed the first; a failed group stops, the samples never do."""
    whole = TWO.fold(runs(AC, AC, AC, AC, AC))
    assert whole is not None
    assert (whole.verdict, whole.score_millionths) == (AC, points(100))
    first_lost = TWO.fold({1: Known(WA), 2: Known(AC), 3: Known(TLE)})
    assert first_lost is not None
    assert (first_lost.verdict, first_lost.score_millionths) == (AC, 0)
    assert [(one.verdict, one.score_millionths) for one in first_lost.groups] == [(TLE, 0), (None, 0)]
    assert TWO.next_test(runs(AC, WA)) is None
    assert TWO.next_test(runs(AC, WA), all_tests=True) == 3
    assert TWO.next_test(runs(AC, AC, AC)) == 4
    assert TWO.fold(runs(AC, AC, AC)) is None


def test_shares_are_exact() -> None:
    """A hundred points on three tests are a hundred again, two of them are 66.666667."""
    thirds = new(group("secret", (2, 3, 4), 100, Aggregation.SUM))
    share = thirds.points(2, AC, ScoreFiles()).score_millionths
    full = thirds.fold({1: Known(AC), **{n: Known(AC, share) for n in (2, 3, 4)}})
    two = thirds.fold({1: Known(AC), 2: Known(AC, share), 3: Known(WA, 0), 4: Known(AC, share)})
    assert full is not None
    assert two is not None
    assert (share, full.score_millionths, two.score_millionths) == (33_333_333, points(100), 66_666_667)


def test_validators_give_points() -> None:
    """score.txt and the multiplier give points within the test's share; everything against the rules is named."""
    grading = new(
        group("secret/a", (2, 3), 50, Aggregation.SUM),
        group("secret/b", (4,), 50, Aggregation.PASS_FAIL),
        group("secret/c", (5,), None, Aggregation.MIN),
    )
    assert grading.points(2, AC, ScoreFiles("12.5\n")).score_millionths == 12_500_000
    assert grading.points(2, AC, ScoreFiles(multiplier="0.2")).score_millionths == points(5)
    assert grading.points(5, AC, ScoreFiles("1e6")).score_millionths == points(1_000_000)
    assert grading.points(2, WA, ScoreFiles()).score_millionths == 0
    assert grading.points(1, AC, ScoreFiles("3")).fault == ""
    wrong = [
        grading.points(2, AC, ScoreFiles("25.1")),
        grading.points(2, AC, ScoreFiles("-1")),
        grading.points(2, AC, ScoreFiles("nan")),
        grading.points(2, AC, ScoreFiles("1", "1")),
        grading.points(2, AC, ScoreFiles(multiplier="1.5")),
        grading.points(2, WA, ScoreFiles("1")),
        grading.points(4, AC, ScoreFiles("50")),
        grading.points(5, AC, ScoreFiles()),
        grading.points(5, AC, ScoreFiles(multiplier="1")),
    ]
    assert all(one.fault for one in wrong)


def test_usual_legacy_pattern() -> None:
    """Accepted with the points of the solved groups; a group breaks at its first failing test; nothing solved is wrong."""
    half = USUAL.fold({1: Known(AC), 2: Known(AC), 3: Known(AC), 4: Known(WA)})
    assert half is not None
    assert (half.verdict, half.score_millionths, USUAL.most_millionths) == (AC, points(40), points(100))
    assert [(one.name, one.verdict) for one in half.groups] == [
        ("sample", AC),
        ("secret/1", AC),
        ("secret/2", WA),
    ]
    nothing = USUAL.fold({1: Known(WA), 2: Known(TLE), 4: Known(WA)})
    assert nothing is not None
    assert (nothing.verdict, nothing.score_millionths) == (TLE, 0)
    later = USUAL.fold({1: Known(WA), 2: Known(TLE), 3: Known(RTE), 4: Known(WA), 5: Known(RTE)})
    assert later == nothing


@pytest.mark.parametrize(
    ("mode", "verdict", "score", "expected"),
    [
        ({}, RTE, 3, ScoreMode.SUM),
        ({"verdict_mode": VerdictMode.FIRST_ERROR}, WA, 3, ScoreMode.SUM),
        ({"verdict_mode": VerdictMode.ALWAYS_ACCEPT}, AC, 3, ScoreMode.SUM),
        ({"any_accepted": True}, AC, 3, ScoreMode.SUM),
        ({}, RTE, 0, ScoreMode.MIN),
        ({}, RTE, 2, ScoreMode.MAX),
        ({}, RTE, 0.75, ScoreMode.AVG),
    ],
)
def test_default_grader(mode: dict[str, object], verdict: Verdict, score: float, expected: ScoreMode) -> None:
    """Every mode of the default grader; points of a judgement that was not accepted are kept."""
    root = LegacyGroup("secret", (1, 2, 3, 4), breaks=False, score_mode=expected, **mode)  # type: ignore[arg-type]
    known = {1: Known(AC, points(1)), 2: Known(WA, 0), 3: Known(RTE, 0), 4: Known(AC, points(2))}
    graded = LegacyGrading(root).fold(known)
    assert graded is not None
    assert (graded.verdict, graded.score_millionths) == (verdict, int(score * MILLION))


def test_legacy_points() -> None:
    """Without a score of the validator's own the group's scores count; with one it is wanted, and only on accepted."""
    custom = LegacyGrading(LegacyGroup("secret", (1,), least=0, most=points(10)), custom_score=True)
    assert USUAL.points(2, AC, ScoreFiles()).score_millionths == points(40)
    assert custom.points(1, AC, ScoreFiles("7.25")).score_millionths == 7_250_000
    assert all(
        one.fault
        for one in (
            USUAL.points(2, AC, ScoreFiles("1")),
            custom.points(1, AC, ScoreFiles()),
            custom.points(1, WA, ScoreFiles("1")),
            custom.points(1, AC, ScoreFiles("11")),
            custom.points(1, AC, ScoreFiles("many")),
        )
    )


def test_numbers() -> None:
    """Scores are read and written exactly."""
    assert [decimal(one) for one in (0, points(7), 33_333_333, -500_000)] == ["0", "7", "33.333333", "-0.5"]
    assert [plain_number(one) for one in (None, points(3), 2_500_000)] == [None, 3, 2.5]
    assert number_of("1_0") is None
    assert number_of(" .5\n") == 500_000


verdicts = st.sampled_from([AC, AC, AC, WA, TLE, RTE])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([TWO, USUAL]), st.lists(verdicts, min_size=5, max_size=5), st.booleans())
def test_asking_ends_in_a_fold(grading: Grading, ends: list[Verdict], all_tests: bool) -> None:
    """Whoever runs what the rules ask for, test by test, gets a fold; it never changes by tests that were run beyond that,
    by the order in which they became known, or by the way through JSON.
    """
    everything = runs(*ends)
    known: dict[int, Known] = {}
    asked: list[int] = []
    while (number := grading.next_test(known, all_tests=all_tests)) is not None:
        assert number not in known
        known[number] = everything[number]
        asked.append(number)
    again = read_grading(json.loads(json.dumps(grading.as_document())))
    assert asked == sorted(asked)
    assert again == grading
    graded = grading.fold(known)
    assert graded is not None
    assert graded == grading.fold(everything) == grading.fold(dict(reversed(known.items())))
    assert 0 <= (graded.score_millionths or 0) <= points(100)
    assert (graded.score_millionths == points(100)) == all(one is AC for one in ends[1:])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([TWO, USUAL]), st.lists(verdicts, min_size=5, max_size=5), st.integers(1, 5))
def test_better_runs_never_cost_points(grading: Grading, ends: list[Verdict], better: int) -> None:
    """One more accepted test never lowers the score."""
    before, after = grading.fold(runs(*ends)), grading.fold({**runs(*ends), better: Known(AC)})
    assert before is not None
    assert after is not None
    assert (after.score_millionths or 0) >= (before.score_millionths or 0)


@pytest.mark.parametrize("grading", [TWO, USUAL])
def test_judging_error(grading: Grading) -> None:
    """A judging error decides at once, and has no score."""
    known = {2: Known(JE)}
    graded = grading.fold(known)
    assert graded is not None
    assert (grading.next_test(known), graded.verdict, graded.score_millionths) == (None, JE, None)


@pytest.mark.parametrize("broken", [{"rules": "none"}, {"rules": "legacy"}, {"rules": "2025-09", "samples": 3}])
def test_broken_rules(broken: dict[str, object]) -> None:
    """Rules that are none of ours are refused with a sentence."""
    assert read_grading(None) is None
    with pytest.raises(Refusal, match=r"rules"):
        read_grading(broken)
