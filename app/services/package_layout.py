"""A package in the 2025-09 layout: what is in it already stays as it is, older formats of Kattis are written anew from what was read.

Foreign formats were laid out as 2025-09 when they were read (app/package/virtual), so that only legacy and the drafts are left here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from app.package.findings import Findings
from app.package.manifest import MEBIBYTE, Kind, NamedFile, Package, PackageLimits
from app.package.reader import OpenedPackage
from app.package.tree import Tree
from app.package.yamlfile import parse_yaml

VERSION = "2025-09"
_SETTINGS = "problem.yaml"
_CARRIED = ("license", "rights_owner", "source", "source_url", "embargo_until", "keywords", "credits", "constants")
_FOLDERS = {
    "problem_statement": "statement",
    "input_format_validators": "input_validators",
    "output_validators": "",
    "output_validator": "",
    "": "",
}
_LIMITS = {
    "memory_bytes": ("memory", MEBIBYTE),
    "output_bytes": ("output", MEBIBYTE),
    "source_bytes": ("code", 1024),
    "compile_seconds": ("compilation_time", 1),
    "compile_memory_bytes": ("compilation_memory", MEBIBYTE),
    "validation_seconds": ("validation_time", 1),
    "validation_memory_bytes": ("validation_memory", MEBIBYTE),
    "validation_output_bytes": ("validation_output", MEBIBYTE),
    "validation_passes": ("validation_passes", 1),
    "time_resolution": ("time_resolution", 1),
}
_POINTS = "its points follow testdata.yaml, which only readers of older formats know."


def laid_out(opened: OpenedPackage, written: Path) -> tuple[Tree, tuple[str, ...]]:
    """The files of the package in the 2025-09 layout, and notes about what it cannot say; `written` takes files that are written anew."""
    if opened.package.format_version == VERSION:
        return opened.tree, ()
    layout = _Layout(opened, written)
    layout.settings()
    layout.validator()
    layout.tests()
    layout.others()
    notes = (f"{opened.package.short_name}: {_POINTS}",) if layout.keeps_testdata else ()
    return Tree(written, dict(sorted(layout.files.items()))), notes


class _Layout:
    def __init__(self, opened: OpenedPackage, written: Path) -> None:
        self._opened = opened
        self._package = opened.package
        self._written = written
        self.files: dict[str, Path] = {}
        self.keeps_testdata = self._package.kind is Kind.SCORING and any(
            name.endswith("/testdata.yaml") for name in opened.tree.files
        )

    def settings(self) -> None:
        """problem.yaml, with what older formats say elsewhere."""
        package, tree = self._package, self._opened.tree
        text = tree.text(_SETTINGS) if _SETTINGS in tree.files else ""
        before = parse_yaml(text, _SETTINGS, Findings()).data
        data: dict[str, Any] = {
            "problem_format_version": VERSION,
            "name": dict(package.titles),
            "uuid": package.uuid or str(uuid.uuid5(uuid.NAMESPACE_OID, package.version)),
            "type": _type(package),
            "limits": _limits(package.limits),
            "allow_file_writing": not package.ways.read_only,
        }
        carried = {key: before[key] for key in _CARRIED if before.get(key) is not None}
        if isinstance(carried.get("keywords"), str):
            carried["keywords"] = carried["keywords"].split()
        if before.get("author") and "credits" not in carried:
            carried["credits"] = {"authors": [name.strip() for name in str(before["author"]).split(",")]}
        if package.languages:
            data["languages"] = list(package.languages)
        if self.keeps_testdata:
            carried.update({key: before[key] for key in ("validation", "grading") if before.get(key) is not None})
        self._write(_SETTINGS, {**data, **carried})

    def validator(self) -> None:
        """The output validator in the folder of its newer name."""
        program = self._package.validator.program
        self._take("output_validator", () if program is None else program.files)

    def tests(self) -> None:
        """The tests under their names, each with all its arguments beside it."""
        files = self._opened.tree.files
        for test in self._package.tests:
            path = f"data/{test.name}"
            for ending, ref in ((".in", test.input), (".ans", test.answer)):
                self.files[path + ending] = files[ref.path]
            for ending, shown in ((".in.statement", test.shown_input), (".ans.statement", test.shown_answer)):
                if shown is not None:
                    self.files[path + ending] = files[shown.path]
            self._take(f"{path}.files", test.files)
            words = {
                "output_validator_args": list(self._package.validator_arguments_for(test)),
                "args": list(test.arguments),
                "hint": test.hint,
            }
            if any(words.values()):
                self._write(f"{path}.yaml", {key: value for key, value in words.items() if value})
        for ref in self._package.interactions:
            self.files[ref.path] = files[ref.path]

    def others(self) -> None:
        """Everything that is called the same or stands in another folder."""
        for name, path in self._opened.tree.files.items():
            folder, slash, rest = name.partition("/")
            if folder == "data":
                kind = rest.rpartition("/")[2]
                if not rest.startswith(("sample/", "secret/")) and kind not in ("testdata.yaml", "test_group.yaml"):
                    self.files.setdefault(name, path)  # inputs that have to be found invalid, and their like
                elif self.keeps_testdata and kind == "testdata.yaml":
                    self.files[name] = path
                continue
            place = _FOLDERS.get(folder if slash else "", folder)
            if place:
                self.files.setdefault(f"{place}/{rest}", path)
            elif not slash and name.startswith("problem.") and name != _SETTINGS:
                self.files.setdefault(f"statement/{name}", path)

    def _take(self, folder: str, files: tuple[NamedFile, ...]) -> None:
        for one in files:
            self.files[f"{folder}/{one.name}"] = self._opened.tree.files[one.file.path]

    def _write(self, name: str, data: Mapping[str, Any]) -> None:
        path = self._written / f"written-{len(self.files)}"
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
        self.files[name] = path


def _type(package: Package) -> list[str]:
    words = ["scoring" if package.kind is Kind.SCORING else "pass-fail"]
    words += ["interactive"] if package.interactive else []
    words += ["multi-pass"] if package.multi_pass else []
    return [*words, "submit-answer"] if package.ways.submit_answer else words


def _limits(limits: PackageLimits) -> dict[str, Any]:
    """Every limit is written out, since the formats have other values where nothing is said."""
    written: dict[str, Any] = {
        "time_multipliers": {
            "ac_to_time_limit": limits.ac_to_time_limit,
            "time_limit_to_tle": limits.time_limit_to_tle,
        }
    }
    if limits.cpu_seconds_known:
        written["time_limit"] = limits.cpu_seconds
    for name in (one.name for one in fields(limits)):
        if name in _LIMITS:
            key, factor = _LIMITS[name]
            amount = getattr(limits, name) / factor
            written[key] = int(amount) if amount == int(amount) else amount
    return written
