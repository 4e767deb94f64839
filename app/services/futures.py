"""Small tools for the futures that commands answer with."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from app.core.errors import Refusal

A = TypeVar("A")
B = TypeVar("B")


def failed(reason: BaseException) -> Future[A]:
    """A future that already failed."""
    future: Future[A] = Future()
    future.set_exception(reason)
    return future


def then(first: Future[A], step: Callable[[A], B]) -> Future[B]:
    """What `step` makes of the first future's result; resolved only after the step has run, in the resolving thread."""
    outer: Future[B] = Future()
    pass_on(first, outer, step)
    return outer


def pass_on(first: Future[A], outer: Future[B], step: Callable[[A], B]) -> None:
    """Resolves `outer` with what `step` makes of the first future's result, or with the error of either."""

    def resolve(finished: Future[A]) -> None:
        try:
            result = step(finished.result())
        except BaseException as reason:  # noqa: BLE001 - an error belongs to whoever waits for the outer future
            outer.set_exception(reason)
        else:
            outer.set_result(result)

    first.add_done_callback(resolve)


class FairDesk:
    """A few threads for slow work, with a bounded queue in which nobody holds more than a share.

    `threads` work at once; `queue_limit` jobs wait at most, `share` of them for one key; past either bound submit raises
    Refusal(503). Threads are daemons and start with the first job.
    """

    def __init__(self, name: str, *, threads: int, queue_limit: int, share: int) -> None:
        self._name = name
        self._threads = threads
        self._share = share
        self._jobs: queue.Queue[tuple[str, Callable[[], None]] | None] = queue.Queue(queue_limit)
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._workers: list[threading.Thread] = []

    def submit(self, key: str, job: Callable[[], None]) -> None:
        """Queues a job that raises nothing."""
        with self._lock:
            if self._held[key] >= self._share:
                raise Refusal(503, "Too much is waiting from this place; try again in a moment.", retry_after_seconds=2)
            try:
                self._jobs.put_nowait((key, job))
            except queue.Full:
                raise Refusal(503, "The server is busy; try again in a moment.", retry_after_seconds=2) from None
            self._held[key] += 1
            if not self._workers:
                self._start()

    def close(self) -> None:
        """Ends the threads after what is queued; call once, at the end."""
        with self._lock:
            workers, self._workers = self._workers, []
        for _ in workers:
            self._jobs.put(None)
        for worker in workers:
            worker.join()

    def _start(self) -> None:
        for number in range(self._threads):
            worker = threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True)
            self._workers.append(worker)
            worker.start()

    def _work(self) -> None:
        while (entry := self._jobs.get()) is not None:
            key, job = entry
            try:
                job()
            finally:
                with self._lock:
                    self._held[key] -= 1
                    if self._held[key] <= 0:
                        del self._held[key]
