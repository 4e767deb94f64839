"""Reads packages in the Kattis formats: 2025-09 and its drafts, legacy, and what DOMjudge adds to them.

Tolerant on reading, strict in the report: what real packages do in spite of the letter (PROBLEM_FORMATS 12) is a
warning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.errors import Refusal
from app.core.verdict import Verdict
from app.package.expectations import by_directory, with_tag
from app.package.findings import Findings
from app.package.graders import read_grader
from app.package.grading import read_grading
from app.package.manifest import (
    FileRef,
    IncludeFolder,
    JurySolution,
    Kind,
    Package,
    PackageLimits,
    Program,
    Statement,
    StatementFormat,
    Validator,
)
from app.package.problem_yaml import Settings, read_number, read_settings
from app.package.rules import unused_rules, with_rules
from app.package.scores import expected_score
from app.package.static_cases import with_static_cases
from app.package.submissions_json import read_submissions_json, with_told
from app.package.testdata import read_tests
from app.package.tree import Tree
from app.package.ways import package_ways
from app.package.yamlfile import YamlFile, parse_yaml

_STATEMENT = re.compile(r"^problem(?:\.([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*))?\.(md|tex|html|pdf|txt)$")
_INI_LINE = re.compile(r"^\s*([\w-]+)\s*=\s*(.*?)\s*$")
_STATEMENT_FOLDERS = ("statement", "problem_statement")
_VALIDATOR_FOLDERS = ("output_validator", "output_validators")
_NAME_IN_TEX = re.compile(r"\\problemname\{([^{}]*)\}|%%\s*plainproblemname:\s*(.+)")
_PYTHON_2 = re.compile(r"#!.*python2")
_SOURCE_HEAD = 1 << 20
_LONGEST_SECONDS = 10_000
_OTHER_FORMATS = {
    "init.yml": "a DMOJ problem",
}


@dataclass(frozen=True, slots=True)
class _Extras:
    """What DOMjudge keeps beside problem.yaml."""

    title: str = ""
    short_name: str = ""
    cpu_seconds: float | None = None


def read_kattis(tree: Tree, short_name: str, findings: Findings) -> Package:
    """The package in `tree`. Errors and warnings go to `findings`; Refusal(422) where a file cannot be read at all."""
    yaml = _yaml(tree, "problem.yaml", findings) or YamlFile("problem.yaml", {})
    settings = read_settings(yaml, findings)
    extras = _read_extras(tree, settings, findings)
    statements, statement_files = _read_statements(tree)
    titles = settings.titles or _titles_elsewhere(tree, statements, extras)
    if not settings.titles and not settings.legacy:
        findings.warn("problem.yaml", None, "name is missing.")
    tests, static_validator = with_static_cases(tree, read_tests(tree, settings.constants, findings), findings)
    scoring = "scoring" in settings.kinds
    validator = _read_validator(tree, settings, findings)
    ways = package_ways(yaml, settings, findings)
    grading = read_grading(tree, settings, yaml, tests, findings) if scoring else None
    if validator.program is None and settings.kinds & {"interactive", "multi-pass"}:
        findings.error("output_validator", None, "an interactive or multi-pass problem needs a validator of its own.")
    return Package(
        short_name=extras.short_name or short_name,
        titles=titles or {"en": short_name},
        format_version=settings.format_version,
        uuid=settings.uuid,
        kind=Kind.SCORING if scoring else Kind.PASS_FAIL,
        limits=_with_time_limit(settings.limits, extras, findings, runs=not ways.submit_answer),
        validator=validator,
        tests=tests,
        statements=statements,
        statement_files=statement_files,
        attachments=tuple(tree.ref(f"attachments/{name}") for name in tree.below("attachments")),
        submissions=_read_submissions(tree, findings, scoring=scoring, legacy=settings.legacy),
        includes=_read_includes(tree),
        languages=settings.languages,
        constants=settings.constants,
        interactive="interactive" in settings.kinds,
        multi_pass="multi-pass" in settings.kinds,
        ways=ways,
        grading=grading,
        grader=read_grader(tree, grading, findings),
        static_validator=static_validator,
        interactions=tuple(
            tree.ref(f"data/sample/{name}")
            for name in sorted(tree.below("data/sample"))
            if name.endswith(".interaction")
        ),
    )


def _yaml(tree: Tree, name: str, findings: Findings) -> YamlFile | None:
    return parse_yaml(tree.text(name), name, findings) if name in tree.files else None


def _read_extras(tree: Tree, settings: Settings, findings: Findings) -> _Extras:
    values: dict[str, str] = {}
    if "domjudge-problem.ini" in tree.files:
        for line in tree.text("domjudge-problem.ini").splitlines():
            if match := _INI_LINE.match(line):
                values[match.group(1).lower()] = match.group(2).strip("\"'")
    file = ".timelimit" if ".timelimit" in tree.files else "domjudge-problem.ini"
    written = tree.text(file).strip() if file == ".timelimit" else values.get("timelimit")
    seconds = None if written is None else read_number(written)
    if written is not None and (seconds is None or not 0 < seconds <= _LONGEST_SECONDS):
        findings.error(file, None, f"{written!r} is not a time limit in seconds.")
        seconds = None
    if seconds is not None and settings.limits.cpu_seconds_known and settings.limits.cpu_seconds != seconds:
        findings.warn(
            file, None, f"it says {seconds:g} s, problem.yaml {settings.limits.cpu_seconds:g} s; problem.yaml holds."
        )
    short_name = values.get("short-name", "")
    return _Extras(values.get("name", ""), short_name if re.fullmatch(r"[\w-]{1,36}", short_name) else "", seconds)


def _with_time_limit(limits: PackageLimits, extras: _Extras, findings: Findings, *, runs: bool) -> PackageLimits:
    if not runs and not limits.cpu_seconds_known:
        return replace(limits, cpu_seconds_known=True)
    if limits.cpu_seconds_known or extras.cpu_seconds is None:
        if not limits.cpu_seconds_known:
            findings.warn("problem.yaml", None, "no time limit is set; it has to be measured with accepted solutions.")
        return limits
    return replace(limits, cpu_seconds=extras.cpu_seconds, cpu_seconds_known=True)


def _read_statements(tree: Tree) -> tuple[tuple[Statement, ...], tuple[FileRef, ...]]:
    statements: list[Statement] = []
    others: list[FileRef] = []
    for folder in (*_STATEMENT_FOLDERS, ""):
        names = tree.below(folder) if folder else (name for name in tree.files if "/" not in name)
        for name in names:
            path = f"{folder}/{name}" if folder else name
            match = _STATEMENT.match(name)
            if match:
                language = (match.group(1) or "en").replace("_", "-")
                statements.append(Statement(language, StatementFormat(match.group(2)), tree.ref(path)))
            elif folder:
                others.append(tree.ref(path))
    return tuple(statements), tuple(others)


def _titles_elsewhere(tree: Tree, statements: tuple[Statement, ...], extras: _Extras) -> dict[str, str]:
    """Legacy packages may name the problem only in the statement, or in DOMjudge's file."""
    titles = {"en": extras.title} if extras.title else {}
    for statement in statements:
        if statement.format is StatementFormat.TEX and statement.language not in titles:
            match = _NAME_IN_TEX.search(tree.text(statement.file.path))
            if match:
                titles[statement.language] = (match.group(1) or match.group(2)).strip()
    return titles


