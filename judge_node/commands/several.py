"""Finds the packages that a path means: one package, or a folder or a zip that holds several beside each other."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.package.unzip import expand_limit, unzip

_MARKS = ("problem.yaml", "problem.xml", "task.yaml", "domjudge-problem.ini")
_ARCHIVES = (".zip", ".kpp")


@contextmanager
def packages_at(path: Path) -> Iterator[tuple[Path, ...]]:
    """The packages, in order of their names; `path` alone where it is one itself, or nothing of the kind.

    A zip of several is unpacked for as long as this is open. Refusals of `unzip`.
    """
    if path.is_dir():
        yield _inside(path)
        return
    if not _holds_several(path):
        yield (path,)
        return
    with tempfile.TemporaryDirectory(prefix="contestbox-several-") as folder:
        target = Path(folder) / path.stem
        target.mkdir()
        yield _inside(unzip(path, target, expand_limit_bytes=expand_limit(target)))


def _inside(folder: Path) -> tuple[Path, ...]:
    if _is_package(folder):
        return (folder,)
    found = tuple(
        entry
        for entry in sorted(folder.iterdir())
        if not entry.name.startswith(".") and (_is_package(entry) or entry.suffix in _ARCHIVES)
    )
    return found or (folder,)


def _is_package(folder: Path) -> bool:
    if any((folder / mark).is_file() for mark in _MARKS) or (folder / "data" / "secret").is_dir():
        return True
    # Italian tasks of the older kind: what they are stands beside their folder.
    return (folder.parent / f"{folder.name}.yaml").is_file() and any(
        (folder / name).is_dir() for name in ("gen", "input")
    )


def _holds_several(archive: Path) -> bool:
    try:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
    except (OSError, zipfile.BadZipFile, ValueError):
        return False
    tops = {name.partition("/")[0] for name in names if not name.startswith(("__MACOSX", "."))}
    marked = {name for name in names if _marks(name)}
    if any("/" not in name for name in marked):
        return False
    folders = {name.partition("/")[0] for name in names if "/" in name and not name.startswith(("__MACOSX", "."))}
    if len(folders) > 1 and any(f"{folder}.yaml" in tops for folder in folders):
        return True
    if len(tops) == 1:
        below = [name.partition("/")[2] for name in marked]
        return bool(below) and all("/" in name for name in below) and not _secret_at(names, next(iter(tops)))
    return bool(marked) or any(name.endswith(_ARCHIVES) for name in names)


def _marks(name: str) -> bool:
    """A file that makes its folder a package, not deeper than a folder in a folder."""
    return name.rpartition("/")[2] in _MARKS and name.count("/") <= len(("top", "package"))


def _secret_at(names: Iterable[str], top: str) -> bool:
    return any(name.startswith((f"{top}/data/secret/", "data/secret/")) for name in names)
