"""A package of another system, laid out as a 2025-09 package: the same bytes under other names, and a few files written anew.

Every foreign format is one module that translates its tree into such a layout. What follows (limits, validators, groups, expected
verdicts, export) is then the work of the reader of the Kattis formats alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.package.tree import Tree


@dataclass(slots=True)
class Layout:
    """The layout while it is made. `folder` takes the files that are written anew; it lives as long as the package is open."""

    source: Tree
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)

    def take(self, name: str, source: str) -> None:
        """The file `source` of the package under a new name."""
        self.files[name] = self.source.files[source]

    def write(self, name: str, text: str) -> None:
        """A file that the package does not have."""
        path = self.folder / hashlib.sha256(name.encode()).hexdigest()
        path.write_text(text, encoding="utf-8", newline="")
        path.chmod(0o644)
        self.files[name] = path

    def write_yaml(self, name: str, data: Mapping[str, Any]) -> None:
        """A YAML file; every JSON text is one."""
        self.write(name, json.dumps(data, ensure_ascii=False, indent=1))

    def tree(self) -> Tree:
        """The finished layout."""
        return Tree(self.source.root, dict(sorted(self.files.items())), take=self.source.take)
