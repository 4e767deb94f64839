"""Asks a package's static validator about a submission's sources: LANGUAGE ENTRY_POINT FEEDBACKDIR/ [ARGUMENT...] (PROBLEM_FORMATS 4.5).

It runs in a container of its own, in a folder with the sources, and answers by the codes of output validators. Nothing of the
submission runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.scoring.groups import ScoreFiles
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from judge_node.pipeline.building import Built
from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.examining import Examined
from judge_node.pipeline.job import JobTest, JudgeJob
from judge_node.pipeline.running import Measured
from judge_node.sandbox.interface import Command, Container, NotStarted, Sandbox, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds
from judge_node.sandbox.outcome import Outcome

_FEEDBACK = "feedback-static"
_ACCEPT, _REJECT = 42, 43
_MESSAGE_BYTES = 8192
_SCORE_BYTES = 200


@dataclass(frozen=True, slots=True)
class StaticExaminer:
    """The static validator of one judgement; `sources` are what was compiled, `main` what is started."""

    job: JudgeJob
    sandbox: Sandbox
    program: Built
    sources: Sequence[SourceFile]
    main: str
    folder: Path

    def examine(self, number: int, test: JobTest) -> Examined:
        """Its answer; JE where it does not answer by the protocol. Raises Fault where the sandbox failed."""
        limits, run = self.job.limits, self.program.language.run
        memory = limits.validation_memory_bytes + run.memory_allowance_bytes
        view = View(program=self.program.folder, profile=run.profile)
        container = self.sandbox.container(view, memory_bytes=memory, processes=run.processes)
        try:
            for source in self.sources:
                container.put(source.name, source.data)
            container.put(f"{_FEEDBACK}/.keep", b"")
            return self._ask(container, test, memory)
        finally:
            container.close()

    def _ask(self, container: Container, test: JobTest, memory: int) -> Examined:
        limits, run = self.job.limits, self.program.language.run
        words = (self.job.language.id, self.main, f"/work/{_FEEDBACK}/", *test.validator_arguments)
        command = Command(self.program.argv(limits.validation_memory_bytes, words), {**ENVIRONMENT, **run.environment})
        run_limits = RunLimits(
            cpu_seconds=limits.validation_seconds,
            wall_seconds=wall_limit_seconds(limits.validation_seconds),
            memory_bytes=memory,
            output_bytes=limits.validation_output_bytes,
            file_bytes=limits.validation_output_bytes,
            processes=run.processes,
        )
        nothing = self.folder / "nothing"
        nothing.touch()
        measured = Measured(Outcome(0.0, 0.0, 0, 0, None, None, 0, 0, 0, b"", b""), nothing)
        try:
            outcome = container.run(command, run_limits, keep_scratch=True)
        except NotStarted as refused:
            if not refused.by_program:
                raise
            return Examined(measured, Verdict.JE, f"The static validator cannot be used: {refused.sentence}")
        said = container.take(f"{_FEEDBACK}/judgemessage.txt", _MESSAGE_BYTES) or outcome.stderr_head
        text = said.decode("utf-8", "replace").replace("\0", "\ufffd").strip()
        if outcome.limit is not None or outcome.exit_code not in (_ACCEPT, _REJECT):
            how = f"signal {outcome.signal}" if outcome.signal is not None else f"exit code {outcome.exit_code}"
            ended = f"was stopped by its {outcome.limit.value} limit" if outcome.limit else f"ended with {how}"
            return Examined(measured, Verdict.JE, f"The static validator {ended}. {text}".strip())
        verdict = Verdict.AC if outcome.exit_code == _ACCEPT else Verdict.WA
        score, multiplier = (
            container.take(f"{_FEEDBACK}/{name}", _SCORE_BYTES) for name in ("score.txt", "score_multiplier.txt")
        )
        scores = ScoreFiles(_text(score), _text(multiplier)) if self.job.grading is not None else ScoreFiles()
        return Examined(measured, verdict, text, scores)


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")
