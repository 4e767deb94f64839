"""DOMjudge's submissions.json: language and entry point of submissions inside a package (PROBLEM_FORMATS 6).

Where it lies is not fixed: at the root or in submissions/. A key is the path of a submission, with or without `submissions/`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from app.package.expectations import Expectation
from app.package.findings import Findings
from app.package.tree import Tree

_PLACES = ("submissions.json", "submissions/submissions.json")
_LANGUAGES = {"py3": "python3", "python": "python3", "kt": "kotlin", "rs": "rust", "cc": "cpp", "c++": "cpp"}

Told = Mapping[str, tuple[str | None, str | None]]
"""Language and entry point by the path below submissions/."""


def read_submissions_json(tree: Tree, findings: Findings) -> Told:
    """What the file tells; a file that cannot be understood is a warning."""
    name = next((one for one in _PLACES if one in tree.files), None)
    if name is None:
        return {}
    try:
        data = json.loads(tree.text(name))
        entries = {str(path): dict(about) for path, about in data.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        findings.warn(name, None, "this is not a map from submissions to their languages; it is ignored.")
        return {}
    return {
        path.removeprefix("submissions/").strip("/"): (_word(about.get("langid")), _word(about.get("entry_point")))
        for path, about in entries.items()
    }


def with_told(expectation: Expectation, path: str, told: Told) -> Expectation:
    """The expectation with what submissions.json says of this path; submissions.yaml goes before it."""
    language, entry_point = told.get(path, (None, None))
    language = _LANGUAGES.get(language or "", language)
    return replace(
        expectation,
        language=expectation.language or language,
        entry_point=expectation.entry_point or entry_point,
    )


def _word(value: object) -> str | None:
    return str(value) if isinstance(value, str) and value else None
