"""submissions.yaml of the 2025-09 format: what its rules ask of a submission, and of single tests of it (PROBLEM_FORMATS 6).

All globs that match a submission or a folder above it hold at once. Only one that is the directory's own name changes the
directory's meaning, key by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.core.verdict import Verdict
from app.package.expectations import Expectation, expanded, glob_matches, matching_rules, settled, verdicts_of
from app.package.findings import Findings
from app.package.manifest import Bound, Rule
from app.package.scores import score_range
from app.package.yamlfile import YamlFile

_ABOUT = frozenset(("language", "entrypoint", "authors", "model_solution"))
_KEYS = _ABOUT | {"permitted", "required", "score", "message", "use_for_time_limit"}
_BOUNDS: Mapping[object, Bound] = {
    False: Bound.NONE,
    True: Bound.AS_VERDICTS_TELL,
    "lower": Bound.LOWER,
    "upper": Bound.UPPER,
}


def with_rules(
    expectation: Expectation, path: str, yaml: YamlFile | None, findings: Findings
) -> tuple[Expectation, tuple[Rule, ...]]:
    """The expectation after submissions.yaml, and the rules themselves; none where nothing there matches the path."""
    if yaml is None:
        return expectation, ()
    rules = [Rule(permitted=expectation.permitted, required=expectation.required)]
    language, entry_point = expectation.language, expectation.entry_point
    touched = False
    for pattern, data in matching_rules(path, yaml):
        language = str(data["language"]) if data.get("language") else language
        entry_point = str(data["entrypoint"]) if data.get("entrypoint") else entry_point
        touched = touched or "permitted" in data or "required" in data
        if pattern.strip("/") == path.partition("/")[0]:
            rules[0] = _rule(rules[0], data, yaml, (pattern,), findings)
        elif data.keys() & (_KEYS - _ABOUT):
            rules.append(_rule(Rule(), data, yaml, (pattern,), findings))
        rules += _of_tests(data, yaml, pattern, findings)
    found = replace(expectation, language=language, entry_point=entry_point)
    if touched:
        found = _whole(rules, language, entry_point)
    kept = tuple(rule for rule in rules if rule != Rule())
    return found, kept if touched or len(kept) > 1 or any(rule.message or rule.bound for rule in kept) else ()


def _whole(rules: list[Rule], language: str | None, entry_point: str | None) -> Expectation:
    """What the final verdict follows from: the verdicts that all rules for all tests permit, and what the last one requires."""
    permitted: frozenset[Verdict] = frozenset()
    required: frozenset[Verdict] = frozenset()
    for rule in rules:
        if rule.tests:
            continue
        if rule.permitted:
            permitted = (permitted & rule.permitted) or rule.permitted
        required = rule.required or required
    return settled(permitted, required, language, entry_point)


def _rule(base: Rule, data: Mapping[Any, Any], yaml: YamlFile, where: tuple[str, ...], findings: Findings) -> Rule:
    """The rule with the keys that are given; the others stay as in `base`."""
    line = yaml.line(*where)
    rule = base
    if "permitted" in data:
        rule = replace(rule, permitted=verdicts_of(data["permitted"], yaml.name, line, findings))
    if "required" in data:
        rule = replace(rule, required=verdicts_of(data["required"], yaml.name, line, findings))
    if data.get("message"):
        rule = replace(rule, message=str(data["message"]))
    if "use_for_time_limit" in data:
        word = data["use_for_time_limit"]
        if isinstance(word, bool | str) and word in _BOUNDS:
            rule = replace(rule, bound=_BOUNDS[word])
        else:
            findings.error(yaml.name, line, f"use_for_time_limit is true, false, lower or upper, not {word!r}.")
    return rule


def _of_tests(data: Mapping[Any, Any], yaml: YamlFile, pattern: str, findings: Findings) -> Iterator[Rule]:
    for key, inner in data.items():
        if str(key) in _KEYS:
            continue
        where = (pattern, str(key))
        if not isinstance(inner, dict):
            findings.warn(yaml.name, yaml.line(*where), f"{key} is no key of a rule and no tests; it does nothing.")
            continue
        for unknown in inner.keys() - _KEYS:
            findings.warn(yaml.name, yaml.line(*where), f"{unknown} is no key of a rule; it does nothing.")
        rule = _rule(Rule(tests=expanded(str(key).strip("/"))), inner, yaml, where, findings)
        if "score" in inner:
            rule = replace(rule, score=score_range(inner["score"], yaml.name, yaml.line(*where), findings))
        yield rule


def unused_rules(paths: Iterable[str], yaml: YamlFile, findings: Findings) -> None:
    """Notes the rules that match no submission: most likely a slip in the name."""
    known = list(paths)
    for pattern in yaml.data:
        name = pattern.strip("/")
        ones = expanded(name)
        directory = "/" not in name and "*" not in name
        if not directory and not any(glob_matches(one, path) for one in ones for path in known):
            findings.warn(yaml.name, yaml.line(pattern), f"{pattern} matches no submission; it does nothing.")
