"""The house's rules that a reader relies on: sizes, names, layers, what core may import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "web", "judge_node")
MODULE_LINES = 400
FUNCTION_LINES = 60
SAYS_NOTHING = {"common", "utils", "util", "misc", "helpers", "base", "manager"}

# Exceptions stand here with their reason.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

CORE_MAY_IMPORT = {
    "__future__", "base64", "bisect", "collections", "dataclasses", "datetime", "enum", "fractions", "functools", "hashlib",
    "heapq", "hmac", "itertools", "json", "math", "operator", "re", "types", "typing", "app",
}  # fmt: skip


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_small_and_well_named(path: Path) -> None:
    """A newcomer finds each duty in a file of bearable length whose name says what it is."""
    name = str(path.relative_to(ROOT))
    text = path.read_text(encoding="utf-8")
    assert path.stem not in SAYS_NOTHING, f"{name}: a name that says nothing"
    assert text.count("\n") <= MODULE_LINES or name in LONG_MODULES, f"{name} is longer than {MODULE_LINES} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            key = f"{name}:{node.name}"
            assert length <= FUNCTION_LINES or key in LONG_FUNCTIONS, f"{key} has {length} lines"


@pytest.mark.parametrize("path", sorted((ROOT / "app/core").rglob("*.py")), ids=lambda path: path.stem)
def test_core_is_pure(path: Path) -> None:
    """The contest's rules use the standard library's values only: no files, no sockets, no clock of their own."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        for name in names:
            assert name.split(".")[0] in CORE_MAY_IMPORT, f"{path.name} imports {name}"
            assert not name.startswith("app.") or name.startswith("app.core"), f"{path.name} imports {name}"
    assert ".now(" not in path.read_text(encoding="utf-8").replace("clock.now(", ""), (
        f"{path.name} asks a clock of its own"
    )


def test_nothing_happens_at_import() -> None:
    """Importing every module of the judge's side starts no thread and opens no socket."""
    code = (
        "import threading, pkgutil, importlib, judge_node\n"
        "for m in pkgutil.walk_packages(judge_node.__path__, 'judge_node.'):\n"
        "    importlib.import_module(m.name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
