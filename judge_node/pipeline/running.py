"""Runs one compiled submission on tests: one container for all of them, measured again where the limit is near.

Theory of operation. Each run gets a fresh scratch from the container. A test that brings files of its own into the
working directory takes a container of its own instead, since those files have to be there before the run. A run
within 10 % of its CPU limit is repeated twice, at most for three tests of a judgement; the smallest measurement
counts, with everything else that this run did.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import Fault
from judge_node.pipeline.building import Built
from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.deciding import is_flaky, is_near
from judge_node.pipeline.job import JobLimits, JobTest
from judge_node.pipeline.scratch_room import USUAL_BYTES, scratch_for
from judge_node.sandbox.interface import Command, Container, NotStarted, Sandbox, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds
from judge_node.sandbox.outcome import Outcome

REPEATS = 2
_MOST_REMEASURED = 3
_EXIT_OF_NOT_STARTED = 127  # what a shell says in this case


@dataclass(frozen=True, slots=True)
class Measured:
    """The run that counts, its stdout, and what further measurements said (CPU seconds, without the one that
    counts).
    """

    outcome: Outcome
    stdout: Path
    near: bool = False
    repeats: tuple[float, ...] = ()
    flaky: bool = False


@dataclass(slots=True)
class SubmissionRunner:
    """A compiled submission and its container, for one judgement. `folder` takes the stdout files; `read_only` closes the working
    directory to its writing.
    """

    sandbox: Sandbox
    program: Built
    limits: JobLimits
    folder: Path
    stop: threading.Event
    read_only: bool = False
    _container: Container | None = None
    _present: Container | None = None
    _remeasured: int = field(default=0)

    def measure(self, test: JobTest) -> Measured:
        """Runs the test, again where its CPU time is near the limit. Raises Fault where the sandbox failed."""
        first = self.stdout_file(0)
        outcome = self.run(test, test.input, first)
        if outcome.stopped or not is_near(outcome, self.limits.cpu_seconds):
            return Measured(outcome, first)
        if not self.may_remeasure():
            return Measured(outcome, first, near=True)
        tried = [(outcome, first)]
        for attempt in range(1, REPEATS + 1):
            file = self.stdout_file(attempt)
            again = self.run(test, test.input, file)
            if again.stopped:
                return Measured(again, file, near=True)
            tried.append((again, file))
        seconds = [one.cpu_seconds for one, _ in tried]
        best = seconds.index(min(seconds))
        others = tuple(seconds[:best] + seconds[best + 1 :])
        return Measured(*tried[best], near=True, repeats=others, flaky=is_flaky(seconds))

    def may_remeasure(self) -> bool:
        """Takes one of the few tests of a judgement that are measured again; False where they are used up."""
        self._remeasured += 1
        return self._remeasured <= _MOST_REMEASURED

    def cpu_seconds(self) -> float:
        """What its present run has computed so far. From any thread."""
        container = self._present
        return container.cpu_seconds() if container is not None else 0.0

    def close(self) -> None:
        """Ends the container."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def stdout_file(self, attempt: int) -> Path:
        """Where a run's stdout goes."""
        return self.folder / f"stdout-{attempt}"

    def run(
        self,
        test: JobTest,
        stdin: Path | int,
        stdout: Path | int,
        patience: Callable[[], float] | None = None,
    ) -> Outcome:
        """Runs it once. In a dialogue stdin and stdout are the ends of pipes; what was said cannot be said again then."""
        if test.files:
            container = self._open(scratch_for(path for _, path in test.files))
            try:
                for name, path in test.files:
                    container.put(name, path)
                return self._run_in(container, test, stdin, stdout, patience, keep_scratch=True)
            finally:
                container.close()
        if self._container is None:
            self._container = self._open()
        try:
            return self._run_in(self._container, test, stdin, stdout, patience, keep_scratch=False)
        except Fault:
            # A container that a run has broken is replaced, not mended; a second fault is the machine's.
            self.close()
            if isinstance(stdin, int):
                raise
            self._container = self._open()
            return self._run_in(self._container, test, stdin, stdout, patience, keep_scratch=False)

    def _open(self, scratch_bytes: int = USUAL_BYTES) -> Container:
        run = self.program.language.run
        view = View(
            program=self.program.folder,
            profile=run.profile,
            work_writable=not self.read_only,
            scratch_bytes=scratch_bytes,
        )
        return self.sandbox.container(view, memory_bytes=self._memory_bytes, processes=run.processes)

    def _run_in(
        self,
        container: Container,
        test: JobTest,
        stdin: Path | int,
        stdout: Path | int,
        patience: Callable[[], float] | None,
        *,
        keep_scratch: bool,
        scratch_done: bool = True,
    ) -> Outcome:
        run = self.program.language.run
        limits = RunLimits(
            cpu_seconds=self.limits.cpu_seconds,
            wall_seconds=wall_limit_seconds(self.limits.cpu_seconds),
            memory_bytes=self._memory_bytes,
            output_bytes=self.limits.output_bytes,
            file_bytes=self.limits.output_bytes,
            processes=run.processes,
        )
        command = Command(
            self.program.argv(self.limits.memory_bytes, test.arguments), {**ENVIRONMENT, **run.environment}
        )
        self._present = container
        try:
            return container.run(
                command,
                limits,
                stdin=stdin,
                stdout=stdout,
                keep_scratch=keep_scratch,
                scratch_done=scratch_done,
                stop=self.stop,
                patience=patience,
            )
        except NotStarted as refused:
            if not refused.by_program:
                raise
            return never_ran(refused.sentence)
        finally:
            self._present = None

    @property
    def _memory_bytes(self) -> int:
        return self.limits.memory_bytes + self.program.language.run.memory_allowance_bytes


def never_ran(why: str) -> Outcome:
    """The outcome of a program that no kernel takes: a compiler can be made to write one, and that is its author's crash."""
    return Outcome(0.0, 0.0, 0, _EXIT_OF_NOT_STARTED, None, None, 1, 0, 0, b"", b"", note=why)
