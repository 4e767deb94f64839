"""The stored manifest of a package version: plain JSON, written from a package once and read by whoever gives out tasks.

Every file is named by the SHA-256 of its blob. Shape:

    {"format": 1, "short_name", "title", "titles": {language: name},
     "limits": {"cpu_seconds", "cpu_seconds_known", "memory_bytes", "output_bytes", "source_bytes", "compile_seconds",
                "compile_memory_bytes", "validation_seconds", "validation_memory_bytes", "validation_output_bytes",
                "validation_passes"},
     "interactive", "multi_pass", "grading": scoring rules | null, "ways": how submissions are run,
     "validator": {"kind": "default" | "custom", "files": [FILE], "language": id | "", "entry_point": name | ""},
     "tests": [{"number", "name", "sample", "input": FILE, "answer": FILE, "validator_arguments": [..], "arguments": [..],
                "files": [FILE]}],
     "includes": {language: [FILE]}, "statements": [{"language", "format", "file": FILE}],
     "statement_files": [FILE], "attachments": [FILE], "languages": [..], "warnings": [..]}        with FILE = {"name", "sha256", "size"}

A test's `validator_arguments` are complete: those of the problem come first, then those of the test or its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.package.manifest import FileRef, NamedFile, Package, Program, TestCase
from app.wire.judge_v1 import TaskFile, TaskLimits, TaskTest

FORMAT = 1

Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ValidatorRecord:
    """Who decides about outputs: `kind` "default" (no files) or "custom"; `language` "" is told by the file names."""

    kind: str
    files: tuple[TaskFile, ...]
    language: str
    entry_point: str = ""


def to_record(package: Package, stored: Mapping[str, FileRef]) -> dict[str, Any]:
    """The manifest of a package whose files are (or will be) blobs under their hashes.

    `stored` maps the path of a program's file to the blob that stands for it, where that is not the file as it is (its constants are
    filled in).
    """
    programs = _Programs(stored)
    return {
        "format": FORMAT,
        "short_name": package.short_name,
        "title": package.title,
        "titles": dict(package.titles),
        "limits": _limits(package),
        "validator": _validator(package, programs),
        "tests": [_test(number, case, package) for number, case in enumerate(package.tests, start=1)],
        "includes": {folder.language: programs.files(folder.files) for folder in package.includes},
        "statements": [
            {"language": one.language, "format": one.format.value, "file": _file(_last_name(one.file), one.file)}
            for one in package.statements
        ],
        "statement_files": [_file(_last_name(ref), ref) for ref in package.statement_files],
        "attachments": [_file(_last_name(ref), ref) for ref in package.attachments],
        "languages": list(package.languages),
        "warnings": list(package.warnings),
        "interactive": package.interactive,
        "multi_pass": package.multi_pass,
        "grading": None if package.grading is None else package.grading.as_document(),
        "ways": package.ways.as_document(),
        "grader": _own_program(package.grader, programs),
        "static_validator": _own_program(package.static_validator, programs),
    }


def tests_of(manifest: Manifest) -> tuple[TaskTest, ...]:
    """The tests in judging order, ready for a task."""
    return tuple(
        TaskTest(
            number=test["number"],
            name=test["name"],
            input=test["input"]["sha256"],
            input_size=test["input"]["size"],
            answer=test["answer"]["sha256"],
            answer_size=test["answer"]["size"],
            validator_arguments=test["validator_arguments"],
            sample=test["sample"],
            arguments=test["arguments"],
            files=list(_task_files(test["files"])),
            static=test.get("static", False),
        )
        for test in manifest["tests"]
    )


def samples_of(manifest: Manifest) -> frozenset[int]:
    """The numbers of the tests that are samples: their data is public."""
    return frozenset(test["number"] for test in manifest["tests"] if test["sample"])


def limits_of(manifest: Manifest) -> TaskLimits:
    """The limits as the package sets them; memory, output in bytes."""
    limits = manifest["limits"]
    return TaskLimits(**{name: limits[name] for name in TaskLimits.model_fields if name in limits})


def validator_of(manifest: Manifest) -> ValidatorRecord:
    """The output validator."""
    validator = manifest["validator"]
    return ValidatorRecord(
        validator["kind"], _task_files(validator["files"]), validator["language"], validator["entry_point"]
    )


def kinds_of(manifest: Manifest) -> dict[str, Any]:
    """How outputs come about and are worth, as a task says it. What older versions do not say is the plain way."""
    return {
        "interactive": manifest.get("interactive", False),
        "multi_pass": manifest.get("multi_pass", False),
        "grading": manifest.get("grading"),
        "ways": manifest.get("ways"),
        "grader": manifest.get("grader"),
        "static_validator": manifest.get("static_validator"),
    }


def includes_of(manifest: Manifest, language: str) -> tuple[TaskFile, ...]:
    """Files that are put beside every submission in this language."""
    includes = manifest["includes"]
    return _task_files(includes.get(language, includes.get("default", ())))


def hashes_of(manifest: Manifest) -> frozenset[str]:
    """Every blob that judging this package may need: what a node with such a task may fetch."""
    found = {file["sha256"] for file in manifest["validator"]["files"]}
    for test in manifest["tests"]:
        found.update((test["input"]["sha256"], test["answer"]["sha256"]))
        found.update(file["sha256"] for file in test["files"])
    for name in ("grader", "static_validator"):
        found.update(file["sha256"] for file in (manifest.get(name) or {}).get("files", ()))
    for files in manifest["includes"].values():
        found.update(file["sha256"] for file in files)
    return frozenset(found)


def test_names(manifest: Manifest) -> tuple[str, ...]:
    """The tests' names in judging order."""
    return tuple(test["name"] for test in manifest["tests"])


