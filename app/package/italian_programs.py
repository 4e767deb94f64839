"""Checker, manager and validator of an Italian task, with what translates between them and us."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.core.errors import Refusal
from app.package import shims
from app.package.findings import Findings
from app.package.shim_scripts import cms_checker_build, cms_checker_run
from app.package.virtual import Layout

_CPP = (".cpp", ".cc")
_HEADERS = (".h", ".hpp")
_CHECKERS = ("check/checker", "cor/correttore")
_VALIDATORS = ("gen/valida", "gen/validator", "gen/validatore")
_MANAGERS = ("check/manager", "cor/manager")
_HEAD = 200
_SOURCE_HEAD = 1 << 20
_MAIN = re.compile(rb"\bmain\s*\(")


def find_manager(layout: Layout) -> str | None:
    """The C++ source of the task's manager; None where it has none. Refusal(422) for one in another form."""
    return _found(layout, _MANAGERS, _CPP)


def find_checker(layout: Layout) -> str | None:
    """The source of the task's checker in C++, C or Python; None where it has none. Refusal(422) for one in another form."""
    return _found(layout, _CHECKERS, (*_CPP, ".c", ".py"))


def _found(layout: Layout, stems: Sequence[str], endings: Sequence[str]) -> str | None:
    for stem in stems:
        sources = [name for name in layout.source.files if name == stem or name.rpartition(".")[0] == stem]
        source = next((f"{stem}{end}" for end in endings if f"{stem}{end}" in sources), None)
        if source is None and ".py" in endings and stem in sources and _is_python(layout, stem):
            source = stem
        if sources and source is None:
            raise Refusal(422, f"{stem}: it has to be there as C++ source.")
        if source is not None:
            return source
    return None


def _is_python(layout: Layout, name: str) -> bool:
    head = layout.source.head(name, _HEAD)
    return head.startswith(b"#!") and b"python" in head.partition(b"\n")[0]


def take_manager(layout: Layout, source: str) -> None:
    """The manager with what lies beside it: headers, and sources that are no programs of their own."""
    _take_cpp(layout, source, "manager")


def take_checker(layout: Layout, source: str, *, raw: bool) -> None:
    """The checker; with `raw` its number need not be from 0 to 1."""
    if source.endswith(_CPP):
        _take_cpp(layout, source, "checker")
        layout.write("output_validator/checker/contestbox_shim.cpp", shims.cms_checker(raw=raw))
        return
    folder, in_c = "output_validator/checker", source.endswith(".c")
    home = source.partition("/")[0]
    for other in layout.source.below(home):
        if other.endswith(".h" if in_c else ".py") and f"{home}/{other}" != source:
            layout.take(f"{folder}/{other}", f"{home}/{other}")
    layout.take(f"{folder}/checker.{'c' if in_c else 'py'}", source)
    if in_c:
        layout.write(f"{folder}/build", cms_checker_build())
    layout.write(f"{folder}/run", cms_checker_run("./contestbox_checker" if in_c else "python3 checker.py", raw=raw))


def _take_cpp(layout: Layout, source: str, name: str) -> None:
    folder, home = f"output_validator/{name}", source.partition("/")[0]
    layout.take(f"{folder}/{name}.cpp", source)
    for other in layout.source.below(home):
        path = f"{home}/{other}"
        if other.endswith(_HEADERS) or (other.endswith(_CPP) and path != source and not _has_main(layout, path)):
            layout.take(f"{folder}/{other}", path)


def _has_main(layout: Layout, source: str) -> bool:
    return _MAIN.search(layout.source.head(source, _SOURCE_HEAD)) is not None


def take_validator(layout: Layout, findings: Findings) -> None:
    """The validator of generated inputs: it is shown every input, with the number of its subtask."""
    found = [name for name in layout.source.files if name.rpartition(".")[0] in _VALIDATORS or name in _VALIDATORS]
    source = next((name for name in found if name.endswith((*_CPP, ".py"))), None)
    if source is None:
        for name in found:
            findings.warn(name, None, "validators of inputs are run where they are C++ or Python; this one is not.")
        return
    folder, python = "input_validators/valida", source.endswith(".py")
    for other in layout.source.below("gen"):
        if other.endswith(".py" if python else _HEADERS) and f"gen/{other}" != source:
            layout.take(f"{folder}/{other}", f"gen/{other}")
    layout.take(f"{folder}/valida.{'py' if python else 'cpp'}", source)
    if python:
        layout.write(f"{folder}/__main__.py", shims.cms_python_validator())
    else:
        layout.write(f"{folder}/contestbox_shim.cpp", shims.cms_validator())
