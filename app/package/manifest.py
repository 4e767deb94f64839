"""A problem package as values: what it holds, where each file is, what it expects. Paths are relative to the
package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.scoring.groups import Grading
from app.core.verdict import Verdict
from app.core.ways import PLAIN, Ways

MEBIBYTE = 1024 * 1024
DEFAULT_CPU_SECONDS = 10.0


class Kind(StrEnum):
    """Whether outputs are right or wrong, or worth points. Interaction and passes come on top (Package)."""

    PASS_FAIL = "pass-fail"  # noqa: S105 - not a password
    SCORING = "scoring"


class StatementFormat(StrEnum):
    """In which form a statement comes."""

    MARKDOWN = "md"
    TEX = "tex"
    HTML = "html"
    PDF = "pdf"
    TEXT = "txt"


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file of the package: its path with `/`, the SHA-256 of its bytes in hex, its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file under the name that it has for whoever uses it, e.g. `check.cpp` for `output_validator/check.cpp`."""

    name: str
    file: FileRef


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """Limits that the package sets. `cpu_seconds_known` is False where it sets no time limit.

    Then cpu_seconds is DEFAULT_CPU_SECONDS, and the limit is to be measured: the slowest accepted solution times
    `ac_to_time_limit`, rounded up to a multiple of `time_resolution`.
    """

    cpu_seconds: float = DEFAULT_CPU_SECONDS
    cpu_seconds_known: bool = False
    memory_bytes: int = 2048 * MEBIBYTE
    output_bytes: int = 8 * MEBIBYTE
    source_bytes: int = 128 * 1024
    compile_seconds: float = 60.0
    compile_memory_bytes: int = 2048 * MEBIBYTE
    validation_seconds: float = 60.0
    validation_memory_bytes: int = 2048 * MEBIBYTE
    validation_output_bytes: int = 8 * MEBIBYTE
    ac_to_time_limit: float = 2.0
    time_limit_to_tle: float = 1.5
    time_resolution: float = 1.0
    validation_passes: int = 2


@dataclass(frozen=True, slots=True)
class Program:
    """A program inside the package; `language` is an id where the package names it, else it is told by the file
    names.
    """

    path: str
    files: tuple[NamedFile, ...]
    language: str | None = None
    entry_point: str | None = None


@dataclass(frozen=True, slots=True)
class Validator:
    """Who decides about an output: the default validator (program None) or a program of the package.

    `arguments` go to every call, before those of the test case.
    """

    program: Program | None = None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test. `name` is like `secret/02-big`; `validator_arguments` are those of the nearest group or of the case
    itself.

    `arguments` are the submission's command line, `files` are put into its working directory. What a sample shows
    instead of its input or answer stands in `shown_input` and `shown_answer`.
    """

    __test__ = False

    name: str
    sample: bool
    input: FileRef
    answer: FileRef
    validator_arguments: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    files: tuple[NamedFile, ...] = ()
    shown_input: FileRef | None = None
    shown_answer: FileRef | None = None
    hint: str = ""
    static: bool = False
    """No run: the static validator is asked about the sources, with `validator_arguments`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The problem's text in one language of people."""

    language: str
    format: StatementFormat
    file: FileRef


class Bound(StrEnum):
    """What a solution's times say about a limit that has to be measured: as its verdicts tell, or as told outright."""

    AS_VERDICTS_TELL = ""
    LOWER = "lower"
    UPPER = "upper"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Rule:
    """What submissions.yaml asks of a solution on some tests: those that a glob of `tests` matches (none: on all).

    Every such test ends as one of permitted, some as one of required, the validator's message on some contains
    `message`, the group's score in millionths is in `score`; what is empty asks nothing.
    """

    tests: tuple[str, ...] = ()
    permitted: frozenset[Verdict] = frozenset()
    required: frozenset[Verdict] = frozenset()
    message: str = ""
    score: tuple[int, int] | None = None
    bound: Bound = Bound.AS_VERDICTS_TELL


@dataclass(frozen=True, slots=True)
class JurySolution:
    """A submission inside the package and what it has to end as; `program.path` is like `accepted/a.cpp`.

    `expected` is empty where the package promises nothing. `permitted` and `required` are the 2025-09 rules for
    single tests: every test ends as one of permitted, some test as one of required (each empty: no such rule).
    `score` is the range in millionths that its score has to be in; `partial`: it has to miss the largest score.
    `rules` are all those of submissions.yaml with its directory's; empty where the directory's is the only one.
    """

    program: Program
    expected: frozenset[Verdict]
    permitted: frozenset[Verdict] = frozenset()
    required: frozenset[Verdict] = frozenset()
    score: tuple[int, int] | None = None
    partial: bool = False
    rules: tuple[Rule, ...] = ()

    @property
    def path(self) -> str:
        """Where it is, below `submissions/`."""
        return self.program.path

    @property
    def needs_all_tests(self) -> bool:
        """Whether the first failing test alone does not show that the rules for single tests are kept."""
        if any(rule.tests or rule.message for rule in self.rules):
            return True
        several = len({rule.required for rule in self.rules if rule.required}) > 1
        return several or (bool(self.required) and bool(self.permitted - self.required - {Verdict.AC}))


