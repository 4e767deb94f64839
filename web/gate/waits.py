"""Waiting for news: the bell's topics, awaited by thousands at once.

Theory of operation. The bell rings in any thread. The hub's listener only adds the topics to a set and, when none is under way, asks
the loop for one wake-up; rings within 10 ms are one, or within a little more where many wait. In the loop each waiter of these topics is
woken, in lots with a pause, so that pages are served between; while the loop is late the lots are small. A waiter registers before it
compares counters: a ring in between finds it, so none is lost. A counter that merely differs is news: after a restart it may count from
another number. Waits end when something is new, after their time, when the visitor hangs up, when the session behind them ends (a
revocation looks at all of them at once; for sessions that ran out a tenth is looked at each second), and at once when the gate stops. Only
the loop's thread touches waiters; the set of rung topics has a lock of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from app.core.errors import Refusal
from app.core.people import Caller
from app.ports.bell import Bell

GATHER_SECONDS = 0.01
GATHER_EACH_SECONDS, LONGEST_GATHER_SECONDS = 50e-6, 0.12
"""A ring for a whole hall is held a little longer: the board follows its cause within a tenth of a second, and one wake tells both."""
WAKE_LEAST, WAKE_MOST = 20, 80
WAKE_PAUSE_SECONDS = 0.002
"""Between two lots the loop sleeps, so that the threads that draw pages get the interpreter too."""
WAKE_LATE_SECONDS = 0.008
"""A lot that begins so much later than it should is smaller: those woken before it still keep the loop busy."""
SWEEP_SECONDS = 1.0
SWEEPS_FOR_ALL = 10


@dataclass(frozen=True, slots=True)
class Caps:
    """How many may wait. `everyone` follows from the number of open files; anonymous visitors get at most a fifth of it."""

    everyone: int = 4000
    waits_per_account: int = 6
    streams_per_account: int = 4


@dataclass(eq=False, slots=True)
class _Waiter:
    topics: tuple[str, ...]
    woken: asyncio.Future[None]
    holds: Callable[[], bool] | None


class Hub:
    """All waits of one gate. Made anywhere; `open` and everything after it belongs to the loop's thread."""

    def __init__(self, bell: Bell, caps: Caps = Caps()) -> None:
        self._bell = bell
        self._caps = caps
        self._lock = threading.Lock()
        self._rung: set[str] = set()
        self._waiters: dict[str, set[_Waiter]] = {}
        self._all: set[_Waiter] = set()
        self._to_look_at: list[_Waiter] = []
        self._crowd = 0
        self._places: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unlisten: Callable[[], None] | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self.closed = False

    def open(self) -> None:
        """Begins to listen to the bell, in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._unlisten = self._bell.listen(self._ring)
        self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def look(self) -> None:
        """Looks now which waits have lost their session; from any thread (a session was just revoked)."""
        if self._loop is not None and not self.closed:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._end_all_lost)

    def close(self) -> None:
        """Ends all waits at once; later ones end immediately."""
        self.closed = True
        if self._unlisten is not None:
            self._unlisten()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for waiter in self._all:
            _wake(waiter)

    def news(self, topics: Iterable[str], after: Mapping[str, int]) -> dict[str, int]:
        """The topics whose counters differ from `after`, with their counters. A topic without a number in `after` is always news."""
        found = {}
        for topic in topics:
            counter = self._bell.counter(topic)
            if after.get(topic) != counter:
                found[topic] = counter
        return found

    async def wait_for(
        self,
        topics: Iterable[str],
        after: Mapping[str, int],
        timeout: float,
        *,
        gone: asyncio.Future[None] | None = None,
        holds: Callable[[], bool] | None = None,
    ) -> dict[str, int]:
        """What is new on the topics after these counters, as soon as there is something; {} after `timeout` seconds or at an early end.

        `gone` is done when the visitor hangs up; `holds()` tells (cheaply) whether the caller may still wait.
        """
        wanted = tuple(topics)
        loop = asyncio.get_running_loop()
        waiter = _Waiter(wanted, loop.create_future(), holds)
        self._register(waiter)
        wake = partial(_wake_for, waiter)
        if gone is not None:
            gone.add_done_callback(wake)
        try:
            async with asyncio.timeout(timeout):
                while not (found := self.news(wanted, after)) and not self.closed:
                    await waiter.woken
                    if (gone is not None and gone.done()) or not (holds is None or holds()):
                        return {}
                    waiter.woken = loop.create_future()
            return found
        except TimeoutError:
            return {}
        finally:
            self._forget(waiter)
            if gone is not None:
                gone.remove_done_callback(wake)

    @contextlib.contextmanager
    def place(self, caller: Caller, kind: str) -> Iterator[None]:
        """One of the caller's places for a "wait" or a "stream". Raises Refusal 429 when all are taken."""
        if caller.account_id is None:
            key, most, seconds = "anonymous", self._caps.everyone // 5, 15
        else:
            most = self._caps.waits_per_account if kind == "wait" else self._caps.streams_per_account
            key, seconds = f"{kind}:{caller.account_id}", 5
        if self._places[key] >= most or self._places["everyone"] >= self._caps.everyone:
            sentence = f"Too many pages wait for news at once; come back in {seconds} s."
            raise Refusal(429, sentence, retry_after_seconds=seconds)
        self._places[key] += 1
        self._places["everyone"] += 1
        try:
            yield
        finally:
            self._places["everyone"] -= 1
            self._places[key] -= 1
            if not self._places[key]:
                del self._places[key]

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._all)

    @property
    def crowd(self) -> int:
        """How many usually wait: those who wait now, and most of those who did a moment ago and are about to come back."""
        return max(self._crowd, len(self._all))

    def _register(self, waiter: _Waiter) -> None:
        self._all.add(waiter)
        self._crowd = max(self._crowd, len(self._all))
        for topic in waiter.topics:
            self._waiters.setdefault(topic, set()).add(waiter)

    def _forget(self, waiter: _Waiter) -> None:
        self._all.discard(waiter)
        for topic in waiter.topics:
            there = self._waiters.get(topic)
            if there is not None:
                there.discard(waiter)
                if not there:
                    del self._waiters[topic]

    def _ring(self, topics: frozenset[str]) -> None:
        with self._lock:
            under_way = bool(self._rung)
            self._rung |= topics
        if not under_way and self._loop is not None:
            # The loop may have ended between two rings: nobody waits any more then.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._gather)

    def _gather(self) -> None:
        with self._lock:
            concerned = sum(len(self._waiters.get(topic, ())) for topic in self._rung)
        held = min(LONGEST_GATHER_SECONDS, GATHER_SECONDS + concerned * GATHER_EACH_SECONDS)
        asyncio.get_running_loop().call_later(held, self._spread)

    def _spread(self) -> None:
        with self._lock:
            rung, self._rung = self._rung, set()
        woken = {waiter for topic in rung for waiter in self._waiters.get(topic, ())}
        self._wake_some(list(woken), WAKE_MOST, asyncio.get_running_loop().time())

    def _wake_some(self, waiters: list[_Waiter], lot: int, due: float) -> None:
        loop = asyncio.get_running_loop()
        lot = WAKE_LEAST if loop.time() - due > WAKE_LATE_SECONDS else min(WAKE_MOST, lot * 2)
        for waiter in waiters[-lot:]:
            _wake(waiter)
        del waiters[-lot:]
        if waiters:
            loop.call_later(WAKE_PAUSE_SECONDS, self._wake_some, waiters, lot, loop.time() + WAKE_PAUSE_SECONDS)

    def _sweep(self) -> None:
        self._crowd = max(len(self._all), self._crowd * 19 // 20)
        self._look_at_some()
        if not self.closed and self._loop is not None:
            self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def _look_at_some(self) -> None:
        if not self._to_look_at:
            self._to_look_at = list(self._all)
        some = max(1, len(self._all) // SWEEPS_FOR_ALL)
        _end_lost(self._to_look_at[-some:])
        del self._to_look_at[-some:]

    def _end_all_lost(self) -> None:
        _end_lost(self._all)


def _end_lost(waiters: Iterable[_Waiter]) -> None:
    for waiter in waiters:
        if waiter.holds is not None and not waiter.holds():
            _wake(waiter)


def _wake(waiter: _Waiter) -> None:
    if not waiter.woken.done():
        waiter.woken.set_result(None)


def _wake_for(waiter: _Waiter, _: asyncio.Future[None]) -> None:
    _wake(waiter)
