"""Asks the package's output validator about the outputs that the package itself calls valid or invalid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.core.verdict import Verdict
from app.package.output_cases import OutputCase, read_output_cases
from app.package.reader import OpenedPackage
from judge_node.commands.workplace import Workplace
from judge_node.pipeline.building import BuildLimits
from judge_node.pipeline.from_package import limits_of, validator_of
from judge_node.pipeline.job import JobTest
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.programs import ValidatorBroken
from judge_node.pipeline.validating import Answer, CustomValidating, DataFolder, DefaultValidating


def check_outputs(opened: OpenedPackage, workplace: Workplace, workshop: Workshop, folder: Path) -> Iterator[str]:
    """Sentences about outputs that are judged otherwise; none where all is well, or where programs have to talk.

    `folder` is an empty one of the caller's. Raises Fault where the sandbox failed.
    """
    package = opened.package
    if package.interactive or package.multi_pass:
        return
    cases = list(read_output_cases(opened.tree, package.constants))
    if not cases:
        return
    try:
        validating = _validating(opened, workplace, workshop, folder)
    except ValidatorBroken:
        return  # every submission says so
    try:
        for number, case in enumerate(cases, 1):
            answer = validating.ask(number, _test(opened, case), opened.path(case.output), case.output.size)
            if sentence := _sentence(case, answer):
                yield sentence
    finally:
        validating.close()


def _validating(
    opened: OpenedPackage, workplace: Workplace, workshop: Workshop, folder: Path
) -> DefaultValidating | CustomValidating:
    data, limits = DataFolder(folder / "data"), limits_of(opened, opened.package.limits.cpu_seconds)
    validator = validator_of(opened, workplace.languages)
    if validator is None:
        return DefaultValidating(workshop.sandbox, data, limits)
    workplace.prepare(validator.language)
    build_limits = BuildLimits(limits.compile_seconds, limits.compile_memory_bytes)
    program = workshop.validators.get(workshop.sandbox, validator, build_limits)
    return CustomValidating(workshop.sandbox, data, limits, program, scoring=opened.package.grading is not None)


def _test(opened: OpenedPackage, case: OutputCase) -> JobTest:
    test = case.test
    arguments = opened.package.validator_arguments_for(test)
    return JobTest(test.name, test.sample, opened.path(test.input), opened.path(test.answer), arguments)


def _sentence(case: OutputCase, answer: Answer) -> str:
    said = f" ({answer.message})" if answer.message else ""
    if answer.verdict is Verdict.JE:
        return f"{case.output.path}: {answer.message}"
    if case.valid and answer.verdict is not Verdict.AC:
        return f"{case.output.path}: the output validator refuses it{said}."
    if not case.valid and answer.verdict is Verdict.AC:
        return f"{case.output.path}: the output validator accepts it, though it is kept as invalid{said}."
    return ""
