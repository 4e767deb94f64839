"""The alarm for a wall clock that jumps: it changes nothing in the contest, but people must know (DESIGN 5).

A jump while no server ran is worse: the contest's clock is anchored at the start, so it is wrong by as much. One backwards is seen, since
the log's newest entry then lies in the future.

Everything that counts is told by the anchored clock. What a person reads elsewhere on this machine is not, so a jump goes to the log
and rings the organiser's desk, which shows it for as long as the two clocks differ.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future

from app.core.clock import Clock
from app.core.events import Event, Kind
from app.core.ids import ContestId
from app.ports.store import Store

log = logging.getLogger("contestbox.clock")

JUMP_MS = 2000
_SERVER_WIDE = ContestId("")


def behind_the_log(store: Store, clock: Clock) -> int:
    """By how many milliseconds the clock, at a start, stands behind the newest entry of the log; 0 where time went on as it should."""
    with store.read() as view:
        newest = view.events_after(view.last_event()[0] - 1, 1)
    behind_ms = newest[0].at - clock.now() if newest else 0
    if behind_ms <= JUMP_MS:
        return 0
    log.warning("the machine's clock stands %.1f s behind the newest entry of the contest's log", behind_ms / 1000)
    return int(behind_ms)


class ClockWatch:
    """Compares the two clocks; `tick` from one ticker."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._noted_ms = clock.wall_drift_ms()

    def tick(self) -> None:
        """Every second or so: writes a jump of more than two seconds to the log, once, and its way back too. Never waits."""
        drift_ms = self._clock.wall_drift_ms()
        if abs(drift_ms - self._noted_ms) <= JUMP_MS:
            return
        log.warning("the machine's clock jumped by %+.1f s", (drift_ms - self._noted_ms) / 1000)
        self._noted_ms = drift_ms
        data = {"what": "clock_jumped", "drift_ms": drift_ms}
        written: Future[Event] = self._store.write(
            lambda tx: tx.append_event(_SERVER_WIDE, Kind.SERVER, self._clock.now(), data)
        )
        written.add_done_callback(_complain)


def _complain(written: Future[Event]) -> None:
    failure = written.exception()
    if failure is not None:
        log.error("the jump could not be written to the log", exc_info=failure)
