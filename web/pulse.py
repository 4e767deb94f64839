"""Whether waitress' threads still do something: what dies or hangs there is told, since pages are served no more (as the gate's death is).

Theory of operation. Threads of waitress end only when it stops or when even its own handling of errors fails; the second is told at once.
Threads that all hang (in a lock, in a disk that never answers) look alive: so a pulse is laid into their queue every few seconds, and one
that lies there too long tells it. Time is counted in short waits and not by the clock, so that a machine that slept is not taken
for one that hangs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from waitress.task import ThreadedTaskDispatcher

_log = logging.getLogger("contestbox.backstage")

STEP_SECONDS = 0.5
HANGING_SECONDS = 60.0
"""The gate gives up a page after 30 s, and a view waits for the store for 5 s at most."""


class WatchedThreads(ThreadedTaskDispatcher):  # type: ignore[misc]
    """waitress' dispatcher; `died` is called when one of its threads ends unasked."""

    def __init__(self, died: Callable[[], None]) -> None:
        super().__init__()
        self._died = died

    def handler_thread(self, thread_no: int) -> None:
        """One thread's life."""
        try:
            super().handler_thread(thread_no)
        except BaseException:  # noqa: BLE001 - told, whatever it was
            _log.exception("a thread of the pages' server ended by itself")
            self._died()


class Pulse:
    """Watches over a dispatcher from a thread of its own until it is stopped."""

    def __init__(self, threads: ThreadedTaskDispatcher, hanging: Callable[[], None], hanging_seconds: float) -> None:
        self._threads = threads
        self._hanging = hanging
        self._pause = hanging_seconds / 12
        self._steps = max(1, round(hanging_seconds / STEP_SECONDS))
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="pages-pulse", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._end.set()
        self._thread.join(2)

    def _watch(self) -> None:
        while not self._end.wait(self._pause):
            beat = _Beat()
            self._threads.add_task(beat)
            for _ in range(self._steps):
                if beat.felt.wait(STEP_SECONDS) or self._end.is_set():
                    break
            else:
                _log.error("all threads of the pages' server hang")
                self._hanging()
                return


class _Beat:
    """A task that does nothing but tell that a thread had time for it."""

    def __init__(self) -> None:
        self.felt = threading.Event()

    def service(self) -> None:
        self.felt.set()

    def cancel(self) -> None:
        self.felt.set()
