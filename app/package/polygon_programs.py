"""The programs of a Polygon package: checker, interactor, validators of inputs, and what is compiled with solutions."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from app.core.errors import Refusal
from app.package import shims
from app.package.findings import Findings
from app.package.polygon_runs import Runs
from app.package.shim_runs import testlib_runs
from app.package.virtual import Layout

FILE = "problem.xml"
_SHIM = "contestbox_shim.cpp"
_CPP = (".cpp", ".cc", ".cxx", ".c++")
_HEADERS = (".h", ".hpp")
_SOURCE_HEAD = 1 << 20
_PRINTING = re.compile(rb"\b(?:cout|printf|puts|putchar)\b")
_LANGUAGES = {
    **dict.fromkeys((*_CPP, *_HEADERS), ("cpp", "c")),
    ".c": ("c",),
    ".java": ("java",),
    ".py": ("python3", "pypy3"),
    ".kt": ("kotlin",),
    ".rs": ("rust",),
    ".go": ("go",),
    ".pas": ("pascal",),
}


def take_validator(layout: Layout, root: Xml.Element, runs: Runs, findings: Findings, *, scoring: bool) -> None:
    """Checker and interactor, with what translates between them and us. Refusal(422) for such as cannot be used."""
    checker, interactor = root.find("assets/checker/source"), root.find("assets/interactor/source")
    script = "" if checker is None else checker.get("path", "")
    if (interactor is not None or runs.count > 1) and script.endswith(".py"):
        findings.warn(FILE, None, f"{script} is not C++; it is not used, the interactor decides alone.")
        checker = None
    if checker is None and runs.count not in runs.talks and (interactor is not None or runs.count > 1):
        raise Refusal(422, f"{FILE}: a problem of several runs needs a checker in C++ that looks at the last one.")
    if interactor is not None or runs.count > 1:
        _take_both(layout, checker, interactor, runs, scoring=scoring)
    elif script.endswith(".py") and script in layout.source.files:
        layout.take("output_validator/checker/checker.py", script)
        layout.write("output_validator/checker/run", shims.PYTHON_CHECKER)
    elif checker is not None:
        folder = "output_validator/checker"
        _take_source(layout, f"{folder}/checker.cpp", checker)
        _take_headers(layout, folder)
        layout.write(f"{folder}/{_SHIM}", shims.testlib_checker(scoring=scoring))


def _take_both(
    layout: Layout, checker: Xml.Element | None, interactor: Xml.Element | None, runs: Runs, *, scoring: bool
) -> None:
    folder = "output_validator/interactor"
    if interactor is not None:
        _take_source(layout, f"{folder}/contestbox_interactor.h", interactor)
    if checker is not None:
        _take_source(layout, f"{folder}/contestbox_checker.h", checker)
    _take_headers(layout, folder)
    if runs.count == 1:
        text = shims.testlib_interactor(scoring=scoring, checker=checker is not None)
    else:
        text = testlib_runs(
            scoring=scoring,
            checker=checker is not None,
            interactor=interactor is not None,
            runs=runs.count,
            talks=runs.talks,
            prints=interactor is None and checker is not None and _prints(layout, checker.get("path", "")),
        )
    layout.write(f"{folder}/{_SHIM}", text)


def _prints(layout: Layout, source: str) -> bool:
    """Whether a checker writes to its standard output, which it has no other use for."""
    return _PRINTING.search(layout.source.head(source, _SOURCE_HEAD)) is not None


def take_input_validators(layout: Layout, root: Xml.Element, findings: Findings) -> None:
    """Each becomes an input validator of its own."""
    for number, source in enumerate(root.findall("assets/validators/validator/source")):
        _take_program(layout, f"input_validators/validator{number}", source, shims.testlib_validator(), findings)


def take_graders(layout: Layout, root: Xml.Element, findings: Findings) -> None:
    """Resources that problem.xml gives to solutions when they are compiled: they lie beside every submission in their language."""
    for one in root.findall("files/resources/file"):
        path = one.get("path", "")
        if not _goes_to_solutions(one) or path not in layout.source.files:
            continue
        name = path.rpartition("/")[2]
        languages = _LANGUAGES.get(f".{name.rpartition('.')[2]}", ())
        if not languages:
            findings.warn(
                FILE, None, f"{path} is for solutions, but in no language that is known here; it is not used."
            )
        for language in languages:
            layout.take(f"include/{language}/{name}", path)


def _goes_to_solutions(resource: Xml.Element) -> bool:
    assets = {one.get("name", "").lower() for one in resource.findall("assets/asset")}
    stages = {one.get("name", "").lower() for one in resource.findall("stages/stage")}
    return "solution" in assets and (not stages or "compile" in stages)


def _take_program(layout: Layout, folder: str, source: Xml.Element, shim: str, findings: Findings) -> None:
    path = source.get("path", "")
    if path not in layout.source.files or not path.endswith(_CPP):
        findings.warn(FILE, None, f"{path or 'a program'} is missing or not C++; it is not used.")
        return
    layout.take(f"{folder}/program.cpp", path)
    _take_headers(layout, folder)
    layout.write(f"{folder}/{_SHIM}", shim)


def _take_source(layout: Layout, name: str, source: Xml.Element) -> None:
    path = source.get("path", "")
    if path not in layout.source.files:
        raise Refusal(422, f"{FILE}: {path or 'a program'} is not in the package.")
    if not path.endswith(_CPP):
        raise Refusal(422, f"{path}: checkers and interactors have to be C++ with testlib.")
    layout.take(name, path)


def _take_headers(layout: Layout, folder: str) -> None:
    for name in layout.source.files:
        if name.startswith("files/") and name.endswith((".h", ".hpp")) and name.count("/") == 1:
            layout.take(f"{folder}/{name.removeprefix('files/')}", name)
