"""One slot of the node: a worker thread with a sandbox of its own, judging one task after the other."""

from __future__ import annotations

import logging
import queue
import shutil
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from app.core.errors import Fault, Refusal
from app.core.judgement import Run
from app.lan.asking import LinkDown
from app.wire.judge_v1 import FaultReport, GiveBack, TaskGrant
from judge_node.cache import BlobCache
from judge_node.outputs import Outputs
from judge_node.package_completion import Giving, complete_package
from judge_node.package_work import check_package
from judge_node.pipeline.job import Watcher
from judge_node.pipeline.judging import Workshop, judge
from judge_node.reporting import Outbox, Reporter, fault_report, grade_reports
from judge_node.server_link import ServerLink
from judge_node.settings import DataFolder
from judge_node.tasks import blobs_of, job_of
from judge_node.toolroom import Toolroom

log = logging.getLogger("contestbox.judge.slot")

_GONE = 410

Work = tuple[TaskGrant, Outbox]


class Slot:
    """Takes work from the queue until it finds None there. `on_free` is called after each task, whatever became of it."""

    def __init__(
        self,
        number: int,
        *,
        work: queue.Queue[Work | None],
        link: ServerLink,
        reporter: Reporter,
        cache: BlobCache,
        folder: DataFolder,
        toolroom: Toolroom,
        on_free: Callable[[TaskGrant], None],
    ) -> None:
        self._work = work
        self._link = link
        self._reporter = reporter
        self._cache = cache
        self._jobs = folder.jobs
        self._toolroom = toolroom
        self._on_free = on_free
        self._workshop: Workshop | None = None
        self._thread = threading.Thread(target=self._run, name=f"slot-{number}", daemon=True)

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Waits for the thread's end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while (work := self._work.get()) is not None:
                grant, box = work
                try:
                    self._reporter.end(box, self._judge(grant, box))
                finally:
                    self._on_free(grant)
        finally:
            self._close()
            self._link.close()

    def _judge(self, grant: TaskGrant, box: Outbox) -> GiveBack | FaultReport | None:
        """Judges one task; None when it came to its end, else the farewell to its lease."""
        folder: Path | None = None
        try:
            # Never named by the server's word: it is removed with all that is in it.
            folder = Path(tempfile.mkdtemp(prefix="job-", dir=self._jobs))
            if self._to_its_end(grant, box, folder):
                return None
            return GiveBack(lease_id=grant.lease_id, reason="The node stops.")
        except (LinkDown, Refusal) as away:
            # The lease is gone or the server out of reach: nobody's fault.
            return GiveBack(lease_id=grant.lease_id, reason=away.sentence[:200])
        except Fault as fault:
            log.error("submission %s: %s", grant.submission_id, fault.sentence)
            self._close()
            return fault_report(grant.lease_id, fault.kind, fault.sentence, traceback.format_exc())
        except Exception as error:
            log.exception("submission %s could not be judged", grant.submission_id)
            self._close()
            return fault_report(grant.lease_id, "node", f"{type(error).__name__}: {error}", traceback.format_exc())
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _to_its_end(self, grant: TaskGrant, box: Outbox, folder: Path) -> bool:
        if grant.kind not in ("judge", "package"):
            raise Fault("task", f"This node cannot do tasks of kind {grant.kind}.")

        outputs = Outputs(folder, frozenset(test.number for test in grant.tests if test.sample))

        def on_run(run: Run, stdout: Path) -> None:
            self._reporter.ran(box, run)
            outputs.consider(run, stdout)

        def fetch(digest: str) -> Iterator[bytes]:
            try:
                yield from self._link.whole_blob(digest, grant.lease_id, box.stop)
            except Refusal as lost:
                if lost.code == _GONE:
                    # Given back it would come again and again; as a fault it comes to the organiser's desk.
                    raise Fault("blob", lost.sentence) from lost
                raise

        with self._cache.hold(blobs_of(grant), fetch, transient=grant.transient) as blobs:
            if box.stop.is_set():
                return False
            if self._workshop is None:
                self._workshop = self._toolroom.open_workshop()
            if grant.kind == "package":
                usable = self._toolroom.usable()
                if grant.package is not None and grant.package.steps:
                    give = Giving(
                        lambda digest, file: self._link.put_blob(digest, grant.lease_id, file), folder, box.stop
                    )
                    box.package = complete_package(grant.package, blobs, self._workshop, usable, give)
                else:
                    box.package = check_package(grant, blobs, self._workshop, usable, folder, box.stop)
                return box.package is not None
            job = job_of(grant, blobs, self._toolroom.languages)
            self._reporter.phase(box, "compiling")
            watcher = Watcher(lambda result: self._reporter.compiled(box, result), on_run, box.stop, lambda: box.span)
            result = judge(job, self._workshop, folder, watcher)
            if result.verdict is None and not result.part:
                return False
            box.grades = grade_reports(result.grades)
            outputs.send(lambda digest, file: self._link.put_blob(digest, grant.lease_id, file), box.stop)
            box.output_blobs, box.output_notes = outputs.blobs, outputs.notes
            return True

    def _close(self) -> None:
        """A sandbox that has failed once is not trusted again."""
        workshop, self._workshop = self._workshop, None
        if workshop is not None:
            workshop.sandbox.close()
