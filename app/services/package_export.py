"""Any version of a package back as a 2025-09 package in a zip file, which is read again and compared before it is handed out.

Theory of operation. The version's files are blobs (package_listing); they are opened like any package, laid out as 2025-09
(package_layout) and read again from there. Only when both readings say the same of tests, limits, validator, points, statements and jury
solutions is the archive written, beside its name, and then renamed. So nobody carries home a package that means something else.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.core.errors import Fault, Refusal
from app.package.manifest import NamedFile, Package, Program
from app.package.reader import OpenedPackage, open_tree
from app.package.tree import Tree
from app.ports.blobs import Blobs
from app.services.package_layout import laid_out
from app.services.package_listing import listed_tree

_CHUNK = 1 << 20


def export_package(manifest: Mapping[str, Any], blobs: Blobs, target: Path) -> tuple[str, ...]:
    """Writes the archive to `target`, which must not be there; gives notes about what 2025-09 cannot say. Blocks.

    Refusal(409) where the target exists or the version was stored without its files, Refusal(422) naming what would be another thing.
    """
    if target.exists():
        raise Refusal(409, f"{target} is there already; name another file.")
    try:
        with tempfile.TemporaryDirectory(prefix=".contestbox-export-", dir=target.absolute().parent) as made:
            folder = Path(made)
            for name in ("files", "written"):
                (folder / name).mkdir()
            tree, short_name = listed_tree(manifest, blobs, folder / "files")
            with open_tree(tree, short_name, scratch=folder) as opened:
                layout, notes = laid_out(opened, folder / "written")
                with open_tree(layout, short_name, scratch=folder) as again:
                    _check_equal(opened, again)
                    _write(layout, opened.package.short_name, folder / "package.zip")
            os.replace(folder / "package.zip", target)
    except OSError as error:
        raise Fault("storage", f"{target} cannot be written: {error.strerror or error}.") from error
    return notes


def _check_equal(opened: OpenedPackage, again: OpenedPackage) -> None:
    before, after = meaning(opened), meaning(again)
    differing = [name for name in before if before[name] != after[name]]
    if differing:
        raise Refusal(422, f"A 2025-09 package would not say the same of this one's {', '.join(differing)}.")


def meaning(opened: OpenedPackage) -> dict[str, Any]:
    """What a package says, whatever format says it: two packages with equal meanings judge alike."""
    package = opened.package
    grading = None if package.grading is None else {**package.grading.as_document(), "lenient": True}
    return {
        "names": dict(package.titles),
        "kind": (package.kind, package.interactive, package.multi_pass, package.ways.as_document()),
        "limits": package.limits,
        "validator": _program(opened, package.validator.program),
        "tests": [_test(package, number) for number in range(len(package.tests))],
        "points": grading,
        "graders": (_program(opened, package.grader), _program(opened, package.static_validator)),
        "statements": sorted((one.language, one.format, one.file.sha256) for one in package.statements),
        "attachments": sorted((one.path, one.sha256) for one in package.attachments),
        "includes": {one.language: _named(one.files) for one in package.includes},
        "languages": package.languages,
        "solutions": [
            (one.path, _named(one.program.files), one.program.language, one.expected, one.permitted, one.score)
            for one in package.submissions
        ],
    }


def _test(package: Package, number: int) -> tuple[object, ...]:
    test = package.tests[number]
    shown = tuple(None if ref is None else ref.sha256 for ref in (test.shown_input, test.shown_answer))
    words = package.validator_arguments_for(test)
    return (test.name, test.input.sha256, test.answer.sha256, words, test.arguments, _named(test.files), shown)


def _named(files: tuple[NamedFile, ...]) -> list[tuple[str, str]]:
    return sorted((one.name, one.file.sha256) for one in files)


def _program(opened: OpenedPackage, program: Program | None) -> object:
    if program is None:
        return None
    sources = sorted((one.name, one.data) for one in opened.sources(program.files))
    return (sources, program.language, program.entry_point)


def _write(layout: Tree, short_name: str, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in layout.files.items():
            entry = zipfile.ZipInfo(f"{short_name}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as file:
                shutil.copyfileobj(source, file, _CHUNK)
