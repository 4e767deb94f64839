"""One interactive run: submission and validator at once, each in a container of its own, their pipes crossed by a relay.

Theory of operation. The validator runs in a helper thread, the submission in the caller's; the relay in between knows who ended first
(relay.py). Each side has its own limits. Both share one core, so what one side computes makes the other side's wall limit longer: a
submission does not pay for a slow validator. The order of verdicts (DESIGN 6, PROBLEM_FORMATS 4.3):

    the validator ended first   with 43: WA, whatever the submission did then; with 42: the submission still has to end well;
                                with anything else: JE
    the submission ended first  as TLE, MLE, RTE or OLE: that; else the validator, which now sees the end of input, decides

When the submission's wall limit ends a silence, what lies unread in the pipes tells the dead-locks apart. A submission that waits, also
for a validator that waits for it, is TLE. Only where the validator leaves unread what it was told while the submission has
nothing more to read is it the validator that sleeps: JE.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import Fault
from app.core.verdict import Verdict
from judge_node.pipeline.deciding import verdict_of_run
from judge_node.pipeline.job import JobTest, JudgeJob
from judge_node.pipeline.relay import Relay, Side
from judge_node.pipeline.running import SubmissionRunner
from judge_node.pipeline.validating import Answer, CustomValidating
from judge_node.sandbox.limits import wall_limit_seconds
from judge_node.sandbox.outcome import Limit, Outcome

_LAST_WORDS_SECONDS = 2.0
_PATIENCE = 4.0  # on a busy machine one second of computing takes several
_BOTH_WAIT = "The submission and the validator waited for each other until the wall limit."
_TEAM_DEAF = "The submission did not read what the validator had said, until the wall limit."
_TEAM_STAYED = "The submission went on after the validator had ended, until the wall limit."
_VALIDATOR_DEAF = (
    "The validator did not read what the submission had said, and the submission waited until the wall limit."
)


@dataclass(frozen=True, slots=True)
class Round:
    """One pass of a test: the submission's facts, the verdict so far, the validator's answer, and the dialogue if there was one."""

    outcome: Outcome
    verdict: Verdict
    message: str
    answer: Answer
    stdout: Path
    transcript: str = ""


@dataclass(slots=True)
class _Validation:
    """The validator's side, in a thread of its own. `halt` ends it."""

    validating: CustomValidating
    relay: Relay
    halt: threading.Event
    outcome: Outcome | None = None
    error: BaseException | None = None

    def run(
        self, number: int, test: JobTest, shown_input: str, cpu_seconds: float, team_used: Callable[[], float]
    ) -> None:
        """Runs it to its end and tells the relay; what fails is kept for the other thread."""
        ear, mouth = self.relay.ends_of(Side.VALIDATOR)
        deaf = True
        try:
            self.outcome = self.validating.run(
                number,
                test,
                stdin=ear,
                stdout=mouth,
                shown_input=shown_input,
                more_wall_seconds=wall_limit_seconds(cpu_seconds),
                patience=_used_by(team_used),
                stop=self.halt,
            )
            deaf = self.outcome.exit_code != 42
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            self.error = error
        self.relay.ended(Side.VALIDATOR, deaf=deaf)

    def result(self) -> Outcome:
        """What it ended as, or what failed."""
        if self.error is not None:
            raise self.error
        if self.outcome is None:
            raise Fault("pipeline", "The validator of a dialogue has not ended.")
        return self.outcome


