"""Guesses for the submit form: the language from names and content, the problem from the file's name.

The script in static/js/submit.js guesses by the same rules, to show it before sending; what the server guesses counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.languages.definition import Language
from app.languages.detect import guess_language

LOOKED_AT = 64 * 1024
"""Characters of the code that tell its language. The patterns take time in step with the text, whatever it is: the interpreter does
nothing else meanwhile."""

_CPP = re.compile(
    r"#\s*include\s*<(iostream|bits/stdc\+\+\.h|vector|string|algorithm|map|set|queue|cstdio|cmath|array)>"
    r"|\busing\s+namespace\b|\bstd::|\btemplate\s*<|\bcout\b|\bcin\b"
)
_C = re.compile(r"#\s*include\s*[<\"]|\bint\s+main\s*\(")
_JAVA = re.compile(r"\bpublic\s+(final\s+)?class\b|\bstatic\s+void\s+main\b|^[^\S\n]*import\s+java\.", re.M)
_PYTHON = re.compile(
    r"^[^\S\n]*(def\s+\w+\s*\(.*:|import\s+\w+|from\s+\w+\s+import\b|for\s+\w+\s+in\b.*:|print\s*\()|\binput\s*\(\)",
    re.M,
)


def guess_language_of(names: Sequence[str], texts: Sequence[str], languages: Sequence[Language]) -> str:
    """A language's id out of those given, by the names' endings, else by what the code looks like; "" when unclear."""
    known = {language.id: language for language in languages}
    by_name = guess_language(names, known)
    if by_name is not None:
        return by_name.id
    text = "\n".join(texts)[:LOOKED_AT]
    for language_id, looks_like in (("cpp", _CPP), ("java", _JAVA), ("c", _C), ("python3", _PYTHON)):
        if looks_like.search(text):
            return language_id if language_id in known else ""
    return ""


def guess_problem(names: Sequence[str], problems: Sequence[tuple[str, str, str]]) -> str:
    """A problem's id out of (id, label, title) by a file's name: `c.cpp`, `C_2.py`, `cable-cars.java`; "" when unclear."""
    stems = [re.split(r"[^0-9a-z]+", name.rpartition("/")[2].partition(".")[0].lower()) for name in names]
    for parts in stems:
        whole = "".join(parts)
        for problem_id, _label, title in problems:
            if len(whole) > 1 and whole in (_plain(problem_id), _plain(title)):
                return problem_id
    for parts in stems:
        for problem_id, label, _title in problems:
            if parts[0] == label.lower() or re.fullmatch(rf"{re.escape(label.lower())}\d+", parts[0]):
                return problem_id
    for parts in stems:
        long = [part for part in parts if len(part) >= 4]
        fitting = [one for one, _label, title in problems if any(_plain(title).startswith(part) for part in long)]
        if len(fitting) == 1:
            return fitting[0]
    return ""


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]+", "", text.lower())
