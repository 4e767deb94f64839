"""Which format a package is in, told by its files; a foreign one is laid out as a 2025-09 package first."""

from __future__ import annotations

from pathlib import Path

from app.package.findings import Findings
from app.package.polygon import FILE as POLYGON
from app.package.polygon import lay_out_polygon
from app.package.tree import Tree
from app.package.virtual import Layout

_FOREIGN = {POLYGON: lay_out_polygon}


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
