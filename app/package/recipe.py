"""What a package names but does not hold, and how each of these files is made: by its generators and its author's solution.

Only what the package declares is followed (the commands of problem.xml, the lines of GEN), never its scripts. The steps are carried out on
judge machines, in the sandbox.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core.errors import Refusal
from app.core.ways import plain_name
from app.package.tree import Tree

MOST_STEPS = 4000
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One file that is made. All names are paths in the package; `who` names the maker in sentences.

    `program` are the files of what is run (the first is its main file), with its `arguments`, and `stdin` as its input. Without a program
    the file is a copy of `copy_of`, or empty. `input_file` and `output_file` name the streams of a program that uses files.
    """

    target: str
    who: str
    program: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    stdin: str = ""
    copy_of: str = ""
    input_file: str = ""
    output_file: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is missing, in the order in which it can be made. `notes` tell what is not quite as its author would make it."""

    title: str
    short_name: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    def sources(self) -> tuple[str, ...]:
        """The package's own files that the steps need."""
        made = {step.target for step in self.steps}
        needed: dict[str, None] = {}
        for step in self.steps:
            for name in (*step.program, step.stdin, step.copy_of):
                if name and name not in made:
                    needed[name] = None
        return tuple(needed)


def check_recipe(recipe: Recipe, tree: Tree) -> Recipe:
    """The same recipe. Refusal(422) where it is too long, has names that `check_step` refuses, makes a file twice or in the place of
    another, or needs a file that is neither there nor made before."""
    if len(recipe.steps) > MOST_STEPS:
        raise Refusal(422, f"The package lacks {len(recipe.steps)} files; at most {MOST_STEPS} can be made.")
    known = set(tree.files)
    folders = {above for name in known for above in _above(name)}
    for step in recipe.steps:
        check_step(step)
        for name in (*step.program, step.stdin, step.copy_of):
            if name and name not in known:
                raise Refusal(422, f"{name} is not in the package; {step.target} cannot be made without it.")
        if step.target in known or step.target in folders or not known.isdisjoint(_above(step.target)):
            raise Refusal(422, f"{step.target} cannot be made: the package has another file or folder in its place.")
        known.add(step.target)
        folders.update(_above(step.target))
    return recipe


def check_step(step: Step) -> None:
    """Refusal(422) where a name leads out of the folder that the step's files are made in, or cannot be a file's name.

    A node asks again: it believes neither packages nor servers.
    """
    parts = step.target.split("/")
    if (
        len(step.target) > _LONGEST_NAME
        or not step.target.isprintable()
        or any(one in ("", ".", "..") for one in parts)
    ):
        raise Refusal(422, f"{step.target[:_LONGEST_NAME]!r} cannot be the name of a file that is made for a package.")
    for name in (step.input_file, step.output_file):
        if name and not plain_name(name):
            raise Refusal(422, f"{name[:_LONGEST_NAME]!r} cannot be the name of a file here.")


def _above(name: str) -> list[str]:
    """The folders that a file lies in."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
