"""ports/store in memory: the same promises as the database's but for durability. For tests and for trying things out.

Theory of operation. There is no thread of its own: whoever calls `write` queues the function, and if nobody else holds the pen, takes it
and works off the queue, batch by batch, as the database's writer does (sorted by arrival, each function undone alone, listeners
before futures). So with one calling thread a future is always done when `write` returns. A listener that writes only
queues: the holder of the pen comes to it. Readers get snapshots of committed states and never see a function at work.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.adapters.memory.tables import Tables
from app.adapters.memory.transaction import MemoryTransaction
from app.adapters.memory.view import MemoryView
from app.core.clock import Instant
from app.core.errors import Fault, Refusal
from app.core.events import Event
from app.ports.store import Transaction

T = TypeVar("T")
A = TypeVar("A")
QUEUE = 5_000
_LOG = logging.getLogger("contestbox.storage")


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[MemoryTransaction], Any]
    future: Future[Any]
    arrived: Instant | None
    value: Any = None
    error: BaseException | None = None

    def resolve(self) -> None:
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class MemoryStore:
    """One contest's rows and log in dictionaries."""

    def __init__(self) -> None:
        self._tables = Tables.empty()
        self._transaction = MemoryTransaction(self._tables)
        self._jobs: deque[_Job] = deque()
        self._queue_lock = threading.Lock()
        self._state_lock = threading.RLock()
        self._pen_taken = False
        self._function_runs = False
        self._listeners: list[Callable[[Sequence[Event]], None]] = []
        self._closed = False

    def write(self, work: Callable[[Transaction], T], *, arrived: Instant | None = None) -> Future[T]:
        """ports/store: queues one function, and works off the queue when nobody else does."""
        future: Future[T] = Future()
        with self._queue_lock:
            if self._closed or len(self._jobs) >= QUEUE:
                future.set_exception(Refusal(503, "The server takes nothing more just now.", retry_after_seconds=2))
                return future
            self._jobs.append(_Job(work, future, arrived))
            if self._pen_taken:
                return future
            self._pen_taken = True
        self._work_off()
        return future

    def write_together(
        self, work: Callable[[Transaction, Sequence[A]], Sequence[T | Refusal]], item: A, *, arrived: Instant
    ) -> Future[T]:
        """ports/store: here each item is given alone."""

        def alone(tx: Transaction) -> T:
            answer = work(tx, [item])[0]
            if isinstance(answer, Refusal):
                raise answer
            return answer

        return self.write(alone, arrived=arrived)

    @contextmanager
    def read(self) -> Iterator[MemoryView]:
        """ports/store: a view of the newest committed state."""
        with self._state_lock:
            if self._closed:
                raise Fault("storage", "The store is closed.")
            if self._function_runs:
                raise Fault("storage", "A function that writes reads through its own transaction.")
            still = self._tables.frozen()
        yield MemoryView(still)

    def on_commit(self, listener: Callable[[Sequence[Event]], None]) -> None:
        """ports/store: the listener hears each commit's events, before the futures of that commit are resolved."""
        self._listeners.append(listener)

    def backup(self, target: Path) -> None:
        """ports/store: always Fault("backup", …), since nothing here outlives the process."""
        raise Fault("backup", f"This store is kept in memory only, so {target.name} cannot be written.")

    def close(self) -> None:
        """ports/store: later writes are refused. What is queued is finished by who holds the pen."""
        with self._queue_lock:
            self._closed = True

    def _work_off(self) -> None:
        while True:
            with self._queue_lock:
                batch, self._jobs = list(self._jobs), deque()
                if not batch:
                    self._pen_taken = False
                    return
            jobs = _in_order([job for job in batch if job.future.set_running_or_notify_cancel()])
            with self._state_lock:
                events = self._commit(jobs)
            if events:
                self._announce(events)
            for job in jobs:
                job.resolve()

    def _commit(self, jobs: list[_Job]) -> list[Event]:
        appended = self._transaction.appended
        appended.clear()
        self._function_runs = True
        try:
            for job in jobs:
                mark, rows = len(appended), len(self._tables.journal)
                try:
                    job.value = job.work(self._transaction)
                except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the caller's future
                    job.error = error
                    self._tables.undo_to(rows)
                    del appended[mark:]
        finally:
            self._function_runs = False
        self._tables.journal.clear()
        return list(appended)

    def _announce(self, events: Sequence[Event]) -> None:
        for listener in self._listeners:
            try:
                listener(events)
            except Exception:  # noqa: BLE001 - logged whole; the commit stands whatever a listener makes of it
                _LOG.exception("a listener of the store failed")


def _in_order(jobs: list[_Job]) -> list[_Job]:
    """Jobs with `arrived` sorted by it into the places that they hold; the others stay where they are."""
    timed = iter(sorted((job for job in jobs if job.arrived is not None), key=lambda job: job.arrived or 0))
    return [job if job.arrived is None else next(timed) for job in jobs]
