"""Judges one submission: compile, run the tests in order, ask the validator, stop where the rules allow.

Theory of operation. Everything happens in one thread and below one fresh folder of the caller. Three containers at
most live at a time: the compiler's (closed before any run), the submission's and the validator's. Which test is next and
what all of them mean is asked of app.core.spans, as the server does. How one test becomes a verdict, in
DESIGN 6's order, stands in examining.py. A failure of the sandbox is an exception (Fault) and never a verdict; a
validator that breaks its protocol is the verdict JE of that run.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import Fault
from app.core.judgement import CompileResult, Run
from app.core.scoring.legacy_groups import Grade, LegacyGrading
from app.core.spans import WHOLE
from app.core.verdict import Verdict
from judge_node.pipeline.building import BuildLimits, build
from judge_node.pipeline.examiners import Bench, entry_point_for, examiner_for, sources_for, with_grader, with_static
from judge_node.pipeline.examining import Examined, Examiner
from judge_node.pipeline.grading_program import GraderBroken, GradingProgram
from judge_node.pipeline.job import JobTest, JudgeJob, JudgeResult, Watcher
from judge_node.pipeline.programs import ValidatorBroken, ValidatorStore
from judge_node.sandbox.interface import Sandbox

_SAMPLED = "Judged without root: memory and time were measured by sampling."


@dataclass(frozen=True, slots=True)
class Workshop:
    """What judging needs beside the job: a sandbox, the store of validators, precompiled headers by language id, our
    name.
    """

    sandbox: Sandbox
    validators: ValidatorStore
    headers: dict[str, Path] = field(default_factory=dict)
    node: str = ""


def judge(job: JudgeJob, workshop: Workshop, folder: Path, watcher: Watcher) -> JudgeResult:
    """Judges the job. `folder` exists, is empty, and is the caller's to remove.

    Raises Fault where sandbox or toolchain cannot be used; the verdict is None where the watcher's `stop`
    ended it.
    """
    limits = BuildLimits(job.limits.compile_seconds, job.limits.compile_memory_bytes)
    bench = Bench(workshop.sandbox, workshop.validators, folder, limits, watcher.stop)
    compiled, program = CompileResult(True), None
    if not job.ways.submit_answer:
        compiled, program = build(
            workshop.sandbox,
            job.language,
            sources_for(job),
            entry_point_for(job),
            limits,
            folder / "program",
            workshop.headers.get(job.language.id),
            watcher.stop,
        )
    if watcher.stop.is_set():
        return JudgeResult(compiled, (), None)
    watcher.on_compile(compiled)
    if program is None and not job.ways.submit_answer:
        return JudgeResult(compiled, (), Verdict.CE)
    try:
        with ExitStack() as stack:
            examiner = with_static(job, program, examiner_for(job, program, bench, stack), bench)
            graded = with_grader(job, bench, stack)
            return _run_all(graded, compiled, examiner, workshop.node, watcher)
    except (ValidatorBroken, GraderBroken) as broken:
        return _without_validator(job, compiled, broken.sentence, workshop.node, folder, watcher)


def _run_all(job: JudgeJob, compiled: CompileResult, examiner: Examiner, node: str, watcher: Watcher) -> JudgeResult:
    runs = {run.number: run for run in job.known}
    for number in job.rules.due(runs, watcher.span):
        test = job.tests[number - 1]
        examined = None if watcher.stop.is_set() else examiner.examine(number, test)
        if examined is None or examined.verdict is None:
            return JudgeResult(compiled, tuple(runs.values()), None)
        run = _run(job, number, test, examined, examined.verdict, node)
        runs[number] = run
        watcher.on_run(run, examined.measured.stdout)
    return _result(job, compiled, runs, watcher)


def _result(job: JudgeJob, compiled: CompileResult, runs: dict[int, Run], watcher: Watcher) -> JudgeResult:
    message = next((run.message for run in runs.values() if run.verdict is Verdict.JE), "")
    known, graded = tuple(runs.values()), job.rules.fold(runs)
    if graded is not None:
        grades = _grades_of(job)
        return JudgeResult(compiled, known, graded.verdict, message, graded.score_millionths, graded.groups, grades)
    if watcher.span() != WHOLE:
        return JudgeResult(compiled, known, None, part=True)
    raise Fault("pipeline", "The runs of this judgement decide nothing.")


def _grades_of(job: JudgeJob) -> dict[str, Grade]:
    """What the package's own grader said."""
    grader = job.grading.grader if isinstance(job.grading, LegacyGrading) else None
    return dict(grader.grades) if isinstance(grader, GradingProgram) else {}


def _without_validator(
    job: JudgeJob, compiled: CompileResult, sentence: str, node: str, folder: Path, watcher: Watcher
) -> JudgeResult:
    """The package's fault and not this node's: the first test is the judging error, so that the jury sees why."""
    nothing = folder / "no-output"
    nothing.touch()
    run = Run(1, job.tests[0].name, Verdict.JE, 0.0, 0.0, 0, message=sentence, node=node)
    watcher.on_run(run, nothing)
    return JudgeResult(compiled, (run,), Verdict.JE, sentence)


def _run(job: JudgeJob, number: int, test: JobTest, examined: Examined, verdict: Verdict, node: str) -> Run:
    measured, outcome, message = examined.measured, examined.measured.outcome, examined.message
    score = None
    if job.grading is not None:
        points = job.grading.points(number, verdict, examined.scores)
        score = points.score_millionths
        if points.fault:
            verdict, message = Verdict.JE, f"The output validator breaks the rules: {points.fault}. {message}".strip()
    return Run(
        number=number,
        test=test.name,
        verdict=verdict,
        cpu_seconds=outcome.cpu_seconds,
        wall_seconds=outcome.wall_seconds,
        memory_bytes=outcome.memory_bytes,
        exit_code=outcome.exit_code,
        signal=outcome.signal,
        limit="" if outcome.limit is None else outcome.limit.value,
        processes=outcome.processes,
        message=message or (_SAMPLED if outcome.sampled else ""),
        stdout_head=_text(outcome.stdout_head),
        stderr_head=_text(outcome.stderr_head),
        repeats=measured.repeats,
        near_limit=measured.near,
        flaky=measured.flaky,
        disturbed=outcome.disturbed,
        node=node,
        score_millionths=score,
        transcript=examined.transcript,
        stdout_bytes=outcome.stdout_bytes,
    )


def _text(head: bytes) -> str:
    """Bytes of a guest as text that may be stored and shown."""
    return head.decode("utf-8", "replace").replace("\0", "\ufffd")
