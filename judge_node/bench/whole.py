"""Whole judgements: 150 tests of a millisecond each, and what each language costs to compile and to start."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.core.errors import Fault
from app.core.judgement import CompileResult, Run
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.definition import Language
from judge_node.bench.programs import MILLISECOND, median
from judge_node.pipeline.commands import fill
from judge_node.pipeline.job import MEBIBYTE, JobLimits, JobTest, JudgeJob, JudgeResult, Watcher
from judge_node.pipeline.judging import Workshop, judge

_LIMITS = JobLimits(cpu_seconds=5.0, memory_bytes=512 * MEBIBYTE)
_EMPTY: Mapping[str, tuple[str, str]] = {
    "c": ("empty.c", "int main(void) { return 0; }\n"),
    "cpp": ("empty.cpp", "int main() { }\n"),
    "java": ("Main.java", "public class Main { public static void main(String[] words) { } }\n"),
    "python3": ("empty.py", "pass\n"),
}


def tests_150_s(workshop: Workshop, language: Language, folder: Path) -> float:
    """Seconds from "compiled" to the result of 150 tests in C++ with the default output validator."""
    question, answer = folder / "sum.in", folder / "sum.ans"
    question.write_bytes(b"20 22\n")
    answer.write_bytes(b"42\n")
    tests = tuple(JobTest(f"secret/{number}", False, question, answer) for number in range(1, 151))
    job = JudgeJob((SourceFile("sum.cpp", MILLISECOND.encode()),), language, tests, _LIMITS)
    moments: list[float] = []

    def compiled(_: CompileResult) -> None:
        moments.append(time.perf_counter())

    result = _judged(job, workshop, folder / "tests", Watcher(on_compile=compiled))
    if result.verdict is not Verdict.AC:
        raise Fault("bench", f"A program that adds two numbers was judged {result.verdict}: {result.message}")
    return time.perf_counter() - moments[0]


def languages(workshop: Workshop, offered: Mapping[str, Language], folder: Path, repeats: int) -> list[dict[str, Any]]:
    """For each language with a built-in empty program: compiling in the sandbox, beside the same command bare, and starting."""
    return [
        _language(workshop, language, folder / name, repeats) for name, language in offered.items() if name in _EMPTY
    ]


def _language(workshop: Workshop, language: Language, folder: Path, repeats: int) -> dict[str, Any]:
    folder.mkdir()
    nothing = folder / "nothing"
    nothing.write_bytes(b"")
    name, text = _EMPTY[language.id]
    tests = tuple(JobTest(f"start/{number}", False, nothing, nothing) for number in range(repeats))
    job = JudgeJob((SourceFile(name, text.encode()),), language, tests, _LIMITS, all_tests=True)
    compiles: list[float] = []
    plain: list[float] = []
    runs: list[Run] = []
    for number in range(repeats):
        result = _judged(job, workshop, folder / f"job-{number}", Watcher())
        if result.verdict is not Verdict.AC:
            said = result.message or result.compile.output
            raise Fault("bench", f"An empty program in {language.name} was judged {result.verdict}: {said}")
        compiles.append(result.compile.wall_seconds)
        runs += result.runs
        plain.append(_plainly(language, folder / f"plain-{number}", name, text))
    return {
        "language": language.id,
        "compile_ms": round(median(compiles) * 1000, 1),
        "compile_ratio_to_plain": round(median(compiles) / median(plain), 3),
        "start_ms": round(median([run.wall_seconds for run in runs]) * 1000, 2),
        "start_bytes": int(median([run.memory_bytes for run in runs])),
    }


def _judged(job: JudgeJob, workshop: Workshop, folder: Path, watcher: Watcher) -> JudgeResult:
    folder.mkdir()
    return judge(job, workshop, folder, watcher)


def _plainly(language: Language, folder: Path, name: str, text: str) -> float:
    """Seconds of the language's own compiling command without a sandbox."""
    folder.mkdir()
    (folder / name).write_text(text, encoding="ascii")
    program = folder / (language.compile.program_folder or ".")
    program.mkdir(exist_ok=True)
    words = fill(language.compile.argv, files=[name], program=language.compile.program_folder)
    began = time.perf_counter()
    subprocess.run([shutil.which(words[0]) or words[0], *words[1:]], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began