def _read_validator(tree: Tree, settings: Settings, findings: Findings) -> Validator:
    programs: list[Program] = []
    for folder in _VALIDATOR_FOLDERS:
        entries = tree.children(folder)
        if not entries:
            continue
        loose = tuple(name for name, below in entries.items() if below == ("",))
        if loose and (folder == "output_validator" or len(entries) > len(loose)):
            # The folder itself is the program; 2025-09 allows that, and so do packages with a header beside the source.
            programs.append(Program(folder, tree.named(folder, tuple(tree.below(folder)))))
        else:
            programs.extend(_program(tree, folder, name, below) for name, below in entries.items())
    wanted = settings.custom_validator if settings.legacy else bool(programs)
    if not wanted:
        if programs:
            findings.warn("problem.yaml", None, "there is an output validator, but validation is not custom; not used.")
        return Validator(None, settings.validator_arguments)
    if len(programs) > 1 and all(len(program.files) == 1 for program in programs):
        folder = programs[0].path.partition("/")[0]
        programs = [Program(folder, tree.named(folder, tuple(tree.below(folder))))]
    if len(programs) != 1:
        findings.error("output_validators", None, f"one output validator is needed, not {len(programs)}.")
        return Validator(None, settings.validator_arguments)
    return Validator(programs[0], settings.validator_arguments)


