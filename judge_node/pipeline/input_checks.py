"""Runs a package's input validators over its inputs, and its answer validators over its answers, inside the sandbox.

Theory of operation. Each validator takes one container for all inputs, with a fresh scratch each time; the input comes on
stdin, its further files lie in the working directory. A program says 42 for valid. A `.ctd` file is read by the library
checktestdata, whose copy the container sees at /library beside the script: 0 is valid, 1 is not, 2 is a broken script. The
library is run there and never in this process, since a script can compute as long as it likes.
"""

from __future__ import annotations

import importlib.util
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.core.errors import Fault
from app.package.input_validators import InputCase
from judge_node.pipeline.building import BuildLimits
from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.job import JobLimits, JobValidator
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.programs import ValidatorBroken
from judge_node.pipeline.scratch_room import USUAL_BYTES, scratch_for
from judge_node.sandbox.interface import Command, Container, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds
from judge_node.sandbox.outcome import Outcome
from judge_node.toolchains.find import require_program

_VALID = 42
_PROCESSES = 64
_MESSAGE_CHARS = 300
_MOST_COMPLAINTS = 5
_LIBRARY = "checktestdata"


class Looked(StrEnum):
    """What the validators look at; the value is the file name's ending."""

    INPUT = "in"
    ANSWER = "ans"

    @property
    def word(self) -> str:
        """As sentences call it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class InputValidator:
    """One validator: `program` to compile, or the text of a checktestdata `script`; both None where no language fits."""

    name: str
    program: JobValidator | None = None
    script: bytes | None = None


@dataclass(frozen=True, slots=True)
class CheckedInput:
    """An input with its real file and the real files that lie beside it."""

    case: InputCase
    path: Path
    files: tuple[tuple[str, Path], ...] = ()


@dataclass(frozen=True, slots=True)
class _Ready:
    """A validator that can be called: its words, those that stand for "valid", and its container."""

    argv: tuple[str, ...]
    valid_codes: frozenset[int]
    invalid_codes: frozenset[int] | None
    container: Container
    environment: Mapping[str, str]
    processes: int


def check_inputs(
    workshop: Workshop,
    validators: Sequence[InputValidator],
    inputs: Sequence[CheckedInput],
    limits: JobLimits,
    folder: Path,
    stop: threading.Event,
    looked: Looked = Looked.INPUT,
) -> Iterator[str]:
    """Sentences about what is wrong; none where all is well. `folder` is an empty one of the caller's.

    At most five sentences a validator. Raises Fault where the sandbox failed.
    """
    refused: set[str] = set()
    room = max((scratch_for(path for _, path in one.files) for one in inputs), default=USUAL_BYTES)
    for number, validator in enumerate(validators):
        try:
            ready = _ready(workshop, validator, limits, folder / str(number), room)
        except ValidatorBroken as broken:
            yield f"{validator.name}: {broken.sentence.replace('output validator', f'{looked.word} validator')}"
            continue
        if ready is None:
            yield f"{validator.name}: no language of this judge fits this {looked.word} validator; it was not run."
            continue
        try:
            yield from _check_all(ready, validator.name, inputs, limits, refused, stop, looked)
        finally:
            ready.container.close()
    if validators:
        for one in inputs:
            if not one.case.valid and one.case.name not in refused and not stop.is_set():
                yield f"data/{one.case.name}.in: every input validator accepts it, though it is kept as invalid."


def _check_all(
    ready: _Ready,
    name: str,
    inputs: Sequence[CheckedInput],
    limits: JobLimits,
    refused: set[str],
    stop: threading.Event,
    looked: Looked,
) -> Iterator[str]:
    complaints = 0
    for one in inputs:
        if stop.is_set():
            return
        outcome = _call(ready, one, name.rpartition("/")[2], limits, stop)
        if outcome.stopped:
            return
        valid = outcome.limit is None and outcome.exit_code in ready.valid_codes
        if not valid and not one.case.valid:
            refused.add(one.case.name)
        sentence = _complaint(ready, name, one, outcome, looked, valid=valid)
        if sentence:
            complaints += 1
            yield sentence
        if complaints >= _MOST_COMPLAINTS:
            yield f"{name}: it was not asked about the remaining {looked.word}s."
            return


def _complaint(ready: _Ready, name: str, one: CheckedInput, outcome: Outcome, looked: Looked, *, valid: bool) -> str:
    broken = ready.invalid_codes is not None and outcome.exit_code not in ready.valid_codes | ready.invalid_codes
    if valid or (not one.case.valid and not broken):
        return ""
    said = (outcome.stderr_head.strip() or outcome.stdout_head.strip()).decode("utf-8", "replace").replace("\0", "")
    what = said.splitlines()[-1] if broken and said else said
    if outcome.limit is not None:
        ended = f"was stopped by its {outcome.limit.value} limit"
    elif outcome.signal is not None:
        ended = f"ended with signal {outcome.signal}"
    else:
        ended = f"ended with exit code {outcome.exit_code}"
    return f"data/{one.case.name}.{looked.value}: {name} does not accept it ({ended}): {what[:_MESSAGE_CHARS]}".rstrip(
        ": "
    )


def _call(ready: _Ready, one: CheckedInput, name: str, limits: JobLimits, stop: threading.Event) -> Outcome:
    for file, path in one.files:
        ready.container.put(file, path)
    run_limits = RunLimits(
        cpu_seconds=limits.validation_seconds,
        wall_seconds=wall_limit_seconds(limits.validation_seconds),
        memory_bytes=limits.validation_memory_bytes,
        output_bytes=limits.validation_output_bytes,
        file_bytes=limits.validation_output_bytes,
        processes=ready.processes,
    )
    # A script takes no arguments: the library would read one as the file to look at.
    words = one.case.arguments_for(name) if ready.invalid_codes is None else ()
    command = Command((*ready.argv, *words), ready.environment)
    try:
        return ready.container.run(command, run_limits, stdin=one.path, keep_scratch=bool(one.files), stop=stop)
    finally:
        if one.files:
            ready.container.renew()


def _ready(
    workshop: Workshop, validator: InputValidator, limits: JobLimits, folder: Path, scratch_bytes: int
) -> _Ready | None:
    if validator.script is not None:
        return _ready_script(workshop, validator.script, limits, folder, scratch_bytes)
    if validator.program is None:
        return None
    build_limits = BuildLimits(limits.compile_seconds, limits.compile_memory_bytes)
    built = workshop.validators.get(workshop.sandbox, validator.program, build_limits)
    run = built.language.run
    memory = limits.validation_memory_bytes + run.memory_allowance_bytes
    view = View(program=built.folder, scratch_bytes=scratch_bytes)
    container = workshop.sandbox.container(view, memory_bytes=memory, processes=run.processes)
    environment = {**ENVIRONMENT, **run.environment}
    return _Ready(
        built.argv(limits.validation_memory_bytes),
        frozenset({_VALID}),
        None,
        container,
        environment,
        run.processes,
    )


def _ready_script(workshop: Workshop, script: bytes, limits: JobLimits, folder: Path, scratch_bytes: int) -> _Ready:
    library = _copy_library(folder)
    (library / "input.ctd").write_bytes(script)
    (library / "input.ctd").chmod(0o644)
    view = View(folders={"/library": library}, scratch_bytes=scratch_bytes)
    container = workshop.sandbox.container(view, memory_bytes=limits.validation_memory_bytes, processes=_PROCESSES)
    argv = (require_program("python3"), "-B", "-m", _LIBRARY, "/library/input.ctd")
    environment = {**ENVIRONMENT, "PYTHONPATH": "/library"}
    return _Ready(argv, frozenset({0}), frozenset({1}), container, environment, _PROCESSES)


def _copy_library(folder: Path) -> Path:
    """A copy that every guest may read, whatever this installation's modes are."""
    found = importlib.util.find_spec(_LIBRARY)
    if found is None or not found.submodule_search_locations:
        raise Fault("toolchain", "checktestdata is missing on this machine; install contestbox[judge] again.")
    target = folder / _LIBRARY
    target.mkdir(parents=True)
    for place in (folder, target):
        place.chmod(0o755)
    for source in Path(found.submodule_search_locations[0]).glob("*.py"):
        shutil.copyfile(source, target / source.name)
        (target / source.name).chmod(0o644)
    return folder
