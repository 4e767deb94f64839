"""Codeforces Polygon: problem.xml and what it names, laid out as a 2025-09 package (PROBLEM_FORMATS 8.1).

Packages that hold all their tests ("linux", "windows", or completed by us) can be read; what of a standard package has to be
generated is named by `missing_tests`, since only a sandbox may run generators.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as Xml

from app.core.errors import Refusal
from app.package.findings import Findings
from app.package.polygon_groups import Group, PolygonTest, read_groups
from app.package.polygon_programs import FILE, take_graders, take_input_validators, take_validator
from app.package.polygon_runs import Runs, read_runs
from app.package.problem_yaml import read_number
from app.package.virtual import Layout
from app.package.ways import KEY

_LANGUAGES = {"english": "en", "russian": "ru", "german": "de", "french": "fr", "spanish": "es", "polish": "pl"}
_PATTERN = re.compile(r"[\w./-]*%0?\d{0,2}d[\w./-]*", re.ASCII)
_SHORT = re.compile(r"[A-Za-z0-9_-]{1,36}")
_STATEMENTS = {"text/html": "html", "application/pdf": "pdf", "application/x-tex": "tex"}
_DIRECTORIES = {
    "main": "accepted",
    "accepted": "accepted",
    "wrong-answer": "wrong_answer",
    "presentation-error": "wrong_answer",
    "time-limit-exceeded": "time_limit_exceeded",
    "memory-limit-exceeded": "memory_limit",
    "rejected": "rejected",
    "failed": "rejected",
}
_RULES: dict[str, dict[str, list[str]]] = {
    "time-limit-exceeded-or-accepted": {"permitted": ["AC", "TLE"]},
    "time-limit-exceeded-or-memory-limit-exceeded": {"permitted": ["AC", "TLE", "MLE"], "required": ["TLE", "MLE"]},
}
_PYTHON_2 = ("python.2", "python.pypy2")


@dataclass(frozen=True, slots=True)
class Testset:
    """The tests that judge: how input and answer of number n are called, limits, and the tests' elements in order."""

    input_pattern: str
    answer_pattern: str
    cpu_seconds: float
    memory_bytes: int
    element: Xml.Element
    tests: tuple[Xml.Element, ...]

    def names(self, number: int) -> tuple[str, str]:
        """Paths of the input and the answer of a test, from 1."""
        return self.input_pattern % number, self.answer_pattern % number


def read_problem(layout: Layout) -> tuple[Xml.Element, Testset]:
    """problem.xml and its tests. Refusal(422) for what is no such file."""
    text = layout.source.text(FILE)
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise Refusal(422, f"{FILE}: document types and entities are not allowed.")
    try:
        root = Xml.fromstring(text)  # noqa: S314 - without entities there is nothing that could expand
    except Xml.ParseError as wrong:
        raise Refusal(
            422, f"{FILE}, line {wrong.position[0]}: this is not the XML of a Polygon package: {wrong.msg}."
        ) from None
    sets = root.findall("judging/testset")
    chosen = next((one for one in sets if one.get("name") == "tests"), sets[0] if sets else None)
    if chosen is None:
        raise Refusal(422, f"{FILE}: there is no testset.")
    tests = tuple(chosen.findall("tests/test"))
    patterns = [(chosen.findtext(f"{one}-path-pattern") or "").strip() for one in ("input", "answer")]
    if not tests or any(not _PATTERN.fullmatch(one) for one in patterns):
        raise Refusal(422, f"{FILE}: the testset names no tests, or not where they are.")
    seconds = _number(chosen.findtext("time-limit"), 1000.0) / 1000
    memory = int(_number(chosen.findtext("memory-limit"), 256 << 20))
    return root, Testset(patterns[0], patterns[1], seconds, memory, chosen, tests)


def missing_tests(layout: Layout, testset: Testset) -> list[int]:
    """Numbers of the tests whose input or answer the package does not hold."""
    numbers = range(1, len(testset.tests) + 1)
    return [one for one in numbers if any(name not in layout.source.files for name in testset.names(one))]


def lay_out_polygon(layout: Layout, findings: Findings) -> None:
    """Fills the layout. Refusal(422) for what cannot be judged, each with a sentence."""
    root, testset = read_problem(layout)
    missing = missing_tests(layout, testset)
    if missing:
        raise Refusal(
            422,
            f"{FILE}: {len(missing)} of {len(testset.tests)} tests are not in the package (the first is"
            f" {testset.names(missing[0])[0]}); they have to be generated first: contestbox-judge complete PACKAGE FOLDER",
        )
    ways, runs = _ways(root, findings), read_runs(root)
    groups = read_groups(testset.element, testset.tests)
    scoring = any(group.points for group in groups)
    _write_settings(layout, root, testset, ways, runs, scoring=scoring)
    _take_tests(layout, testset, groups, scoring=scoring)
    take_validator(layout, root, runs, findings, scoring=scoring)
    take_graders(layout, root, findings)
    take_input_validators(layout, root, findings)
    _take_statements(layout, root)
    _take_solutions(layout, root, findings)


