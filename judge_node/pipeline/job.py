"""What the pipeline takes and gives: one submission to judge, independent of where it came from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.judgement import CompileResult, Run
from app.core.scoring.groups import Grading, GroupResult
from app.core.scoring.legacy_groups import Grade
from app.core.spans import WHOLE, Rules, Span
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.core.ways import PLAIN, Ways
from app.languages.definition import Language

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class JobTest:
    """One test with its files on this machine. `validator_arguments` are the whole list for the validator's call."""

    name: str
    sample: bool
    input: Path
    answer: Path
    validator_arguments: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    files: tuple[tuple[str, Path], ...] = ()
    static: bool = False
    """The static validator is asked about the sources; nothing is run."""


@dataclass(frozen=True, slots=True)
class JobValidator:
    """A validator of the package's own, to be compiled in the sandbox."""

    files: tuple[SourceFile, ...]
    language: Language
    entry_point: str | None = None


@dataclass(frozen=True, slots=True)
class JobLimits:
    """Limits of a judgement; what they mean stands in DESIGN 6 and in app.package.manifest.PackageLimits."""

    cpu_seconds: float
    memory_bytes: int
    output_bytes: int = 8 * MEBIBYTE
    compile_seconds: float = 60.0
    compile_memory_bytes: int = 2048 * MEBIBYTE
    validation_seconds: float = 60.0
    validation_memory_bytes: int = 2048 * MEBIBYTE
    validation_output_bytes: int = 8 * MEBIBYTE
    validation_passes: int = 2


@dataclass(frozen=True, slots=True)
class JudgeJob:
    """One submission with everything that judging it needs. `validator` None is the default output validator.

    `include` are the package's files that are put over the submission's before compiling. `grading` are the rules of a
    scoring problem.
    """

    files: tuple[SourceFile, ...]
    language: Language
    tests: tuple[JobTest, ...]
    limits: JobLimits
    entry_point: str | None = None
    include: tuple[SourceFile, ...] = ()
    validator: JobValidator | None = None
    all_tests: bool = False
    interactive: bool = False
    multi_pass: bool = False
    grading: Grading | None = None
    ways: Ways = PLAIN
    grader: JobValidator | None = None
    static_validator: JobValidator | None = None
    known: tuple[Run, ...] = ()
    """What another machine has run already (number, verdict and score): it counts, and is not run again."""

    @property
    def rules(self) -> Rules:
        """Which tests are due, and what they decide."""
        return Rules(len(self.tests), self.grading, self.all_tests)


@dataclass(frozen=True, slots=True)
class JudgeResult:
    """What came out. `verdict` is None where `stop` ended it, or with `part` where the rest is another machine's; `message` says why a
    verdict is JE.

    `score_millionths` and `groups` are there for scoring problems.
    """

    compile: CompileResult
    runs: tuple[Run, ...]
    verdict: Verdict | None
    message: str = ""
    score_millionths: int | None = None
    groups: tuple[GroupResult, ...] = ()
    grades: Mapping[str, Grade] = field(default_factory=dict)
    """What the package's own grader said, by group."""
    part: bool = False
    """Its span of the tests is done, and decides nothing alone."""


def _ignore_compile(_result: CompileResult) -> None:
    """Nobody watches."""


def _ignore_run(_run: Run, _stdout: Path) -> None:
    """Nobody watches."""


def _every_test() -> Span:
    """Nobody else runs any."""
    return WHOLE


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who wants to know while a job runs; the stdout file of a run is there only during the call, which may rename it away. `stop`
    ends the job. `span` says which tests are this machine's; it may shrink while the job runs.
    """

    on_compile: Callable[[CompileResult], None] = _ignore_compile
    on_run: Callable[[Run, Path], None] = _ignore_run
    stop: threading.Event = field(default_factory=threading.Event)
    span: Callable[[], Span] = _every_test
