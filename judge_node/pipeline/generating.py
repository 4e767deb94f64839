"""Makes the files that a package lacks: inputs by its generators, answers by its author's solution (app.package.recipe).

Each program runs in the sandbox, in a container of its own, and never by a shell. It has no network, sees no other file than its own, and
has limits; what it does wrong is a sentence about the package.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import Refusal
from app.core.submission import SourceFile
from app.languages.definition import Language, MainRule
from app.languages.detect import guess_language
from app.package.recipe import Step, check_step
from judge_node.pipeline.building import BuildLimits, Built
from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.job import MEBIBYTE, JobValidator
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.programs import ValidatorBroken
from judge_node.pipeline.scratch_room import scratch_for
from judge_node.sandbox.interface import Command, Container, NotStarted, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds
from judge_node.sandbox.outcome import Outcome

_SECONDS = 60.0
_MEMORY_BYTES = 1024 * MEBIBYTE
_TEST_BYTES = 512 * MEBIBYTE
_NAMED_BYTES = 48 * MEBIBYTE
"""What a file with a name may hold: it lies in the scratch."""


@dataclass(slots=True)
class Generation:
    """One package whose files are made. `files` are its own, by their paths in it; made ones are written below `folder`."""

    files: Mapping[str, Path]
    folder: Path
    workshop: Workshop
    languages: Mapping[str, Language]
    prepare: Callable[[Language], object]
    stop: threading.Event = field(default_factory=threading.Event)
    _built: dict[tuple[str, ...], Built] = field(default_factory=dict)

    def make(self, steps: Sequence[Step], tell: Callable[[str], None]) -> dict[str, Path]:
        """Makes all files; where each is, by its path in the package. Refusal(422) naming who failed.

        What is missing after `stop` was not made. Raises Fault where the sandbox failed.
        """
        made: dict[str, Path] = {}
        for step in steps:
            if self.stop.is_set():
                break
            tell(step.target)
            target = self._place(step)
            if step.program:
                source = None if not step.stdin else made.get(step.stdin) or self.files[step.stdin]
                self._run(step, source, target)
            elif step.copy_of:
                shutil.copyfile(made.get(step.copy_of) or self.files[step.copy_of], target)
            target.chmod(0o644)
            made[step.target] = target
        return made

    def _place(self, step: Step) -> Path:
        """Where its file is made: nothing is there, and no link is on the way. Refusal(422) where that cannot be."""
        check_step(step)
        target = self.folder / step.target
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            inside = target.parent.resolve(strict=True) == self.folder.resolve(strict=True).joinpath(
                *step.target.split("/")[:-1]
            )
            if inside:
                target.touch(mode=0o600, exist_ok=False)
        except (FileExistsError, NotADirectoryError):
            inside = False
        if not inside:
            raise Refusal(422, f"{step.target} cannot be made: another file, a folder or a link is in its place.")
        return target

    def _program(self, names: tuple[str, ...]) -> Built:
        if names not in self._built:
            files = tuple(SourceFile(one.rpartition("/")[2], self.files[one].read_bytes()) for one in names)
            language = guess_language([files[0].name], self.languages)
            if language is None:
                raise Refusal(422, f"{names[0]}: it is in no language that this judge knows.")
            self.prepare(language)
            main = files[0].name if language.main_rule is MainRule.MAIN_FILE else None
            limits = BuildLimits(_SECONDS, 2 * _MEMORY_BYTES)
            try:
                self._built[names] = self.workshop.validators.get(
                    self.workshop.sandbox, JobValidator(files, language, main), limits
                )
            except ValidatorBroken as broken:
                raise Refusal(422, f"{names[0]}: {broken.sentence.replace('The output validator', 'It')}") from None
        return self._built[names]

    def _run(self, step: Step, source: Path | None, target: Path) -> None:
        program = self._program(step.program)
        run = program.language.run
        memory = _MEMORY_BYTES + run.memory_allowance_bytes
        brought = (source,) if step.input_file and source is not None else ()
        view = View(program=program.folder, profile=run.profile, scratch_bytes=scratch_for(brought))
        container = self.workshop.sandbox.container(view, memory_bytes=memory, processes=run.processes)
        try:
            outcome = self._in(container, program, step, source, target, memory)
        except NotStarted as refused:
            raise Refusal(422, f"{step.who} cannot be run: {refused.sentence}") from refused
        finally:
            container.close()
        if outcome.limit is not None or outcome.exit_code != 0:
            said = outcome.stderr_head.decode("utf-8", "replace").strip()[:300]
            ended = f"its {outcome.limit.value} limit" if outcome.limit else f"exit code {outcome.exit_code}"
            if outcome.stopped:
                ended = "being stopped"
            raise Refusal(422, f"{step.who} ended by {ended}. {said}".rstrip())

    def _in(
        self, container: Container, program: Built, step: Step, source: Path | None, target: Path, memory: int
    ) -> Outcome:
        limits = RunLimits(
            cpu_seconds=_SECONDS,
            wall_seconds=wall_limit_seconds(_SECONDS),
            memory_bytes=memory,
            output_bytes=_TEST_BYTES,
            file_bytes=_TEST_BYTES,
            processes=program.language.run.processes,
        )
        environment = {**ENVIRONMENT, **program.language.run.environment}
        command = Command(program.argv(_MEMORY_BYTES, step.arguments), environment)
        if step.input_file and source is not None:
            container.put(step.input_file, source)
        stdin = None if step.input_file else source
        outcome = container.run(command, limits, stdin=stdin, stdout=target, keep_scratch=True, stop=self.stop)
        if step.output_file:
            data = container.take(step.output_file, _NAMED_BYTES + 1)
            if data is None:
                raise Refusal(422, f"{step.who} wrote no file {step.output_file}.")
            if len(data) > _NAMED_BYTES:
                raise Refusal(
                    422, f"{step.who} wrote more than {_NAMED_BYTES // MEBIBYTE} MiB into {step.output_file}."
                )
            target.write_bytes(data)
        return outcome
