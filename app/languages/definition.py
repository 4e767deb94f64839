"""What a programming language is to the judge: data, one TOML file each, the same shape on the wire.

An argv template is a list of words. A word that is exactly `{files}` stands for all source files of the language;
inside words `{main}` is the main file or class, `{program}` the folder that the compiler fills, `{memory_mib}` the
problem's memory limit. The first word is a program's name, looked up on the fixed path of the judge machine, or an
absolute path inside the container.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.core.errors import Refusal

_MEBIBYTE = 1024 * 1024


class MainRule(StrEnum):
    """How the thing to start is found among the files of a submission (PROBLEM_FORMATS 10.2)."""

    ALL_FILES = "all-files"
    MAIN_FILE = "main-file"
    JVM_MAIN_CLASS = "jvm-main-class"


@dataclass(frozen=True, slots=True)
class PrecompiledHeader:
    """A header that a node compiles once, and the words that make the compiler find it first."""

    header: str
    argv: tuple[str, ...]
    include_argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompileStep:
    """How sources become a program; `program_folder` is what is kept of the working directory ("" for all of it)."""

    argv: tuple[str, ...]
    program_folder: str
    wall_seconds: float
    memory_bytes: int
    processes: int
    precompiled_header: PrecompiledHeader | None = None


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """How a virtual machine says that its heap is full: this exit code and one of these words on stderr."""

    exit_code: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunStep:
    """How a compiled program is started.

    `profile` names the system call table of the sandbox; `memory_allowance_bytes` comes on top of the problem's memory
    limit for what a runtime needs for itself.
    """

    argv: tuple[str, ...]
    profile: str
    processes: int
    memory_allowance_bytes: int
    environment: Mapping[str, str] = field(default_factory=dict)
    out_of_memory: OutOfMemory | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """One language that teams may submit in; `extensions` come without their dot, the first is the usual one."""

    id: str
    name: str
    extensions: tuple[str, ...]
    main_rule: MainRule
    entry_point_name: str | None
    entry_point_required: bool
    compile: CompileStep
    run: RunStep
    fingerprint_argv: tuple[str, ...]

    def takes(self, file_name: str) -> bool:
        """Whether a file of this name is source of this language (case matters: `.C` is C++, `.c` is C)."""
        _, dot, extension = file_name.rpartition("/")[2].rpartition(".")
        return bool(dot) and extension in self.extensions

    def as_document(self) -> dict[str, Any]:
        """The definition in the shape of its TOML file; `language_from_document` reads it back."""
        compile_step: dict[str, Any] = {
            "argv": list(self.compile.argv),
            "program_folder": self.compile.program_folder,
            "wall_seconds": self.compile.wall_seconds,
            "memory_mib": self.compile.memory_bytes // _MEBIBYTE,
            "processes": self.compile.processes,
        }
        if (header := self.compile.precompiled_header) is not None:
            compile_step["precompiled_header"] = {
                "header": header.header,
                "argv": list(header.argv),
                "include_argv": list(header.include_argv),
            }
        run: dict[str, Any] = {
            "argv": list(self.run.argv),
            "profile": self.run.profile,
            "processes": self.run.processes,
            "memory_allowance_mib": self.run.memory_allowance_bytes // _MEBIBYTE,
            "environment": dict(self.run.environment),
        }
        if (full := self.run.out_of_memory) is not None:
            run["out_of_memory"] = {"exit_code": full.exit_code, "words": list(full.words)}
        entry_point: dict[str, Any] = {"required": self.entry_point_required}
        if self.entry_point_name is not None:
            entry_point["name"] = self.entry_point_name
        return {
            "id": self.id,
            "name": self.name,
            "extensions": list(self.extensions),
            "main_rule": self.main_rule.value,
            "entry_point": entry_point,
            "compile": compile_step,
            "run": run,
            "fingerprint": {"argv": list(self.fingerprint_argv)},
        }

    @property
    def definition_hash(self) -> str:
        """SHA-256 of the definition's canonical JSON; it changes when anything about the language changes."""
        text = json.dumps(self.as_document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def language_from_document(document: Mapping[str, Any]) -> Language:
    """A language from its TOML or JSON document. Refusal(422) names the language and the key that is wrong."""
    try:
        entry_point = document.get("entry_point", {})
        return Language(
            id=str(document["id"]),
            name=str(document["name"]),
            extensions=_words(document["extensions"]),
            main_rule=MainRule(document["main_rule"]),
            entry_point_name=entry_point.get("name"),
            entry_point_required=bool(entry_point.get("required", False)),
            compile=_compile_step(document["compile"]),
            run=_run_step(document["run"]),
            fingerprint_argv=_words(document["fingerprint"]["argv"]),
        )
    except KeyError as missing:
        raise Refusal(422, f"The language {document.get('id', '?')} lacks the key {missing.args[0]}.") from None
    except (TypeError, ValueError, AttributeError) as wrong:
        raise Refusal(422, f"The definition of the language {document.get('id', '?')} is wrong: {wrong}.") from None


def _compile_step(document: Mapping[str, Any]) -> CompileStep:
    header = document.get("precompiled_header")
    return CompileStep(
        argv=_words(document["argv"]),
        program_folder=str(document["program_folder"]),
        wall_seconds=float(document["wall_seconds"]),
        memory_bytes=int(document["memory_mib"]) * _MEBIBYTE,
        processes=int(document["processes"]),
        precompiled_header=None
        if header is None
        else PrecompiledHeader(str(header["header"]), _words(header["argv"]), _words(header["include_argv"])),
    )


def _run_step(document: Mapping[str, Any]) -> RunStep:
    full = document.get("out_of_memory")
    return RunStep(
        argv=_words(document["argv"]),
        profile=str(document["profile"]),
        processes=int(document["processes"]),
        memory_allowance_bytes=int(document["memory_allowance_mib"]) * _MEBIBYTE,
        environment={str(name): str(value) for name, value in document.get("environment", {}).items()},
        out_of_memory=None if full is None else OutOfMemory(int(full["exit_code"]), _words(full["words"])),
    )


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(word, str) for word in value):
        raise ValueError(f"a list of words is needed, not {value!r}")
    return tuple(value)
