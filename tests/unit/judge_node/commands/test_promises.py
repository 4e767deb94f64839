"""Problem setters: whether what a solution did keeps the rules of submissions.yaml."""

from __future__ import annotations

import pytest

from app.core.verdict import Verdict
from app.package.manifest import Bound, JurySolution, Program, Rule
from judge_node.commands.promises import rule_missed
from judge_node.commands.timelimit import from_above, from_below
from judge_node.commands.verdictcache import Judged, Seen

AC, WA, TLE, RTE = Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.RTE


def solution(*rules: Rule, expected: Verdict | None = None) -> JurySolution:
    return JurySolution(
        Program("mine/a.py", ()), frozenset() if expected is None else frozenset({expected}), rules=rules
    )


def judged(*tests: tuple[str, Verdict], message: str = "", groups: tuple[tuple[str, int], ...] = ()) -> Judged:
    seen = tuple(Seen(name, verdict, 0.1, message) for name, verdict in tests)
    verdict = next((one for _, one in tests if one is not AC), AC)
    return Judged(verdict, 0.1, tuple(one for _, one in tests), seen=seen, groups=groups)


DONE = judged(
    ("sample/1", AC),
    ("secret/easy/1", AC),
    ("secret/hard/1", WA),
    message="line 1: too big",
    groups=(("secret/easy", 40_000_000), ("secret/hard", 0)),
)


@pytest.mark.parametrize(
    ("rule", "missed"),
    [
        (Rule(), ""),
        (Rule(permitted=frozenset({AC, WA}), required=frozenset({WA})), ""),
        (Rule(permitted=frozenset({AC})), "secret/hard/1: permitted is AC, got WA."),
        (Rule(("secret/easy",), permitted=frozenset({AC})), ""),
        (Rule(("secret/*",), permitted=frozenset({AC})), "secret/hard/1: permitted of secret/* is AC, got WA."),
        (Rule(("sample", "secret/easy/*"), required=frozenset({AC})), ""),
        (
            Rule(("secret/easy",), required=frozenset({TLE})),
            "No test of secret/easy ended as TLE, which is required.",
        ),
        (Rule(("secret/none",), required=frozenset({TLE})), ""),
        (Rule(message="too big"), ""),
        (Rule(message="too small"), "No message of the validator contains 'too small'."),
        (Rule(("secret/easy",), score=(40_000_000, 40_000_000)), ""),
        (Rule(("secret/hard",), score=(1, 60_000_000)), "The score of secret/hard is 0, expected 0.000001 to 60."),
    ],
)
def test_rules(rule: Rule, missed: str) -> None:
    """Each rule is about its own tests, all of them or some; the sentence says which test broke it and how."""
    assert rule_missed(solution(rule), DONE, frozenset({AC, WA, TLE})) == missed


def test_all_rules_have_to_hold() -> None:
    """The first rule that is missed is told, whatever the others say."""
    rules = Rule(required=frozenset({WA})), Rule(required=frozenset({TLE}))
    assert rule_missed(solution(*rules), DONE, frozenset()) == "No test ended as TLE, which is required."


def test_a_crash_by_memory_is_a_crash() -> None:
    """Where the package names no MLE, a rule that wants RTE admits it, on single tests as for the whole."""
    greedy = judged(("secret/1", Verdict.MLE))
    rule = Rule(permitted=frozenset({AC, RTE}), required=frozenset({RTE}))
    assert rule_missed(solution(rule), greedy, frozenset({AC, RTE})) == ""
    assert rule_missed(solution(rule), greedy, frozenset({Verdict.MLE})) != ""


def test_who_bounds_a_measured_limit() -> None:
    """Accepted ones bound it from below, slow ones from above; a rule may say otherwise, for its tests only."""
    assert from_below(solution(expected=AC)) == (Rule(),)
    assert from_below(solution(expected=WA)) == ()
    assert from_above(solution(expected=TLE)) == (Rule(),)
    in_time = Rule(("sample",), permitted=frozenset({AC, WA}))
    slow = Rule(("secret",), required=frozenset({TLE}))
    assert from_below(solution(in_time, slow)) == (in_time,)
    assert from_above(solution(in_time, slow)) == (slow,)
    out = Rule(permitted=frozenset({AC}), bound=Bound.NONE)
    told = Rule(("secret",), bound=Bound.UPPER), Rule(("sample",), bound=Bound.LOWER)
    assert from_below(solution(out, *told)) == told[1:]
    assert from_above(solution(out, *told)) == told[:1]
