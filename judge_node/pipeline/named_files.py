"""Submissions that read or write a file with a name instead of a standard stream (PROBLEM_FORMATS 8.1 and 8.2: infile, outfile)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.errors import Fault
from app.core.verdict import Verdict
from app.core.ways import PLAIN, Ways
from judge_node.pipeline.deciding import verdict_of_run
from judge_node.pipeline.examining import Examined
from judge_node.pipeline.job import JobTest, JudgeJob
from judge_node.pipeline.running import SubmissionRunner
from judge_node.pipeline.scratch_room import scratch_for
from judge_node.pipeline.validating import Validating
from judge_node.sandbox.interface import Container
from judge_node.sandbox.outcome import Outcome

_HEAD_BYTES = 8 * 1024
_NOTHING = Path("/dev/null")


@dataclass(slots=True)
class FileRunner(SubmissionRunner):
    """Puts the input under its name into the working directory, and takes the output from there: never a link, never more than may be."""

    ways: Ways = PLAIN
    silent: dict[Path, bool] = field(default_factory=dict)
    """Whether a run left no output file, by the file that would have taken it."""
    _room: int = 0

    def run(
        self, test: JobTest, stdin: Path | int, stdout: Path | int, patience: Callable[[], float] | None = None
    ) -> Outcome:
        """Runs it once, with the files that the ways name."""
        if isinstance(stdin, int) or isinstance(stdout, int):
            raise Fault("task", "Dialogues go by standard streams, not by named files.")
        brought = list(test.files)
        if self.ways.input_file:
            brought.append((self.ways.input_file, stdin))
        container = self._with_room(scratch_for(path for _, path in brought))
        container.renew()
        for name, path in brought:
            container.put(name, path)
        given = _NOTHING if self.ways.input_file else stdin
        outcome = self._run_in(container, test, given, stdout, patience, keep_scratch=True, scratch_done=False)
        if not self.ways.output_file:
            return outcome
        data = container.take(self.ways.output_file, self.limits.output_bytes)
        self.silent[stdout] = data is None
        stdout.write_bytes(data or b"")
        return replace(outcome, stdout_bytes=len(data or b""), stdout_head=(data or b"")[:_HEAD_BYTES])

    def _with_room(self, scratch_bytes: int) -> Container:
        """Its container; another one where a test brings more than those before."""
        if self._container is not None and scratch_bytes > self._room:
            self.close()
        if self._container is None:
            self._container, self._room = self._open(scratch_bytes), scratch_bytes
        return self._container


@dataclass(frozen=True, slots=True)
class NamedFilesExaminer:
    """One run, one question; none where the run left no output file."""

    job: JudgeJob
    runner: FileRunner
    validating: Validating

    def examine(self, number: int, test: JobTest) -> Examined:
        """Runs the test and asks about its output file."""
        measured = self.runner.measure(test)
        outcome, limits = measured.outcome, self.job.limits
        if outcome.stopped:
            return Examined(measured, None)
        verdict = verdict_of_run(outcome, limits.cpu_seconds, limits.output_bytes, self.job.language)
        if verdict is not None:
            return Examined(measured, verdict, outcome.note)
        if self.runner.silent.get(measured.stdout):
            return Examined(measured, Verdict.NO, f"The submission wrote no file {self.job.ways.output_file}.")
        answer = self.validating.ask(number, test, measured.stdout, outcome.stdout_bytes)
        return Examined(measured, answer.verdict, answer.message or outcome.note, answer.scores)
