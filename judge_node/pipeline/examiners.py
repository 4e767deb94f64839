"""Who examines the tests of a job: chosen by the problem's kind and by the way in which its submissions are run."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import Fault
from app.core.scoring.legacy_groups import LegacyGrading
from app.core.submission import SourceFile
from app.languages.definition import MainRule
from app.languages.detect import main_file
from judge_node.pipeline.answers import AnswersExaminer
from judge_node.pipeline.building import BuildLimits, Built
from judge_node.pipeline.communication import ManagerExaminer
from judge_node.pipeline.examining import Examined, Examiner, PlainExaminer, RoundsExaminer
from judge_node.pipeline.grading_program import GraderBroken, GradingProgram
from judge_node.pipeline.job import JobTest, JudgeJob
from judge_node.pipeline.named_files import FileRunner, NamedFilesExaminer
from judge_node.pipeline.programs import ValidatorBroken, ValidatorStore
from judge_node.pipeline.running import SubmissionRunner
from judge_node.pipeline.static_checks import StaticExaminer
from judge_node.pipeline.validating import CustomValidating, DataFolder, DefaultValidating
from judge_node.sandbox.interface import Sandbox


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a job is examined: sandbox, store of validators, an empty folder, limits of compilations, the event that ends it."""

    sandbox: Sandbox
    validators: ValidatorStore
    folder: Path
    limits: BuildLimits
    stop: threading.Event

    def validating(self, job: JudgeJob) -> DefaultValidating | CustomValidating:
        """The job's validator, ready to be asked. ValidatorBroken where it cannot be compiled."""
        data = DataFolder(self.folder / "data")
        if job.validator is None:
            return DefaultValidating(self.sandbox, data, job.limits)
        program = self.validators.get(self.sandbox, job.validator, self.limits)
        return CustomValidating(self.sandbox, data, job.limits, program, scoring=job.grading is not None)


def examiner_for(job: JudgeJob, program: Built | None, bench: Bench, stack: ExitStack) -> Examiner:
    """What it opens is closed with the stack. `program` is None where submissions are outputs. Fault("task") for a job that
    contradicts itself.
    """
    if program is None:
        validating = bench.validating(job)
        stack.callback(validating.close)
        return AnswersExaminer(job, bench.folder, validating)
    if job.ways.processes:
        return _manager_examiner(job, program, bench, stack)
    if job.ways.named_files:
        files = FileRunner(bench.sandbox, program, job.limits, bench.folder, bench.stop, ways=job.ways)
        stack.callback(files.close)
        validating = bench.validating(job)
        stack.callback(validating.close)
        if job.interactive or job.multi_pass:
            raise Fault("task", "An interactive or multi-pass problem goes by standard streams.")
        return NamedFilesExaminer(job, files, validating)
    runner = SubmissionRunner(
        bench.sandbox, program, job.limits, bench.folder, bench.stop, read_only=job.ways.read_only
    )
    stack.callback(runner.close)
    validating = bench.validating(job)
    stack.callback(validating.close)
    if not (job.interactive or job.multi_pass):
        return PlainExaminer(job, runner, validating)
    if not isinstance(validating, CustomValidating):
        raise Fault("task", "An interactive or multi-pass problem needs a validator of its own.")
    return RoundsExaminer(job, runner, validating)


def _manager_examiner(job: JudgeJob, program: Built, bench: Bench, stack: ExitStack) -> Examiner:
    if job.validator is None:
        raise Fault("task", "A problem with several processes needs a manager.")
    manager = bench.validators.get(bench.sandbox, job.validator, bench.limits)
    counter = SubmissionRunner(bench.sandbox, program, job.limits, bench.folder, bench.stop)
    examiner = ManagerExaminer(job, bench.sandbox, program, manager, bench.folder, bench.stop, counter.may_remeasure)
    stack.callback(examiner.close)
    return examiner


@dataclass(frozen=True, slots=True)
class _Either:
    """Static tests go to one examiner, all others to the other."""

    static: StaticExaminer
    others: Examiner

    def examine(self, number: int, test: JobTest) -> Examined:
        return (self.static if test.static else self.others).examine(number, test)


def with_static(job: JudgeJob, program: Built | None, examiner: Examiner, bench: Bench) -> Examiner:
    """The examiner that also knows static tests, where the problem has such. ValidatorBroken where their validator is."""
    if not any(test.static for test in job.tests):
        return examiner
    if job.static_validator is None or program is None:
        raise Fault("task", "The problem has static tests, but no static validator.")
    built = bench.validators.get(bench.sandbox, job.static_validator, bench.limits)
    sources = sources_for(job)
    main = job.entry_point or program.main or next((one.name for one in sources if job.language.takes(one.name)), "")
    return _Either(StaticExaminer(job, bench.sandbox, built, sources, main, bench.folder), examiner)


def with_grader(job: JudgeJob, bench: Bench, stack: ExitStack) -> JudgeJob:
    """The job whose rules ask the package's own grader, where it has one."""
    if job.grader is None or not isinstance(job.grading, LegacyGrading):
        return job
    try:
        program = bench.validators.get(bench.sandbox, job.grader, bench.limits)
    except ValidatorBroken as broken:
        raise GraderBroken(broken.sentence.replace("output validator", "grader")) from broken
    grader = GradingProgram(bench.sandbox, program, job.limits, bench.folder)
    stack.callback(grader.close)
    return replace(job, grading=replace(job.grading, grader=grader))


def entry_point_for(job: JudgeJob) -> str | None:
    """What is started where a language starts a file: a file that the package adds only if it is called main."""
    sources = [file.name for file in sources_for(job)]
    starts_a_file = job.language.main_rule is MainRule.MAIN_FILE and any(job.language.takes(name) for name in sources)
    if job.entry_point or not job.include or not starts_a_file:
        return job.entry_point
    return main_file(job.language, sources, None, {file.name for file in job.include})


def sources_for(job: JudgeJob) -> tuple[SourceFile, ...]:
    """What is compiled: the submission's files, a single one under the name that the problem wants, and the package's over them."""
    files = list(job.files)
    own = [file for file in files if job.language.takes(file.name)]
    if job.ways.source_name and len(own) == 1:
        ending = own[0].name.rpartition(".")[2]
        files[files.index(own[0])] = SourceFile(f"{job.ways.source_name}.{ending}", own[0].data)
    return tuple({file.name: file for file in (*files, *job.include)}.values())
