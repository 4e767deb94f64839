"""Makes jobs out of an opened package: for `verify` and `once`, where no server stands between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.core.errors import Refusal
from app.core.submission import SourceFile
from app.languages.definition import Language
from app.languages.detect import guess_language
from app.package.manifest import JurySolution, Program
from app.package.reader import OpenedPackage
from judge_node.pipeline.job import JobLimits, JobTest, JobValidator, JudgeJob
from judge_node.pipeline.validator_language import validator_language


def job_for(
    opened: OpenedPackage,
    files: Sequence[SourceFile],
    language: Language,
    languages: Mapping[str, Language],
    *,
    entry_point: str | None,
    cpu_seconds: float,
    all_tests: bool,
) -> JudgeJob:
    """The job of judging `files` by the package. Refusal(422) where its validator is in no known language."""
    package = opened.package
    return JudgeJob(
        files=tuple(files),
        language=language,
        tests=tests_of(opened),
        limits=limits_of(opened, cpu_seconds),
        entry_point=entry_point,
        include=opened.sources(package.include_for(language.id)),
        validator=validator_of(opened, languages),
        all_tests=all_tests,
        interactive=package.interactive,
        multi_pass=package.multi_pass,
        grading=package.grading,
        ways=package.ways,
        grader=_own_program(opened, package.grader, languages),
        static_validator=_own_program(opened, package.static_validator, languages),
    )


def language_of(program: Program, languages: Mapping[str, Language]) -> Language | None:
    """The language of a program inside a package: the one that the package names, else what its file names say."""
    if program.language is not None:
        return languages.get(program.language)
    return guess_language((one.name for one in program.files), languages)


def solution_sources(opened: OpenedPackage, solution: JurySolution) -> tuple[SourceFile, ...]:
    """The files of a jury solution, with the package's constants put in."""
    return opened.sources(solution.program.files)


def tests_of(opened: OpenedPackage) -> tuple[JobTest, ...]:
    """The package's tests with the real files behind them."""
    package = opened.package
    return tuple(
        JobTest(
            name=test.name,
            sample=test.sample,
            input=opened.path(test.input),
            answer=opened.path(test.answer),
            validator_arguments=package.validator_arguments_for(test),
            arguments=test.arguments,
            files=tuple((one.name, _path(opened, one.file.path)) for one in test.files),
            static=test.static,
        )
        for test in package.tests
    )


def limits_of(opened: OpenedPackage, cpu_seconds: float) -> JobLimits:
    """The package's limits, with this time limit."""
    limits = opened.package.limits
    return JobLimits(
        cpu_seconds=cpu_seconds,
        memory_bytes=limits.memory_bytes,
        output_bytes=limits.output_bytes,
        compile_seconds=limits.compile_seconds,
        compile_memory_bytes=limits.compile_memory_bytes,
        validation_seconds=limits.validation_seconds,
        validation_memory_bytes=limits.validation_memory_bytes,
        validation_output_bytes=limits.validation_output_bytes,
        validation_passes=limits.validation_passes,
    )


def validator_of(opened: OpenedPackage, languages: Mapping[str, Language]) -> JobValidator | None:
    """The package's own validator, or None for the default one."""
    program = opened.package.validator.program
    if program is None:
        return None
    language = validator_language((one.name for one in program.files), languages, program.language)
    if language is None:
        raise Refusal(422, f"{program.path}: the output validator is in no language that this judge knows.")
    return JobValidator(opened.sources(program.files), language, program.entry_point)


def _own_program(
    opened: OpenedPackage, program: Program | None, languages: Mapping[str, Language]
) -> JobValidator | None:
    """A grader or static validator of the package's own, where it has one."""
    if program is None:
        return None
    language = validator_language((one.name for one in program.files), languages, program.language)
    if language is None:
        raise Refusal(422, f"{program.path}: the program is in no language that this judge knows.")
    return JobValidator(opened.sources(program.files), language, program.entry_point)


def _path(opened: OpenedPackage, name: str) -> Path:
    return opened.tree.files[name]
