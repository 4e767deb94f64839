"""Opens a package for `verify`, `once` and `complete`; one that lacks tests is completed in a copy first."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from app.core.errors import Refusal
from app.package.formats import needs_generating, recipe_of
from app.package.reader import OpenedPackage, open_package
from app.package.tree import scan
from app.package.unzip import DEFAULT_EXPAND_BYTES, expand_limit, unzip
from judge_node.commands.workplace import Workplace
from judge_node.pipeline.generating import Generation


@contextmanager
def open_completed(
    path: Path, workplace: Callable[[], Workplace], tell: Callable[[str], None]
) -> Iterator[OpenedPackage]:
    """The package, completed where it lacks tests. Refusals of open_package, and those of the generation."""
    if not needs_generating(path):
        with open_package(path, lenient=True) as opened:
            yield opened
        return
    with tempfile.TemporaryDirectory(prefix="contestbox-complete-") as folder:
        target = Path(folder) / (path if path.stem not in ("", "..") else path.resolve()).stem
        complete(path, target, workplace(), tell)
        with open_package(target) as opened:
            yield opened


def complete(path: Path, target: Path, workplace: Workplace, tell: Callable[[str], None]) -> None:
    """Writes the package at `path` with all its tests to the new folder `target`; nothing is left there after a Refusal."""
    if target.exists():
        raise Refusal(409, f"{target} exists already.")
    try:
        root = _copy(path, target)
        tree = scan(root, expand_limit_bytes=DEFAULT_EXPAND_BYTES)
        recipe = recipe_of(tree)
        if recipe is None:
            return
        with workplace.workshop() as workshop:
            Generation(tree.files, root, workshop, workplace.languages, workplace.prepare).make(recipe.steps, tell)
        for note in recipe.notes:
            click.echo(f"note: {note}", err=True)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _copy(path: Path, target: Path) -> Path:
    """The package's files in the new folder; links become what they lead to, which is inside of the package."""
    if not path.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".contestbox-complete-", dir=target.parent) as folder:
            unpacked = Path(folder) / "unpacked"
            unpacked.mkdir()
            top = unzip(path, unpacked, expand_limit_bytes=expand_limit(unpacked))
            for name, real in scan(top, expand_limit_bytes=DEFAULT_EXPAND_BYTES).files.items():
                if not real.is_relative_to(top.resolve()):  # the task.yaml that stands beside its folder
                    real.rename(top / name)
            top.rename(target)
        return target
    for name, real in scan(path, expand_limit_bytes=DEFAULT_EXPAND_BYTES).files.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(real, place)
    return target
