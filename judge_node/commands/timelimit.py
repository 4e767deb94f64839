"""The time limit of a package, measured with its accepted solutions where it sets none (PROBLEM_FORMATS 1.2 and
2.2).
"""

from __future__ import annotations

import math

from app.core.errors import Refusal
from app.core.verdict import Verdict
from app.package.reader import OpenedPackage
from judge_node.commands.workplace import Workplace, judge_in_folder
from judge_node.pipeline.from_package import job_for, language_of, solution_sources
from judge_node.pipeline.job import Watcher
from judge_node.pipeline.judging import Workshop

_ROOM_SECONDS = 60.0


def time_limit(opened: OpenedPackage, workplace: Workplace, workshop: Workshop) -> float:
    """CPU seconds: the package's limit, else the slowest accepted run times the multiplier, rounded up to the
    resolution.

    Refusal(422) where no accepted solution passes, since then nothing can be measured.
    """
    limits = opened.package.limits
    if limits.cpu_seconds_known:
        return limits.cpu_seconds
    slowest = None
    for solution in opened.package.submissions:
        language = language_of(solution.program, workplace.languages)
        if solution.expected != {Verdict.AC} or language is None:
            continue
        workplace.prepare(language)
        job = job_for(
            opened,
            solution_sources(opened, solution),
            language,
            workplace.languages,
            entry_point=solution.program.entry_point,
            cpu_seconds=_ROOM_SECONDS,
            all_tests=False,
        )
        result = judge_in_folder(job, workshop, Watcher())
        if result.verdict is Verdict.AC:
            slowest = max(slowest or 0.0, *(run.cpu_seconds for run in result.runs))
    if slowest is None:
        raise Refusal(422, "problem.yaml: no time limit is set, and no accepted solution passes to measure one with.")
    steps = math.ceil(slowest * limits.ac_to_time_limit / limits.time_resolution)
    return max(1, steps) * limits.time_resolution
