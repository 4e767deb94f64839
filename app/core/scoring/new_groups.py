"""The groups of the 2025-09 format (PROBLEM_FORMATS 2.5 and 5.2).

The samples are run always and give nothing. The secret tests are one group, or groups of one level. Whoever has a score ends as
accepted, with 0 points too; what failed is seen in the groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from app.core.scoring.groups import (
    CasePoints,
    Graded,
    GroupResult,
    Results,
    ScoreFiles,
    number_of,
    whole,
)
from app.core.verdict import Verdict

RULES = "2025-09"


class Aggregation(StrEnum):
    """How a group's points come from those of its tests, or of its groups."""

    PASS_FAIL = "pass-fail"  # noqa: S105 - not a password
    SUM = "sum"
    MIN = "min"
    MULTIPLY = "multiply"  # this and the next one: CMS's GroupMul and GroupThreshold
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True)
class NewGroup:
    """Tests that are scored together. `most` in millionths, None for unbounded; `require_pass` names earlier groups.

    `threshold` in millionths: what a validator's value may be at most, where the aggregation is of that name.
    """

    name: str
    tests: tuple[int, ...]
    most: int | None
    aggregation: Aggregation
    require_pass: tuple[str, ...] = ()
    threshold: int | None = None
    static: tuple[int, int] | None = None
    """The number of the static validation test, and its points in millionths where the tests are added up or the least counts."""

    def share(self, number: int) -> Fraction | None:
        """What the accepted test is worth; None where only its validator knows."""
        if self.static is not None and number == self.static[0] and self.aggregation is not Aggregation.PASS_FAIL:
            return Fraction(self.static[1])
        if self.most is None or self.aggregation is Aggregation.THRESHOLD:
            return None
        if self.aggregation is Aggregation.SUM:
            others = len(self.tests) - (self.static is not None)
            return Fraction(self.most - (self.static[1] if self.static is not None else 0), max(1, others))
        return Fraction(self.most)


@dataclass(frozen=True, slots=True)
class NewGrading:
    """The whole problem: samples, then groups; `most` and `aggregation` are those of secret."""

    samples: tuple[int, ...]
    groups: tuple[NewGroup, ...]
    most: int | None
    aggregation: Aggregation

    @property
    def most_millionths(self) -> int | None:
        return self.most

    def next_test(self, results: Results, *, all_tests: bool = False) -> int | None:
        if any(run.verdict is Verdict.JE for run in results.values()):
            return None
        for number in self.samples:
            if number not in results:
                return number
        for group in self.groups:
            if not self._is_run(group, results):
                continue
            for number in group.tests:
                run = results.get(number)
                if run is None:
                    return number
                if run.verdict is not Verdict.AC and group.aggregation is not Aggregation.SUM and not all_tests:
                    break
        return None

    def fold(self, results: Results) -> Graded | None:
        if any(run.verdict is Verdict.JE for run in results.values()):
            return Graded(Verdict.JE, None)
        if self.next_test(results) is not None:
            return None
        scored = [(group, self._points(group, results)) for group in self.groups]
        folded = tuple(
            GroupResult(group.name, self._verdict(group, results), whole(points), group.most)
            for group, points in scored
        )
        accepted = all(one.verdict is Verdict.AC for one in folded)
        if len(scored) == 1 and scored[0][0].name == "secret":
            total = scored[0][1]
        else:
            total = _together(self.aggregation, [points for _, points in scored], accepted, self.most)
        return Graded(Verdict.AC, whole(total), folded)

    def points(self, number: int, verdict: Verdict, files: ScoreFiles) -> CasePoints:
        group = next((one for one in self.groups if number in one.tests), None)
        if group is None or verdict is Verdict.JE:
            return CasePoints()
        given = files.score is not None or files.multiplier is not None
        if verdict is not Verdict.AC:
            return CasePoints(0, "it gave a score to a rejected output" if given else "")
        share = group.share(number)
        if not given:
            return CasePoints(fault="it gave no score") if share is None else CasePoints(whole(share))
        if group.aggregation is Aggregation.PASS_FAIL:
            return CasePoints(fault=f"it gave a score in the pass-fail group {group.name}")
        if files.score is not None and files.multiplier is not None:
            return CasePoints(fault="it gave both score.txt and score_multiplier.txt")
        return _from_file(share, files)

    def as_document(self) -> dict[str, Any]:
        return {
            "rules": RULES,
            "samples": list(self.samples),
            "most": self.most,
            "aggregation": self.aggregation.value,
            "groups": [
                {
                    "name": one.name,
                    "tests": list(one.tests),
                    "most": one.most,
                    "aggregation": one.aggregation.value,
                    "require_pass": list(one.require_pass),
                    **({} if one.threshold is None else {"threshold": one.threshold}),
                    **({} if one.static is None else {"static": list(one.static)}),
                }
                for one in self.groups
            ],
        }

    def _is_run(self, group: NewGroup, results: Results) -> bool:
        return all(self._passed(name, results) for name in group.require_pass)

    def _passed(self, name: str, results: Results) -> bool:
        """Whether the earlier group, or the samples, are accepted in full. A group can only require earlier ones: this ends."""
        if name == "sample":
            return _all_accepted(self.samples, results)
        group = next((one for one in self.groups if one.name == name), None)
        return group is not None and self._is_run(group, results) and _all_accepted(group.tests, results)

    def _verdict(self, group: NewGroup, results: Results) -> Verdict | None:
        if not self._is_run(group, results):
            return None
        known = (results[number].verdict for number in group.tests if number in results)
        failed = next((verdict for verdict in known if verdict is not Verdict.AC), None)
        if failed is None and not _within(group, results):
            return Verdict.WA
        return failed or Verdict.AC

    def _points(self, group: NewGroup, results: Results) -> Fraction:
        if not self._is_run(group, results):
            return Fraction(0)
        points = [_case(number, results, group.share(number)) for number in group.tests]
        if group.aggregation is Aggregation.THRESHOLD:
            kept = _all_accepted(group.tests, results) and _within(group, results)
            return Fraction(group.most or 0) if kept else Fraction(0)
        if group.aggregation is Aggregation.MULTIPLY:
            return _product(points, Fraction(group.most or 0))
        return _together(group.aggregation, points, _all_accepted(group.tests, results), group.most)