def _ways(root: Xml.Element, findings: Findings) -> dict[str, str]:
    """How solutions are run, as app.core.ways reads it."""
    judging = root.find("judging")
    about = {} if judging is None else judging.attrib
    named = {"input_file": about.get("input-file", ""), "output_file": about.get("output-file", "")}
    ways = {key: name for key, name in named.items() if name not in ("", "stdin", "stdout")}
    if ways and (root.find("assets/interactor/source") is not None or read_runs(root).count > 1):
        findings.warn(
            FILE, None, "the names of input and output files do nothing where solutions talk or run several times."
        )
        return {}
    return ways


def _write_settings(
    layout: Layout, root: Xml.Element, testset: Testset, ways: dict[str, str], runs: Runs, *, scoring: bool
) -> None:
    names = {_language(one): one.get("value", "") for one in root.findall("names/name")}
    short = root.get("short-name", "")
    settings: dict[str, Any] = {
        "problem_format_version": "2025-09",
        "allow_file_writing": True,
        "name": {language: name for language, name in names.items() if name} or short or "problem",
        "uuid": root.get("url", ""),
        "type": ["scoring" if scoring else "pass-fail", *runs.kinds],
        "limits": {
            "time_limit": testset.cpu_seconds,
            "time_resolution": 0.1,
            "memory": testset.memory_bytes / (1 << 20),
            "output": 64,
            "code": 256,
            **({"validation_passes": runs.count} if runs.count > 1 else {}),
        },
        **({KEY: ways} if ways else {}),
    }
    layout.write_yaml("problem.yaml", settings)
    if _SHORT.fullmatch(short):
        layout.write("domjudge-problem.ini", f"short-name = {short}\n")


def _take_tests(layout: Layout, testset: Testset, groups: list[Group], *, scoring: bool) -> None:
    if scoring:
        total = sum(group.points for group in groups)
        layout.write_yaml("data/secret/test_group.yaml", {"max_score": float(total), "score_aggregation": "sum"})
    for group in groups:
        for test in group.tests:
            folder = f"data/secret/{group.name}" if scoring else "data/sample" if test.sample else "data/secret"
            source, answer = testset.names(test.number)
            layout.take(f"{folder}/{test.number:04d}.in", source)
            layout.take(f"{folder}/{test.number:04d}.ans", answer)
            if scoring and test.sample:
                layout.take(f"data/sample/{test.number:04d}.in", source)
                layout.take(f"data/sample/{test.number:04d}.ans", answer)
        if scoring:
            rules = {
                "max_score": float(group.points),
                "score_aggregation": "min" if len(group.tests) == 1 else "pass-fail",
                "require_pass": list(group.requires),
            }
            layout.write_yaml(f"data/secret/{group.name}/test_group.yaml", rules)


def _take_statements(layout: Layout, root: Xml.Element) -> None:
    for one in root.findall("statements/statement"):
        ending, path = _STATEMENTS.get(one.get("type", "")), one.get("path", "")
        if ending is None or path not in layout.source.files:
            continue
        layout.take(f"statement/problem.{_language(one)}.{ending}", path)
        folder = path.rpartition("/")[0]
        for name in layout.source.below(folder) if ending != "pdf" else ():
            if "/" not in name and f"{folder}/{name}" != path:
                layout.take(f"statement/{name}", f"{folder}/{name}")


def _take_solutions(layout: Layout, root: Xml.Element, findings: Findings) -> None:
    rules: dict[str, Any] = {}
    for one in root.findall("assets/solutions/solution"):
        tag, source = one.get("tag", ""), one.find("source")
        path = "" if source is None else source.get("path", "")
        if tag == "do-not-run" or path not in layout.source.files:
            continue
        directory = _DIRECTORIES.get(tag) or tag.replace("-", "_")
        if tag in _RULES:
            rules[directory] = _RULES[tag]
        elif tag not in _DIRECTORIES:
            findings.warn(FILE, None, f"the tag {tag!r} of {path} is unknown.")
            continue
        name = f"{directory}/{path.rpartition('/')[2]}"
        layout.take(f"submissions/{name}", path)
        if source is not None and source.get("type", "").startswith(_PYTHON_2):
            rules[name] = {"language": "python2"}
        if one.find("extra-tags/extra-tag") is not None:
            findings.warn(
                FILE, None, f"what {path} has to do in single groups or testsets is not checked, only its tag {tag!r}."
            )
    if rules:
        layout.write_yaml("submissions/submissions.yaml", rules)


def _language(element: Xml.Element) -> str:
    name = element.get("language", "english").lower()
    return _LANGUAGES.get(name, re.sub(r"[^a-z]", "", name)[:2] or "en")


def _number(text: str | None, otherwise: float) -> float:
    found = read_number(text)
    return otherwise if found is None else found


__all__ = ["FILE", "Group", "PolygonTest", "Testset", "lay_out_polygon", "missing_tests", "read_problem"]
