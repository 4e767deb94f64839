"""Submissions that are no programs but the outputs themselves: submit-answer problems and output-only tasks.

Which file is the output of a test is told by its name (app/core/output_names). A single file is the output of the only secret test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.output_names import names_of
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from judge_node.pipeline.examining import Examined
from judge_node.pipeline.job import JobTest, JudgeJob
from judge_node.pipeline.running import Measured
from judge_node.pipeline.validating import Validating
from judge_node.sandbox.outcome import Outcome

_HEAD_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class AnswersExaminer:
    """Asks the validator about the submitted file of each test."""

    job: JudgeJob
    folder: Path
    validating: Validating

    def examine(self, number: int, test: JobTest) -> Examined:
        """The verdict on the file for this test; NO where there is none, a sample without a file is passed over as accepted."""
        found = answer_for(test, self.job.tests, self.job.files)
        stdout = self.folder / "answer"
        data = b"" if found is None else found.data
        stdout.write_bytes(data)
        outcome = Outcome(0.0, 0.0, 0, 0, None, None, 0, len(data), 0, data[:_HEAD_BYTES], b"")
        measured = Measured(outcome, stdout)
        if found is None:
            if test.sample:
                return Examined(measured, Verdict.AC, "No file was submitted for this sample.")
            return Examined(measured, Verdict.NO, "No file was submitted for this test.")
        if len(data) > self.job.limits.output_bytes:
            return Examined(measured, Verdict.OLE)
        answer = self.validating.ask(number, test, stdout, len(data))
        return Examined(measured, answer.verdict, answer.message, answer.scores)


def answer_for(test: JobTest, tests: Sequence[JobTest], files: Sequence[SourceFile]) -> SourceFile | None:
    """The submitted file for a test; None where there is none."""
    by_name = {file.name: file for file in files}
    for name in names_of(test.name):
        if name in by_name:
            return by_name[name]
    by_last = {file.name.rpartition("/")[2]: file for file in files}
    for name in names_of(test.name.rpartition("/")[2]):
        if name in by_last:
            return by_last[name]
    secret = [one for one in tests if not one.sample]
    return files[0] if len(files) == 1 and secret == [test] else None
