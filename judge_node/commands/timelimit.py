"""The time limit of a package: its own, or measured with its solutions where it sets none (PROBLEM_FORMATS 1.2, 2.2).

Both formats have one rule with numbers of their own. The slowest accepted run times `ac_to_time_limit`, rounded up to the
resolution, is the limit (legacy: 5 and whole seconds); solutions that must be too slow need more than the limit times
`time_limit_to_tle`. Where they do not, no limit tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.core.errors import Refusal
from app.core.judgement import Run
from app.core.verdict import Verdict
from app.package.manifest import JurySolution
from app.package.reader import OpenedPackage
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


def time_limit(opened: OpenedPackage, workplace: Workplace, workshop: Workshop) -> float:
    """CPU seconds: the package's limit, else measured with the accepted solutions only."""
    return measured_limit(opened, workplace, workshop, check_slow=False).cpu_seconds


def measured_limit(
    opened: OpenedPackage, workplace: Workplace, workshop: Workshop, *, check_slow: bool = True
) -> TimeLimit:
    """The package's limit, else the measured one, with the slow solutions held against it by the safety margin.

    Refusal(422) where no accepted solution passes, since then nothing can be measured.
    """
    limits = opened.package.limits
    if limits.cpu_seconds_known:
        return TimeLimit(limits.cpu_seconds)
    slowest: tuple[float, JurySolution, Run] | None = None
    for solution in opened.package.submissions:
        if solution.expected != {Verdict.AC}:
            continue
        result = _judge(opened, workplace, workshop, solution, ROOM_SECONDS)
        if result is None or result.verdict is not Verdict.AC:
            continue
        run = max(result.runs, key=lambda one: one.cpu_seconds)
        if slowest is None or run.cpu_seconds > slowest[0]:
            slowest = (run.cpu_seconds, solution, run)
    if slowest is None:
        raise Refusal(422, "problem.yaml: no time limit is set, and no accepted solution passes to measure one with.")
    seconds = limit_for(slowest[0], limits.ac_to_time_limit, limits.time_resolution)
    how = (
        f"the time limit is measured: {seconds:g} s. The slowest accepted run is {slowest[0]:.3f} s"
        f" ({slowest[1].path} on {slowest[2].test}), times {limits.ac_to_time_limit:g}, rounded up."
    )
    margin = seconds * limits.time_limit_to_tle

    def judge(solution: JurySolution) -> JudgeResult | None:
        return _judge(opened, workplace, workshop, solution, margin)

    problems = tuple(_too_quick(opened, seconds, margin, judge)) if check_slow else ()
    return TimeLimit(seconds, how, problems)


def _too_quick(
    opened: OpenedPackage, seconds: float, margin: float, judge: Callable[[JurySolution], JudgeResult | None]
) -> Iterator[str]:
    """What of the solutions that must exceed the limit ends within the limit times the safety margin."""
    for solution in opened.package.submissions:
        if solution.expected != {Verdict.TLE}:
            continue
        result = judge(solution)
        if result is None or any(run.verdict is Verdict.TLE for run in result.runs):
            continue
        most = max((run.cpu_seconds for run in result.runs), default=0.0)
        yield (
            f"submissions/{solution.path}: it is to be too slow, but needs at most {most:.3f} s, not more than {margin:g} s"
            f" (the limit of {seconds:g} s times {opened.package.limits.time_limit_to_tle:g})."
        )


def _judge(
    opened: OpenedPackage, workplace: Workplace, workshop: Workshop, solution: JurySolution, cpu_seconds: float
) -> JudgeResult | None:
    language = language_of(solution.program, workplace.languages)
    if language is None:
        return None
    workplace.prepare(language)
    job = job_for(
        opened,
        solution_sources(opened, solution),
        language,
        workplace.languages,
        entry_point=solution.program.entry_point,
        cpu_seconds=cpu_seconds,
        all_tests=False,
    )
    return judge_in_folder(job, workshop, Watcher())
