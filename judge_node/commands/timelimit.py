"""The time limit of a package: its own, or measured with its solutions where it sets none (PROBLEM_FORMATS 1.2, 2.2).

Both formats have one rule with numbers of their own. The slowest accepted run times `ac_to_time_limit`, rounded up to the
resolution, is the limit (legacy: 5 and whole seconds); solutions that must be too slow need more than the limit times
`time_limit_to_tle`. Where they do not, no limit tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.core.errors import Fault
from app.core.verdict import Verdict
from app.package.manifest import DEFAULT_CPU_SECONDS, Bound, JurySolution, Rule
from app.package.reader import OpenedPackage
from judge_node.commands.promises import matches
from judge_node.commands.workplace import Workplace, judge_in_folder
from judge_node.pipeline.from_package import job_for, language_of, solution_sources
from judge_node.pipeline.job import JudgeResult, Watcher
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.time_limits import ROOM_SECONDS, limit_for


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """CPU seconds and, where it was measured, how; `problems` are sentences about slow solutions that are too quick."""

    cpu_seconds: float
    how: str = ""
    problems: tuple[str, ...] = ()


def time_limit(opened: OpenedPackage, workplace: Workplace, workshop: Workshop) -> TimeLimit:
    """The package's limit, else measured without a look at the slow solutions."""
    return measured_limit(opened, workplace, workshop, check_slow=False)


def measured_limit(
    opened: OpenedPackage, workplace: Workplace, workshop: Workshop, *, check_slow: bool = True
) -> TimeLimit:
    """The package's limit, else the measured one, with the slow solutions held against it by the safety margin.

    Where nothing can be measured it is the default of the formats, with a sentence in `problems`.
    """
    limits = opened.package.limits
    if limits.cpu_seconds_known:
        return TimeLimit(limits.cpu_seconds)
    slowest = _slowest(opened, workplace, workshop)
    if slowest is None:
        sentence = f"no time limit is set, and no solution passes to measure one with; it is {DEFAULT_CPU_SECONDS:g} s."
        return TimeLimit(DEFAULT_CPU_SECONDS, problems=(f"problem.yaml: {sentence}",))
    seconds = limit_for(slowest[0], limits.ac_to_time_limit, limits.time_resolution)
    how = (
        f"the time limit is measured: {seconds:g} s. The slowest run that has to be in time is {slowest[0]:.3f} s"
        f" ({slowest[1].path} on {slowest[2]}), times {limits.ac_to_time_limit:g}, rounded up."
    )
    margin = seconds * limits.time_limit_to_tle

    def judge(solution: JurySolution, rules: tuple[Rule, ...]) -> JudgeResult | None:
        return _judge(opened, workplace, workshop, solution, margin, rules)

    problems = tuple(_too_quick(opened, seconds, margin, judge)) if check_slow else ()
    return TimeLimit(seconds, how, problems)


def _slowest(opened: OpenedPackage, workplace: Workplace, workshop: Workshop) -> tuple[float, JurySolution, str] | None:
    """The slowest of the runs that bound the limit from below: seconds, solution, test."""
    found: list[tuple[float, JurySolution, str]] = []
    for solution in opened.package.submissions:
        bounds = from_below(solution)
        result = _judge(opened, workplace, workshop, solution, ROOM_SECONDS, bounds) if bounds else None
        if result is None or result.verdict is Verdict.JE:
            continue
        if solution.expected == {Verdict.AC} and result.verdict is not Verdict.AC:
            continue
        for run in result.runs:
            if run.verdict is not Verdict.TLE and any(matches(rule, run.test) for rule in bounds):
                found.append((run.cpu_seconds, solution, run.test))
    return max(found, key=lambda one: one[0], default=None)


def from_below(solution: JurySolution) -> tuple[Rule, ...]:
    """The rules by whose tests a solution bounds the limit from below; none where it does not.

    By directories alone these are the accepted ones. Others that may not be too slow bound it only where submissions.yaml has
    rules for them: a wrong program may spin as long as it likes, and measuring it takes as long.
    """
    if not solution.rules:
        return (Rule(),) if solution.expected == {Verdict.AC} else ()
    return tuple(
        rule
        for rule in solution.rules
        if rule.bound is Bound.LOWER
        or (rule.bound is Bound.AS_VERDICTS_TELL and rule.permitted and Verdict.TLE not in rule.permitted)
    )


def from_above(solution: JurySolution) -> tuple[Rule, ...]:
    """The rules by whose tests a solution bounds the limit from above: it has to be too slow on one of them."""
    if not solution.rules:
        return (Rule(),) if solution.expected == {Verdict.TLE} else ()
    return tuple(
        rule
        for rule in solution.rules
        if rule.bound is Bound.UPPER or (rule.bound is Bound.AS_VERDICTS_TELL and rule.required == {Verdict.TLE})
    )


def _too_quick(
    opened: OpenedPackage,
    seconds: float,
    margin: float,
    judge: Callable[[JurySolution, tuple[Rule, ...]], JudgeResult | None],
) -> Iterator[str]:
    """What of the solutions that must exceed the limit ends within the limit times the safety margin."""
    for solution in opened.package.submissions:
        bounds = from_above(solution)
        result = judge(solution, bounds) if bounds else None
        if result is None:
            continue
        runs = [run for run in result.runs if any(matches(rule, run.test) for rule in bounds)]
        if any(run.verdict is Verdict.TLE or run.wall_seconds > margin for run in runs):
            continue
        most = max((run.cpu_seconds for run in runs), default=0.0)
        yield (
            f"submissions/{solution.path}: it is to be too slow, but needs at most {most:.3f} s, not more than {margin:g} s"
            f" (the limit of {seconds:g} s times {opened.package.limits.time_limit_to_tle:g})."
        )


def _judge(
    opened: OpenedPackage,
    workplace: Workplace,
    workshop: Workshop,
    solution: JurySolution,
    cpu_seconds: float,
    rules: tuple[Rule, ...],
) -> JudgeResult | None:
    language = language_of(solution.program, workplace.languages)
    if language is None:
        return None
    try:
        workplace.prepare(language)
    except Fault:
        return None  # who judges it says so
    job = job_for(
        opened,
        solution_sources(opened, solution),
        language,
        workplace.languages,
        entry_point=solution.program.entry_point,
        cpu_seconds=cpu_seconds,
        all_tests=bool(solution.rules),
    )
    if job.grading is None and all(rule.tests for rule in rules):  # the other tests say nothing about the limit
        job = replace(job, tests=tuple(one for one in job.tests if any(matches(rule, one.name) for rule in rules)))
    return judge_in_folder(job, workshop, Watcher()) if job.tests else None
