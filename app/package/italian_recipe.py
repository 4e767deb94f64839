"""The missing inputs and outputs of an Italian task: the lines of GEN are the generator's arguments, the author's solution answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.core.errors import Refusal
from app.package.findings import Findings
from app.package.italian import FILE, input_name, output_name
from app.package.italian_subtasks import GEN, GenLine, read_gen
from app.package.recipe import Recipe, Step
from app.package.tree import Tree
from app.package.yamlfile import parse_yaml

_ENDINGS = (".cpp", ".cc", ".c", ".py", ".java")
_HEADERS = (".h", ".hpp")
_NO_OUTPUTS = "The outputs of a task with a manager are left empty; the manager has to do without them."


def italian_recipe(tree: Tree) -> Recipe | None:
    """The recipe; None where nothing is missing or there is no GEN. Refusal(422) where something cannot be made."""
    if GEN not in tree.files:
        return None
    data = parse_yaml(tree.text(FILE), FILE, Findings()).data
    _, lines = read_gen(tree.text(GEN))
    manager = any(name.startswith(("check/manager", "cor/manager")) for name in tree.files)
    inputs = list(_inputs(tree, lines))
    outputs = list(_outputs(tree, data, len(lines), manager=manager))
    if not inputs and not outputs:
        return None
    short = str(data.get("name") or data.get("nome_breve") or "")
    title = str(data.get("title") or data.get("nome") or short or "task")
    notes = (_NO_OUTPUTS,) if manager and outputs else ()
    return Recipe(title, short, (*inputs, *outputs), notes)


def _inputs(tree: Tree, lines: list[GenLine]) -> Iterator[Step]:
    for number, line in enumerate(lines):
        target = input_name(number)
        if target in tree.files:
            continue
        if line.copy_of:
            yield Step(target, f"Test {number} of {GEN}", copy_of=line.copy_of)
            continue
        path = _source(tree, ("gen/generatore", "gen/generator"))
        if not path:
            raise Refusal(422, f"{GEN}: there is no generator (gen/generatore in C++, C, Python or Java).")
        yield Step(target, f"The generator of test {number}", _generator(tree, path), line.words)


def _outputs(tree: Tree, data: Mapping[str, Any], count: int, *, manager: bool) -> Iterator[Step]:
    for number in range(count):
        target = output_name(number)
        if target in tree.files:
            continue
        path = _source(tree, ("sol/soluzione", "sol/solution"))
        if manager or (not path and data.get("output_only")):
            yield Step(target, f"The output of test {number}")
            continue
        if not path:
            raise Refusal(422, "sol/solution: there is no solution of the author's to make outputs with.")
        yield Step(
            target,
            f"The solution on test {number}",
            _solution(tree, path),
            stdin=input_name(number),
            input_file=str(data.get("infile", "input.txt") or ""),
            output_file=str(data.get("outfile", "output.txt") or ""),
        )


def _source(tree: Tree, stems: tuple[str, ...]) -> str:
    return next((f"{stem}{end}" for stem in stems for end in _ENDINGS if f"{stem}{end}" in tree.files), "")


def _generator(tree: Tree, path: str) -> tuple[str, ...]:
    """With what it may include or import."""
    wanted = (".py",) if path.endswith(".py") else _HEADERS
    return (
        path,
        *(name for name in (f"gen/{one}" for one in tree.below("gen")) if name.endswith(wanted) and name != path),
    )


def _solution(tree: Tree, path: str) -> tuple[str, ...]:
    """With the grader of its language, which is what is started."""
    ending = path[path.rindex(".") :]
    beside = [f"sol/{name}" for name in tree.below("sol") if name.endswith(_HEADERS)]
    grader = f"sol/grader{ending}"
    return (grader, path, *beside) if grader in tree.files else (path, *beside)
