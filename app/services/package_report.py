"""What an import says of a package: errors, warnings and notes, each with its file and what is to be done about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from app.core.errors import Refusal
from app.core.problem import Problem
from app.ports.store import Store
from app.wire.admin_packages_v1 import Imported, ImportLine

Level = Literal["error", "warning", "note"]

_FILE = re.compile(r"([^\s:][^:]{0,200}?(?:, line \d+)?): (.+)", re.DOTALL)
_UNCHECKED = "A judge machine still has to look at this package."
_WAIT = "Nothing now: it is done as soon as a machine is there."
_IMPORT_AGAIN = "Mend it and import the package again."
_OPTIONAL = "It is judged as it is; mend it where other systems, or the jury, should read it without a word."


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One finding. `file` is "" where it is the whole package's; `advice` says what to do."""

    level: Level
    file: str
    sentence: str
    advice: str


def refused_report(refusal: Refusal) -> tuple[ReportLine, ...]:
    """The report of a package that was not taken."""
    if refusal.fields:
        return tuple(ReportLine("error", file, text, _IMPORT_AGAIN) for file, text in refusal.fields.items())
    file, sentence = _parted(refusal.sentence)
    return (ReportLine("error", file, sentence, _IMPORT_AGAIN),)


def import_report(manifest: Mapping[str, Any], state: str) -> tuple[ReportLine, ...]:
    """The report of a version that is in the store, the worst first; it grows when a judge machine has looked at it."""
    return tuple(_lines(manifest, state))


def _lines(manifest: Mapping[str, Any], state: str) -> Iterator[ReportLine]:
    checked = manifest.get("checked", {})
    for text in checked.get("problems", ()):
        yield ReportLine("error", *_parted(text), _IMPORT_AGAIN)
    for text in (*manifest["warnings"], *checked.get("notes", ())):
        yield ReportLine("warning", *_parted(text), _OPTIONAL)
    if state == "unchecked":
        yield ReportLine("note", "", _UNCHECKED, _WAIT)


def _parted(text: str) -> tuple[str, str]:
    """File and sentence of `problem.yaml, line 3: …`; sentences without a file stay whole."""
    match = _FILE.fullmatch(text)
    if match is None or " " in match.group(1).partition(", line ")[0]:
        return "", text
    return match.group(1), match.group(2)


def imported_answer(store: Store, problem: Problem) -> Imported:
    """What an importer is told."""
    with store.read() as view:
        record = view.package(problem.package_version)
    lines = import_report(record.manifest, record.state) if record is not None else ()
    return Imported(
        id=problem.id,
        label=problem.label,
        title=problem.title,
        test_count=problem.test_count,
        version=problem.package_version,
        report=[ImportLine(**asdict(line)) for line in lines],
    )
