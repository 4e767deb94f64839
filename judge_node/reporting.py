"""Telling the server what the jobs found, from one thread, in batches.

Theory of operation. Workers put findings into their job's outbox and go on; the reporter's thread sends them, at most every 250 ms a job,
the end at once. Nothing is thrown away before the server has answered: after a broken connection the same message goes again (the server
takes it once). A job leaves when its end was answered. When the server says that its lease is not ours any more, or the renewer found it
cancelled, it is stopped; what it had found by then is told once more for the jury, since a late result is evidence. Order within a
job is kept because only this thread sends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from app.core.errors import Refusal
from app.core.judgement import CompileResult, Run
from app.core.scoring.legacy_groups import Grade
from app.core.spans import WHOLE, Span
from app.lan.asking import LinkDown
from app.wire.judge_v1 import (
    HEAD_CHARS,
    REPORT_SECONDS,
    CompileReport,
    FaultReport,
    Finish,
    GiveBack,
    GroupGrade,
    PackageReport,
    Report,
    ReportAnswer,
    RunReport,
)
from judge_node.backoff import Backoff
from judge_node.server_link import ServerLink

log = logging.getLogger("contestbox.judge.report")

_BATCH_BYTES = 1024 * 1024
_BATCH_RUNS = 1000
_COMPILE_CHARS = 65536
_WORD_CHARS = 200
_RETRY_CAP_SECONDS = 1.0
"""Shorter than a node's usual cap: leases live eight seconds."""

Phase = Literal["fetching", "compiling", "running"]


class Outbox:
    """What one job has to say. Filled by its worker, emptied by the reporter; the reporter's condition guards it."""

    def __init__(self, lease_id: str, attempt: int, span: Span = WHOLE) -> None:
        self.lease_id = lease_id
        self.attempt = attempt
        self.span = span
        """The tests that are ours; the server lends its tail to others while the job runs."""
        self.stop = threading.Event()
        """Set when the lease is not ours any more, or the node stops: the pipeline ends the job."""
        self.phase: Phase = "fetching"
        self.compile: CompileReport | None = None
        self.runs: list[RunReport] = []
        self.package: PackageReport | None = None
        self.grades: list[GroupGrade] = []
        self.output_blobs: dict[str, str] = {}
        self.output_notes: dict[str, str] = {}
        self.ended = False
        self.lost = False
        """The lease is over: what the job has found is still told, as evidence, when its worker has stopped."""
        self.farewell: GiveBack | FaultReport | None = None
        self.told = ""
        self.sent = 0.0

    def has_news(self) -> bool:
        """Whether there is anything to send."""
        if self.lost:
            return self.ended
        return bool(self.ended or self.runs or self.told != self._state())

    def mark_told(self) -> None:
        """The server knows phase and compiler output."""
        self.told = self._state()

    def _state(self) -> str:
        return f"{self.phase}{'+' if self.compile is not None else ''}"


