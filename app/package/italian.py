"""Tasks of CMS in the Italian format: task.yaml with input/ and output/, laid out as a 2025-09 package (PROBLEM_FORMATS 8.2).

Whole here: batch tasks on standard streams, with GEN's or task.yaml's subtasks (Sum, GroupMin), a checker, and a grader in C or C++.
Refused with a sentence: communication, output-only, named files, inputs that have still to be generated, other score types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.core.errors import Refusal
from app.package import shims
from app.package.findings import Findings
from app.package.problem_yaml import read_number
from app.package.virtual import Layout
from app.package.yamlfile import parse_yaml

FILE = "task.yaml"
_GEN = "gen/GEN"
_SUBTASK = re.compile(r"#\s*ST\s*:\s*(\d+(?:\.\d+)?)")
_COPY = re.compile(r"#\s*COPY\s*:")
_SHORT = re.compile(r"[A-Za-z0-9_-]{1,36}")
_SOURCES = (".c", ".cpp", ".cc", ".java", ".py", ".pas", ".rs", ".go", ".kt")
_MAIN = ("solution", "soluzione")
_NOT_SOLUTIONS = ("grader", "stub", "manager", "template")
_CHECKERS = ("check/checker", "cor/correttore")
_LANGUAGES = {"english": "en", "italian": "it", "italiano": "it", "statement": "", "testo": ""}
_TOTAL = 100


@dataclass(frozen=True, slots=True)
class _Subtask:
    """Tests `first` to `end` (without), worth `points` when all pass; `each`: every test gives its share."""

    first: int
    end: int
    points: Fraction
    each: bool


def lay_out_italian(layout: Layout, findings: Findings) -> None:
    """Fills the layout. Refusal(422) for what cannot be judged, each with a sentence."""
    yaml = parse_yaml(layout.source.text(FILE), FILE, findings)
    data = yaml.data
    _refuse_kinds(layout, data)
    count = _count(layout, data)
    subtasks = list(_subtasks(layout, data, count))
    _write_settings(layout, data)
    total = sum((one.points for one in subtasks), Fraction(0))
    layout.write_yaml("data/secret/test_group.yaml", {"max_score": float(total), "score_aggregation": "sum"})
    for place, subtask in enumerate(subtasks):
        folder = f"data/secret/{place:03d}"
        rules = {"max_score": float(subtask.points), "score_aggregation": "sum" if subtask.each else "min"}
        layout.write_yaml(f"{folder}/test_group.yaml", rules)
        for number in range(subtask.first, subtask.end):
            layout.take(f"{folder}/{number:04d}.in", _input(number))
            layout.take(f"{folder}/{number:04d}.ans", _output(number))
    _take_checker(layout)
    _take_statements(layout, str(data.get("primary_language") or "it"))
    _take_solutions(layout)
    for name in layout.source.below("att"):
        layout.take(f"attachments/{name.rpartition('/')[2]}", f"att/{name}")


def _refuse_kinds(layout: Layout, data: Mapping[str, Any]) -> None:
    if data.get("output_only"):
        raise Refusal(422, f"{FILE}: output-only tasks cannot be judged.")
    if any(name.startswith(("check/manager", "cor/manager")) for name in layout.source.files):
        raise Refusal(422, f"{FILE}: communication tasks (check/manager) cannot be judged.")
    named = [str(data.get(key, default) or "") for key, default in (("infile", "input.txt"), ("outfile", "output.txt"))]
    if any(named) and not _has_grader(layout):
        words = " and ".join(one for one in named if one)
        raise Refusal(
            422,
            f"{FILE}: solutions use the files {words}; only standard streams (infile and outfile empty) can be judged.",
        )


def _count(layout: Layout, data: Mapping[str, Any]) -> int:
    wanted = read_number(data.get("n_input"))
    count = sum(1 for name in layout.source.below("input") if re.fullmatch(r"input\d+\.txt", name))
    if wanted is not None and wanted > count:
        raise Refusal(
            422, f"{FILE}: it has {int(wanted)} inputs, but input/ holds {count}; generate them with cmsMake first."
        )
    for number in range(count):
        for name in (_input(number), _output(number)):
            if name not in layout.source.files:
                raise Refusal(422, f"{name} is missing; generate the task's inputs and outputs with cmsMake first.")
    if not count:
        raise Refusal(422, f"{FILE}: input/ holds no inputs; generate them with cmsMake first.")
    return count


def _subtasks(layout: Layout, data: Mapping[str, Any], count: int) -> Iterator[_Subtask]:
    kind, parameters = data.get("score_type"), data.get("score_type_parameters")
    if kind not in (None, "Sum", "GroupMin"):
        raise Refusal(422, f"{FILE}: the score type {kind} cannot be judged; Sum and GroupMin can.")
    if kind == "GroupMin" and isinstance(parameters, list):
        yield from _from_parameters(parameters, count)
        return
    sizes = [] if kind == "Sum" or _GEN not in layout.source.files else _from_gen(layout.source.text(_GEN))
    if sizes and sum(size for _, size in sizes) != count:
        raise Refusal(422, f"{_GEN}: it describes {sum(size for _, size in sizes)} tests, but input/ holds {count}.")
    if not sizes:
        total = read_number(data.get("total_value")) or _TOTAL
        yield _Subtask(0, count, Fraction(str(total)), each=True)
    first = 0
    for points, size in sizes:
        yield _Subtask(first, first + size, points, each=False)
        first += size


def _from_parameters(parameters: list[Any], count: int) -> Iterator[_Subtask]:
    first = 0
    for one in parameters:
        pair = one if isinstance(one, list) and len(one) >= 2 else [None, None]
        points, size = read_number(pair[0]), pair[1]
        if points is None or not isinstance(size, int) or not 0 < size <= count - first:
            raise Refusal(
                422, f"{FILE}: score_type_parameters has to name points and a number of tests for each subtask."
            )
        yield _Subtask(first, first + size, Fraction(str(points)), each=False)
        first += size
    if first != count:
        raise Refusal(422, f"{FILE}: the subtasks hold {first} tests, but input/ holds {count}.")


def _from_gen(text: str) -> list[tuple[Fraction, int]]:
    """Points and number of tests of each subtask; nothing where GEN has no subtasks."""
    found: list[tuple[Fraction, int]] = []
    for written in text.splitlines():
        line = written.strip()
        subtask = _SUBTASK.match(line)
        if subtask:
            found.append((Fraction(subtask.group(1)), 0))
        elif found and (_COPY.match(line) or line.partition("#")[0].strip()):
            points, size = found[-1]
            found[-1] = (points, size + 1)
    return [one for one in found if one[1]]


def _write_settings(layout: Layout, data: Mapping[str, Any]) -> None:
    short = str(data.get("name") or data.get("nome_breve") or "")
    limits: dict[str, Any] = {"time_resolution": 0.1}
    seconds = read_number(data.get("time_limit", data.get("timeout")))
    memory = read_number(data.get("memory_limit", data.get("memlimit")))
    if seconds is not None:
        limits["time_limit"] = seconds
    if memory is not None:
        limits["memory"] = memory
    title = str(data.get("title") or data.get("nome") or short or "task")
    settings = {
        "problem_format_version": "2025-09",
        "name": title,
        "uuid": short,
        "type": ["scoring"],
        "limits": limits,
    }
    layout.write_yaml("problem.yaml", settings)
    if _SHORT.fullmatch(short):
        layout.write("domjudge-problem.ini", f"short-name = {short}\n")


def _take_checker(layout: Layout) -> None:
    for stem in _CHECKERS:
        sources = [name for name in layout.source.files if name.rpartition(".")[0] == stem]
        source = next((name for name in sources if name.endswith((".cpp", ".cc"))), None)
        if source is not None:
            folder = "output_validator/checker"
            layout.take(f"{folder}/checker.cpp", source)
            for name in layout.source.below(stem.partition("/")[0]):
                if name.endswith((".h", ".hpp")):
                    layout.take(f"{folder}/{name}", f"{stem.partition('/')[0]}/{name}")
            layout.write(f"{folder}/contestbox_shim.cpp", shims.cms_checker())
            return
        if sources or stem in layout.source.files:
            raise Refusal(422, f"{stem}: the checker has to be there as C++ source.")


def _take_statements(layout: Layout, primary: str) -> None:
    for folder in ("statement", "testo"):
        for name in layout.source.below(folder):
            stem, _, ending = name.rpartition(".")
            if ending == "pdf" and "/" not in name:
                language = _LANGUAGES.get(stem, stem[:2] if re.fullmatch("[a-z]{2,}", stem) else "") or primary[:2]
                layout.take(f"statement/problem.{language}.pdf", f"{folder}/{name}")


def _has_grader(layout: Layout) -> bool:
    return any(name in layout.source.files for name in ("sol/grader.cpp", "sol/grader.c"))


def _take_solutions(layout: Layout) -> None:
    names = [name for name in layout.source.below("sol") if "/" not in name]
    for language, grader in (("cpp", "grader.cpp"), ("c", "grader.c")):
        if grader in names:
            for name in (grader, *(one for one in names if one.endswith((".h", ".hpp")))):
                layout.take(f"include/{language}/{name}", f"sol/{name}")
    for name in names:
        stem = name.partition(".")[0]
        if name.endswith(_SOURCES) and stem not in _NOT_SOLUTIONS:
            directory = "accepted" if stem in _MAIN else "other"
            layout.take(f"submissions/{directory}/{name}", f"sol/{name}")


def _input(number: int) -> str:
    return f"input/input{number}.txt"


def _output(number: int) -> str:
    return f"output/output{number}.txt"