@dataclass(frozen=True, slots=True)
class IncludeFolder:
    """Files that are put beside every submission in this language (`default`: in any other)."""

    language: str
    files: tuple[NamedFile, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A problem package, read and checked. `titles` maps languages of people to names; `version` is the content's hash.

    `constants` are what `{{name}}` stands for in Markdown statements and in programs; `languages` is empty where all
    are allowed. `grading` is there for scoring problems, `grader` where groups have one of the package's own.
    `interactions` are sample dialogues (`<` judge, `>` team).
    `ways` say how submissions are run; where they want processes, the validator's program is the manager.
    """

    short_name: str
    titles: Mapping[str, str]
    format_version: str
    uuid: str
    kind: Kind
    limits: PackageLimits
    validator: Validator
    tests: tuple[TestCase, ...]
    statements: tuple[Statement, ...]
    statement_files: tuple[FileRef, ...]
    attachments: tuple[FileRef, ...]
    submissions: tuple[JurySolution, ...]
    includes: tuple[IncludeFolder, ...] = ()
    languages: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    version: str = ""
    interactive: bool = False
    multi_pass: bool = False
    grading: Grading | None = None
    grader: Program | None = None
    static_validator: Program | None = None
    ways: Ways = PLAIN
    interactions: tuple[FileRef, ...] = ()

    @property
    def title(self) -> str:
        """The name in English, or in the first language that there is."""
        return self.titles.get("en") or next(iter(self.titles.values()), self.short_name)

    @property
    def verdicts_named(self) -> frozenset[Verdict]:
        """All verdicts that the package names anywhere for its submissions (DESIGN 6: MLE, OLE, NO make it exact)."""
        named: set[Verdict] = set()
        for solution in self.submissions:
            named |= solution.expected | solution.required
            named.update(*(rule.required for rule in solution.rules))
        return frozenset(named)

    @property
    def verdicts_ruled(self) -> frozenset[Verdict]:
        """All verdicts in the rules of submissions.yaml, whose format knows of AC, WA, TLE and RTE only: they are exact where
        it goes beyond that.
        """
        sets = (rule.permitted | rule.required for solution in self.submissions for rule in solution.rules)
        return frozenset().union(*sets)

    def validator_arguments_for(self, test: TestCase) -> tuple[str, ...]:
        """The arguments of the validator's call for one test: the package's, then the test's.

        The default validator takes each tolerance once, and real packages set it in both places: there the test's
        holds. In legacy packages the last one holds, as it does in the programs that they were tried with.
        """
        package = self.validator.arguments
        if self.validator.program is not None:
            return (*package, *test.validator_arguments)
        if self.format_version.startswith("legacy"):
            return _last_ones((*package, *test.validator_arguments))
        if any(word.startswith("float_") for word in test.validator_arguments):
            package = _without_tolerances(package)
        return (*package, *test.validator_arguments)

    def include_for(self, language_id: str) -> tuple[NamedFile, ...]:
        """The files to put beside a submission in this language."""
        by_language = {folder.language: folder.files for folder in self.includes}
        return by_language.get(language_id, by_language.get("default", ()))


def _without_tolerances(arguments: tuple[str, ...]) -> tuple[str, ...]:
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word.startswith("float_"):
            next(words, None)
        else:
            kept.append(word)
    return tuple(kept)


def _last_ones(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The same arguments with each tolerance set once, by the last word on it; as they are where none is set twice."""
    others: list[str] = []
    bounds: dict[str, str] = {}
    named = 0
    words = iter(arguments)
    for word in words:
        kind = word.removeprefix("float_").removesuffix("tolerance").strip("_")
        if not word.startswith("float_") or kind not in ("", "absolute", "relative"):
            others.append(word)
            continue
        value = next(words, None)
        if value is None:
            return arguments
        for one in (kind,) if kind else ("absolute", "relative"):
            named += 1
            bounds[one] = value
    if named == len(bounds):
        return arguments
    return (*others, *(word for kind, value in bounds.items() for word in (f"float_{kind}_tolerance", value)))
