"""Finds the sentences that code says to people, for pybabel: `pybabel extract -F app/sentences/translations/babel.cfg`.

What counts: the sentence of a Refusal, the texts given to a DeskItem, a machine's state, and what is kept under the name `sentence`. It
is found where it is a text, an f-string, a name that was set to one in the same function or module, or a choice between such; values
become {names} after a word of their expression, and a choice inside of a sentence gives one sentence for each branch.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import BinaryIO

Scope = Mapping[str, list[ast.expr]]
_SAYING = {"Refusal": 1, "Proposal": 3, "unjudged": 1, "_about": 3}
_KEYWORDS = {"DeskItem": ("title", "detail"), "StuckTask": ("sentence",)}
_MOST = 12
_PLACE = re.compile(r"\{[a-z_0-9]+\}")


def extract(
    file: BinaryIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, str | None, str, list[str]]]:
    """An extraction method of Babel: (line, function, sentence, comments)."""
    told = isinstance(options, dict) and options.get("returns") == "all"
    for line, sentence in sentences_of(file.read().decode("utf-8"), returns=told):
        yield line, None, sentence, []


def sentences_of(source: str, *, returns: bool = False) -> Iterator[tuple[int, str]]:
    """Line and pattern of each sentence in a module; with `returns` also what each of its functions returns."""
    tree = ast.parse(source)
    outer = _names_in(tree.body)
    for function, scope in _scopes(tree, outer):
        for node in _own_nodes(function):
            for said in _said_by(node, returns or getattr(function, "name", "") in _TELLING):
                for sentence in _patterns(said, scope):
                    yield said.lineno, sentence


def _scopes(tree: ast.Module, outer: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    yield tree, outer
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, {**outer, **_names_in(list(ast.walk(node)))}


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function or module without those of the functions inside."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)


def _names_in(nodes: list[ast.stmt] | list[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _said_by(node: ast.AST, telling: bool) -> Iterator[ast.expr]:
    """The expressions of a node that people read."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        place = _SAYING.get(node.func.id)
        if place is not None and len(node.args) > place:
            yield node.args[place]
        elif place is not None and node.args and isinstance(node.args[0], ast.Starred):
            yield node.args[0]
        for keyword in node.keywords:
            if keyword.arg in _KEYWORDS.get(node.func.id, ()):
                yield keyword.value
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in _SET:
        yield node.value
    if isinstance(node, ast.Return) and node.value is not None and telling:
        yield node.value


_SET = {"sentence", "_WORDS"}
"""Names that the services give to what they say before they say it."""
_TELLING = {"_state", "_console_state", "_why_nobody", "_doubt", "_wrong_sentence"}
"""Functions of the services whose answers are shown: a machine's state, why nobody can take a task, what is wrong with jury solutions."""


def _patterns(said: ast.expr, scope: Scope) -> list[str]:
    """All that an expression can say; nothing where it passes on what somebody else said."""
    if isinstance(said, ast.Constant):
        text = said.value if isinstance(said.value, str) else ""
        return [text] if text[:1].isupper() or " " in text else []
    if isinstance(said, ast.JoinedStr):
        return _of_joined(said, scope)
    if isinstance(said, ast.Name):
        return [one for value in scope.get(said.id, []) for one in _patterns(value, {**scope, said.id: []})]
    return [one for part in _choices_in(said) for one in _patterns(part, scope)]


def _choices_in(said: ast.expr) -> list[ast.expr]:
    """The expressions of which one is said."""
    if isinstance(said, ast.IfExp):
        return [said.body, said.orelse]
    if isinstance(said, ast.Tuple | ast.List):
        return said.elts
    if isinstance(said, ast.Dict):
        return said.values
    if isinstance(said, ast.BinOp) and isinstance(said.right, ast.Subscript):  # a text with another first letter
        return [said.right.value]
    return [said.value] if isinstance(said, ast.Starred | ast.Subscript) else []


def _of_joined(said: ast.JoinedStr, scope: Scope, taken: list[str] | None = None) -> list[str]:
    choices: list[list[str]] = []
    taken = [] if taken is None else taken
    for part in said.values:
        if isinstance(part, ast.Constant):
            choices.append([str(part.value)])
        elif isinstance(part, ast.FormattedValue):
            choices.append(_of_value(part.value, taken, scope))
    made = ["".join(parts) for parts in product(*choices)]
    # A sentence of values alone would fit everything.
    return [one for one in made if any(letter.isalpha() for letter in _PLACE.sub("", one))][:_MOST]


def _of_value(value: ast.expr, taken: list[str], scope: Scope) -> list[str]:
    """What can stand at a value's place: the texts of a choice where all of them are known, else a placeholder."""
    inside = [_inside(one, scope, taken) for one in _meant(value, scope)]
    if inside and all(inside):
        return [text for texts in inside for text in texts]
    name = next(_words(value), "value")
    while name in taken:
        name += "_2"
    taken.append(name)
    return ["{" + name + "}"]


def _meant(value: ast.expr, scope: Scope) -> list[ast.expr]:
    """The expressions that a value in a sentence can be: of a choice, a table, a name."""
    if isinstance(value, ast.IfExp):
        return [value.body, value.orelse]
    if isinstance(value, ast.Name):
        return [part for one in scope.get(value.id, []) for part in (_choices_in(one) or [one])]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        table = _meant(value.func.value, scope) if value.func.attr in ("get", "format") else []
        return [*table, *value.args[1:2]] if table and value.func.attr == "get" else table
    return _meant(value.value, scope) if isinstance(value, ast.Subscript) else []


def _inside(value: ast.expr, scope: Scope, taken: list[str]) -> list[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return [value.value]
    return _of_joined(value, scope, taken) if isinstance(value, ast.JoinedStr) else []


def _words(value: ast.expr) -> Iterator[str]:
    """The names in an expression, as placeholders have to look; the key of a table first."""
    words = [
        node.slice.value
        for node in ast.walk(value)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    ]
    words += [node.attr if isinstance(node, ast.Attribute) else node.id
             for node in ast.walk(value) if isinstance(node, ast.Attribute | ast.Name)]  # fmt: skip
    for word in words:
        tidy = str(word).strip("_").lower()
        if tidy.isidentifier() and tidy.isascii():
            yield tidy
