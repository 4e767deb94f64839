"""What jury solutions of scoring problems are expected to get: `score` in submissions.yaml, `@EXPECTED_SCORE@:` in a source."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.core.scoring.groups import number_of, whole
from app.package.expectations import matching_rules
from app.package.findings import Findings
from app.package.yamlfile import YamlFile

_TAG = re.compile(r"@EXPECTED_SCORE@:(\s*[^A-Za-z\s].*)$", re.IGNORECASE | re.MULTILINE)


def expected_score(
    path: str, sources: Sequence[str], yaml: YamlFile | None, findings: Findings
) -> tuple[int, int] | None:
    """The range in millionths that the score has to be in, None without a promise. submissions.yaml goes before a tag."""
    found = _tagged(path, sources, findings)
    for pattern, rule in matching_rules(path, yaml) if yaml is not None else ():
        if "score" not in rule or yaml is None:
            continue
        found = score_range(rule["score"], yaml.name, yaml.line(pattern), findings) or found
    return found


def score_range(value: object, file: str, line: int | None, findings: Findings) -> tuple[int, int] | None:
    """The range in millionths that a `score` key asks for: a number, or a list of two."""
    numbers = [millionths(one) for one in (value if isinstance(value, list) else [value])]
    known = [one for one in numbers if one is not None]
    if len(numbers) not in (1, 2) or len(known) != len(numbers):
        findings.error(file, line, f"score must be a number or two, not {value!r}.")
        return None
    return known[0], known[-1]


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
