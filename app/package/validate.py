"""Checks of a package that has been read: what would hurt later is said now, by file."""

from __future__ import annotations

import re

from app.package.findings import Findings
from app.package.manifest import Package, StatementFormat
from app.package.tree import Tree

_SHORTEST_FAIR_LIMIT = 0.1
MOST_BROUGHT_BYTES = 512 << 20
"""What the files of one test may hold together that lie in a program's working directory, which is memory of the judge machine."""
_BOUND = re.compile(r"\+?(\d*\.\d+|\d+\.?)([Ee][+-]?\d+)?", re.ASCII)
_TOLERANCES = {
    "float_tolerance": {"absolute", "relative"},
    "float_absolute_tolerance": {"absolute"},
    "float_relative_tolerance": {"relative"},
}


def check_package(package: Package, tree: Tree, findings: Findings) -> None:
    """Statements for presence and encoding, titles, arguments of the default validator, limits too short to be fair."""
    if not package.statements:
        findings.warn("statement", None, "there is no problem statement.")
    for statement in package.statements:
        if statement.format is not StatementFormat.PDF:
            tree.text(statement.file.path)
        elif not tree.head(statement.file.path, 5).startswith(b"%PDF-"):
            findings.warn(statement.file.path, None, "this does not look like a PDF file.")
    if package.limits.cpu_seconds < _SHORTEST_FAIR_LIMIT:
        findings.warn("problem.yaml", None, "a time limit below 0.1 s cannot be measured fairly.")
    _check_ways(package, findings)
    _check_brought(package, findings)
    if package.validator.program is None:
        legacy = package.format_version.startswith("legacy")
        _check_default_arguments("problem.yaml", package.validator.arguments, findings, legacy=legacy)
        for arguments in dict.fromkeys(test.validator_arguments for test in package.tests if not test.static):
            _check_default_arguments("data", arguments, findings, legacy=legacy)


def _check_ways(package: Package, findings: Findings) -> None:
    """What no machine could judge is said here, where its author reads it."""
    ways, rounds = package.ways, package.interactive or package.multi_pass
    if ways.processes and package.validator.program is None:
        findings.error("problem.yaml", None, "a problem with processes needs a manager (its output validator).")
    if rounds and (ways.processes or ways.named_files):
        findings.error(
            "problem.yaml", None, "interactive and multi-pass problems go by standard streams, without a manager."
        )
    if ways.submit_answer and package.static_validator is not None:
        findings.error("static_validator", None, "outputs that are submitted have no source that it could look at.")


def _check_brought(package: Package, findings: Findings) -> None:
    by_name = bool(package.ways.input_file or package.ways.processes)
    for test in package.tests:
        total = sum(one.file.size for one in test.files) + (test.input.size if by_name else 0)
        if total > MOST_BROUGHT_BYTES:
            findings.error(
                test.input.path,
                None,
                f"{total >> 20} MiB would lie in a program's working directory; at most {MOST_BROUGHT_BYTES >> 20} MiB can.",
            )


def _check_default_arguments(where: str, arguments: tuple[str, ...], findings: Findings, *, legacy: bool) -> None:
    """The default output validator's own rules about its arguments (PROBLEM_FORMATS 3)."""
    words = iter(arguments)
    given: set[str] = set()
    for word in words:
        if word in ("case_sensitive", "space_change_sensitive"):
            continue
        if word not in _TOLERANCES:
            findings.error(where, None, f"the default output validator has no argument {word!r}.")
            return
        bound = next(words, None)
        if bound is None or not _BOUND.fullmatch(bound):
            findings.error(where, None, f"{word} needs a number that is not negative, not {bound!r}.")
            return
        if given & _TOLERANCES[word] and legacy:
            findings.warn(where, None, f"{word} sets a tolerance that is already set; the last one holds.")
        elif given & _TOLERANCES[word]:
            findings.error(where, None, f"{word} sets a tolerance that is already set.")
            return
        given |= _TOLERANCES[word]
