"""The one thread that changes the database.

Theory of operation. Callers put jobs (function, future, arrived) into a queue; the writer takes all that wait (at most BATCH), and makes
ONE transaction of them: BEGIN IMMEDIATE, each function in a savepoint of its own, COMMIT, which syncs the WAL once for all.

* Order: jobs with an `arrived` are sorted among themselves; jobs without one keep their place in the queue.
* A function that raises undoes its own savepoint only; the others of its batch stand.
* Items of one work (`submit_item`) are given to it together, at the place of the first of them, in one savepoint. When that
  call raises, each of them is tried again alone.
* Only after COMMIT came back, and its copy is in the journal's folder where one is kept: first the listeners hear the events (so
  that projections are never behind an answer), then the futures are resolved. Nobody is told of anything that is not on disk.
* A full disk may make SQLite roll the whole transaction back. Then new submissions (jobs with `arrived`) are refused with 503, and
  every other job (verdicts, log) is tried again alone. Already before that, while less than RESERVE_BYTES are free, jobs with
  `arrived` are refused without being tried, so that verdicts still find room.
* Anything else that goes wrong outside a function (the folder is gone) breaks the writer as a failed sync does: nobody waits for ever.
* A sync that failed leaves the disk's content unknown; trying again would only seem to succeed. The writer then is broken: this batch
  and all later jobs get a Fault, and a restart reads what is really there.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.sqlite.checkpoints import Checkpoints
from app.adapters.sqlite.connection import disk_full, is_disk_full, is_lost_sync, meaning
from app.adapters.sqlite.journal import Journal, leave
from app.adapters.sqlite.view import SqliteTransaction
from app.core.clock import Instant
from app.core.errors import Fault, Refusal
from app.core.events import Event

BATCH = 512
QUEUE_NEW = 5_000
QUEUE_ALL = 20_000
RESERVE_BYTES = 64 * 1024 * 1024
_LOG = logging.getLogger("contestbox.storage")

Listener = Callable[[Sequence[Event]], None]


@dataclass(slots=True, eq=False)
class Job:
    """One function for the writer and where its outcome goes. `items`: the one item of a work that takes many, () for a plain function."""

    work: Callable[..., Any]
    future: Future[Any]
    arrived: Instant | None
    items: tuple[Any, ...] = ()
    value: Any = None
    error: BaseException | None = None

    def resolve(self) -> None:
        """Tells the caller; call once, after the commit."""
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class Writer:
    """Owns the writing connection to the file `path` from `start` to `stop`. `free_bytes` says how much room the disk has."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        free_bytes: Callable[[], int],
        reserve_bytes: int,
        journal: Journal | None = None,
    ) -> None:
        self._connection = connection
        self._checkpoints = Checkpoints(path, self._lost)
        self._journal = journal
        self._left = journal is not None
        self._free_bytes = free_bytes
        self._reserve_bytes = reserve_bytes
        self._transaction = SqliteTransaction(connection)
        self._jobs: deque[Job] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._broken: Fault | None = None
        self._listeners: list[Listener] = []
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self.last_commit_ms: float | None = None

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()
        self._checkpoints.start()

    def listen(self, listener: Listener) -> None:
        """Adds one that hears each commit's events."""
        self._listeners.append(listener)

    @property
    def queued(self) -> int:
        """How many jobs wait."""
        return len(self._jobs)

    def submit(self, work: Callable[[SqliteTransaction], Any], arrived: Instant | None) -> Future[Any]:
        """Queues a job; a future that holds a Refusal when there is no room or the store is closed."""
        return self._queue(Job(work, Future(), arrived))

    def submit_item(self, work: Callable[..., Any], item: Any, arrived: Instant) -> Future[Any]:
        """Queues one item of a work that takes many at once; otherwise as `submit`."""
        return self._queue(Job(work, Future(), arrived, (item,)))

    def _queue(self, job: Job) -> Future[Any]:
        with self._wake:
            room = QUEUE_ALL if job.arrived is None else QUEUE_NEW
            if self._stopping:
                error: Refusal | Fault | None = Refusal(503, "The server is stopping.", retry_after_seconds=5)
            elif len(self._jobs) >= room:
                error = Refusal(503, "The server has too much to write: try again in a moment.", retry_after_seconds=2)
            else:
                error = self._broken
            if error is None:
                self._jobs.append(job)
                self._wake.notify()
        if error is not None:
            job.future.set_exception(error)
        return job.future

    def stop(self) -> None:
        """Works off what is queued and ends the thread; later jobs are refused. From any other thread."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()
        self._checkpoints.stop()

    def _run(self) -> None:
        while batch := self._next_batch():
            running = _in_order([job for job in batch if job.future.set_running_or_notify_cancel()])
            try:
                self._serve(running)
            except Exception as error:  # noqa: BLE001 - see the theory of operation
                # Whatever it was (the folder itself gone, say): nobody may wait for ever on a writer that died.
                self._broken = Fault(
                    "storage", f"The contest's database cannot be written ({error}): look at its disk."
                )
                _LOG.exception("the writer failed, the store takes nothing more")
                for job in running:
                    if not job.future.done():
                        job.future.set_exception(self._broken)

    def _next_batch(self) -> list[Job]:
        with self._wake:
            while not self._jobs and not self._stopping:
                self._wake.wait()
            return [self._jobs.popleft() for _ in range(min(BATCH, len(self._jobs)))]

    def _serve(self, jobs: list[Job]) -> None:
        if self._free_bytes() < self._reserve_bytes:
            _refuse(job for job in jobs if job.arrived is not None)
        events = self._commit([job for job in jobs if job.error is None])
        if events:
            self._announce(events)
        for job in jobs:
            job.resolve()

    def _commit(self, jobs: list[Job]) -> list[Event]:
        """The events of the jobs after they are on disk; each job holds its value or its error."""
        if self._broken is not None:
            _fail(jobs, self._broken)
            return []
        if not jobs:
            return []
        began = time.perf_counter()
        try:
            self._transaction.appended.clear()
            self._connection.execute("BEGIN IMMEDIATE")
            if self._journal is not None:
                self._journal.begin()
            for lot in _lots(jobs):
                self._try(lot)
            if self._journal is not None:
                self._journal.number()
            elif not self._left:
                leave(self._connection)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            return self._after_failure(jobs, error)
        self._left = True
        if self._journal is not None:
            self._journal.committed()
        self._checkpoints.changed(self._connection.total_changes)
        self.last_commit_ms = (time.perf_counter() - began) * 1000
        return list(self._transaction.appended)

    def _try(self, lot: list[Job]) -> None:
        """Runs one function, or the items of one work, in a savepoint. Raises sqlite3.Error only when the whole transaction is lost."""
        appended = self._transaction.appended
        mark, alone = len(appended), False
        self._connection.execute("SAVEPOINT job")
        try:
            self._run_lot(lot)
        except BaseException as error:  # whatever it is belongs to the caller's future; the writer goes on
            if isinstance(error, sqlite3.Error) and (is_disk_full(error) or not self._connection.in_transaction):
                raise
            self._connection.execute("ROLLBACK TO job")
            del appended[mark:]
            alone = len(lot) > 1
            lot[0].error = meaning(error) if isinstance(error, sqlite3.Error) else error
        self._connection.execute("RELEASE job")
        for job in lot if alone else ():
            self._try([job])

    def _run_lot(self, lot: list[Job]) -> None:
        first = lot[0]
        first.error = None
        if not first.items:
            first.value = first.work(self._transaction)
            return
        answers = first.work(self._transaction, [job.items[0] for job in lot])
        for job, answer in zip(lot, answers, strict=True):
            job.value, job.error = answer, answer if isinstance(answer, BaseException) else None

    def _after_failure(self, jobs: list[Job], error: sqlite3.Error) -> list[Event]:
        if is_lost_sync(error):
            self._lost(error)
        full = is_disk_full(error)
        if full:
            _LOG.error("the disk is full: new submissions are refused", exc_info=error)
        if not full or (len(jobs) == 1 and jobs[0].arrived is None):
            _fail(jobs, self._broken or meaning(error))
            return []
        _refuse(job for job in jobs if job.arrived is not None)
        events: list[Event] = []
        for job in jobs:
            if job.arrived is None:
                events += self._commit([job])
        return events

    def _lost(self, error: sqlite3.Error) -> None:
        self._broken = Fault(
            "storage", f"The disk lost what was written ({error}): stop, look at the disk, start again."
        )
        _LOG.error("a sync failed, the store takes nothing more", exc_info=error)

    def _roll_back(self) -> None:
        self._transaction.appended.clear()
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                self._broken = Fault(
                    "storage", f"The database could not undo ({error}): stop the server and start it again."
                )

    def _announce(self, events: Sequence[Event]) -> None:
        for listener in self._listeners:
            try:
                listener(events)
            except Exception:  # noqa: BLE001 - logged whole; the commit stands whatever a listener makes of it
                _LOG.exception("a listener of the store failed")


def _in_order(jobs: list[Job]) -> list[Job]:
    """Jobs with `arrived` sorted by it into the places that they hold; the others stay where they are."""
    timed = iter(sorted((job for job in jobs if job.arrived is not None), key=lambda job: job.arrived or 0))
    return [job if job.arrived is None else next(timed) for job in jobs]


def _lots(jobs: list[Job]) -> Iterable[list[Job]]:
    """The jobs in their order, the items of one work together."""
    lots: list[list[Job]] = []
    of_work: dict[Callable[..., Any], list[Job]] = {}
    for job in jobs:
        lot = of_work.get(job.work) if job.items else None
        if lot is not None:
            lot.append(job)
            continue
        lots.append([job])
        if job.items:
            of_work[job.work] = lots[-1]
    return lots


def _refuse(jobs: Iterable[Job]) -> None:
    for job in jobs:
        job.error = disk_full()


def _fail(jobs: list[Job], error: Refusal | Fault) -> None:
    for job in jobs:
        job.error = error
