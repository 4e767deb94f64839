"""A contest, its phases, and contest time, which is always derived and never stored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.clock import Instant
from app.core.ids import ContestId


class Phase(StrEnum):
    """Where a contest is. FROZEN is running with the public board standing still."""

    NOT_SCHEDULED = "not_scheduled"
    BEFORE = "before"
    RUNNING = "running"
    FROZEN = "frozen"
    OVER = "over"
    FINAL = "final"

    @property
    def takes_submissions(self) -> bool:
        """Whether a team may submit."""
        return self in (Phase.RUNNING, Phase.FROZEN)

    @property
    def begun(self) -> bool:
        """Whether the problems may be seen by teams."""
        return self not in (Phase.NOT_SCHEDULED, Phase.BEFORE)


@dataclass(frozen=True, slots=True)
class RemovedInterval:
    """A span of real time that does not count as contest time (a fire drill, a power cut)."""

    begin: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Contest:
    """The settings of one contest. Times in milliseconds.

    start is None while the contest isn't scheduled; freeze_ms is how long before the end the public board stands still (None: never);
    penalty_minutes per rejected attempt by ICPC rules. show_progress lets teams see COMPILING and RUNNING n/N.
    """

    id: ContestId
    name: str
    start: Instant | None
    duration_ms: int
    freeze_ms: int | None = None
    penalty_minutes: int = 20
    removed: tuple[RemovedInterval, ...] = ()
    finalized: Instant | None = None
    thawed: Instant | None = None
    show_progress: bool = True
    all_tests: bool = False
    source_limit_bytes: int = 100 * 1024
    file_limit: int = 10
    submissions_per_minute: int = 30
    languages: tuple[str, ...] = ("c", "cpp", "java", "python3")

    def contest_time_ms(self, at: Instant) -> int:
        """Contest time at an instant: real time since the start less the removed intervals. Negative before the start.

        While an interval is being removed contest time stands still. Raises ValueError when not scheduled.
        """
        if self.start is None:
            raise ValueError("a contest that is not scheduled has no contest time")
        elapsed = at - self.start
        for gap in self.removed:
            elapsed -= max(0, min(at, gap.end) - max(self.start, gap.begin))
        return elapsed

    @property
    def end(self) -> Instant | None:
        """The instant at which contest time reaches the duration; None when not scheduled."""
        if self.start is None:
            return None
        end = self.start + self.duration_ms
        for gap in sorted(self.removed, key=lambda one: one.begin):
            if gap.begin < end:
                end += max(0, gap.end - max(gap.begin, self.start))
        return Instant(end)

    def phase(self, at: Instant) -> Phase:
        """The phase at an instant."""
        if self.start is None:
            return Phase.NOT_SCHEDULED
        if self.finalized is not None and at >= self.finalized:
            return Phase.FINAL
        contest_time = self.contest_time_ms(at)
        if contest_time < 0:
            return Phase.BEFORE
        if contest_time >= self.duration_ms:
            return Phase.OVER
        if self.freeze_ms is not None and contest_time >= self.duration_ms - self.freeze_ms:
            return Phase.FROZEN
        return Phase.RUNNING

    def board_is_frozen(self, at: Instant) -> bool:
        """Whether the public board still hides what happened in the freeze (until it is thawed)."""
        if self.freeze_ms is None or self.start is None:
            return False
        if self.thawed is not None and at >= self.thawed:
            return False
        return self.contest_time_ms(at) >= self.duration_ms - self.freeze_ms
