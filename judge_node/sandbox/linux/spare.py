"""One starter kept ready: it has joined its control groups and waits for a view.

Joining costs a grace period of the kernel in each hierarchy, 10 to 40 ms together on an idle machine, and only that is
slow about a container. So while a submission is judged in one container, a thread has the next starter join. Groups are
bounded when the starter is taken, since only then is known for what.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from app.core.errors import Fault
from judge_node.sandbox.linux.cgroup import ContainerGroup
from judge_node.sandbox.linux.starter import Starter


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
    """Holds at most one ready starter, made by a thread of its own."""

    def __init__(self, make: Callable[[], Ready]) -> None:
        """`make` gives a ready starter or raises Fault; it is called from this object's thread or from `take`."""
        self._make = make
        self._thread: threading.Thread | None = None
        self._ready: Ready | None = None

    def prepare(self) -> None:
        """Begins to make one; returns at once."""
        self._thread = threading.Thread(target=self._fill, name="spare-starter", daemon=True)
        self._thread.start()

    def take(self) -> Ready:
        """The one that was prepared, waiting for it where it is not ready yet, else a new one. Raises Fault."""
        self._wait()
        ready, self._ready = self._ready, None
        if ready is not None and not ready.starter.usable():
            ready.discard()
            ready = None
        return ready or self._make()

    def close(self) -> Ready | None:
        """Gives back what is left, to be discarded."""
        self._wait()
        ready, self._ready = self._ready, None
        return ready

    def _wait(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _fill(self) -> None:
        # What is in the way now may be gone when a container is asked for; then it is made, or its fault told, in `take`.
        with suppress(Fault, OSError):
            self._ready = self._make()
