"""One conversation between a manager and the copies of a submission: their threads, their FIFOs, who ended first.

Theory of operation. Every guest runs in a thread of its own; the caller's thread waits for their ends, in the order in which they come.
After an end the guest's thread looks after its FIFOs (fifos.settle) until those whom it talked to have ended as well. Once a copy has
ended badly it decides the test, and the others have two seconds for their last words; then, or when the judgement is stopped, all are
ended from here.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from app.core.errors import Fault
from judge_node.pipeline.fifos import Fifo, Pair, settle
from judge_node.sandbox.interface import Container
from judge_node.sandbox.outcome import Outcome

_LOOK_SECONDS = 0.2
_LAST_WORDS_SECONDS = 2.0
_PATIENCE = 4.0  # as in a dialogue: on a busy machine one second of computing takes several
MANAGER = -1
"""Stands for the manager where copies stand by their numbers."""


@dataclass(slots=True)
class Copy:
    """One process of the submission in one test, with the FIFOs that are its standard streams where it has such."""

    number: int
    container: Container
    says: Fifo
    hears: Fifo
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """How guests are started: the manager; a copy by its standard streams' descriptors (None: it opens its FIFOs itself); who ended badly.

    Both are given the event that ends them and the seconds that others have computed.
    """

    manager: Callable[[threading.Event, Callable[[], float]], Outcome]
    copy: Callable[[Copy, int | None, int | None, threading.Event, Callable[[], float]], Outcome]
    is_bad: Callable[[Outcome], bool]
    standard_streams: bool


class Talk:
    """A conversation; use it once."""

    def __init__(self, copies: Sequence[Copy], host: Container, calls: Calls, stop: threading.Event) -> None:
        self._copies = copies
        self._host = host
        self._calls = calls
        self._stop = stop
        self._halt = threading.Event()
        self._over: SimpleQueue[int] = SimpleQueue()
        self._manager_ended = threading.Event()
        self._ended = [threading.Event() for _ in copies]
        self._heard: Outcome | None = None
        self._error: BaseException | None = None

    def hold(self) -> tuple[Outcome, list[int]]:
        """Runs all to their ends: the manager's outcome, and who ended in which order. Copies get their outcomes."""
        threads = [threading.Thread(target=self._manage, name="manager", daemon=True)]
        threads += [
            threading.Thread(target=self._speak, args=(one,), name=f"copy-{one.number}", daemon=True)
            for one in self._copies
        ]
        for thread in threads:
            thread.start()
        try:
            order = self._wait()
        finally:
            self._halt.set()
            for thread in threads:
                thread.join()
        if self._error is not None:
            raise self._error
        if self._heard is None:
            raise Fault("pipeline", "The manager of a test has not ended.")
        return self._heard, order

    def _wait(self) -> list[int]:
        order: list[int] = []
        deadline: float | None = None
        while len(order) <= len(self._copies):
            try:
                who = self._over.get(timeout=_LOOK_SECONDS)
            except Empty:
                if self._stop.is_set() or (deadline is not None and time.monotonic() > deadline):
                    self._halt.set()
                continue
            order.append(who)
            if deadline is None and (self._error is not None or self._was_bad(who)):
                deadline = time.monotonic() + _LAST_WORDS_SECONDS
        return order

    def _was_bad(self, who: int) -> bool:
        outcome = self._heard if who == MANAGER else self._copies[who].outcome
        return who != MANAGER and outcome is not None and self._calls.is_bad(outcome)

    def _manage(self) -> None:
        try:
            self._heard = self._calls.manager(self._halt, self._patience(None))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            self._error = self._error or error
        self._manager_ended.set()
        self._over.put(MANAGER)
        settle(
            [
                Pair((one.says, one.hears), self._ended[place], one.container.cpu_seconds)
                for place, one in enumerate(self._copies)
            ]
        )

    def _speak(self, copy: Copy) -> None:
        place = self._copies.index(copy)
        ear = mouth = None
        try:
            if self._calls.standard_streams:
                ear, mouth = copy.hears.end_for(reading=True), copy.says.end_for(reading=False)
            copy.outcome = self._calls.copy(copy, ear, mouth, self._halt, self._patience(copy))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            self._error = self._error or error
        finally:
            for end in (ear, mouth):
                if end is not None:
                    os.close(end)
        self._ended[place].set()
        self._over.put(place)
        settle([Pair((copy.says, copy.hears), self._manager_ended, self._host.cpu_seconds)])

    def _patience(self, who: Copy | None) -> Callable[[], float]:
        """Seconds by which the wall limit of one is longer: what the others were seen to have computed."""
        others = [one.container for one in self._copies if one is not who]
        if who is not None:
            others.append(self._host)
        most = [0.0] * len(others)

        def seconds() -> float:
            for place, container in enumerate(others):
                most[place] = max(most[place], container.cpu_seconds())
            return _PATIENCE * sum(most)

        return seconds


def open_fifos(folder: Path) -> tuple[Fifo, Fifo]:
    """What a copy says and what it hears, in its folder."""
    return Fifo(folder / "to_manager"), Fifo(folder / "from_manager")
