"""What a node does with a package that a contest brought: builds its validators, looks at its inputs, measures its limit,
converts its statement. All of it in the sandbox; what it finds goes back as sentences.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from app.core.errors import Fault
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.definition import Language
from app.languages.detect import guess_language
from app.package.input_validators import InputCase
from app.package.manifest import FileRef
from app.wire.judge_v1 import PackageInput, PackageProgram, PackageReport, PackageWork, TaskGrant
from judge_node.pipeline.building import BuildLimits
from judge_node.pipeline.converting import convert_tex
from judge_node.pipeline.input_checks import CheckedInput, InputValidator, Looked, check_inputs
from judge_node.pipeline.job import JobValidator, JudgeJob, Watcher
from judge_node.pipeline.judging import Workshop, judge
from judge_node.pipeline.programs import ValidatorBroken
from judge_node.pipeline.time_limits import ROOM_SECONDS, limit_for
from judge_node.pipeline.validator_language import validator_language
from judge_node.tasks import job_of, sources_of

_MOST = 100
_SENTENCE_CHARS = 1000


def check_package(
    grant: TaskGrant,
    blobs: Mapping[str, Path],
    workshop: Workshop,
    languages: Mapping[str, Language],
    folder: Path,
    stop: threading.Event,
) -> PackageReport | None:
    """Looks at the package; None where `stop` ended it. `folder` exists and is the caller's to remove.

    Raises Fault where sandbox or toolchain failed.
    """
    work = grant.package
    if work is None:
        raise Fault("task", "The task names no package.")
    job = job_of(_as_job(grant, next(iter(languages.values()))), blobs, languages)
    problems, notes = list(_validator_problems(job, workshop)), list[str]()
    for sentence in _input_problems(work, job, blobs, workshop, languages, _fresh(folder, "inputs"), stop):
        (notes if sentence.endswith("it was not run.") else problems).append(sentence)
    seconds = None
    if work.solutions and not problems:
        slowest = _slowest(grant, work, blobs, workshop, languages, folder, stop)
        if slowest is None:
            problems.append("No time limit is set, and no accepted solution passes to measure one with.")
        else:
            seconds = limit_for(slowest, work.ac_to_time_limit, work.time_resolution)
            notes.append(f"The time limit of {seconds:g} s is measured: the slowest accepted run took {slowest:.3f} s.")
    page = ""
    if work.statement is not None:
        source = blobs[work.statement.sha256].read_bytes()
        page, failed = convert_tex(workshop.sandbox, source, _fresh(folder, "statement"), stop)
        notes += [failed] if failed else []
    if stop.is_set():
        return None
    return PackageReport(problems=_cut(problems), notes=_cut(notes), cpu_seconds=seconds, statement_html=page)


def _validator_problems(job: JudgeJob, workshop: Workshop) -> Iterator[str]:
    if job.validator is None:
        return
    limits = BuildLimits(job.limits.compile_seconds, job.limits.compile_memory_bytes)
    try:
        workshop.validators.get(workshop.sandbox, job.validator, limits)
    except ValidatorBroken as broken:
        yield broken.sentence


def _input_problems(
    work: PackageWork,
    job: JudgeJob,
    blobs: Mapping[str, Path],
    workshop: Workshop,
    languages: Mapping[str, Language],
    folder: Path,
    stop: threading.Event,
) -> Iterator[str]:
    validators = [_input_validator(one, blobs, languages) for one in work.input_validators]
    inputs = [_checked(one, blobs) for one in work.inputs]
    yield from check_inputs(workshop, validators, inputs, job.limits, _fresh(folder, "in"), stop)
    validators = [_input_validator(one, blobs, languages) for one in work.answer_validators]
    answers = [_checked(one, blobs) for one in work.answers]
    yield from check_inputs(workshop, validators, answers, job.limits, _fresh(folder, "ans"), stop, Looked.ANSWER)


def _input_validator(
    program: PackageProgram, blobs: Mapping[str, Path], languages: Mapping[str, Language]
) -> InputValidator:
    files = sources_of(program.files, blobs)
    script = next((file.data for file in files if file.name.endswith(".ctd")), None)
    if script is not None:
        return InputValidator(program.name, script=script)
    language = validator_language((file.name for file in files), languages, program.language)
    if language is None:
        return InputValidator(program.name)
    return InputValidator(program.name, JobValidator(files, language, program.entry_point or None))


def _checked(one: PackageInput, blobs: Mapping[str, Path]) -> CheckedInput:
    arguments = {name: tuple(words) for name, words in one.arguments.items()}
    case = InputCase(one.name, FileRef(one.name, one.sha256, one.size), one.valid, arguments)
    return CheckedInput(case, blobs[one.sha256], tuple((file.name, blobs[file.sha256]) for file in one.files))


def _slowest(
    grant: TaskGrant,
    work: PackageWork,
    blobs: Mapping[str, Path],
    workshop: Workshop,
    languages: Mapping[str, Language],
    folder: Path,
    stop: threading.Event,
) -> float | None:
    """CPU seconds of the slowest run of all accepted solutions that pass; None where none does."""
    slowest = None
    for number, solution in enumerate(work.solutions):
        files = sources_of(solution.files, blobs)
        language = _language(solution, files, languages)
        if language is None or stop.is_set():
            continue
        job = job_of(_as_job(grant, language), blobs, languages)
        job = replace(
            job,
            files=files,
            entry_point=solution.entry_point or None,
            limits=replace(job.limits, cpu_seconds=ROOM_SECONDS),
            all_tests=False,
        )
        result = judge(job, workshop, _fresh(folder, f"solution-{number}"), Watcher(stop=stop))
        if result.verdict is Verdict.AC:
            slowest = max(slowest or 0.0, *(run.cpu_seconds for run in result.runs))
    return slowest


def _as_job(grant: TaskGrant, language: Language) -> TaskGrant:
    """The grant with a language put in, as that of a submission has it."""
    return grant.model_copy(
        update={
            "language": language.id,
            "language_definition": language.as_document(),
            "language_hash": language.definition_hash,
        }
    )


def _language(
    program: PackageProgram, files: tuple[SourceFile, ...], languages: Mapping[str, Language]
) -> Language | None:
    if program.language:
        return languages.get(program.language)
    return guess_language((file.name for file in files), languages)


def _fresh(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    place.chmod(0o755)
    return place


def _cut(sentences: list[str]) -> list[str]:
    return [sentence[:_SENTENCE_CHARS] for sentence in sentences[:_MOST]]
