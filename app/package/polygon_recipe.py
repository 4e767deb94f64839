"""The missing tests of a standard Polygon package: inputs by the commands of problem.xml, answers by the main solution."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree import ElementTree as Xml

from app.core.errors import Refusal
from app.package.polygon import FILE, Testset, missing_tests, read_problem
from app.package.polygon_runs import read_runs
from app.package.recipe import MOST_STEPS, Recipe, Step
from app.package.tree import Tree
from app.package.virtual import Layout

_HEADERS = (".h", ".hpp")
_SEVERAL = re.compile(r"\{((?:\d{1,6}(?:-\d{1,6})?)(?:,\d{1,6}(?:-\d{1,6})?)*)\}", re.ASCII)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][\w.-]{0,99}", re.ASCII)
_NO_ANSWERS = (
    "The answers of a problem that is interactive or of several runs are left empty; its interactor and checker have to do without"
    " them."
)


def polygon_recipe(tree: Tree) -> Recipe | None:
    """The recipe; None where no test is missing. Refusal(422) where one cannot be made."""
    layout = Layout(tree, tree.root)
    root, testset = read_problem(layout)
    missing = missing_tests(layout, testset)
    if not missing:
        return None
    if len(missing) > MOST_STEPS:
        raise Refusal(422, f"The package lacks {len(missing)} tests; at most {MOST_STEPS} files can be made.")
    interactive = root.find("assets/interactor") is not None or read_runs(root).count > 1
    names = [one.get("value", "") for one in root.findall("names/name") if one.get("value")]
    steps = [step for number in missing for step in _steps(tree, root, testset, number, interactive=interactive)]
    title = names[0] if names else root.get("short-name", "") or "problem"
    return Recipe(title, root.get("short-name", ""), tuple(steps), (_NO_ANSWERS,) if interactive else ())


def _steps(tree: Tree, root: Xml.Element, testset: Testset, number: int, *, interactive: bool) -> Iterator[Step]:
    source, answer = testset.names(number)
    if source not in tree.files:
        test = testset.tests[number - 1]
        words = _words(test.get("cmd", ""), number)
        if test.get("method") != "generated" or not words:
            raise Refusal(422, f"{FILE}: test {number} was made by hand and is not in the package.")
        words, made_as = _redirected(words, test.get("from-file", ""), number)
        programs = [one.get("path", "") for one in root.findall("files/executables/executable/source")]
        path = next((one for one in programs if PurePosixPath(one).stem == words[0]), "")
        if path not in tree.files:
            raise Refusal(422, f"{FILE}: the generator {words[0]} of test {number} is not in the package.")
        yield Step(
            source,
            f"The generator {words[0]} of test {number}",
            _program(tree, path),
            tuple(words[1:]),
            output_file=made_as,
        )
    if answer in tree.files:
        return
    if interactive:
        yield Step(answer, f"The answer of test {number}")
        return
    solutions = root.findall("assets/solutions/solution")
    main = next((one.find("source") for one in solutions if one.get("tag") == "main"), None)
    path = "" if main is None else main.get("path", "")
    if path not in tree.files:
        raise Refusal(422, f"{FILE}: there is no main solution to make answers with.")
    named = root.find("judging")
    about = {} if named is None else named.attrib
    yield Step(
        answer,
        f"The main solution on test {number}",
        _program(tree, path),
        stdin=source,
        input_file=_named(about.get("input-file", ""), "stdin"),
        output_file=_named(about.get("output-file", ""), "stdout"),
    )


def _named(file: str, stream: str) -> str:
    """The name of a file; "" where it is the stream itself."""
    return "" if file == stream else file


def _words(command: str, number: int) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as wrong:
        raise Refusal(422, f"{FILE}: the command of test {number} cannot be read: {wrong}.") from None


def _redirected(words: list[str], from_file: str, number: int) -> tuple[list[str], str]:
    """The command without what scripts write behind it, and the file in which the generator leaves this test ("": on stdout).

    `> 7` names the test that stdout becomes; of a command for several tests, `> {3-5,8}`, the generator leaves each in a file of
    its number. It is run once for each test.
    """
    place = next((at for at, word in enumerate(words) if word.startswith(">")), len(words))
    target = "".join(words[place:])[1:]
    several = _SEVERAL.fullmatch(target)
    if place == 0 or (target and several is None and not target.isdecimal()):
        raise Refusal(422, f"{FILE}: the command of test {number} cannot be read.")
    if several is not None:
        ranges = [one.partition("-") for one in several.group(1).split(",")]
        if not any(int(first) <= number <= int(last or first) for first, _, last in ranges):
            raise Refusal(422, f"{FILE}: the command of test {number} makes the tests {target}.")
        from_file = from_file or str(number)
    if from_file and not _PLAIN_NAME.fullmatch(from_file):
        raise Refusal(422, f"{FILE}: {from_file!r} of test {number} cannot be the name of a file here.")
    return words[:place], from_file


def _program(tree: Tree, path: str) -> tuple[str, ...]:
    headers = (f"files/{name}" for name in tree.below("files") if name.endswith(_HEADERS))
    return (path, *(name for name in headers if name != path))
