"""Static tests of 2025-09: `static_validation_score` adds one to its group that looks at the sources (PROBLEM_FORMATS 2.5, 4.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.package.findings import Findings
from app.package.manifest import Program, TestCase
from app.package.problem_yaml import flags
from app.package.tree import Tree
from app.package.yamlfile import parse_yaml

NAME = "static_validation"
_FILE = "test_group.yaml"
_FOLDER = "static_validator"


def with_static_cases(
    tree: Tree, tests: Sequence[TestCase], findings: Findings
) -> tuple[tuple[TestCase, ...], Program | None]:
    """The tests with those of the static validator, each before the others of its group; and the validator, where it is asked.

    What cannot be used goes to `findings`.
    """
    program = _program(tree, findings)
    cases: dict[str, TestCase] = {}
    for name in tree.files:
        folder = name.removeprefix("data/").rpartition("/")[0]
        wanted = (
            name == f"data/{folder}/{_FILE}" and folder.split("/")[0] in ("sample", "secret") and folder.count("/") <= 1
        )
        data = parse_yaml(tree.text(name), name, Findings()).data if wanted else {}
        if data.get("static_validation_score") is not None:
            cases[folder] = _case(tree, name, folder, data)
        elif data.get("static_validator_args"):
            findings.error(name, None, "static_validator_args do nothing without a static_validation_score.")
    if cases and program is None:
        findings.error(_FOLDER, None, "test groups ask for a static validator, but there is none.")
    if program is not None and not cases:
        findings.warn(_FOLDER, None, "no test group has a static_validation_score; the static validator is not used.")
    if program is None or not cases:
        return tuple(tests), None
    merged: list[TestCase] = []
    for test in tests:
        merged.extend(cases.pop(folder) for folder in list(cases) if test.name.startswith(f"{folder}/"))
        merged.append(test)
    return (*merged, *cases.values()), program


def _case(tree: Tree, name: str, folder: str, data: Mapping[str, Any]) -> TestCase:
    """Its input and answer are the group's own file: there has to be one, and nobody reads it."""
    file, words = tree.ref(name), flags(data.get("static_validator_args"))
    return TestCase(f"{folder}/{NAME}", folder.startswith("sample"), file, file, validator_arguments=words, static=True)


def _program(tree: Tree, findings: Findings) -> Program | None:
    entries = tree.children(_FOLDER)
    if not entries:
        return None
    if all(below == ("",) for below in entries.values()):
        return Program(_FOLDER, tree.named(_FOLDER, tuple(entries)))
    if len(entries) > 1:
        findings.error(_FOLDER, None, f"one static validator is needed, not {len(entries)}.")
        return None
    name, below = next(iter(entries.items()))
    return Program(f"{_FOLDER}/{name}", tree.named(f"{_FOLDER}/{name}", below))
