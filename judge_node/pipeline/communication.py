"""One test of a problem whose manager talks to several copies of the submission (PROBLEM_FORMATS 8.2, communication).

Theory of operation. The manager is the package's program in the place of the output validator: it reads the test on its standard input
(and as input.txt), speaks with every copy by two FIFOs, and ends with a number from 0 to 1 on its standard output and a message on
standard error. Each copy has a container of its own, the manager as well; all share the slot's core. The copies share one CPU limit:
their times are added. The order of verdicts:

    the manager ended first    with 0: WA, whatever the copies did then
    a copy ended badly         TLE, MLE, RTE or OLE of the first of them by number; else TLE where the sum is over the limit
    the manager                anything but a number and exit code 0: JE; 0: WA; else AC with that share of the points

A manager that died of a broken pipe after a copy had ended was left alone by the submission: WA, not JE.
"""

from __future__ import annotations

import re
import shutil
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.scoring.groups import ScoreFiles
from app.core.scoring.new_groups import takes_raw_scores
from app.core.verdict import Verdict
from judge_node.pipeline.building import Built
from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.deciding import verdict_of_run
from judge_node.pipeline.examining import Examined, repeated
from judge_node.pipeline.job import JobTest, JudgeJob
from judge_node.pipeline.running import Measured, never_ran
from judge_node.pipeline.scratch_room import scratch_for
from judge_node.pipeline.talk import MANAGER, Calls, Copy, Talk, open_fifos
from judge_node.pipeline.validating import Answer
from judge_node.sandbox.interface import Command, Container, NotStarted, Sandbox, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds
from judge_node.sandbox.outcome import Outcome

_INSIDE = "/fifos"
_INPUT = "input.txt"
_SCORE_BYTES = 200
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LEFT_ALONE = "The submission ended before the manager had said everything."
_TOGETHER = "The processes together took longer than the limit."
_TRANSLATED = {
    "translate:success": "Output is correct",
    "translate:partial": "Output is partially correct",
    "translate:wrong": "Output isn't correct",
}


