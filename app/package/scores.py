"""What jury solutions of scoring problems are expected to get: `score` in submissions.yaml, `@EXPECTED_SCORE@:` in a source."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.core.scoring.groups import number_of, whole
from app.package.expectations import matching_rules
from app.package.findings import Findings
from app.package.yamlfile import YamlFile

_TAG = re.compile(r"@EXPECTED_SCORE@:(.*)$", re.IGNORECASE | re.MULTILINE)


def expected_score(
    path: str, sources: Sequence[str], yaml: YamlFile | None, findings: Findings
) -> tuple[int, int] | None:
    """The range in millionths that the score has to be in, None without a promise. submissions.yaml goes before a tag."""
    found = _tagged(path, sources, findings)
    for pattern, rule in matching_rules(path, yaml) if yaml is not None else ():
        if "score" not in rule or yaml is None:
            continue
        bounds = rule["score"] if isinstance(rule["score"], list) else [rule["score"]]
        numbers = [millionths(one) for one in bounds]
        if len(numbers) not in (1, 2) or any(one is None for one in numbers):
            findings.error(yaml.name, yaml.line(pattern), f"score must be a number or two, not {rule['score']!r}.")
            continue
        least, most = numbers[0], numbers[-1]
        if least is not None and most is not None:
            found = least, most
    return found


def millionths(value: object) -> int | None:
    """A YAML number (or its text) in millionths; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    exact = number_of(str(value))
    return None if exact is None else whole(exact)


def _tagged(path: str, sources: Sequence[str], findings: Findings) -> tuple[int, int] | None:
    words = [match.group(1).strip().strip("*/->").strip() for source in sources for match in _TAG.finditer(source)]
    if not words:
        return None
    score = millionths(words[0])
    if len(words) > 1 or score is None:
        findings.warn(f"submissions/{path}", None, "its @EXPECTED_SCORE@ is not one number; it is ignored.")
        return None
    return score, score
