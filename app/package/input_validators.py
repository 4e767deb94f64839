"""The input and answer validators of a package and what each is to be shown (PROBLEM_FORMATS 1.3, 2.4 and 2.5).

Answer validators are an addition that real packages bring: called with the input's path, with the answer on their stdin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.package.findings import Findings
from app.package.manifest import FileRef, NamedFile, Program
from app.package.problem_yaml import flags
from app.package.tree import Tree
from app.package.yamlfile import parse_yaml

_FOLDERS = ("input_validators", "input_format_validators")
_ANSWER_FOLDERS = ("answer_validators", "answer_format_validators")
_KEYS = ("input_validator_args", "input_validator_flags")
_ANSWER_KEYS = ("answer_validator_args", "answer_validator_flags")
_INPUT_NAME = "case.in"
"""What an answer validator finds the input as, in its working directory."""
_GROUP_FILES = ("testdata.yaml", "test_group.yaml")
_INVALID = ("invalid_input", "invalid_inputs")


@dataclass(frozen=True, slots=True)
class InputCase:
    """An input (or an answer) with the arguments of every validator by its name ("": of all that are not named).

    `valid` is False for data that some validator has to refuse.
    """

    name: str
    input: FileRef
    valid: bool
    arguments: Mapping[str, tuple[str, ...]]
    files: tuple[NamedFile, ...] = ()

    def arguments_for(self, validator: str) -> tuple[str, ...]:
        """The arguments of one validator's call."""
        stem = validator.partition(".")[0]
        for name in (validator, stem, ""):
            if name in self.arguments:
                return self.arguments[name]
        return ()


@dataclass(frozen=True, slots=True)
class InputChecks:
    """All validators of inputs (or of answers), and every file that they are to see."""

    validators: tuple[Program, ...]
    cases: tuple[InputCase, ...]


def read_input_checks(tree: Tree) -> InputChecks:
    """What the package wants checked. Refusal(422) for files that cannot be read."""
    return InputChecks(tuple(_validators(tree, _FOLDERS)), tuple(_cases(tree)))


def read_answer_checks(tree: Tree) -> InputChecks:
    """The same for answers; nothing at all where the package has no answer validators. Refusal(422) as above."""
    validators = tuple(_validators(tree, _ANSWER_FOLDERS))
    return InputChecks(validators, tuple(_answers(tree)) if validators else ())


def _validators(tree: Tree, folders: tuple[str, ...]) -> Iterator[Program]:
    for folder in folders:
        entries = tree.children(folder)
        # A header or library beside the sources belongs to each of them.
        shared = tuple(
            name for name, below in entries.items() if below == ("",) and name.endswith((".h", ".hpp", ".txt", ".md"))
        )
        for name, below in entries.items():
            if name in shared:
                continue
            if below == ("",):
                yield Program(f"{folder}/{name}", tree.named(folder, (name, *shared)))
            else:
                yield Program(f"{folder}/{name}", tree.named(f"{folder}/{name}", below))


def _cases(tree: Tree) -> Iterator[InputCase]:
    groups: dict[str, Mapping[str, tuple[str, ...]]] = {}
    runs: dict[str, tuple[str, ...]] = {}
    for top in ("sample", "secret", *_INVALID):
        names = [name for name in tree.below(f"data/{top}") if name.endswith(".in") and ".files/" not in name]
        for name in sorted(names, key=lambda one: one.removesuffix(".in").split("/")):
            path = f"data/{top}/{name.removesuffix('.in')}"
            folder = path.rpartition("/")[0]
            arguments, run = _of_folder(tree, folder, groups, _KEYS), _run_of_folder(tree, folder, runs)
            if f"{path}.yaml" in tree.files:
                data = _data(tree, f"{path}.yaml")
                arguments = _with(arguments, data, _KEYS)
                run = flags(data["args"]) if data.get("args") is not None else run
            yield InputCase(
                path.removeprefix("data/"),
                tree.ref(f"{path}.in"),
                top not in _INVALID,
                _followed_by(arguments, run),
                tree.named(f"{path}.files", tuple(tree.below(f"{path}.files"))),
            )


def _answers(tree: Tree) -> Iterator[InputCase]:
    groups: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for top in ("sample", "secret"):
        names = [name for name in tree.below(f"data/{top}") if name.endswith(".ans") and ".files/" not in name]
        for name in sorted(names, key=lambda one: one.removesuffix(".ans").split("/")):
            path = f"data/{top}/{name.removesuffix('.ans')}"
            if f"{path}.in" not in tree.files:
                continue
            arguments = _of_folder(tree, path.rpartition("/")[0], groups, _ANSWER_KEYS)
            if f"{path}.yaml" in tree.files:
                arguments = _with(arguments, _data(tree, f"{path}.yaml"), _ANSWER_KEYS)
            yield InputCase(
                path.removeprefix("data/"),
                tree.ref(f"{path}.ans"),
                valid=True,
                arguments={name: (_INPUT_NAME, *words) for name, words in {"": (), **arguments}.items()},
                files=(NamedFile(_INPUT_NAME, tree.ref(f"{path}.in")),),
            )


def _of_folder(
    tree: Tree, folder: str, groups: dict[str, Mapping[str, tuple[str, ...]]], keys: tuple[str, ...]
) -> Mapping[str, tuple[str, ...]]:
    if folder not in groups:
        above, slash, _ = folder.rpartition("/")
        arguments = _of_folder(tree, above, groups, keys) if slash else {}
        for file in _GROUP_FILES:
            if f"{folder}/{file}" in tree.files:
                arguments = _with(arguments, _data(tree, f"{folder}/{file}"), keys)
        groups[folder] = arguments
    return groups[folder]


def _run_of_folder(tree: Tree, folder: str, runs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What submissions in the folder get on their command line; input validators get it as well, behind their own."""
    if folder not in runs:
        above, slash, _ = folder.rpartition("/")
        runs[folder] = _run_of_folder(tree, above, runs) if slash else ()
        for file in _GROUP_FILES:
            data = _data(tree, f"{folder}/{file}") if f"{folder}/{file}" in tree.files else {}
            if data.get("args") is not None:
                runs[folder] = flags(data["args"])
    return runs[folder]


def _followed_by(arguments: Mapping[str, tuple[str, ...]], run: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    return {name: (*words, *run) for name, words in {"": (), **arguments}.items()} if run else arguments


def _data(tree: Tree, name: str) -> Mapping[str, Any]:
    return parse_yaml(tree.text(name), name, Findings()).data


def _with(
    arguments: Mapping[str, tuple[str, ...]], data: Mapping[str, Any], keys: tuple[str, ...]
) -> Mapping[str, tuple[str, ...]]:
    for key in keys:
        value = data.get(key)
        if isinstance(value, dict):
            arguments = {str(name): flags(words) for name, words in value.items()}
        elif value is not None:
            arguments = {"": flags(value)}
    return arguments
