"""Subtasks of an Italian task: from GEN's comments or task.yaml's score_type (PROBLEM_FORMATS 8.2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.core.errors import Refusal
from app.package.problem_yaml import read_number, read_points

GEN = "gen/GEN"
_FILE = "task.yaml"
_SUBTASK = re.compile(r"#\s*ST\s*:\s*(\d+(?:\.\d+)?)")
_COPY = re.compile(r"#\s*COPY\s*:\s*(.*)")
_TOTAL = 100
_MOST_SUBTASKS = 1000
_LONGEST_EXPRESSION = 200
_MOST_REPEATED = 3
_ATOM = r"(?:[\w-]|\.|\\d|\[\^?[\w-]{1,20}\])"
_HARMLESS = re.compile(
    rf"\^?(?:{_ATOM}(?:[*+?]|\{{\d{{1,2}}(?:,\d{{0,2}})?\}})?|\((?:\?:)?|\)(?![*+?{{])|\|)+\$?", re.ASCII
)
_REPEATED = re.compile(r"[*+{]|(?<!\()\?")
_EMPTY = re.compile(r"\((?:\?:)?[|)]|\|[|)]|^\^?\||\|\$?$")
_RULES = {"GroupMin": "min", "GroupMul": "multiply", "GroupThreshold": "threshold"}


@dataclass(frozen=True, slots=True)
class Subtask:
    """Tests `first` to `end` (without), worth `points`; `rule` is the aggregation, `threshold` the largest value that still counts."""

    first: int
    end: int
    points: Fraction
    rule: str
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class GenLine:
    """One test of GEN: the generator's words, or the file that it is a copy of; `subtask` counts from 1, 0 before the first."""

    words: tuple[str, ...]
    copy_of: str
    subtask: int


def read_gen(text: str) -> tuple[list[Fraction], list[GenLine]]:
    """The points of the subtasks in their order, and the tests."""
    points: list[Fraction] = []
    lines: list[GenLine] = []
    for written in text.splitlines():
        line = written.strip()
        subtask, copied = _SUBTASK.match(line), _COPY.match(line)
        if subtask:
            points.append(read_points(subtask.group(1), GEN))
        elif copied:
            lines.append(GenLine((), copied.group(1).strip(), len(points)))
        elif words := line.partition("#")[0].split():
            lines.append(GenLine(tuple(words), "", len(points)))
    return points, lines


def read_subtasks(data: Mapping[str, Any], gen: str | None, count: int) -> Iterator[Subtask]:
    """The subtasks of a task with `count` tests. Refusal(422) where what is said does not fit."""
    kind, parameters = data.get("score_type"), data.get("score_type_parameters")
    if kind not in (None, "Sum", *_RULES):
        raise Refusal(422, f"{_FILE}: the score type {kind} is unknown; there are Sum, {', '.join(_RULES)}.")
    if kind in _RULES and isinstance(parameters, list):
        yield from _from_parameters(str(kind), parameters, count)
        return
    sizes = [] if kind == "Sum" or gen is None else _from_gen(gen)
    if sizes and sum(size for _, size in sizes) != count:
        raise Refusal(422, f"{GEN}: it describes {sum(size for _, size in sizes)} tests, but input/ holds {count}.")
    if not sizes:
        each = read_number(parameters) if kind == "Sum" else None
        total = each * count if each is not None else read_number(data.get("total_value")) or _TOTAL
        yield Subtask(0, count, read_points(total, _FILE), "sum")
    first = 0
    for points, size in sizes:
        yield Subtask(first, first + size, points, _RULES.get(str(kind), "min"))
        first += size


def _from_parameters(kind: str, parameters: list[Any], count: int) -> Iterator[Subtask]:
    if len(parameters) > _MOST_SUBTASKS:
        raise Refusal(422, f"{_FILE}: {len(parameters)} subtasks are too many; at most {_MOST_SUBTASKS} can be scored.")
    first = 0
    for one in parameters:
        row = one if isinstance(one, list) else []
        points = read_number(row[0]) if row else None
        size = _size(row[1], first, count) if len(row) > 1 else 0
        threshold = read_number(row[2]) if kind == "GroupThreshold" and len(row) > 2 else None
        if points is None or not 0 < size <= count - first or (kind == "GroupThreshold" and threshold is None):
            more = " and a threshold" if kind == "GroupThreshold" else ""
            raise Refusal(
                422, f"{_FILE}: score_type_parameters has to name points, tests{more} for each subtask, not {one!r}."
            )
        yield Subtask(first, first + size, read_points(points, _FILE), _RULES[kind], threshold)
        first += size
    if first != count:
        raise Refusal(422, f"{_FILE}: the subtasks hold {first} tests, but input/ holds {count}.")


def _size(word: object, first: int, count: int) -> int:
    """How many tests: a number, or an expression for their three-digit names, which have to follow each other."""
    if isinstance(word, int) and not isinstance(word, bool):
        return word
    if not isinstance(word, str) or not _is_harmless(word):
        return 0
    try:
        names = re.compile(word)
    except re.error:
        return 0
    chosen = [number for number in range(count) if names.match(f"{number:03d}")]
    return len(chosen) if chosen == list(range(first, first + len(chosen))) else 0


def _is_harmless(expression: str) -> bool:
    """Whether an expression of a stranger's is tried in a moment: nothing in it is repeated but few single characters, and no
    alternative is empty, so that each step of a search takes one of the name's digits."""
    return (
        len(expression) <= _LONGEST_EXPRESSION
        and _HARMLESS.fullmatch(expression) is not None
        and _EMPTY.search(expression) is None
        and len(_REPEATED.findall(expression)) <= _MOST_REPEATED
    )


def _from_gen(text: str) -> list[tuple[Fraction, int]]:
    """Points and number of tests of each subtask; nothing where GEN has no subtasks."""
    points, lines = read_gen(text)
    sizes = Counter(line.subtask for line in lines)
    found = [(one, sizes[place]) for place, one in enumerate(points, 1)]
    return [one for one in found if one[1]]
