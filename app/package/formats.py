"""Which format a package is in, told by its files; a foreign one is laid out as a 2025-09 package first."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from app.core.errors import Refusal
from app.package.findings import Findings
from app.package.italian import FILE as ITALIAN
from app.package.italian import lay_out_italian
from app.package.polygon import FILE as POLYGON
from app.package.polygon import lay_out_polygon, missing_tests, read_problem
from app.package.tree import Tree, scan
from app.package.unzip import DEFAULT_EXPAND_BYTES, expand_limit, unzip
from app.package.virtual import Layout

_FOREIGN = {POLYGON: lay_out_polygon, ITALIAN: lay_out_italian}


def needs_generating(path: Path) -> bool:
    """Whether the package at the path, a folder or a zip, is one of Polygon that lacks tests. False for what cannot be read."""
    try:
        if path.is_dir():
            return (path / POLYGON).is_file() and _lacks_tests(path)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if not any(name.rpartition("/")[2] == POLYGON and name.count("/") <= 1 for name in names):
            return False
        with tempfile.TemporaryDirectory(prefix="contestbox-look-") as folder:
            return _lacks_tests(unzip(path, Path(folder), expand_limit_bytes=expand_limit(Path(folder))))
    except (OSError, zipfile.BadZipFile, Refusal):
        return False


def _lacks_tests(root: Path) -> bool:
    layout = Layout(scan(root, expand_limit_bytes=DEFAULT_EXPAND_BYTES), root)
    return "problem.yaml" not in layout.source.files and bool(missing_tests(layout, read_problem(layout)[1]))


def laid_out(tree: Tree, written: Path, findings: Findings) -> Tree:
    """The tree itself, or the layout of a package of another system; `written` takes files that are written for it."""
    if "problem.yaml" in tree.files:
        return tree
    for file, lay_out in _FOREIGN.items():
        if file in tree.files:
            layout = Layout(tree, written)
            lay_out(layout, findings)
            return layout.tree()
    return tree
