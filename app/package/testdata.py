"""The test cases of a package: pairs of .in and .ans, in test order, with the arguments of their groups.

A `testdata.yaml` follows the legacy rules (inherited down the folders), a `test_group.yaml` those of 2025-09,
whatever version the package claims (PROBLEM_FORMATS 2.7). Pass/fail problems take nothing else from the groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.package.findings import Findings
from app.package.manifest import FileRef, NamedFile, TestCase
from app.package.problem_yaml import flags, substitute_constants
from app.package.tree import Tree
from app.package.yamlfile import YamlFile, parse_yaml

_GROUP_FILES = ("testdata.yaml", "test_group.yaml")


@dataclass(frozen=True, slots=True)
class _Group:
    """What a folder hands down to its cases."""

    validator_arguments: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


def read_tests(tree: Tree, constants: Mapping[str, str], findings: Findings) -> tuple[TestCase, ...]:
    """All test cases: samples first, then secret ones, each in lexicographic order of their paths."""
    tests: list[TestCase] = []
    for top in ("sample", "secret"):
        tests.extend(cases_below(tree, top, constants, findings))
        _warn_lonely_answers(tree, top, findings)
    if not tests:
        findings.error("data/secret", None, "there is no test case (pairs of .in and .ans files).")
    elif all(test.sample for test in tests):
        findings.warn("data/secret", None, "there is no secret test case; the samples decide alone.")
    return tuple(tests)


def cases_below(tree: Tree, top: str, constants: Mapping[str, str], findings: Findings) -> Iterator[TestCase]:
    """The test cases in one folder of data/, in lexicographic order of their paths."""
    names = [name for name in tree.below(f"data/{top}") if name.endswith(".in") and ".files/" not in name]
    groups: dict[str, _Group] = {}
    for name in sorted(names, key=lambda one: one.removesuffix(".in").split("/")):
        case = f"{top}/{name.removesuffix('.in')}"
        group = _group_of(tree, case.rpartition("/")[0], groups, constants, findings)
        test = _read_case(tree, case, group, constants, findings)
        if test is not None:
            yield test


def _group_of(
    tree: Tree, folder: str, groups: dict[str, _Group], constants: Mapping[str, str], findings: Findings
) -> _Group:
    if folder in groups:
        return groups[folder]
    above, slash, _ = folder.rpartition("/")
    root = _Group() if slash else _read_group(tree, "", _Group(), constants, findings)
    inherited = _group_of(tree, above, groups, constants, findings) if slash else root
    group = _read_group(tree, folder, inherited, constants, findings)
    groups[folder] = group
    return group


def _read_group(tree: Tree, folder: str, inherited: _Group, constants: Mapping[str, str], findings: Findings) -> _Group:
    group = inherited
    for file in _GROUP_FILES:
        name = "/".join(part for part in ("data", folder, file) if part)
        if name in tree.files:
            text = tree.text(name)
            yaml = parse_yaml(
                substitute_constants(text, constants) if file == "test_group.yaml" else text, name, findings
            )
            group = _with_arguments(group, yaml)
    return group


def _with_arguments(group: _Group, yaml: YamlFile) -> _Group:
    for key in ("output_validator_args", "output_validator_flags"):
        if yaml.data.get(key) is not None:
            group = replace(group, validator_arguments=flags(yaml.data[key]))
    if yaml.data.get("args") is not None:
        group = replace(group, arguments=flags(yaml.data["args"]))
    return group


def _read_case(
    tree: Tree, case: str, group: _Group, constants: Mapping[str, str], findings: Findings
) -> TestCase | None:
    path = f"data/{case}"
    if f"{path}.ans" not in tree.files:
        findings.error(f"{path}.in", None, f"there is no {case.rpartition('/')[2]}.ans beside it.")
        return None
    hint = ""
    if f"{path}.yaml" in tree.files:
        name = f"{path}.yaml"
        yaml = parse_yaml(substitute_constants(tree.text(name), constants), name, findings)
        group = _with_arguments(group, yaml)
        hint = str(yaml.data.get("hint") or "")
    elif f"{path}.hint" in tree.files:
        hint = tree.text(f"{path}.hint").strip()
    if f"{path}.args" in tree.files:
        group = replace(group, arguments=flags(tree.text(f"{path}.args").strip()))
    sample = case.startswith("sample/")
    return TestCase(
        name=case,
        sample=sample,
        input=tree.ref(f"{path}.in"),
        answer=tree.ref(f"{path}.ans"),
        validator_arguments=group.validator_arguments,
        arguments=group.arguments,
        files=_case_files(tree, path),
        shown_input=_first(tree, f"{path}.in.statement") if sample else None,
        shown_answer=_first(tree, f"{path}.ans.statement", f"{path}.out") if sample else None,
        hint=hint,
    )


def _case_files(tree: Tree, path: str) -> tuple[NamedFile, ...]:
    names = tuple(tree.below(f"{path}.files"))
    return tree.named(f"{path}.files", names)


def _first(tree: Tree, *names: str) -> FileRef | None:
    return next((tree.ref(name) for name in names if name in tree.files), None)


def _warn_lonely_answers(tree: Tree, top: str, findings: Findings) -> None:
    for name in tree.below(f"data/{top}"):
        if name.endswith(".ans") and ".files/" not in name:
            path = f"data/{top}/{name}"
            if f"{path.removesuffix('.ans')}.in" not in tree.files:
                findings.warn(path, None, "there is no .in file beside it; it is ignored.")
