"""How runs make a verdict, and how a jury solution agrees with what its package promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import SubmissionId, parse_submission_id, submission_public_id
from app.core.judgement import Run, count_passed, fold_runs
from app.core.verdict import Verdict, agrees

ENDS = st.sampled_from([one for one in Verdict if one not in (Verdict.CE, Verdict.JE)])


def run(number: int, verdict: Verdict) -> Run:
    return Run(number, str(number), verdict, 0.1, 0.1, 1)


@given(st.lists(ENDS, min_size=1, max_size=8), st.randoms(use_true_random=False), st.booleans())
def test_the_first_failing_test_decides_in_whatever_order(
    verdicts: list[Verdict], chance: object, all_tests: bool
) -> None:
    """The verdict is the first failing test in test order, in whatever order the tests ran, and never changes once it is known."""
    order = list(range(1, len(verdicts) + 1))
    chance.shuffle(order)  # type: ignore[attr-defined]
    expected = next((one for one in verdicts if one is not Verdict.AC), Verdict.AC)
    runs: dict[int, Run] = {}
    for number in order:
        runs[number] = run(number, verdicts[number - 1])
        assert fold_runs(len(verdicts), runs, all_tests=all_tests) in (None, expected)
    assert fold_runs(len(verdicts), runs, all_tests=all_tests) is expected
    assert count_passed(list(runs.values())) == verdicts.count(Verdict.AC)


def test_a_later_failure_waits_for_the_tests_before_it() -> None:
    """A failing third test decides only when the first two are known."""
    runs = {1: run(1, Verdict.AC), 3: run(3, Verdict.TLE)}
    assert fold_runs(3, runs, all_tests=False) is None
    assert fold_runs(3, runs | {2: run(2, Verdict.AC)}, all_tests=False) is Verdict.TLE


def test_all_tests_wait_for_all() -> None:
    """Where the organiser wants all tests the verdict waits for the last one."""
    runs = {1: run(1, Verdict.WA), 2: run(2, Verdict.AC)}
    assert fold_runs(3, runs, all_tests=False) is Verdict.WA
    assert fold_runs(3, runs, all_tests=True) is None


def test_a_judging_error_is_before_all() -> None:
    """A fault of ours on any test is never turned into a verdict of the team."""
    runs = {1: run(1, Verdict.WA), 2: run(2, Verdict.JE)}
    assert fold_runs(2, runs, all_tests=False) is Verdict.JE


V = Verdict


@pytest.mark.parametrize(
    ("verdict", "expected", "named", "agreed"),
    [
        (V.AC, {V.AC}, {V.AC}, True),
        (V.MLE, {V.RTE}, {V.AC, V.RTE}, True),
        (V.OLE, {V.WA}, {V.WA}, True),
        (V.NO, {V.WA}, {V.WA}, True),
        (V.NO, {V.RTE}, {V.RTE}, False),
        (V.NO, {V.WA}, {V.WA, V.MLE}, False),
        (V.MLE, {V.MLE}, {V.MLE}, True),
        (V.TLE, {V.WA, V.TLE}, {V.WA, V.TLE}, True),
        (V.TLE, {V.AC}, {V.AC}, False),
    ],
)
def test_agreement_with_the_package(
    verdict: Verdict, expected: set[Verdict], named: set[Verdict], agreed: bool
) -> None:
    """A wrong solution without output is a wrong answer to an old package, but not to one that tells the finer verdicts apart."""
    assert agrees(verdict, frozenset(expected), frozenset(named)) is agreed


@pytest.mark.parametrize(
    ("text", "number"), [("sub_17", 17), ("17", 17), ("sub_", None), ("x", None), ("-1", None), ("²", None)]
)
def test_ids_of_submissions(text: str, number: int | None) -> None:
    """A submission's id is read from a page's or a program's spelling, and from nothing else."""
    assert parse_submission_id(text) == number
    assert parse_submission_id(submission_public_id(SubmissionId(5))) == 5