def converse(
    job: JudgeJob,
    runner: SubmissionRunner,
    validating: CustomValidating,
    number: int,
    test: JobTest,
    shown_input: str,
    stdout: Path,
) -> Round:
    """One dialogue about a test. `stdout` gets the beginning of what the submission said. Raises Fault where the sandbox failed."""
    limits = job.limits
    with Relay(limits.output_bytes, limits.validation_output_bytes) as relay:
        validation = _Validation(validating, relay, threading.Event())
        wanted = (number, test, shown_input, limits.cpu_seconds, runner.cpu_seconds)
        thread = threading.Thread(target=validation.run, args=wanted, name="validator", daemon=True)
        thread.start()
        try:
            outcome, stuck = _speak(job, runner, test, relay, validation, thread)
        finally:
            validation.halt.set()
            thread.join()
        first = relay.first
    # The relay's thread has ended: what it carried is complete.
    ended = validation.result()
    if outcome.stopped:
        return Round(outcome, Verdict.JE, "", Answer(Verdict.JE, ""), stdout)
    outcome = _with_output(outcome, relay.said_by(Side.TEAM), limits.output_bytes)
    heard = _with_output(ended, relay.said_by(Side.VALIDATOR), limits.validation_output_bytes)
    stdout.write_bytes(outcome.stdout_head)
    if heard.stopped:
        answer = Answer(Verdict.JE, "The output validator did not end when the submission had ended.")
    else:
        answer = validating.answer(number, heard, outcome.stdout_bytes)
    verdict, message = _decide(job, outcome, answer, first, stuck)
    return Round(outcome, verdict, message, answer, stdout, relay.transcript())


def _speak(
    job: JudgeJob,
    runner: SubmissionRunner,
    test: JobTest,
    relay: Relay,
    validation: _Validation,
    thread: threading.Thread,
) -> tuple[Outcome, str]:
    """The submission's side to its end, then the validator's; why the submission was stuck, where it was."""
    ear, mouth = relay.ends_of(Side.TEAM)
    stuck = ""
    try:
        outcome = runner.run(test, ear, mouth, patience=_used_by(validation.validating.cpu_seconds))
        if outcome.limit is Limit.WALL:
            stuck = _why_stuck(relay)
    finally:
        relay.ended(Side.TEAM)
    limits = job.limits
    if outcome.stopped or stuck == _VALIDATOR_DEAF:
        validation.halt.set()
    elif verdict_of_run(outcome, limits.cpu_seconds, limits.output_bytes, job.language) is not None:
        thread.join(_LAST_WORDS_SECONDS)  # it decides nothing any more, unless it has ended already
        validation.halt.set()
    thread.join()
    return outcome, stuck


def _decide(job: JudgeJob, outcome: Outcome, answer: Answer, first: Side | None, stuck: str) -> tuple[Verdict, str]:
    if stuck == _VALIDATOR_DEAF:
        return Verdict.JE, stuck
    if first is Side.VALIDATOR and answer.verdict in (Verdict.WA, Verdict.NO):
        return Verdict.WA, answer.message
    if first is Side.VALIDATOR and answer.verdict is Verdict.JE:
        return Verdict.JE, answer.message
    verdict = verdict_of_run(outcome, job.limits.cpu_seconds, job.limits.output_bytes, job.language)
    if verdict is None:
        return answer.verdict, answer.message or outcome.note
    warning = f"Warning: {answer.message}" if answer.verdict is Verdict.JE else ""
    return verdict, " ".join(word for word in (stuck, outcome.note, warning) if word)


def _why_stuck(relay: Relay) -> str:
    """Asked before anybody is told of the submission's end: the pipes are as they were in the silence."""
    if relay.unread_by(Side.TEAM):
        return _TEAM_DEAF
    if relay.first is not None:
        return _TEAM_STAYED
    return _VALIDATOR_DEAF if relay.unread_by(Side.VALIDATOR) else _BOTH_WAIT


def _used_by(cpu_seconds: Callable[[], float]) -> Callable[[], float]:
    """What the other side has computed, as far as it was seen: its clock is gone once it has ended."""
    most = 0.0

    def seconds() -> float:
        nonlocal most
        most = max(most, cpu_seconds())
        return _PATIENCE * most

    return seconds


def _with_output(outcome: Outcome, said: tuple[int, bytes], budget_bytes: int) -> Outcome:
    """The facts with what went through the relay, which the sandbox has not seen."""
    count, head = said
    over = outcome.limit is None and count + outcome.stderr_bytes > budget_bytes
    return replace(outcome, stdout_bytes=count, stdout_head=head, limit=Limit.OUTPUT if over else outcome.limit)
