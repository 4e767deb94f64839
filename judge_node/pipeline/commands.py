"""Fills the argv templates of language definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge_node.toolchains.find import FIXED_PATH, require_program

ENVIRONMENT: Mapping[str, str] = {
    "PATH": FIXED_PATH,
    "HOME": "/work",
    "TMPDIR": "/work",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
}


def fill(template: Sequence[str], *, files: Sequence[str] = (), **values: object) -> tuple[str, ...]:
    """The command of a template (see app.languages.definition). Fault("toolchain") where its program is missing."""
    words: list[str] = []
    for word in template:
        words.extend(files if word == "{files}" else [_filled(word, values)])
    words[0] = require_program(words[0])
    return tuple(words)


def _filled(word: str, values: Mapping[str, object]) -> str:
    for name, value in values.items():
        word = word.replace("{" + name + "}", str(value))
    return word