def _program(tree: Tree, folder: str, name: str, below: tuple[str, ...]) -> Program:
    """A program that is a file, or a folder with all files in it."""
    if below == ("",):
        return Program(name, tree.named(folder, (name,)))
    return Program(name, tree.named(f"{folder}/{name}", below))


def _read_submissions(tree: Tree, findings: Findings, *, scoring: bool, legacy: bool) -> tuple[JurySolution, ...]:
    rules = _yaml(tree, "submissions/submissions.yaml", findings)
    told = read_submissions_json(tree, findings)
    solutions: list[JurySolution] = []
    for directory, inside in tree.children("submissions").items():
        if inside == ("",):
            continue
        for name, below in tree.children(f"submissions/{directory}").items():
            program = _program(tree, f"submissions/{directory}", name, below)
            path = f"{directory}/{name}"
            sources = [tree.head(one.file.path, _SOURCE_HEAD).decode("utf-8", "replace") for one in program.files]
            tagged = with_tag(by_directory(path), sources, path, findings)
            expectation, own_rules = with_rules(tagged, path, rules, findings)
            expectation = with_told(expectation, path, told)
            score = expected_score(path, sources, rules, findings) if scoring else None
            partial = scoring and directory == "partially_accepted" and not expectation.expected
            if partial:
                expectation = replace(expectation, expected=frozenset({Verdict.AC}))
            if not expectation.expected and score is None and not own_rules:
                findings.warn(f"submissions/{path}", None, "nothing says what this is expected to end as.")
            language = expectation.language or ("python2" if _is_python2(program, sources) else None)
            program = Program(path, program.files, language, expectation.entry_point)
            solutions.append(
                JurySolution(
                    program,
                    expectation.expected,
                    expectation.permitted,
                    expectation.required,
                    score,
                    partial and legacy,
                    own_rules,
                )
            )
    if rules is not None:
        unused_rules((solution.path for solution in solutions), rules, findings)
    if not any(solution.path.startswith("accepted/") for solution in solutions):
        findings.warn("submissions", None, "there is no accepted solution.")
    return tuple(solutions)


def _is_python2(program: Program, sources: Sequence[str]) -> bool:
    """Only a first line says so; to file names the two are one language."""
    return any(
        one.name.endswith(".py") and _PYTHON_2.match(text) for one, text in zip(program.files, sources, strict=True)
    )


def _read_includes(tree: Tree) -> tuple[IncludeFolder, ...]:
    return tuple(
        IncludeFolder(language, tree.named(f"include/{language}", below))
        for language, below in tree.children("include").items()
        if below != ("",)
    )


def check_is_kattis(tree: Tree) -> None:
    """Refusal(422) naming the format where the files are those of another system, or of none."""
    if "problem.yaml" in tree.files or "domjudge-problem.ini" in tree.files or any(tree.below("data/secret")):
        return
    for file, what in _OTHER_FORMATS.items():
        if file in tree.files:
            raise Refusal(422, f"{file}: this is {what}; it cannot be read.")
    raise Refusal(422, "problem.yaml is missing: this is not a problem package.")
