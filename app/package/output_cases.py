"""Outputs in the package that its own output validator has to accept or to refuse (2025-09: Invalid output, Valid output, Samples)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.package.findings import Findings
from app.package.manifest import FileRef, TestCase
from app.package.testdata import cases_below
from app.package.tree import Tree

_FOLDERS = {
    "sample": True,
    "valid_output": True,
    "valid_outputs": True,
    "invalid_output": False,
    "invalid_outputs": False,
}


@dataclass(frozen=True, slots=True)
class OutputCase:
    """An output with the test that it is for; not `valid`: the validator has to refuse it."""

    test: TestCase
    output: FileRef
    valid: bool


def read_output_cases(tree: Tree, constants: Mapping[str, str]) -> Iterator[OutputCase]:
    """Every .out file that lies beside an input and an answer, in the order of the tests."""
    for folder, valid in _FOLDERS.items():
        for test in cases_below(tree, folder, constants, Findings()):
            name = f"data/{test.name}.out"
            if name in tree.files:
                yield OutputCase(test, tree.ref(name), valid)
