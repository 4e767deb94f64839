"""One test of one submission, from its run to its verdict: plain, interactive, in several passes, or both of these.

A plain test is one run and one question to the validator. The others are played in rounds: while the validator accepts and leaves an
input for a next pass, the submission is started again with that. Limits hold for each pass; what a test costs is its costliest
pass (PROBLEM_FORMATS 4.3, 4.4). A test near its CPU limit is played again as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from app.core.scoring.groups import ScoreFiles
from app.core.verdict import Verdict
from judge_node.pipeline.deciding import is_flaky, is_near, verdict_of_run
from judge_node.pipeline.dialogue import Round, converse
from judge_node.pipeline.job import JobTest, JudgeJob
from judge_node.pipeline.running import REPEATS, Measured, SubmissionRunner
from judge_node.pipeline.validating import Answer, CustomValidating, Validating

_NO_SCORES = ScoreFiles()


@dataclass(frozen=True, slots=True)
class Examined:
    """What one test ended as. `verdict` is None where `stop` ended it."""

    measured: Measured
    verdict: Verdict | None
    message: str = ""
    scores: ScoreFiles = _NO_SCORES
    transcript: str = ""


class Examiner(Protocol):
    """Examines the tests of one submission, one after another."""

    def examine(self, number: int, test: JobTest) -> Examined:
        """Runs the test and asks about it. Raises Fault where the sandbox failed."""
        ...


@dataclass(frozen=True, slots=True)
class PlainExaminer:
    """One run, one question."""

    job: JudgeJob
    runner: SubmissionRunner
    validating: Validating

    def examine(self, number: int, test: JobTest) -> Examined:
        measured = self.runner.measure(test)
        outcome = measured.outcome
        if outcome.stopped:
            return Examined(measured, None)
        limits = self.job.limits
        verdict = verdict_of_run(outcome, limits.cpu_seconds, limits.output_bytes, self.job.language)
        if verdict is not None:
            return Examined(measured, verdict, outcome.note)
        answer = self.validating.ask(number, test, measured.stdout, outcome.stdout_bytes)
        return Examined(measured, answer.verdict, answer.message or outcome.note, answer.scores)


@dataclass(frozen=True, slots=True)
class RoundsExaminer:
    """Dialogues, passes, or both."""

    job: JudgeJob
    runner: SubmissionRunner
    validating: CustomValidating

    def examine(self, number: int, test: JobTest) -> Examined:
        seconds = self.job.limits.cpu_seconds
        return repeated(lambda attempt: self._play(number, test, attempt), seconds, self.runner.may_remeasure)

    def _play(self, number: int, test: JobTest, attempt: int) -> Examined:
        """All passes of the test."""
        self.validating.begin(number)
        rounds: list[Round] = []
        shown, given, problem = "", test.input, ""
        most = self.job.limits.validation_passes if self.job.multi_pass else 1
        while True:
            played = self._pass(number, test, shown, given, self.runner.stdout_file(attempt))
            rounds.append(played)
            if played.outcome.stopped or not self.job.multi_pass:
                break
            following = self.validating.next_pass(number, len(rounds) + 1)
            if following is None:
                break
            if played.verdict is not Verdict.AC:
                if played.answer.verdict in (Verdict.WA, Verdict.NO) and played.verdict in (Verdict.WA, Verdict.NO):
                    problem = "The output validator rejected the output and asked for a next pass."
                break
            if len(rounds) == most:
                problem = f"The output validator asked for more than {most} passes."
                break
            given, shown = following
        return _together(rounds, problem)

    def _pass(self, number: int, test: JobTest, shown: str, given: Path, stdout: Path) -> Round:
        if self.job.interactive:
            return converse(self.job, self.runner, self.validating, number, test, shown, stdout)
        limits = self.job.limits
        outcome = self.runner.run(test, given, stdout)
        verdict = verdict_of_run(outcome, limits.cpu_seconds, limits.output_bytes, self.job.language)
        if verdict is not None or outcome.stopped:
            from_run = verdict or Verdict.JE
            return Round(outcome, from_run, outcome.note, _nothing_said(from_run), stdout)
        heard = self.validating.run(number, test, stdin=stdout, shown_input=shown)
        answer = self.validating.answer(number, heard, outcome.stdout_bytes)
        return Round(outcome, answer.verdict, answer.message or outcome.note, answer, stdout)


def repeated(play: Callable[[int], Examined], cpu_seconds: float, may_remeasure: Callable[[], bool]) -> Examined:
    """Plays a test, and twice more where its time is near the limit and may have decided: a wrong answer is one at any speed."""
    first = play(0)
    if first.verdict not in (Verdict.AC, Verdict.TLE) or not is_near(first.measured.outcome, cpu_seconds):
        return first
    if not may_remeasure():
        return replace(first, measured=replace(first.measured, near=True))
    tried = [first]
    for attempt in range(1, REPEATS + 1):
        again = play(attempt)
        if again.verdict is None:
            return again
        tried.append(again)
    seconds = [one.measured.outcome.cpu_seconds for one in tried]
    best = seconds.index(min(seconds))
    others = tuple(seconds[:best] + seconds[best + 1 :])
    chosen = tried[best].measured
    return replace(tried[best], measured=replace(chosen, near=True, repeats=others, flaky=is_flaky(seconds)))


def _nothing_said(verdict: Verdict) -> Answer:
    return Answer(verdict, "")


def _together(rounds: list[Round], problem: str) -> Examined:
    """One test from its passes: the last one decides, the costliest one counts."""
    last = rounds[-1]
    outcome = replace(
        last.outcome,
        cpu_seconds=max(one.outcome.cpu_seconds for one in rounds),
        wall_seconds=max(one.outcome.wall_seconds for one in rounds),
        memory_bytes=max(one.outcome.memory_bytes for one in rounds),
        processes=max(one.outcome.processes for one in rounds),
        disturbed=any(one.outcome.disturbed for one in rounds),
    )
    measured = Measured(outcome, last.stdout)
    if last.outcome.stopped:
        return Examined(measured, None)
    several = len(rounds) > 1
    transcript = "\n".join(
        f"--- pass {place}\n{one.transcript}" if several else one.transcript
        for place, one in enumerate(rounds, 1)
        if one.transcript
    )
    message = f"Pass {len(rounds)}: {last.message}" if several and last.message else last.message
    if problem:
        return Examined(measured, Verdict.JE, f"{problem} {message}".strip(), transcript=transcript[:8192])
    return Examined(measured, last.verdict, message, last.answer.scores, transcript[:8192])
