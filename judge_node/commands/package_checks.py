"""What `verify` checks of the package itself: its keys, its inputs by its own input validators, its time limit."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.languages.definition import Language
from app.package.input_validators import InputChecks, read_answer_checks, read_input_checks
from app.package.known_keys import unsupported_keys
from app.package.manifest import Program
from app.package.reader import OpenedPackage
from judge_node.commands.output_checks import check_outputs
from judge_node.commands.verdictcache import VerdictCache
from judge_node.commands.workplace import Workplace
from judge_node.pipeline.from_package import limits_of
from judge_node.pipeline.input_checks import CheckedInput, InputValidator, Looked, check_inputs
from judge_node.pipeline.job import JobValidator
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.validator_language import validator_language


@dataclass(frozen=True, slots=True)
class PackageCheck:
    """One line of the report: `level` is "error", "warning" or "note"."""

    level: str
    sentence: str


def kept_checks(
    opened: OpenedPackage, workplace: Workplace, workshop: Workshop, cache: VerdictCache | None
) -> Iterable[PackageCheck]:
    """The checks' findings, from the cache where the same package was checked by the same build."""
    if cache is None:
        return check_package_parts(opened, workplace, workshop)
    path = cache.folder / f"checks-{opened.package.version[:32]}-{cache.build[:32]}.json"
    try:
        return [PackageCheck(str(level), str(sentence)) for level, sentence in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        found = list(check_package_parts(opened, workplace, workshop))
    cache.folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([(one.level, one.sentence) for one in found]), encoding="utf-8")
    return found


def check_package_parts(opened: OpenedPackage, workplace: Workplace, workshop: Workshop) -> Iterator[PackageCheck]:
    """Everything that is wrong or worth knowing. Raises Fault where the sandbox failed."""
    for warning in opened.package.warnings:
        yield PackageCheck("warning", warning)
    for sentence in unsupported_keys(opened.tree):
        yield PackageCheck("error", sentence)
    with tempfile.TemporaryDirectory(prefix="contestbox-outputs-") as folder:
        for sentence in check_outputs(opened, workplace, workshop, Path(folder)):
            yield PackageCheck("error", sentence)
    yield from _looks(opened, workplace, workshop, read_input_checks(opened.tree), Looked.INPUT)
    yield from _looks(opened, workplace, workshop, read_answer_checks(opened.tree), Looked.ANSWER)


def _looks(
    opened: OpenedPackage, workplace: Workplace, workshop: Workshop, checks: InputChecks, looked: Looked
) -> Iterator[PackageCheck]:
    if not checks.validators:
        return
    validators = input_validators(opened, checks, workplace.languages)
    for validator in validators:
        if validator.program is not None:
            workplace.prepare(validator.program.language)
    with tempfile.TemporaryDirectory(prefix="contestbox-inputs-") as folder:
        found = False
        for sentence in check_inputs(
            workshop,
            validators,
            checked_inputs(opened, checks),
            limits_of(opened, opened.package.limits.cpu_seconds),
            Path(folder),
            threading.Event(),
            looked,
        ):
            found = True
            yield PackageCheck("warning" if sentence.endswith("it was not run.") else "error", sentence)
    if not found:
        cases, word = len(checks.cases), looked.word
        yield PackageCheck("note", f"{len(validators)} {word} validator(s) agree with all {cases} {word}s.")


def input_validators(
    opened: OpenedPackage, checks: InputChecks, languages: Mapping[str, Language]
) -> list[InputValidator]:
    """The package's input validators with their sources, ready to be compiled."""
    return [_validator(opened, program, languages) for program in checks.validators]


def checked_inputs(opened: OpenedPackage, checks: InputChecks) -> list[CheckedInput]:
    """The package's inputs with the real files behind them."""
    return [
        CheckedInput(case, opened.path(case.input), tuple((one.name, opened.path(one.file)) for one in case.files))
        for case in checks.cases
    ]


def _validator(opened: OpenedPackage, program: Program, languages: Mapping[str, Language]) -> InputValidator:
    sources = opened.sources(program.files)
    scripts = [one for one in sources if one.name.endswith(".ctd")]
    if scripts:
        return InputValidator(program.path, script=scripts[0].data)
    language = validator_language((one.name for one in sources), languages, program.language)
    if language is None:
        return InputValidator(program.path)
    return InputValidator(program.path, JobValidator(sources, language, program.entry_point))
