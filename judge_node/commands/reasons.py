"""Why a solution did not do what its package expects: the test, what was expected there, and what the validator said."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.verdict import Verdict, agrees
from judge_node.commands.verdictcache import Seen
from judge_node.commands.verifying import Checked


def reason(checked: Checked, cpu_seconds: float) -> str:
    """One sentence for a disagreement; "" where the solution agrees. `cpu_seconds` is the time limit."""
    judged, solution = checked.judged, checked.solution
    if checked.ok:
        return ""
    if checked.missed or judged.verdict is Verdict.JE:
        return checked.missed or judged.message
    if judged.verdict is Verdict.CE:
        return "The compiler refuses it."
    allowed = solution.permitted | solution.required or solution.expected
    for seen in judged.seen:
        if seen.verdict is not Verdict.AC and not agrees(seen.verdict, allowed, allowed):
            return f"{seen.test}: expected {_words(allowed)}, got {_what(seen, cpu_seconds)}"
    wanted = solution.required or solution.expected
    if judged.verdict is Verdict.AC or not any(agrees(seen.verdict, wanted, wanted) for seen in judged.seen):
        slowest = max(judged.seen, key=lambda seen: seen.cpu_seconds, default=None)
        near = "" if slowest is None or Verdict.TLE not in wanted else f", the slowest in {_time(slowest, cpu_seconds)}"
        return f"No test ended as {_words(wanted)}: it passed {_passed(judged.seen)} of {len(judged.seen)} tests{near}."
    failing = next((seen for seen in judged.seen if seen.verdict is not Verdict.AC), None)
    return "" if failing is None else f"{failing.test}: expected {_words(wanted)}, got {_what(failing, cpu_seconds)}"


def _what(seen: Seen, cpu_seconds: float) -> str:
    if seen.verdict is Verdict.TLE:
        return f"TLE: {_time(seen, cpu_seconds)}"
    message = seen.message.partition("\n")[0]
    return f"{seen.verdict.value}: {message}" if message else seen.verdict.value


def _time(seen: Seen, cpu_seconds: float) -> str:
    return f"{seen.cpu_seconds:.3f} s where the limit is {cpu_seconds:g} s ({seen.test})"


def _passed(seen: Iterable[Seen]) -> int:
    return sum(one.verdict is Verdict.AC for one in seen)


def _words(verdicts: Iterable[Verdict]) -> str:
    return " or ".join(sorted(verdict.value for verdict in verdicts))