def _from_file(share: Fraction | None, files: ScoreFiles) -> CasePoints:
    text = files.score if files.score is not None else files.multiplier
    number = number_of(text or "")
    if number is None:
        return CasePoints(fault="the score that it gave is not a number")
    if files.multiplier is not None:
        if share is None:
            return CasePoints(fault="it gave a multiplier where there is no largest score")
        number = number * share / 1_000_000
    if number < 0 or (share is not None and number > share and whole(number) > whole(share)):
        return CasePoints(fault="the score that it gave is out of range")
    return CasePoints(whole(number))


def _case(number: int, results: Results, share: Fraction | None) -> Fraction:
    run = results.get(number)
    if run is None or run.verdict is not Verdict.AC:
        return Fraction(0)
    if share is not None and (run.score_millionths is None or run.score_millionths == whole(share)):
        return share
    return Fraction(run.score_millionths or 0)


def _together(rule: Aggregation, points: list[Fraction], accepted: bool, most: int | None) -> Fraction:
    if rule is Aggregation.PASS_FAIL:
        return Fraction(most or 0) if accepted else Fraction(0)
    if rule is Aggregation.MIN:
        return min(points, default=Fraction(0))
    return sum(points, Fraction(0))


def _product(points: list[Fraction], most: Fraction) -> Fraction:
    """The product of the tests' parts of `most`."""
    if not most:
        return Fraction(0)
    product = most
    for one in points:
        product *= one / most
    return product


def _within(group: NewGroup, results: Results) -> bool:
    """Whether no value of the group's tests is over its threshold."""
    if group.aggregation is not Aggregation.THRESHOLD or group.threshold is None:
        return True
    known = (results[number] for number in group.tests if number in results)
    return all((run.score_millionths or 0) <= group.threshold for run in known)


def takes_raw_scores(grading: object) -> bool:
    """Whether a validator's values are compared with thresholds, so that they are no parts of a largest score."""
    return isinstance(grading, NewGrading) and any(one.aggregation is Aggregation.THRESHOLD for one in grading.groups)


def _all_accepted(numbers: tuple[int, ...], results: Results) -> bool:
    return all(number in results and results[number].verdict is Verdict.AC for number in numbers)
