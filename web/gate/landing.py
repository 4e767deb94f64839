"""The services' futures, awaited in the loop.

Theory of operation. A commit resolves hundreds of futures in one go, in the writer's thread. Waking the loop for each of them would cost
more than what the woken have to do. So a resolved future is laid down here, and the loop is called only when nobody has called it yet; it
then takes all that lie there. It says "not called" before it takes: what is laid down in between is either taken in the same go or calls
again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

T = TypeVar("T")


class Landing:
    """Where the answers of one gate's services come down. `of` belongs to the loop's thread."""

    def __init__(self) -> None:
        self._landed: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._called = False

    async def of(self, future: Future[T]) -> T:
        """The future's result, or its error. Who stops waiting leaves the work alone: it was promised to somebody."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()

        def lay_down(done: Future[T]) -> None:
            self._landed.append((waiting, done))
            if not self._called:
                self._called = True
                with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                    loop.call_soon_threadsafe(self._take)

        future.add_done_callback(lay_down)
        return await waiting

    def _take(self) -> None:
        self._called = False
        while self._landed:
            waiting, done = self._landed.popleft()
            if not waiting.done():
                _hand_over(waiting, done)


def _hand_over(waiting: asyncio.Future[Any], done: Future[Any]) -> None:
    try:
        error = done.exception()
    except CancelledError:
        waiting.cancel()
        return
    if error is None:
        waiting.set_result(done.result())
    else:
        waiting.set_exception(error)
