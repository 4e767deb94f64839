"""Keys in a package's YAML files that nobody here reads: each is named, so that none is dropped in silence.

Tolerant on reading (PROBLEM_FORMATS 12): a key that another published format has, or that describes people and rights, is
no matter; any other one is most likely a slip, and what its author wanted does not happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.package.findings import Findings, place
from app.package.tree import Tree
from app.package.yamlfile import YamlFile, parse_yaml


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PROBLEM = _words(
    "problem_format_version type name uuid author version credits source source_url license rights_owner embargo_until"
    " keywords languages allow_file_writing constants limits validation validator_flags validator_args"
    " output_validator_flags grading"
    " contestbox rights_url short_name difficulty event_name libraries range_score tags"
)
_LIMITS = _words(
    "time_multiplier time_safety_margin time_multipliers time_limit time_resolution memory output code compilation_time"
    " compilation_memory validation_time validation_memory validation_output validation_passes"
)
_MULTIPLIERS = frozenset(("ac_to_time_limit", "time_limit_to_tle"))
_GRADING = _words(
    "objective show_test_data_groups accept_score reject_score range on_reject custom_scoring grader_flags"
)
_GROUP = _words(
    "on_reject grading grader_flags input_validator_flags output_validator_flags input_validator_args output_validator_args"
    " accept_score reject_score range max_score score_aggregation static_validation_score require_pass args"
    " static_validator_args input_visualizer_args output_visualizer_args full_feedback scoring hint description"
    " verdict_aggregation testcase_aggregation threshold answer_validator_args answer_validator_flags"
)
_CASE = _words(
    "args input_validator_args input_validator_flags output_validator_args output_validator_flags input_visualizer_args"
    " output_visualizer_args full_feedback hint description answer_validator_args answer_validator_flags"
)
_INI = _words(
    "name timelimit externalid short-name short_name probid cid allow_submit allow_judge points color source license author"
)
_INI_KEY = re.compile(r"^\s*([\w-]+)\s*=", re.MULTILINE)
_GROUP_FILES = ("testdata.yaml", "test_group.yaml")
_MOST = 20


def unsupported_keys(tree: Tree) -> tuple[str, ...]:
    """A sentence for each key that has no meaning here, with its file and line; at most twenty."""
    return tuple(sentence for sentence, _ in zip(_all(tree), range(_MOST), strict=False))


def _all(tree: Tree) -> Iterator[str]:
    if "problem.yaml" in tree.files:
        yaml = parse_yaml(tree.text("problem.yaml"), "problem.yaml", Findings())
        yield from _unknown(yaml, (), yaml.data, _PROBLEM)
        for section, known in (("limits", _LIMITS), ("grading", _GRADING)):
            yield from _unknown(yaml, (section,), yaml.data.get(section), known)
        limits = yaml.data.get("limits")
        if isinstance(limits, dict):
            yield from _unknown(yaml, ("limits", "time_multipliers"), limits.get("time_multipliers"), _MULTIPLIERS)
    for name in (one for one in tree.files if one.startswith("data/") and ".files/" not in one):
        if name.rpartition("/")[2] in _GROUP_FILES:
            yaml = parse_yaml(tree.text(name), name, Findings())
            yield from _unknown(yaml, (), yaml.data, _GROUP)
        elif name.endswith(".yaml") and f"{name.removesuffix('.yaml')}.in" in tree.files:
            yaml = parse_yaml(tree.text(name), name, Findings())
            yield from _unknown(yaml, (), yaml.data, _CASE)
    yield from _of_ini(tree)


def _of_ini(tree: Tree) -> Iterator[str]:
    text = tree.text("domjudge-problem.ini") if "domjudge-problem.ini" in tree.files else ""
    for match in _INI_KEY.finditer(text):
        if match.group(1).lower() not in _INI:
            where = place("domjudge-problem.ini", text.count("\n", 0, match.start(1)) + 1)
            yield f"{where}: the key {match.group(1)} has no meaning and does nothing."


def _unknown(yaml: YamlFile, above: tuple[str, ...], data: object, known: frozenset[str]) -> Iterator[str]:
    mapping: Mapping[Any, Any] = data if isinstance(data, dict) else dict(data) if isinstance(data, Mapping) else {}
    for key in mapping:
        if str(key) not in known:
            path = ".".join((*above, str(key)))
            yield f"{place(yaml.name, yaml.line(*above, str(key)))}: the key {path} has no meaning and does nothing."
