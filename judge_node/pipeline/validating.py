"""Asks a validator about one output. A validator is a guest: it runs in a container, and what it writes is not
trusted.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from app.core.errors import Fault
from app.core.scoring.groups import ScoreFiles
from app.core.verdict import Verdict
from judge_node.pipeline.building import Built
from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.job import MEBIBYTE, JobLimits, JobTest
from judge_node.pipeline.running import never_ran
from judge_node.sandbox.core.binary import COMPARE, path_of
from judge_node.sandbox.interface import Command, Container, NotStarted, Sandbox, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds
from judge_node.sandbox.outcome import Outcome

_ACCEPT, _REJECT = 42, 43
_DATA_INSIDE = "/data"
_COMPARE_MEMORY_BYTES = 64 * MEBIBYTE
_COMPARE_PROCESSES = 8
_GLANCE_BYTES = 64 * 1024
_MESSAGE_BYTES = 8192
_SCORE_BYTES = 200
_NEXT_PASS = "nextpass.in"  # noqa: S105 - a file
_NEXT_PASS_BYTES = 64 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Answer:
    """What a validator said: AC, WA, NO, or JE where it did not answer by the protocol; `message` is for the jury."""

    verdict: Verdict
    message: str
    scores: ScoreFiles = field(default_factory=ScoreFiles)


class Validating(Protocol):
    """A validator that is ready to be asked, for one submission."""

    def ask(self, number: int, test: JobTest, stdout: Path, stdout_bytes: int) -> Answer:
        """The answer about the output in `stdout`. Raises Fault where the sandbox failed."""
        ...

    def close(self) -> None:
        """Ends its container."""
        ...


class DataFolder:
    """The folder that a validator sees as /data: only the tests of this job, never the node's whole cache."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        folder.chmod(0o755)  # for guests, whatever this process's umask takes away
        self.folder = folder

    def show(self, number: int, test: JobTest) -> tuple[str, str]:
        """Puts a test's files in place; their names inside the container."""
        names = f"{number}.in", f"{number}.ans"
        for name, source in zip(names, (test.input, test.answer), strict=True):
            _place(source, self.folder / name)
        return f"{_DATA_INSIDE}/{names[0]}", f"{_DATA_INSIDE}/{names[1]}"

    def keep(self, name: str, data: bytes) -> tuple[Path, str]:
        """Keeps what a validator wrote for the next pass; where it is outside and inside."""
        path = self.folder / name
        path.write_bytes(data)
        path.chmod(0o444)
        return path, f"{_DATA_INSIDE}/{name}"


def _place(source: Path, target: Path) -> None:
    """A hard link where others may read the file, else a copy that they may read."""
    if target.exists():
        return
    if source.stat().st_mode & 0o004:
        try:
            os.link(source, target)
        except OSError:
            pass  # another file system, or one without hard links: the copy below serves as well
        else:
            return
    shutil.copyfile(source, target)
    target.chmod(0o444)


class DefaultValidating:
    """The default output validator, contestbox-compare.

    By its rules an output that is the answer byte for byte is right, whatever its arguments ask for. So where both are short
    that is looked at here, once the validator itself has taken these arguments: ones that it refuses are a judging error.
    """

    def __init__(self, sandbox: Sandbox, data: DataFolder, limits: JobLimits) -> None:
        self._data = data
        self._limits = _limits(limits, _COMPARE_MEMORY_BYTES, _COMPARE_PROCESSES)
        view = View(program=path_of(COMPARE).parent, folders={_DATA_INSIDE: data.folder}, profile="native")
        self._container = sandbox.container(view, memory_bytes=_COMPARE_MEMORY_BYTES, processes=_COMPARE_PROCESSES)
        self._known_arguments: set[tuple[str, ...]] = set()

    def ask(self, number: int, test: JobTest, stdout: Path, stdout_bytes: int) -> Answer:
        """Its message comes on stderr, so that nothing has to be read back from the scratch."""
        arguments = tuple(test.validator_arguments)
        if arguments in self._known_arguments and _same_at_a_glance(stdout, stdout_bytes, test.answer):
            return Answer(Verdict.AC, "")
        inside = self._data.show(number, test)
        argv = (f"/program/{COMPARE}", *inside, "-", *test.validator_arguments)
        outcome = self._container.run(Command(argv, ENVIRONMENT), self._limits, stdin=stdout, keep_scratch=True)
        answer = _answer(outcome, outcome.stderr_head, stdout_bytes)
        if answer.verdict is not Verdict.JE:
            self._known_arguments.add(arguments)
        return answer

    def close(self) -> None:
        self._container.close()


def _same_at_a_glance(stdout: Path, stdout_bytes: int, answer: Path) -> bool:
    """Whether an output is short and the answer itself. Both are files of ours; nothing in them is interpreted."""
    if stdout_bytes > _GLANCE_BYTES or answer.stat().st_size != stdout_bytes:
        return False
    return stdout.read_bytes() == answer.read_bytes()


