"""Which format a package is in, told by its files; a foreign one is laid out as a 2025-09 package first."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from app.package.findings import Findings
from app.package.italian import FILE as ITALIAN
from app.package.italian import lay_out_italian
from app.package.italian_recipe import italian_recipe
from app.package.polygon import FILE as POLYGON
from app.package.polygon import lay_out_polygon
from app.package.polygon_recipe import polygon_recipe
from app.package.recipe import Recipe, check_recipe
from app.package.tree import Tree, scan
from app.package.unzip import DEFAULT_EXPAND_BYTES, expand_limit, unzip
from app.package.virtual import Layout

_FOREIGN = {POLYGON: lay_out_polygon, ITALIAN: lay_out_italian}
_RECIPES = {POLYGON: polygon_recipe, ITALIAN: italian_recipe}
OWN = "problem.yaml"


def recipe_of(tree: Tree) -> Recipe | None:
    """How the files that the package lacks are made; None where it lacks none. Refusal(422) where that cannot be done."""
    if OWN in tree.files:
        return None
    for file, read in _RECIPES.items():
        if file in tree.files:
            recipe = read(tree)
            return None if recipe is None else check_recipe(recipe, tree)
    return None


def needs_generating(path: Path, *, scratch: Path | None = None) -> bool:
    """Whether the package at the path, a folder or a zip, lacks tests that can be made. Refusal(422) where they cannot be.

    A zip is unpacked below `scratch` (default: the system's folder for temporary files) for as long as it is looked at.

    False for what cannot be read: whoever opens it says why.
    """
    try:
        if path.is_dir():
            named = (*(path / file for file in _RECIPES), path.parent / f"{path.name}.yaml")
            foreign = any(file.is_file() for file in named) and not (path / OWN).is_file()
            return foreign and recipe_of(scan(path, expand_limit_bytes=DEFAULT_EXPAND_BYTES)) is not None
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        tops = {name.rpartition("/")[2] for name in names if name.count("/") <= 1}
        beside = any("/" not in name and name.endswith(".yaml") for name in names)
        if OWN in tops or not (beside or tops & set(_RECIPES)):
            return False
        with tempfile.TemporaryDirectory(prefix="contestbox-look-", dir=scratch) as folder:
            top = unzip(path, Path(folder), expand_limit_bytes=expand_limit(Path(folder)))
            return recipe_of(scan(top, expand_limit_bytes=DEFAULT_EXPAND_BYTES)) is not None
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        return False


def laid_out(tree: Tree, written: Path, findings: Findings) -> Tree:
    """The tree itself, or the layout of a package of another system; `written` takes files that are written for it."""
    if OWN in tree.files:
        return tree
    for file, lay_out in _FOREIGN.items():
        if file in tree.files:
            layout = Layout(tree, written)
            lay_out(layout, findings)
            return layout.tree()
    return tree
