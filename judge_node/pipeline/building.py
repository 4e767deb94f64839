"""Compiles sources in a container of their own, so that what a compiler can do never meets a run."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Refusal
from app.core.judgement import CompileResult
from app.core.submission import SourceFile
from app.languages.definition import Language, MainRule
from app.languages.detect import check_entry_point, check_file_names, main_file
from judge_node.pipeline.commands import ENVIRONMENT, fill
from judge_node.pipeline.job import MEBIBYTE
from judge_node.sandbox.interface import Command, Container, Sandbox, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds
from judge_node.sandbox.outcome import Limit, Outcome
from judge_node.toolchains.java_classes import main_classes

_SCRATCH_BYTES = 1536 * MEBIBYTE
_PROGRAM_BYTES = 768 * MEBIBYTE
_OUTPUT_BYTES = 1536 * MEBIBYTE
_HEADERS_INSIDE = "/headers"


@dataclass(frozen=True, slots=True)
class BuildLimits:
    """What one compilation may use."""

    seconds: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Built:
    """A compiled program: its folder on this machine, and the name of what is started (main file or class, else "")."""

    folder: Path
    main: str
    language: Language

    def argv(self, memory_bytes: int, arguments: Sequence[str] = ()) -> tuple[str, ...]:
        """How it is started inside a container that shows the folder as /program."""
        words = fill(self.language.run.argv, main=self.main, memory_mib=memory_bytes // MEBIBYTE)
        return (*words, *arguments)


def build(
    sandbox: Sandbox,
    language: Language,
    files: Sequence[SourceFile],
    entry_point: str | None,
    limits: BuildLimits,
    target: Path,
    headers: Path | None,
    stop: threading.Event | None = None,
) -> tuple[CompileResult, Built | None]:
    """Compiles `files` into the new folder `target`; Built is None where the compiler refused (CE).

    Where `stop` ended it the result says nothing about the sources. Raises Fault where the sandbox or the toolchain
    failed: never a verdict.
    """
    names = [file.name for file in files]
    try:
        check_file_names(names)
        check_entry_point(language, names, entry_point)
        main = main_file(language, names, entry_point) if language.extensions else ""
    except Refusal as refused:
        return CompileResult(False, refused.sentence), None
    view = View(
        profile="compiler", scratch_bytes=_SCRATCH_BYTES, folders={} if headers is None else {_HEADERS_INSIDE: headers}
    )
    step = language.compile
    container = sandbox.container(view, memory_bytes=limits.memory_bytes, processes=step.processes)
    try:
        for file in files:
            container.put(file.name, file.data)
        if step.program_folder:
            container.put(f"{step.program_folder}/.keep", b"")
        command = _command(language, names, headers)
        outcome = container.run(command, _run_limits(language, limits), keep_scratch=True, stop=stop)
        result = _result(outcome, limits)
        if not result.ok:
            return result, None
        return _collect(container, language, result, main, entry_point, target)
    finally:
        container.close()


def _command(language: Language, names: Sequence[str], headers: Path | None) -> Command:
    step = language.compile
    sources = sorted(name for name in names if language.takes(name))
    words = list(fill(step.argv, files=sources, program=step.program_folder))
    if headers is not None and step.precompiled_header is not None:
        words[1:1] = [word.replace("{folder}", _HEADERS_INSIDE) for word in step.precompiled_header.include_argv]
    return Command(words, ENVIRONMENT)


def _run_limits(language: Language, limits: BuildLimits) -> RunLimits:
    return RunLimits(
        cpu_seconds=limits.seconds,
        wall_seconds=wall_limit_seconds(limits.seconds),
        memory_bytes=limits.memory_bytes,
        output_bytes=_OUTPUT_BYTES,
        file_bytes=_PROGRAM_BYTES,
        processes=language.compile.processes,
    )


def _result(outcome: Outcome, limits: BuildLimits) -> CompileResult:
    said = b"\n".join(head.rstrip() for head in (outcome.stdout_head, outcome.stderr_head) if head.strip())
    output = said.decode("utf-8", "replace").replace("\0", "\ufffd")
    why = {
        Limit.CPU: f"The compiler was stopped: it needed more than {limits.seconds:g} s.",
        Limit.WALL: "The compiler was stopped: it took too long.",
        Limit.MEMORY: f"The compiler was stopped: it needed more than {limits.memory_bytes // MEBIBYTE} MiB.",
        Limit.FILE_SIZE: "The compiler was stopped: it wrote a file that is too large.",
        Limit.OUTPUT: "The compiler wrote too much.",
    }
    if outcome.limit is not None:
        output = f"{why[outcome.limit]}\n{output}".rstrip()
    ok = outcome.limit is None and outcome.exit_code == 0
    if not ok and not output:
        output = f"The compiler ended with exit code {outcome.exit_code} and said nothing."
    return CompileResult(ok, output, outcome.cpu_seconds, outcome.wall_seconds, outcome.memory_bytes)


def _collect(
    container: Container, language: Language, result: CompileResult, main: str, entry_point: str | None, target: Path
) -> tuple[CompileResult, Built | None]:
    try:
        container.collect(language.compile.program_folder, target, _PROGRAM_BYTES)
        if language.main_rule is MainRule.JVM_MAIN_CLASS:
            main = _main_class(target, entry_point)
    except Refusal as refused:
        return _failed(result, refused.sentence), None
    return result, Built(target, main if language.main_rule is not MainRule.ALL_FILES else "", language)


def _main_class(folder: Path, entry_point: str | None) -> str:
    """The class to start: the entry point, else `Main`, else the first by name. Refusal(422) where there is none."""
    found = main_classes(folder)
    if entry_point:
        if entry_point not in found:
            raise Refusal(422, f"The class {entry_point} has no public static void main(String[]) method.")
        return entry_point
    if not found:
        raise Refusal(422, "No class has a public static void main(String[]) method.")
    return "Main" if "Main" in found else found[0]


def _failed(result: CompileResult, sentence: str) -> CompileResult:
    output = f"{result.output}\n{sentence}".strip()
    return CompileResult(False, output, result.cpu_seconds, result.wall_seconds, result.memory_bytes)
