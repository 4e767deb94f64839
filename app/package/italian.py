"""Tasks of CMS in the Italian format: task.yaml with input/ and output/, laid out as a 2025-09 package (PROBLEM_FORMATS 8.2).

The three task types: batch (a checker, graders, named files), communication (a manager and one or more copies of the submission) and
output-only; all four score types. What has still to be generated is named by app.package.italian_recipe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from app.core.errors import Refusal
from app.core.ways import MOST_PROCESSES
from app.package.findings import Findings
from app.package.italian_programs import find_checker, find_manager, take_checker, take_manager, take_validator
from app.package.italian_subtasks import GEN, Subtask, read_gen, read_subtasks
from app.package.problem_yaml import read_number
from app.package.virtual import Layout
from app.package.ways import KEY
from app.package.yamlfile import YamlFile, parse_yaml

FILE = "task.yaml"
_SHORT = re.compile(r"[A-Za-z0-9_-]{1,36}")
_SOURCES = {
    ".c": "c",
    ".cpp": "cpp",
    ".cc": "cpp",
    ".java": "java",
    ".py": "python3",
    ".kt": "kotlin",
    ".rs": "rust",
    ".go": "go",
    ".pas": "pascal",
    ".php": "php",
}
_HEADERS = (".h", ".hpp")
_AROUND = ("sol", "cor")
"""Where graders and stubs are: the oldest tasks keep them beside the checker."""
_MAIN = ("solution", "soluzione")
_NOT_SOLUTIONS = ("grader", "stub", "manager", "template")
_LANGUAGES = {"english": "en", "italian": "it", "italiano": "it", "statement": "", "testo": ""}
_KEYS = frozenset({
    "name", "nome_breve", "title", "nome", "primary_language", "time_limit", "timeout", "memory_limit", "memlimit", "n_input",
    "infile", "outfile", "output_only", "num_processes", "user_io", "score_type", "score_type_parameters", "total_value",
    "task_type",
})  # fmt: skip
_TASK_TYPES = ("Batch", "Communication", "OutputOnly")
_OF_CONTESTS = (
    "token_",
    "max_",
    "min_",
    "score_mode",
    "score_precision",
    "feedback_level",
    "difficulty",
    "syllabuslevel",
)
"""Beginnings of keys that rule contests, or describe."""
_ANSWERS_KIB = 64 * 1024


def lay_out_italian(layout: Layout, findings: Findings) -> None:
    """Fills the layout. Refusal(422) for what cannot be judged, each with a sentence."""
    yaml = parse_yaml(layout.source.text(FILE), FILE, findings)
    data = yaml.data
    _name_unused_keys(yaml, findings)
    if (kind := data.get("task_type")) not in (None, "", *_TASK_TYPES):
        raise Refusal(
            422, f"{FILE}: tasks of the type {kind} cannot be judged here; there are {', '.join(_TASK_TYPES)}."
        )
    if "subtasks" in data and not any(layout.source.below("input")):
        raise Refusal(422, f"{FILE}: this is a task in the layout of the IOI's archive; it cannot be read.")
    gen = layout.source.text(GEN) if GEN in layout.source.files else None
    count = count_tests(layout, data, gen)
    subtasks = list(read_subtasks(data, gen, count))
    manager = None if data.get("output_only") else find_manager(layout)
    ways = _ways(data, manager=manager is not None)
    _write_settings(layout, data, ways)
    _write_groups(layout, subtasks)
    raw = any(one.threshold is not None for one in subtasks)
    if manager is not None:
        take_manager(layout, manager)
    elif checker := find_checker(layout):
        take_checker(layout, checker, raw=raw)
    elif raw:
        raise Refusal(422, f"{FILE}: GroupThreshold needs a checker.")
    take_validator(layout, findings)
    _take_statements(layout, str(data.get("primary_language") or "it"))
    if ways.get("submit_answer"):
        _take_answers(layout)
        for number in range(count):
            layout.take(f"attachments/input_{number:03d}.txt", input_name(number))
    else:
        _take_solutions(layout, "stub" if manager is not None else "grader", findings)
    for name in layout.source.below("att"):
        layout.take(f"attachments/{name.rpartition('/')[2]}", f"att/{name}")


def _name_unused_keys(yaml: YamlFile, findings: Findings) -> None:
    """What has no meaning here is named, so that nothing is dropped in silence."""
    for key in yaml.data:
        if str(key) in _KEYS or str(key).startswith(_OF_CONTESTS):
            continue
        sentence = f"the key {key} has no meaning here and does nothing."
        if key in ("public_testcases", "risultati"):
            sentence = f"{key}: which results teams may see is a setting of the contest; here it does nothing."
        findings.warn(FILE, yaml.line(str(key)), sentence)


def _ways(data: Mapping[str, Any], *, manager: bool) -> dict[str, Any]:
    """How submissions are run, as app.core.ways reads it."""
    ways: dict[str, Any] = {}
    if manager:
        processes = read_number(data.get("num_processes"))
        ways["processes"] = int(processes) if processes else 1
        if not 0 < ways["processes"] <= MOST_PROCESSES:
            raise Refusal(422, f"{FILE}: num_processes can be 1 to {MOST_PROCESSES} here.")
        ways["standard_streams"] = data.get("user_io") == "std_io"
    elif data.get("output_only"):
        return {"submit_answer": True}
    else:
        ways["input_file"] = str(data.get("infile", "input.txt") or "")
        ways["output_file"] = str(data.get("outfile", "output.txt") or "")
    short = _short_name(data)
    if _SHORT.fullmatch(short):
        ways["source_name"] = short
    return ways


def count_tests(layout: Layout, data: Mapping[str, Any], gen: str | None) -> int:
    """How many tests the task has: n_input, else the lines of GEN, else what is there. Refusal(422) where some are not there."""
    wanted = read_number(data.get("n_input"))
    count = sum(1 for name in layout.source.below("input") if re.fullmatch(r"input\d+\.txt", name))
    if wanted is not None and wanted > count:
        raise Refusal(
            422, f"{FILE}: it has {int(wanted)} inputs, but input/ holds {count}; they have to be generated first."
        )
    said = int(wanted) if wanted is not None else len(read_gen(gen)[1]) if gen is not None else 0
    count = min(count, said) if said > 0 else count
    for number in range(count):
        for name in (input_name(number), output_name(number)):
            if name not in layout.source.files:
                raise Refusal(422, f"{name} is missing; the task's inputs and outputs have to be generated first.")
    if not count:
        raise Refusal(422, f"{FILE}: input/ holds no inputs; they have to be generated first.")
    return count


def _write_groups(layout: Layout, subtasks: Sequence[Subtask]) -> None:
    total = sum((one.points for one in subtasks), Fraction(0))
    layout.write_yaml("data/secret/test_group.yaml", {"max_score": float(total), "score_aggregation": "sum"})
    for place, subtask in enumerate(subtasks):
        folder = f"data/secret/{place:03d}"
        rules: dict[str, Any] = {"max_score": float(subtask.points), "score_aggregation": subtask.rule}
        if subtask.threshold is not None:
            rules["threshold"] = subtask.threshold
        rules["input_validator_args"] = ["input.txt", str(place + 1)]
        layout.write_yaml(f"{folder}/test_group.yaml", rules)
        for number in range(subtask.first, subtask.end):
            layout.take(f"{folder}/{number:04d}.in", input_name(number))
            layout.take(f"{folder}/{number:04d}.ans", output_name(number))


def _write_settings(layout: Layout, data: Mapping[str, Any], ways: Mapping[str, Any]) -> None:
    short = _short_name(data)
    limits: dict[str, Any] = {"time_resolution": 0.1}
    seconds = read_number(data.get("time_limit", data.get("timeout")))
    memory = read_number(data.get("memory_limit", data.get("memlimit")))
    if seconds is not None:
        limits["time_limit"] = seconds
    elif ways.get("submit_answer"):
        limits["time_limit"] = 1
    if memory is not None:
        limits["memory"] = memory
    if ways.get("submit_answer"):
        limits["code"] = _ANSWERS_KIB
    title = str(data.get("title") or data.get("nome") or short or "task")
    settings = {
        "problem_format_version": "2025-09",
        "allow_file_writing": True,
        "name": title,
        "uuid": short,
        "type": ["scoring", *(["submit-answer"] if ways.get("submit_answer") else [])],
        "limits": limits,
        KEY: dict(ways),
    }
    layout.write_yaml("problem.yaml", settings)
    if _SHORT.fullmatch(short):
        layout.write("domjudge-problem.ini", f"short-name = {short}\n")


def _short_name(data: Mapping[str, Any]) -> str:
    return str(data.get("name") or data.get("nome_breve") or "")


def _take_statements(layout: Layout, primary: str) -> None:
    for folder in ("statement", "testo"):
        for name in layout.source.below(folder):
            stem, _, ending = name.rpartition(".")
            if ending == "pdf" and "/" not in name:
                language = _LANGUAGES.get(stem, stem[:2] if re.fullmatch("[a-z]{2,}", stem) else "") or primary[:2]
                layout.take(f"statement/problem.{language}.pdf", f"{folder}/{name}")


def _take_solutions(layout: Layout, around: str, findings: Findings) -> None:
    """Solutions, and what is compiled around each of them: a grader or a stub in its language."""
    names = [name for name in layout.source.below("sol") if "/" not in name]
    covered: set[str] = set()
    for ending, language in _SOURCES.items():
        source = f"{around}{ending}"
        home = next((one for one in _AROUND if f"{one}/{source}" in layout.source.files), None)
        if home is None:
            continue
        covered.add(language)
        layout.take(f"include/{language}/{'__main__.py' if ending == '.py' else source}", f"{home}/{source}")
        for header in layout.source.below(home):
            if header.endswith(_HEADERS) and "/" not in header and language in ("c", "cpp"):
                layout.take(f"include/{language}/{header}", f"{home}/{header}")
    missing: set[str] = set()
    for name in names:
        stem, ending = name.partition(".")[0], f".{name.rpartition('.')[2]}"
        if ending not in _SOURCES or stem in _NOT_SOLUTIONS:
            continue
        if covered and _SOURCES[ending] not in covered:
            missing.add(_SOURCES[ending])
        directory = "accepted" if stem in _MAIN else "other"
        layout.take(f"submissions/{directory}/{name}", f"sol/{name}")
    for language in sorted(missing):
        findings.warn(f"sol/{around}", None, f"there is none for {language}; solutions in it run alone.")


def _take_answers(layout: Layout) -> None:
    """Folders of sol/ that hold outputs are submissions of an output-only task."""
    for name in layout.source.below("sol"):
        folder, slash, file = name.rpartition("/")
        if slash and file.startswith("output"):
            directory = "accepted" if folder in _MAIN else "other"
            layout.take(f"submissions/{directory}/{folder.replace('/', '_')}/{file}", f"sol/{name}")


def input_name(number: int) -> str:
    """Where the input of a test is, counted from 0."""
    return f"input/input{number}.txt"


def output_name(number: int) -> str:
    """Where its answer is."""
    return f"output/output{number}.txt"
