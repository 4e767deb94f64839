"""Small problem packages for the tests, written where a test wants them."""

from __future__ import annotations

import zipfile
from pathlib import Path

from app.package.manifest import Package
from app.package.reader import open_package

YAML = """problem_format_version: 2025-09
name: Sum
uuid: 8f8f0a1e-5f3c-4d3a-9d64-0d6a3a1d0001
limits:
  time_limit: 1.5
  memory: 128
"""

FILES: dict[str, str] = {
    "problem.yaml": YAML,
    "statement/problem.en.md": "Add.\n",
    "data/sample/1.in": "1 2\n",
    "data/sample/1.ans": "3\n",
    "data/secret/01.in": "3 4\n",
    "data/secret/01.ans": "7\n",
    "submissions/accepted/sum.py": "print(sum(map(int, input().split())))\n",
}


def write(folder: Path, changes: dict[str, str | None] | None = None) -> Path:
    """Writes the small package with some files changed, added or (None) left out."""
    for name, text in {**FILES, **(changes or {})}.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    return folder


def read(folder: Path, changes: dict[str, str | None] | None = None) -> Package:
    """The manifest of the small package with changes."""
    with open_package(write(folder / "sum", changes)) as opened:
        return opened.package


def zipped(folder: Path, *, top: str = "", entries: dict[str, str] | None = None) -> Path:
    """A zip of the small package, below a top folder or at its root, with further entries."""
    archive = folder / "sum.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in {**FILES, **(entries or {})}.items():
            opened.writestr(f"{top}{name}", text)
    return archive
