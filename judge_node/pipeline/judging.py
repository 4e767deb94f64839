"""Judges one submission: compile, run the tests in order, ask the validator, stop where the rules allow.

Theory of operation. Everything happens in one thread and below one fresh folder of the caller. Three containers at
most live at a time: the compiler's (closed before any run), the submission's and the validator's. Facts become
verdicts in DESIGN 6's order: what the run itself shows goes before what the validator says, so the validator is
asked only about runs that ended well. A failure of the sandbox is an exception (Fault) and never a verdict; a
validator that breaks its protocol is the verdict JE of that run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import Fault
from app.core.judgement import CompileResult, Run, fold_runs
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from judge_node.pipeline.building import BuildLimits, Built, build
from judge_node.pipeline.deciding import verdict_of_run
from judge_node.pipeline.job import JobTest, JudgeJob, JudgeResult, Watcher
from judge_node.pipeline.programs import ValidatorBroken, ValidatorStore
from judge_node.pipeline.running import Measured, SubmissionRunner
from judge_node.pipeline.validating import CustomValidating, DataFolder, DefaultValidating, Validating
from judge_node.sandbox.interface import Sandbox


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
    limits = job.limits
    build_limits = BuildLimits(limits.compile_seconds, limits.compile_memory_bytes)
    compiled, program = build(
        workshop.sandbox,
        job.language,
        _with_include(job),
        job.entry_point,
        build_limits,
        folder / "program",
        workshop.headers.get(job.language.id),
        watcher.stop,
    )
    if watcher.stop.is_set():
        return JudgeResult(compiled, (), None)
    watcher.on_compile(compiled)
    if program is None:
        return JudgeResult(compiled, (), Verdict.CE)
    runner = SubmissionRunner(workshop.sandbox, program, limits, folder, watcher.stop)
    try:
        validating = _validating(job, workshop, folder, build_limits)
        try:
            return _run_all(job, compiled, runner, validating, workshop.node, watcher)
        finally:
            validating.close()
    except ValidatorBroken as broken:
        return _without_validator(job, compiled, broken.sentence, workshop.node, folder, watcher)
    finally:
        runner.close()


def _with_include(job: JudgeJob) -> tuple[SourceFile, ...]:
    """The submission's files; the package's include files go over them."""
    files = {file.name: file for file in (*job.files, *job.include)}
    return tuple(files.values())


def _validating(job: JudgeJob, workshop: Workshop, folder: Path, build_limits: BuildLimits) -> Validating:
    data = DataFolder(folder / "data")
    if job.validator is None:
        return DefaultValidating(workshop.sandbox, data, job.limits)
    program: Built = workshop.validators.get(workshop.sandbox, job.validator, build_limits)
    return CustomValidating(workshop.sandbox, data, job.limits, program)


def _run_all(
    job: JudgeJob,
    compiled: CompileResult,
    runner: SubmissionRunner,
    validating: Validating,
    node: str,
    watcher: Watcher,
) -> JudgeResult:
    runs: dict[int, Run] = {}
    for number, test in enumerate(job.tests, 1):
        measured = None if watcher.stop.is_set() else runner.measure(test)
        if measured is None or measured.outcome.stopped:
            return JudgeResult(compiled, tuple(runs.values()), None)
        run = _decide(job, number, test, measured, validating, node)
        runs[number] = run
        watcher.on_run(run, measured.stdout)
        if run.verdict is not Verdict.AC and (not job.all_tests or run.verdict is Verdict.JE):
            break
    verdict = fold_runs(len(job.tests), runs, all_tests=job.all_tests)
    if verdict is None:
        raise Fault("pipeline", "The runs of this judgement decide nothing.")
    message = next((run.message for run in runs.values() if run.verdict is Verdict.JE), "")
    return JudgeResult(compiled, tuple(runs.values()), verdict, message)


def _without_validator(
    job: JudgeJob, compiled: CompileResult, sentence: str, node: str, folder: Path, watcher: Watcher
) -> JudgeResult:
    """The package's fault and not this node's: the first test is the judging error, so that the jury sees why."""
    nothing = folder / "no-output"
    nothing.touch()
    run = Run(1, job.tests[0].name, Verdict.JE, 0.0, 0.0, 0, message=sentence, node=node)
    watcher.on_run(run, nothing)
    return JudgeResult(compiled, (run,), Verdict.JE, sentence)


def _decide(job: JudgeJob, number: int, test: JobTest, measured: Measured, validating: Validating, node: str) -> Run:
    outcome = measured.outcome
    verdict = verdict_of_run(outcome, job.limits.cpu_seconds, job.limits.output_bytes, job.language)
    message = outcome.note
    if verdict is None:
        answer = validating.ask(number, test, measured.stdout, outcome.stdout_bytes)
        verdict, message = answer.verdict, answer.message or outcome.note
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
        message=message,
        stdout_head=_text(outcome.stdout_head),
        stderr_head=_text(outcome.stderr_head),
        repeats=measured.repeats,
        near_limit=measured.near,
        flaky=measured.flaky,
        disturbed=outcome.disturbed,
        node=node,
    )


def _text(head: bytes) -> str:
    """Bytes of a guest as text that may be stored and shown."""
    return head.decode("utf-8", "replace").replace("\0", "\ufffd")
