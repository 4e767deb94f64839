"""One run from start to reply: its pipes emptied, its CPU and wall time watched, its end decided here.

Nothing is polled that can be waited for: the supervisor sleeps until init's reply, bytes in a pipe, or the earliest moment
at which the CPU limit can be reached (what is left of it, since a container has one core). Only a caller's `stop` event,
which is no descriptor, is looked at every 50 ms.

The wall limit is a net for sleepers. When it is reached, what the run has waited for its core is added to it, as often as
that has grown since, up to a bound: nothing that happens beside a run may keep it for ever.
"""

from __future__ import annotations

import math
import select
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from app.core.errors import Fault
from judge_node.sandbox.limits import RunLimits
from judge_node.sandbox.linux.cgroup import RunGroup
from judge_node.sandbox.linux.reply import Reply
from judge_node.sandbox.linux.starter import Starter
from judge_node.sandbox.linux.streams import Streams
from judge_node.sandbox.linux.waiting import Waiting
from judge_node.sandbox.outcome import Limit

_STOP_SECONDS = 0.05
_GRACE_SECONDS = 3.0  # a kill answers within milliseconds; a machine in trouble gets this long
_SHORTEST_SECONDS = 0.001
_FIRST_LOOK_SECONDS = 0.1
_LOOK_AGAIN_SECONDS = 0.02
_MOST_WALLS = 10  # a run that waits for its core is given up after this many wall limits


class Ending(NamedTuple):
    """Why we ended a run: a limit, the caller's stop, or neither. `waited_seconds` is what the wall limit was made longer by,
    since the run had waited for its core; `kill_seconds` how long it took to end it, 0 where it ended by itself.
    """

    killed_for: Limit | None = None
    stopped: bool = False
    waited_seconds: float = 0.0
    kill_seconds: float = 0.0


BY_ITSELF = Ending()


def follow(
    starter: Starter, group: RunGroup, limits: RunLimits, streams: Streams, waiting: Callable[[], Waiting],
    stop: threading.Event | None,
) -> tuple[Reply, Ending]:  # fmt: skip
    """Waits for the end of a run that has been started; `waiting` is asked for once it is needed. Raises Fault where the container
    does not answer.
    """
    began, poll, init = time.monotonic(), select.poll(), starter.init.fileno()
    poll.register(init, select.POLLIN)  # first: see below
    for stream in (streams.out, streams.err):
        if stream.fd >= 0:
            poll.register(stream.fd, select.POLLIN)
    ready = poll.poll(group.first_look_ms)
    watch = None
    if not ready or ready[0][0] != init:
        watch = Watch(starter, group, limits, waiting, stop, began)
        while not ready or ready[0][0] != init:
            for fd, _ in ready:
                streams.of(fd).pump()
            watch.decide(time.monotonic())
            ready = poll.poll(watch.sleep_ms())
    # The kernel looked at the streams after it saw the reply, and a guest writes before that: a stream that is not in the
    # list is empty.
    if len(ready) > 1:
        for fd, _ in ready[1:]:
            streams.of(fd).drain()
    return starter.reply(), BY_ITSELF if watch is None else watch.ending()


class Watch:
    """Decides over one run that was not over at once."""

    def __init__(
        self, starter: Starter, group: RunGroup, limits: RunLimits, waiting: Callable[[], Waiting],
        stop: threading.Event | None, began: float,
    ) -> None:  # fmt: skip
        self._starter, self._group, self._limits, self._stop = starter, group, limits, stop
        self._waiting_of, self._waited = waiting, 0.0
        self._waiting: Waiting | None = None
        self._began = began
        self._first_look = began + _FIRST_LOOK_SECONDS
        self._next_cpu_look = began + limits.cpu_stop_seconds
        self._next_wall_look = began + limits.wall_seconds
        self._next_group_look = began + group.look_seconds
        self._killed_at: float | None = None
        self._killed_for: Limit | None = None
        self._stopped = False

    def ending(self) -> Ending:
        """Why the run has ended."""
        took = 0.0 if self._killed_at is None else time.monotonic() - self._killed_at
        return Ending(self._killed_for, self._stopped, self._waited, took)

    def sleep_ms(self) -> float:
        """How long nothing can be due, in milliseconds."""
        now = time.monotonic()
        if self._killed_at is not None:
            return max(1.0, (self._killed_at + _GRACE_SECONDS - now) * 1000)
        until = min(self._next_cpu_look, self._next_wall_look, self._next_group_look, self._first_look)
        if self._stop is not None:
            until = min(until, now + _STOP_SECONDS)
        return max(_SHORTEST_SECONDS, until - now) * 1000

    def decide(self, now: float) -> None:
        """Looks at what is due, and ends the run where a limit was passed. Raises Fault where it does not end."""
        if self._killed_at is not None:
            if now > self._killed_at + _GRACE_SECONDS:
                raise Fault("sandbox", "A run did not end when it was killed")
            return
        if now >= self._first_look:
            self._waiting = self._waiting_of()
            self._waiting.begin()
            self._first_look = math.inf
        if self._stop is not None and self._stop.is_set():
            self._stopped = True
            self._kill(now, None)
        elif now >= self._next_group_look and self._exceeded(now):
            self._kill(now, Limit.MEMORY)
        elif now >= self._next_cpu_look and self._cpu_left(now) <= 0:
            self._kill(now, Limit.CPU)
        elif now >= self._next_wall_look and self._wall_left(now) <= 0:
            self._kill(now, Limit.WALL)

    def _exceeded(self, now: float) -> bool:
        self._next_group_look = now + self._group.look_seconds
        return self._group.exceeded()

    def _cpu_left(self, now: float) -> float:
        left = self._limits.cpu_stop_seconds - self._group.cpu_ns() / 1e9
        self._next_cpu_look = now + max(_SHORTEST_SECONDS, left)
        return left

    def _wall_left(self, now: float) -> float:
        wall = self._limits.wall_seconds
        waiting = self._waiting or self._waiting_of()
        self._waited = min(waiting.seconds(), (_MOST_WALLS - 1) * wall)
        left = self._began + wall + self._waited - now
        self._next_wall_look = now + max(_LOOK_AGAIN_SECONDS, left)
        return left

    def _kill(self, now: float, why: Limit | None) -> None:
        self._killed_at, self._killed_for = now, why
        self._starter.kill_run()
        self._group.hasten()
