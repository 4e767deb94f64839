"""Starters kept ready: they have joined their control groups and wait for a view.

Joining costs a grace period of the kernel in each hierarchy, 10 to 40 ms together on an idle machine, and only that is
slow about a container. So a thread has the next starters join while containers are in use: two of them, since a
judgement takes a second container (the validator's) right after its first. Groups are bounded when the starter is taken,
since only then is known for what.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from app.core.errors import Fault
from judge_node.sandbox.linux.cgroup import ContainerGroup
from judge_node.sandbox.linux.starter import Starter

_KEPT = 2


@dataclass(frozen=True, slots=True)
class Ready:
    """A starter in its groups; `number` is the container's number in the slot, which decides its ids, `name` that of its groups."""

    number: int
    name: str
    group: ContainerGroup
    starter: Starter

    def discard(self) -> None:
        """Ends it unused."""
        self.starter.close()
        self.group.close()


class Spare:
    """Holds ready starters, made one after another by a thread of its own."""

    def __init__(self, make: Callable[[], Ready]) -> None:
        """`make` gives a ready starter or raises Fault; it is called from this object's thread or from `take`."""
        self._make = make
        self._thread = ThreadPoolExecutor(1, "spare-starter")
        self._coming: deque[Future[Ready]] = deque()

    def prepare(self) -> None:
        """Begins to make what is missing; returns at once."""
        while len(self._coming) < _KEPT:
            self._coming.append(self._thread.submit(self._make))

    def take(self) -> Ready:
        """The oldest that was prepared, waiting for it where it is not ready yet, else a new one. Raises Fault."""
        ready = self._next()
        if ready is not None and not ready.starter.usable():
            ready.discard()
            ready = None
        return ready or self._make()

    def wait(self) -> None:
        """Waits until all that was prepared is ready or has failed."""
        for future in self._coming:
            future.exception()

    def close(self) -> list[Ready]:
        """Gives back what is left, to be discarded; what was not begun is not begun any more."""
        self._coming = deque(future for future in self._coming if not future.cancel())
        self._thread.shutdown()
        left = [self._next() for _ in range(len(self._coming))]
        return [ready for ready in left if ready is not None]

    def _next(self) -> Ready | None:
        try:
            return self._coming.popleft().result() if self._coming else None
        except (Fault, OSError):  # what was in the way may be gone by now; else its fault is told by the next attempt
            return None