class Reporter:
    """The sender of all jobs. `on_over` is called, without any lock, when a job has left; `on_unpaired` when the server says 401."""

    def __init__(self, link: ServerLink, on_over: Callable[[Outbox], None], on_unpaired: Callable[[], None]) -> None:
        self._link = link
        self._on_over = on_over
        self._on_unpaired = on_unpaired
        self._condition = threading.Condition()
        self._boxes: dict[str, Outbox] = {}
        self._closing = False
        self._backoff = Backoff(_RETRY_CAP_SECONDS)
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self) -> None:
        """Begins to send."""
        self._thread.start()

    def open(self, lease_id: str, attempt: int, span: Span = WHOLE) -> Outbox:
        """A new job."""
        box = Outbox(lease_id, attempt, span)
        with self._condition:
            self._boxes[lease_id] = box
            self._condition.notify_all()
        return box

    def phase(self, box: Outbox, phase: Phase) -> None:
        """The job came so far."""
        with self._condition:
            box.phase = phase
            self._condition.notify_all()

    def compiled(self, box: Outbox, result: CompileResult) -> None:
        """The compiler is done."""
        with self._condition:
            box.compile = compile_report(result)
            box.phase = "running"
            self._condition.notify_all()

    def ran(self, box: Outbox, run: Run) -> None:
        """A test is decided."""
        with self._condition:
            box.runs.append(run_report(run))
            self._condition.notify_all()

    def end(self, box: Outbox, farewell: GiveBack | FaultReport | None = None) -> None:
        """The job is over: finished, or with a farewell given back or faulted."""
        with self._condition:
            box.ended, box.farewell = True, farewell
            self._condition.notify_all()

    def lose(self, lease_ids: Sequence[str]) -> None:
        """These leases are not ours any more: their jobs stop, and leave when they have."""
        with self._condition:
            for box in (self._boxes[one] for one in lease_ids if one in self._boxes):
                box.lost = True
                box.stop.set()
            self._condition.notify_all()

    def cut(self, last: Mapping[str, int]) -> None:
        """The tests after the last one of a lease are another machine's now."""
        with self._condition:
            for box in (self._boxes[one] for one in last if one in self._boxes):
                box.span = Span(box.span.first, min(box.span.last, last[box.lease_id]))

    def lease_ids(self) -> list[str]:
        """All leases that we still hold."""
        with self._condition:
            return [box.lease_id for box in self._boxes.values() if not box.lost]

    def faults_told(self, seconds: float) -> bool:
        """Whether the server knows of every fault of ours, waiting so long for it: until then it would lend us more to fail on."""
        with self._condition:
            return self._condition.wait_for(
                lambda: not any(isinstance(box.farewell, FaultReport) for box in self._boxes.values()), seconds
            )

    def boxes(self) -> list[Outbox]:
        """The jobs that have not left."""
        with self._condition:
            return list(self._boxes.values())

    def close(self, seconds: float) -> None:
        """Sends what is there, for at most so long, then ends."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._send_all()
        finally:
            self._link.close()

    def _send_all(self) -> None:
        while (box := self._next()) is not None:
            try:
                over = self._send(box)
                self._backoff.reset()
            except LinkDown as down:
                log.info("%s", down.sentence)
                # At the end too: a server that is gone must not be asked without pause.
                time.sleep(self._backoff.next_seconds())
                continue
            except Refusal as refusal:
                over = self._refused(box, refusal)
            if over:
                with self._condition:
                    self._boxes.pop(box.lease_id, None)
                    self._condition.notify_all()
                box.stop.set()
                self._on_over(box)

    def _next(self) -> Outbox | None:
        """Waits for a job whose news are due; None at the end."""
        with self._condition:
            while True:
                now = time.monotonic()
                ready = [box for box in self._boxes.values() if box.has_news()]
                due = [box for box in ready if box.ended or now - box.sent >= REPORT_SECONDS]
                if due:
                    return min(due, key=lambda box: (not box.ended, box.sent))
                if self._closing and not self._boxes:
                    return None
                wait = min((box.sent + REPORT_SECONDS - now for box in ready), default=None)
                self._condition.wait(wait)

    def _send(self, box: Outbox) -> bool:
        """Sends one message of a job; whether the job is over."""
        with self._condition:
            batch = _batch(box.runs)
            last = box.ended and len(batch) == len(box.runs)
            farewell, compiled, phase, lost = box.farewell, box.compile, box.phase, box.lost
            box.sent = time.monotonic()
        if isinstance(farewell, FaultReport):
            self._link.fault(farewell)
            return True
        if lost and farewell is not None:
            # Stopped in the middle: what was found is evidence, the end is nobody's business any more.
            if batch:
                self._report(box, batch, compiled, phase)
            return last
        if farewell is not None:
            self._link.give_back(farewell)
            return True
        if not last:
            self._report(box, batch, compiled, phase)
            return False
        message = Finish(
            lease_id=box.lease_id,
            attempt=box.attempt,
            compile=compiled,
            runs=batch,
            package=box.package,
            output_blobs=box.output_blobs,
            output_notes=box.output_notes,
            grades=box.grades,
        )
        self._link.finish(message)
        return True

    def _report(self, box: Outbox, batch: Sequence[RunReport], compiled: CompileReport | None, phase: Phase) -> None:
        """Sends progress. Where the lease is over the job is stopped, and goes on telling what it has found."""
        told = compiled if "+" not in box.told else None
        answer: ReportAnswer = self._link.report(
            Report(lease_id=box.lease_id, attempt=box.attempt, phase=phase, compile=told, runs=list(batch))
        )
        with self._condition:
            del box.runs[: len(batch)]
            if phase == box.phase and (compiled is None) == (box.compile is None):
                box.mark_told()
        if not answer.accepted or answer.cancel:
            self.lose([box.lease_id])
        elif answer.last is not None:
            self.cut({box.lease_id: answer.last})

    def _refused(self, box: Outbox, refusal: Refusal) -> bool:
        if refusal.code == 401:
            self._on_unpaired()
            return True
        if box.farewell is None:
            # Our own message is wrong: the task must not come back to us as if nothing had happened.
            log.error("the server refused a report on lease %s: %s", box.lease_id, refusal.sentence)
            with self._condition:
                box.ended = True
                box.farewell = fault_report(box.lease_id, "report", f"Its report was refused: {refusal.sentence}")
            box.stop.set()
            return False
        log.error("the server refused the end of lease %s: %s", box.lease_id, refusal.sentence)
        return True


def grade_reports(grades: Mapping[str, Grade]) -> list[GroupGrade]:
    """What the package's own grader said, for the wire. Only words of its protocol can be among the verdicts."""
    return [
        GroupGrade.model_validate({"group": name, "verdict": one.verdict.value, "points": str(one.points)})
        for name, one in grades.items()
    ]


