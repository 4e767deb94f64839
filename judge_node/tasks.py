"""From a task on the wire to a job of the pipeline: hashes become files, documents become definitions."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.core.errors import Fault, Refusal
from app.core.judgement import Run
from app.core.scoring.grading_document import read_grading
from app.core.scoring.groups import Grading
from app.core.spans import Span
from app.core.submission import SourceFile
from app.core.ways import Ways, read_ways
from app.languages.definition import Language, language_from_document
from app.wire.judge_v1 import PackageProgram, PackageWork, TaskFile, TaskGrant, TaskTest
from judge_node.pipeline.job import JobLimits, JobTest, JobValidator, JudgeJob
from judge_node.pipeline.validator_language import validator_language

_NOT_FETCHED = Path("/nowhere")
"""Stands for the files of a test that another machine runs."""


def blobs_of(grant: TaskGrant) -> dict[str, int]:
    """Every blob that the task needs from the server, with its size (-1 where the task doesn't say)."""
    sizes: dict[str, int] = {}
    own = [file for one in (grant.grader, grant.static_validator) if one is not None for file in one.files]
    for file in (*grant.include, *grant.validator_files, *own, *grant.files):
        if file.data_base64 is None:
            sizes.setdefault(file.sha256, -1)
    span, known = Span(grant.first, grant.last), {one.number for one in grant.known}
    for test in grant.tests:
        if test.number in known or test.number not in span:
            continue  # it is not run here
        for extra in test.files:
            sizes.setdefault(extra.sha256, -1)
        sizes[test.input] = test.input_size
        sizes[test.answer] = test.answer_size
    if grant.package is not None:
        _add_package(grant.package, sizes)
    return sizes


def _add_package(work: PackageWork, sizes: dict[str, int]) -> None:
    looked = (*work.inputs, *work.answers)
    for one in looked:
        sizes[one.sha256] = one.size
    programs = [
        file for program in (*work.input_validators, *work.answer_validators, *work.solutions) for file in program.files
    ]
    beside = [file for one in looked for file in one.files]
    for file in (*programs, *beside, *work.sources, *([work.statement] if work.statement is not None else [])):
        sizes.setdefault(file.sha256, -1)


def job_of(grant: TaskGrant, blobs: Mapping[str, Path], languages: Mapping[str, Language]) -> JudgeJob:
    """The job. Fault("task") for a task that contradicts itself or needs a language that this node doesn't know."""
    limits = grant.limits
    if limits is None:
        raise Fault("task", "The task has no limits.")
    return JudgeJob(
        files=sources_of(grant.files, blobs),
        language=_language(grant),
        tests=tuple(_test(test, blobs) for test in grant.tests),
        known=tuple(
            Run(one.number, "", one.verdict, 0.0, 0.0, 0, score_millionths=one.score_millionths) for one in grant.known
        ),
        limits=JobLimits(
            cpu_seconds=limits.cpu_seconds,
            memory_bytes=limits.memory_bytes,
            output_bytes=limits.output_bytes,
            compile_seconds=limits.compile_seconds,
            compile_memory_bytes=limits.compile_memory_bytes,
            validation_seconds=limits.validation_seconds,
            validation_memory_bytes=limits.validation_memory_bytes,
            validation_output_bytes=limits.validation_output_bytes,
            validation_passes=limits.validation_passes,
        ),
        entry_point=grant.entry_point or None,
        include=sources_of(grant.include, blobs),
        validator=_validator(grant, blobs, languages),
        all_tests=grant.all_tests,
        interactive=grant.interactive,
        multi_pass=grant.multi_pass,
        grading=_grading(grant),
        ways=_ways(grant),
        grader=_own_program(grant.grader, blobs, languages),
        static_validator=_own_program(grant.static_validator, blobs, languages),
    )


def _grading(grant: TaskGrant) -> Grading | None:
    try:
        return read_grading(grant.grading)
    except Refusal as wrong:
        raise Fault("task", wrong.sentence) from wrong


def _ways(grant: TaskGrant) -> Ways:
    try:
        return read_ways(grant.ways)
    except Refusal as wrong:
        raise Fault("task", wrong.sentence) from wrong


def _language(grant: TaskGrant) -> Language:
    try:
        language = language_from_document(grant.language_definition)
    except Refusal as wrong:
        raise Fault("task", wrong.sentence) from wrong
    if language.id != grant.language or language.definition_hash != grant.language_hash:
        raise Fault("task", f"The definition of {grant.language} did not arrive as it was sent.")
    return language


def _validator(grant: TaskGrant, blobs: Mapping[str, Path], languages: Mapping[str, Language]) -> JobValidator | None:
    if grant.validator == "default":
        return None
    files = sources_of(grant.validator_files, blobs)
    language = validator_language((file.name for file in files), languages, grant.validator_language)
    if language is None:
        raise Fault("task", "The output validator is in no language that this node knows.")
    return JobValidator(files, language, grant.validator_entry_point or None)


def _own_program(
    program: PackageProgram | None, blobs: Mapping[str, Path], languages: Mapping[str, Language]
) -> JobValidator | None:
    if program is None:
        return None
    files = sources_of(program.files, blobs)
    language = validator_language((file.name for file in files), languages, program.language)
    if language is None:
        raise Fault("task", f"{program.name} is in no language that this node knows.")
    return JobValidator(files, language, program.entry_point or None)


def _test(test: TaskTest, blobs: Mapping[str, Path]) -> JobTest:
    return JobTest(
        name=test.name,
        sample=test.sample,
        input=blobs.get(test.input, _NOT_FETCHED),
        answer=blobs.get(test.answer, _NOT_FETCHED),
        validator_arguments=tuple(test.validator_arguments),
        arguments=tuple(test.arguments),
        files=tuple((file.name, blobs.get(file.sha256, _NOT_FETCHED)) for file in test.files),
        static=test.static,
    )


def sources_of(files: Sequence[TaskFile], blobs: Mapping[str, Path]) -> tuple[SourceFile, ...]:
    """The files of a program, inline or from their blobs. Fault("task") for one that did not arrive as it was sent."""
    return tuple(SourceFile(file.name, _bytes(file, blobs)) for file in files)


def _bytes(file: TaskFile, blobs: Mapping[str, Path]) -> bytes:
    if file.data_base64 is None:
        return blobs[file.sha256].read_bytes()
    try:
        data = base64.b64decode(file.data_base64, validate=True)
    except binascii.Error as wrong:
        raise Fault("task", f"The file {file.name} did not arrive whole.") from wrong
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise Fault("task", f"The file {file.name} did not arrive as it was sent.")
    return data
