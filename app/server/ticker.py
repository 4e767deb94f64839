"""The server's pulse: calls what must happen by the clock, one after the other, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger("server")


@dataclass(slots=True)
class Beat:
    """One thing to do every `seconds`; `due` is the monotonic second of its next turn."""

    name: str
    seconds: float
    call: Callable[[], object]
    due: float = 0.0


class Ticker:
    """Runs beats until stopped. A beat that fails is logged with its traceback and comes again: one broken duty must not
    end the others."""

    def __init__(self, name: str, beats: list[Beat], monotonic_seconds: Callable[[], float]) -> None:
        self._beats = beats
        self._monotonic_seconds = monotonic_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins; every beat is due at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the beat that is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._stop.is_set():
            now = self._monotonic_seconds()
            for beat in self._beats:
                if beat.due <= now:
                    beat.due = now + beat.seconds
                    self._beat(beat)
            pause = min(beat.due for beat in self._beats) - self._monotonic_seconds()
            self._stop.wait(max(0.02, pause))

    def _beat(self, beat: Beat) -> None:
        try:
            beat.call()
        except Exception:
            log.exception("%s failed; it is tried again in %s s", beat.name, beat.seconds)