@dataclass(slots=True)
class ManagerExaminer:
    """Examines tests by a manager. `folder` is a folder of this judgement; `manager` is the built program."""

    job: JudgeJob
    sandbox: Sandbox
    program: Built
    manager: Built
    folder: Path
    stop: threading.Event
    may_remeasure: Callable[[], bool]
    _host: Container | None = None
    _room: int = 0
    _containers: list[Container] = field(default_factory=list)

    def examine(self, number: int, test: JobTest) -> Examined:
        """Plays the test, again where the copies' time is near the limit."""
        host = self._open(scratch_for((test.input,)))
        return repeated(lambda _: self._play(host, test), self.job.limits.cpu_seconds, self.may_remeasure)

    def close(self) -> None:
        """Ends the containers."""
        for container in (*self._containers, *([self._host] if self._host is not None else [])):
            container.close()
        self._host = None
        self._containers.clear()

    def _open(self, scratch_bytes: int) -> Container:
        """The manager's container; all anew where a test is larger than those before."""
        if self._host is not None and scratch_bytes > self._room:
            self.close()
            shutil.rmtree(self.folder / "fifos")
        if self._host is None:
            self._room = scratch_bytes
            place = _fresh(self.folder / "fifos")
            limits, run = self.job.limits, self.manager.language.run
            view = View(program=self.manager.folder, channels={_INSIDE: place}, scratch_bytes=scratch_bytes)
            room = limits.validation_memory_bytes + run.memory_allowance_bytes
            self._host = self.sandbox.container(view, memory_bytes=room, processes=run.processes)
            run = self.program.language.run
            room = limits.memory_bytes + run.memory_allowance_bytes
            for number in range(self.job.ways.processes):
                own = _fresh(place / str(number))
                view = View(program=self.program.folder, profile=run.profile, channels={f"{_INSIDE}/{number}": own})
                self._containers.append(self.sandbox.container(view, memory_bytes=room, processes=run.processes))
        return self._host

    def _play(self, host: Container, test: JobTest) -> Examined:
        copies = [
            Copy(number, container, *open_fifos(self.folder / "fifos" / str(number)))
            for number, container in enumerate(self._containers)
        ]
        score_file = self.folder / "score"
        calls = Calls(
            lambda halt, patience: self._manage(host, test, score_file, halt, patience),
            self._speak,
            lambda outcome: not outcome.stopped and self._verdict_of(outcome) is not None,
            self.job.ways.standard_streams,
        )
        try:
            heard, order = Talk(copies, host, calls, self.stop).hold()
        finally:
            for copy in copies:
                for fifo in (copy.says, copy.hears):
                    fifo.close()
                    fifo.path.unlink()
        nothing = self.folder / "no-output"
        nothing.touch()
        measured = Measured(_together([one.outcome for one in copies if one.outcome is not None]), nothing)
        if self.stop.is_set():
            return Examined(measured, None)
        said = self._answer(heard, score_file)
        if heard.signal == signal.SIGPIPE and order[0] != MANAGER:
            said = Answer(Verdict.WA, _LEFT_ALONE)
        verdict, message = self._decide(copies, measured.outcome, said, manager_first=order[0] == MANAGER)
        return Examined(measured, verdict, message, said.scores if verdict is Verdict.AC else ScoreFiles())

    def _manage(
        self, host: Container, test: JobTest, score: Path, halt: threading.Event, patience: Callable[[], float]
    ) -> Outcome:
        limits, run = self.job.limits, self.manager.language.run
        arguments = [
            f"{_INSIDE}/{number}/{name}"
            for number in range(self.job.ways.processes)
            for name in ("to_manager", "from_manager")
        ]
        run_limits = RunLimits(
            cpu_seconds=limits.validation_seconds,
            wall_seconds=wall_limit_seconds(limits.validation_seconds)
            + self.job.ways.processes * wall_limit_seconds(limits.cpu_seconds),
            memory_bytes=limits.validation_memory_bytes + run.memory_allowance_bytes,
            output_bytes=limits.validation_output_bytes,
            file_bytes=limits.validation_output_bytes,
            processes=run.processes,
        )
        host.renew()
        host.put(_INPUT, test.input)
        command = Command(
            self.manager.argv(limits.validation_memory_bytes, arguments), {**ENVIRONMENT, **run.environment}
        )
        try:
            return host.run(
                command, run_limits, stdin=test.input, stdout=score, keep_scratch=True, stop=halt, patience=patience
            )
        except NotStarted as refused:
            if not refused.by_program:
                raise
            score.write_bytes(b"")
            return never_ran(f"The manager cannot be used: {refused.sentence}")

    def _speak(
        self, copy: Copy, ear: int | None, mouth: int | None, halt: threading.Event, patience: Callable[[], float]
    ) -> Outcome:
        limits, run, ways = self.job.limits, self.program.language.run, self.job.ways
        arguments = (
            []
            if ways.standard_streams
            else [f"{_INSIDE}/{copy.number}/{one}" for one in ("from_manager", "to_manager")]
        )
        if ways.processes > 1:
            arguments.append(str(copy.number))
        run_limits = RunLimits(
            cpu_seconds=limits.cpu_seconds,
            wall_seconds=wall_limit_seconds(limits.cpu_seconds),
            memory_bytes=limits.memory_bytes + run.memory_allowance_bytes,
            output_bytes=limits.output_bytes,
            file_bytes=limits.output_bytes,
            processes=run.processes,
        )
        command = Command(self.program.argv(limits.memory_bytes, arguments), {**ENVIRONMENT, **run.environment})
        try:
            return copy.container.run(command, run_limits, stdin=ear, stdout=mouth, stop=halt, patience=patience)
        except NotStarted as refused:
            if not refused.by_program:
                raise
            return never_ran(refused.sentence)

    def _verdict_of(self, outcome: Outcome) -> Verdict | None:
        limits = self.job.limits
        return verdict_of_run(outcome, limits.cpu_seconds, limits.output_bytes, self.job.language)

    def _decide(
        self, copies: Sequence[Copy], whole: Outcome, said: Answer, *, manager_first: bool
    ) -> tuple[Verdict, str]:
        if manager_first and said.verdict is Verdict.WA:
            return Verdict.WA, said.message
        for copy in copies:
            if copy.outcome is None or copy.outcome.stopped:
                continue
            verdict = self._verdict_of(copy.outcome)
            if verdict is not None:
                who = f"Process {copy.number}. " if len(copies) > 1 else ""
                return verdict, f"{who}{copy.outcome.note}".strip()
        if whole.cpu_seconds > self.job.limits.cpu_seconds:
            return Verdict.TLE, _TOGETHER
        return said.verdict, said.message

    def _answer(self, outcome: Outcome, score_file: Path) -> Answer:
        """What the manager's end means."""
        text = outcome.stderr_head.decode("utf-8", "replace").replace("\0", "\ufffd").strip()
        message = _TRANSLATED.get(text, text)
        if outcome.limit is not None or outcome.exit_code != 0:
            how = f"signal {outcome.signal}" if outcome.signal is not None else f"exit code {outcome.exit_code}"
            ended = f"was stopped by its {outcome.limit.value} limit" if outcome.limit else f"ended with {how}"
            return Answer(Verdict.JE, f"The manager {ended}. {outcome.note or message}".strip())
        with score_file.open("rb") as file:
            words = file.read(_SCORE_BYTES).decode("utf-8", "replace").split()
        if not words or not _NUMBER.fullmatch(words[0]):
            return Answer(Verdict.JE, f"The manager gave no score. {message}".strip())
        score = float(words[0])
        if takes_raw_scores(self.job.grading):
            return Answer(Verdict.AC if score >= 0 else Verdict.WA, message, ScoreFiles(score=words[0]))
        if not 0 <= score <= 1:
            return Answer(Verdict.JE, f"The manager gave the score {words[0]}, which is not from 0 to 1.")
        if score == 0:
            return Answer(Verdict.WA, message)
        return Answer(Verdict.AC, message, ScoreFiles(multiplier=None if score == 1 else words[0]))


def _fresh(folder: Path) -> Path:
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    """The submission as a whole: times added, the largest peak, the end of the first copy that ended badly."""
    shown = next((one for one in outcomes if one.limit is not None or one.exit_code != 0), outcomes[0])
    return replace(
        shown,
        cpu_seconds=sum(one.cpu_seconds for one in outcomes),
        wall_seconds=max(one.wall_seconds for one in outcomes),
        memory_bytes=max(one.memory_bytes for one in outcomes),
        processes=sum(one.processes for one in outcomes),
        disturbed=any(one.disturbed for one in outcomes),
    )