def run_report(run: Run) -> RunReport:
    """A run for the wire, its texts cut to what the wire takes."""
    return RunReport(
        number=run.number,
        test=run.test[:_WORD_CHARS],
        verdict=run.verdict.value,  # type: ignore[arg-type]  # a run never ends as CE; the model checks it
        cpu_seconds=run.cpu_seconds,
        wall_seconds=run.wall_seconds,
        memory_bytes=run.memory_bytes,
        exit_code=run.exit_code,
        signal=run.signal,
        limit=run.limit,
        processes=run.processes,
        message=run.message[:HEAD_CHARS],
        stdout_head=run.stdout_head[:HEAD_CHARS],
        stderr_head=run.stderr_head[:HEAD_CHARS],
        repeats=list(run.repeats),
        near_limit=run.near_limit,
        flaky=run.flaky,
        disturbed=run.disturbed,
        score_millionths=run.score_millionths,
        transcript=run.transcript[:HEAD_CHARS],
        stdout_bytes=run.stdout_bytes,
    )


def compile_report(result: CompileResult) -> CompileReport:
    """A compiler's result for the wire."""
    return CompileReport(
        ok=result.ok,
        output=result.output[:_COMPILE_CHARS],
        cpu_seconds=result.cpu_seconds,
        wall_seconds=result.wall_seconds,
        memory_bytes=result.memory_bytes,
    )


def fault_report(lease_id: str, kind: str, sentence: str, log_tail: str = "") -> FaultReport:
    """A fault for the wire, cut to what it takes."""
    return FaultReport(
        lease_id=lease_id, kind=kind[:_WORD_CHARS], sentence=sentence[:_WORD_CHARS], log_tail=log_tail[-16384:]
    )


def _batch(runs: Sequence[RunReport]) -> list[RunReport]:
    """The first runs that fit one message."""
    size = 0
    batch: list[RunReport] = []
    for run in runs[:_BATCH_RUNS]:
        size += len(run.model_dump_json())
        if batch and size > _BATCH_BYTES:
            break
        batch.append(run)
    return batch
