"""Whether a judged solution did what its package promises (DESIGN 6, agreement in `verify`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.scoring.groups import decimal
from app.core.verdict import Verdict, agrees
from app.package.expectations import glob_matches
from app.package.manifest import JurySolution, Rule
from judge_node.commands.verdictcache import Judged, Seen


def keeps_promise(solution: JurySolution, judged: Judged, named: frozenset[Verdict]) -> bool:
    """Whether a judged solution did what the package promises (DESIGN 6, agreement in `verify`).

    Where the package has rules for single tests that the first failing one does not settle, every test has to be
    permitted and one has to be required.
    """
    if judged.verdict is Verdict.JE:
        return False
    if not solution.expected:
        return True
    if not solution.needs_all_tests:
        return agrees(judged.verdict, solution.expected, named)
    allowed = solution.permitted | solution.required
    seen: Sequence[Verdict] = judged.runs
    if judged.verdict is Verdict.CE:
        return Verdict.CE in allowed
    return all(agrees(one, allowed, named) for one in seen) and any(
        agrees(one, solution.required, named) for one in seen
    )


def tests_keep_promise(solution: JurySolution, judged: Judged, named: frozenset[Verdict]) -> bool:
    """The same for 2025-09's scoring problems, where whoever has a score is accepted: there the single tests tell."""
    if judged.verdict is Verdict.JE:
        return False
    allowed = solution.permitted | solution.required
    wanted = solution.required
    if not allowed and solution.expected:  # a tag in the source
        allowed, wanted = solution.expected | {Verdict.AC}, solution.expected - {Verdict.AC}
    if judged.verdict is Verdict.CE:
        return not allowed or Verdict.CE in allowed
    kept = not solution.permitted or all(agrees(one, allowed, named) for one in judged.runs)
    return kept and (not wanted or any(agrees(one, wanted, named) for one in judged.runs))


def score_missed(solution: JurySolution, judged: Judged, most: int | None) -> str:
    """A sentence where the score is not what the package promises; `most` is the largest score in millionths."""
    score = judged.score_millionths or 0
    if solution.score is not None and not solution.score[0] <= score <= solution.score[1]:
        return f"Its score is {decimal(score)}, expected {_range(solution.score)}."
    if solution.partial and most is not None and score >= most:
        return f"Its score is {decimal(score)}, expected less than that."
    return ""


def rule_missed(solution: JurySolution, judged: Judged, named: frozenset[Verdict]) -> str:
    """A sentence for the first rule of submissions.yaml that is not kept, "" where all are. Not for verdict JE."""
    if judged.verdict is Verdict.CE:
        wanted = solution.permitted | solution.required
        return "" if not wanted or Verdict.CE in wanted else "The compiler refuses it."
    for rule in solution.rules:
        tests = [seen for seen in judged.seen if matches(rule, seen.test)]
        missed = _missed(rule, tests, named) or _group_missed(rule, judged)
        if missed:
            return missed
    return ""


def matches(rule: Rule, test: str) -> bool:
    """Whether the rule is about this test, by its own name or that of a group around it."""
    return not rule.tests or any(glob_matches(pattern, test) for pattern in rule.tests)


def _missed(rule: Rule, tests: Sequence[Seen], named: frozenset[Verdict]) -> str:
    if not tests:
        return ""
    where = f" of {', '.join(rule.tests[:3])}" if rule.tests else ""
    for seen in tests if rule.permitted else ():
        if not agrees(seen.verdict, rule.permitted, named):
            return f"{seen.test}: permitted{where} is {_words(rule.permitted)}, got {seen.verdict}."
    if rule.required and not any(agrees(seen.verdict, rule.required, named) for seen in tests):
        return f"No test{where} ended as {_words(rule.required)}, which is required."
    if rule.message and not any(rule.message in seen.message for seen in tests):
        return f"No message of the validator{where} contains {rule.message!r}."
    return ""


def _group_missed(rule: Rule, judged: Judged) -> str:
    if rule.score is None:
        return ""
    for name, score in judged.groups:
        if any(glob_matches(pattern, name) for pattern in rule.tests) and not rule.score[0] <= score <= rule.score[1]:
            return f"The score of {name} is {decimal(score)}, expected {_range(rule.score)}."
    return ""


def _range(score: tuple[int, int]) -> str:
    least, top = map(decimal, score)
    return least if least == top else f"{least} to {top}"


def _words(verdicts: Iterable[Verdict]) -> str:
    return " or ".join(sorted(verdict.value for verdict in verdicts))
