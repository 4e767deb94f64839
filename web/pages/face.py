"""The clock at the head of every page: state, note, remaining time and the thin line of progress (LOOK 5)."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.clock import Instant
from app.core.contest import Contest, Phase
from web.pages.speech import translated as _
from web.pages.words import clock_text

LINE = 1000
"""Length of the progress line in its own units."""


@dataclass(frozen=True, slots=True)
class ClockFace:
    """What the clock shows at one moment. Times in milliseconds; marks are places on a line of LINE units.

    `counts_to` is what the shown time counts down to: "start", "end" or "" when it stands still.
    """

    phase: Phase
    state: str
    note: str
    shown_ms: int
    counts_to: str
    done_mark: int
    freeze_mark: int | None
    freeze_in_ms: int | None
    now_ms: int

    @property
    def shown(self) -> str:
        """The time as text."""
        return clock_text(self.shown_ms)


def face_of(contest: Contest | None, now: Instant) -> ClockFace:
    """The face of a contest's clock at an instant; of no contest it is an empty one."""
    if contest is None or contest.start is None:
        return ClockFace(Phase.NOT_SCHEDULED, _("Not scheduled"), "", 0, "", 0, None, None, now)
    phase = contest.phase(now)
    elapsed = contest.contest_time_ms(now)
    freeze_at = None if contest.freeze_ms is None else contest.duration_ms - contest.freeze_ms
    freeze_in = freeze_at - elapsed if freeze_at is not None and phase is Phase.RUNNING else None
    shown, counts_to = _shown(contest, phase, elapsed)
    return ClockFace(
        phase=phase,
        state=state_word(phase),
        note=_note(contest, phase, freeze_in),
        shown_ms=shown,
        counts_to=counts_to,
        done_mark=_mark(elapsed, contest.duration_ms),
        freeze_mark=None if freeze_at is None or contest.freeze_ms == 0 else _mark(freeze_at, contest.duration_ms),
        freeze_in_ms=freeze_in,
        now_ms=now,
    )


def state_word(phase: Phase) -> str:
    """The phase in the words of LOOK 5."""
    return {
        Phase.NOT_SCHEDULED: _("Not scheduled"),
        Phase.BEFORE: _("Starts in"),
        Phase.RUNNING: _("Running"),
        Phase.FROZEN: _("Frozen"),
        Phase.OVER: _("Over, not final"),
        Phase.FINAL: _("Final"),
    }[phase]


def _shown(contest: Contest, phase: Phase, elapsed: int) -> tuple[int, str]:
    if phase is Phase.BEFORE:
        return -elapsed, "start"
    if phase.takes_submissions:
        return contest.duration_ms - elapsed, "end"
    return 0, ""


def _note(contest: Contest, phase: Phase, freeze_in: int | None) -> str:
    if phase is Phase.BEFORE:
        return _("lasts %(time)s", time=clock_text(contest.duration_ms))
    if freeze_in is not None:
        return _("freezes in %(time)s", time=clock_text(freeze_in))
    if phase is Phase.FROZEN:
        return _("the board stands still")
    if phase is Phase.OVER:
        return _("results are being checked")
    return ""


def _mark(at: int, duration: int) -> int:
    return max(0, min(LINE, at * LINE // max(1, duration)))