@dataclass(frozen=True, slots=True)
class _Programs:
    stored: Mapping[str, FileRef]

    def files(self, files: Iterable[NamedFile]) -> list[dict[str, Any]]:
        return [_file(one.name, self.stored.get(one.file.path, one.file)) for one in files]


def _limits(package: Package) -> dict[str, Any]:
    limits = package.limits
    return {
        "cpu_seconds": limits.cpu_seconds,
        "cpu_seconds_known": limits.cpu_seconds_known,
        "memory_bytes": limits.memory_bytes,
        "output_bytes": limits.output_bytes,
        "source_bytes": limits.source_bytes,
        "compile_seconds": limits.compile_seconds,
        "compile_memory_bytes": limits.compile_memory_bytes,
        "validation_seconds": limits.validation_seconds,
        "validation_memory_bytes": limits.validation_memory_bytes,
        "validation_output_bytes": limits.validation_output_bytes,
        "validation_passes": limits.validation_passes,
    }


def _validator(package: Package, programs: _Programs) -> dict[str, Any]:
    program = package.validator.program
    if program is None:
        return {"kind": "default", "files": [], "language": "", "entry_point": ""}
    return {
        "kind": "custom",
        "files": programs.files(program.files),
        "language": program.language or "",
        "entry_point": program.entry_point or "",
    }


def _own_program(program: Program | None, programs: _Programs) -> dict[str, Any] | None:
    if program is None:
        return None
    return {
        "name": program.path,
        "files": programs.files(program.files),
        "language": program.language or "",
        "entry_point": program.entry_point or "",
    }


def _test(number: int, case: TestCase, package: Package) -> dict[str, Any]:
    return {
        "number": number,
        "name": case.name,
        "sample": case.sample,
        "input": _file(_last_name(case.input), case.input),
        "answer": _file(_last_name(case.answer), case.answer),
        "validator_arguments": list(package.validator_arguments_for(case)),
        "arguments": list(case.arguments),
        "files": _named_files(case.files),
        "static": case.static,
    }


def _named_files(files: Iterable[NamedFile]) -> list[dict[str, Any]]:
    return [_file(one.name, one.file) for one in files]


def _file(name: str, ref: FileRef) -> dict[str, Any]:
    return {"name": name, "sha256": ref.sha256, "size": ref.size}


def _last_name(ref: FileRef) -> str:
    return ref.path.rpartition("/")[2]


def _task_files(files: Iterable[Mapping[str, Any]]) -> tuple[TaskFile, ...]:
    return tuple(TaskFile(name=file["name"], sha256=file["sha256"]) for file in files)
