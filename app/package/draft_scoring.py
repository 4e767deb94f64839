"""The map `scoring` of testdata.yaml, which early drafts of 2025-09 had instead of the legacy keys (PROBLEM_FORMATS 2.7).

    scoring: {score: POINTS of an accepted test, aggregation: sum | min, max_score: POINTS | unbounded}

Samples give no points. A group by `min` is over with its first rejected test; one by `sum`, and whatever holds groups, goes on and is
accepted where something in it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.scoring.legacy_groups import LegacyGroup, ScoreMode, VerdictMode
from app.package.findings import Findings
from app.package.scores import millionths
from app.package.tree import Tree
from app.package.yamlfile import YamlFile, parse_yaml

_KEYS = ("scoring", "grading")
_FILE = "testdata.yaml"


def draft_section(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The map, under its name or its older one; None where the file is written in the legacy keys."""
    return next((data[key] for key in _KEYS if isinstance(data.get(key), dict)), None)


def is_drafted(tree: Tree) -> bool:
    """Whether any testdata.yaml has such a map."""
    names = (name for name in tree.files if name.startswith("data/") and name.rpartition("/")[2] == _FILE)
    return any(draft_section(parse_yaml(tree.text(name), name, Findings()).data) is not None for name in names)


def whole_of_draft(root: LegacyGroup) -> LegacyGroup:
    """The group above sample and secret: secret alone gives the points."""
    return replace(root, ignore_sample=True, breaks=False, verdict_mode=VerdictMode.FIRST_ERROR, any_accepted=True)


def with_scoring(group: LegacyGroup, section: Mapping[str, Any], yaml: YamlFile, findings: Findings) -> LegacyGroup:
    """The group as the map says; what cannot be used goes to `findings`."""
    line = yaml.line("scoring") or yaml.line("grading")
    word = str(section.get("aggregation", "sum"))
    if word not in (ScoreMode.SUM, ScoreMode.MIN):
        findings.error(yaml.name, line, f"aggregation is sum or min, not {word!r}.")
        word = ScoreMode.SUM
    least = word == ScoreMode.MIN
    verdicts = VerdictMode.WORST_ERROR if least else VerdictMode.FIRST_ERROR
    group = replace(group, score_mode=ScoreMode(word), breaks=least, any_accepted=not least, verdict_mode=verdicts)
    score = millionths(section["score"]) if section.get("score") is not None else group.accept_score
    if score is None:
        findings.error(yaml.name, line, f"score must be a number, not {section['score']!r}.")
        return group
    most = section.get("max_score")
    bound = None if most in (None, "unbounded") else millionths(most)
    if bound is None and most not in (None, "unbounded"):
        findings.error(yaml.name, line, f"max_score is a number or unbounded, not {most!r}.")
    return replace(group, accept_score=score, most=bound)