class CustomValidating:
    """A validator of the package: INPUT ANSWER FEEDBACKDIR/ [ARGUMENT...] < OUTPUT (PROBLEM_FORMATS 4.1).

    Each test has a scratch and a feedback folder of its own: nothing is carried from one test to the next. The passes of one
    test share them.
    """

    def __init__(
        self, sandbox: Sandbox, data: DataFolder, limits: JobLimits, program: Built, *, scoring: bool = False
    ) -> None:
        self._data = data
        self._program = program
        self._scoring = scoring
        self._memory_bytes = limits.validation_memory_bytes
        run = program.language.run
        room = self._memory_bytes + run.memory_allowance_bytes
        self._limits = _limits(limits, room, run.processes)
        view = View(program=program.folder, folders={_DATA_INSIDE: data.folder})
        self._container: Container = sandbox.container(view, memory_bytes=room, processes=run.processes)

    def ask(self, number: int, test: JobTest, stdout: Path, stdout_bytes: int) -> Answer:
        """Its answer about a whole output, in one pass."""
        self.begin(number)
        return self.answer(number, self.run(number, test, stdin=stdout), stdout_bytes)

    def begin(self, number: int) -> None:
        """A test begins: an empty feedback folder."""
        self._container.renew()
        self._container.put(f"{_feedback(number)}/.keep", b"")

    def run(
        self,
        number: int,
        test: JobTest,
        *,
        stdin: Path | int,
        stdout: int | None = None,
        shown_input: str = "",
        more_wall_seconds: float = 0.0,
        patience: Callable[[], float] | None = None,
        stop: threading.Event | None = None,
    ) -> Outcome:
        """Runs it once. `shown_input` is the input of a later pass, below /data."""
        self._container.discard(f"{_feedback(number)}/{_NEXT_PASS}")
        names = self._data.show(number, test)
        arguments = (shown_input or names[0], names[1], f"/work/{_feedback(number)}/", *test.validator_arguments)
        environment = {**ENVIRONMENT, **self._program.language.run.environment}
        command = Command(self._program.argv(self._memory_bytes, arguments), environment)
        limits = replace(self._limits, wall_seconds=self._limits.wall_seconds + more_wall_seconds)
        try:
            return self._container.run(
                command, limits, stdin=stdin, stdout=stdout, keep_scratch=True, patience=patience, stop=stop
            )
        except NotStarted as refused:
            if not refused.by_program:
                raise
            return never_ran(f"The output validator cannot be used: {refused.sentence}")

    def answer(self, number: int, outcome: Outcome, stdout_bytes: int) -> Answer:
        """What its end means, with what it left in the feedback folder."""
        message = self._container.take(f"{_feedback(number)}/judgemessage.txt", _MESSAGE_BYTES) or b""
        said = _answer(outcome, message or outcome.note.encode() or outcome.stderr_head, stdout_bytes)
        return replace(said, scores=self._scores(number)) if self._scoring else said

    def next_pass(self, number: int, pass_number: int) -> tuple[Path, str] | None:
        """The input that it left for the next pass: where it is outside and inside; None where there is none."""
        data = self._container.take(f"{_feedback(number)}/{_NEXT_PASS}", _NEXT_PASS_BYTES)
        return None if data is None else self._data.keep(f"{number}.pass{pass_number}.in", data)

    def cpu_seconds(self) -> float:
        """What its present run has computed so far. From any thread."""
        return self._container.cpu_seconds()

    def close(self) -> None:
        self._container.close()

    def _scores(self, number: int) -> ScoreFiles:
        score, multiplier = (
            self._container.take(f"{_feedback(number)}/{name}", _SCORE_BYTES)
            for name in ("score.txt", "score_multiplier.txt")
        )
        return ScoreFiles(_decoded(score), _decoded(multiplier))


def _feedback(number: int) -> str:
    return f"feedback-{number}"


def _decoded(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")


def _limits(limits: JobLimits, memory_bytes: int, processes: int) -> RunLimits:
    return RunLimits(
        cpu_seconds=limits.validation_seconds,
        wall_seconds=wall_limit_seconds(limits.validation_seconds),
        memory_bytes=memory_bytes,
        output_bytes=limits.validation_output_bytes,
        file_bytes=limits.validation_output_bytes,
        processes=processes,
    )


def _answer(outcome: Outcome, message: bytes, stdout_bytes: int) -> Answer:
    text = message[:_MESSAGE_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd").strip()
    if outcome.stopped:
        raise Fault("sandbox", "The validator was stopped from outside.")
    if outcome.limit is not None:
        return Answer(
            Verdict.JE, _joined(f"The output validator was stopped by its {outcome.limit.value} limit.", text)
        )
    if outcome.exit_code == _ACCEPT:
        return Answer(Verdict.AC, text)
    if outcome.exit_code == _REJECT:
        return Answer(Verdict.WA if stdout_bytes else Verdict.NO, text)
    ended = f"exit code {outcome.exit_code}" if outcome.signal is None else f"signal {outcome.signal}"
    return Answer(Verdict.JE, _joined(f"The output validator ended with {ended} instead of 42 or 43.", text))


def _joined(sentence: str, text: str) -> str:
    return f"{sentence} {text}".strip()
