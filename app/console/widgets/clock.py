"""The contest's clock: remaining time, the state beside it, a thin line of progress with marks for freeze and now (LOOK 5).

It counts by this process's monotonic clock from the last moment that the server told, so it neither jumps with the laptop's clock nor
stops while the server is silent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.shapes import LEFT, paint_text
from app.console.words import clock_text, day_time
from app.console.words import tr as _
from app.wire.admin_v1 import ContestState


@dataclass(frozen=True, slots=True)
class Moment:
    """The contest's state at one instant. `at_ms` is the server's time now."""

    contest: ContestState
    at_ms: int

    @property
    def phase(self) -> str:
        """The phase now: it changes at its instant, not at the server's next answer."""
        told = self.contest.phase
        if told in ("not_scheduled", "final") or self.contest.start_ms is None:
            return told
        if self.at_ms < self.contest.start_ms:
            return "before"
        if self.remaining_ms <= 0:
            return "over"
        return "frozen" if self.contest.freeze_ms is not None and self.to_freeze_ms <= 0 else "running"

    @property
    def remaining_ms(self) -> int:
        """Until the end; while it runs."""
        if self.contest.end_ms is None:
            return self.contest.duration_ms
        return max(0, self.contest.end_ms - max(self.at_ms, self.contest.start_ms or 0))

    @property
    def to_freeze_ms(self) -> int:
        """Until the board freezes; negative when it is frozen."""
        return self.remaining_ms - (self.contest.freeze_ms or 0)

    @property
    def to_start_ms(self) -> int:
        """Until the start."""
        return (self.contest.start_ms or self.at_ms) - self.at_ms


class ServerTime:
    """The server's time, going on by this process's monotonic clock."""

    def __init__(self) -> None:
        self._contest: ContestState | None = None
        self._told = 0.0

    def take(self, contest: ContestState) -> None:
        """The server told its time now."""
        self._contest = contest
        self._told = time.monotonic()

    def now(self) -> Moment | None:
        """The contest now; None before the server told anything."""
        if self._contest is None:
            return None
        return Moment(self._contest, self._contest.now_ms + round((time.monotonic() - self._told) * 1000))


def big_text(moment: Moment) -> str:
    """The clock's figures: until the start, then what remains."""
    if moment.phase == "not_scheduled":
        return clock_text(moment.contest.duration_ms)
    if moment.phase == "before":
        return clock_text(moment.to_start_ms + 999)
    return clock_text(moment.remaining_ms + 999 if moment.remaining_ms else 0)


def phase_text(phase: str) -> tuple[str, str]:
    """A phase's words and their colour role."""
    return {
        "not_scheduled": (_("Not scheduled"), "muted"),
        "before": (_("Until the start"), "muted"),
        "running": (_("Running"), "good"),
        "frozen": (_("Frozen"), "frozen"),
        "over": (_("Over, not final"), "slow"),
        "final": (_("Final"), "muted"),
    }.get(phase, (phase, "muted"))


def second_line(moment: Moment) -> str:
    """What comes next."""
    contest = moment.contest
    if moment.phase == "running" and contest.freeze_ms:
        return _("freezes in {span}", span=clock_text(moment.to_freeze_ms + 999))
    if moment.phase in ("running", "frozen") and contest.end_ms is not None:
        return _("ends at {time}", time=day_time(contest.end_ms))
    if moment.phase == "before" and contest.start_ms is not None:
        return _("starts by itself at {time}", time=day_time(contest.start_ms))
    if moment.phase in ("over", "final") and contest.end_ms is not None:
        return _("ended at {time}", time=day_time(contest.end_ms))
    return _("starts when you say so")


def paint_course(painter: QPainter, rect: QRectF, moment: Moment, theme: Theme) -> None:
    """The thin line: what has passed, the freeze at its end, a mark for now."""
    tokens, contest = theme.tokens, moment.contest
    duration = max(1, contest.duration_ms)
    passed = 0.0 if moment.phase in ("before", "not_scheduled") else 1 - moment.remaining_ms / duration
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    clip = QPainterPath()
    clip.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.setClipPath(clip)
    painter.fillRect(rect, QColor(tokens.line))
    now = rect.x() + rect.width() * min(1.0, passed)
    freeze = rect.right() - rect.width() * (contest.freeze_ms or 0) / duration
    if contest.freeze_ms:
        colour = QColor(tokens.frozen)
        colour.setAlphaF(0.5)
        painter.fillRect(QRectF(freeze, rect.y(), rect.right() - freeze, rect.height()), colour)
    painter.fillRect(QRectF(rect.x(), rect.y(), now - rect.x(), rect.height()), QColor(tokens.chart))
    painter.setClipping(False)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if contest.freeze_ms:
        painter.fillRect(QRectF(round(freeze), rect.y() - 3, 2, rect.height() + 6), QColor(tokens.frozen))
    if 0 < passed < 1:
        painter.fillRect(QRectF(round(now) - 1, rect.y() - 3, 2, rect.height() + 6), QColor(tokens.ink))
    painter.restore()


class Clock(QWidget):
    """The clock in the head of the window."""

    def __init__(self, theme: Theme, server_time: ServerTime) -> None:
        super().__init__()
        self._theme = theme
        self._server_time = server_time
        self._shown = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def tick(self) -> None:
        """Draws itself again when its figures have changed; called a few times a second."""
        moment = self._server_time.now()
        text = f"{big_text(moment)} {phase_text(moment.phase)[0]} {second_line(moment)}" if moment else ""
        if text != self._shown:
            self._shown = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(286, 50)

    def paintEvent(self, event: QPaintEvent) -> None:
        moment = self._server_time.now()
        if moment is None:
            return
        tokens, font = self._theme.tokens, ui_font(28, 600, tabular=True)
        painter = QPainter(self)
        text = big_text(moment)
        width = QFontMetricsF(font).horizontalAdvance(text)
        paint_text(painter, QRectF(0, 0, width + 2, 36), text, font, tokens.ink)
        words, role = phase_text(moment.phase)
        left = width + 14
        if moment.phase == "frozen":
            self._theme.icons.paint(painter, "snowflake", tokens.frozen, QRectF(left, 3, 14, 14))
        shift = 19 if moment.phase == "frozen" else 0
        room = self.width() - left
        paint_text(painter, QRectF(left + shift, 0, room, 20), words, ui_font(14, 600), tokens.colour(role))
        freezes = moment.phase == "running" and bool(moment.contest.freeze_ms)
        if freezes:
            self._theme.icons.paint(painter, "snowflake", tokens.frozen, QRectF(left, 20, 12, 12))
        line = QRectF(left + (16 if freezes else 0), 17, room, 18)
        paint_text(painter, line, second_line(moment), ui_font(13, 400, tabular=True), tokens.muted)
        paint_course(painter, QRectF(0, 40, self.width(), 4), moment, self._theme)
        painter.end()


class BigClock(QWidget):
    """The clock on the page before the start, at 44 px."""

    def __init__(self, theme: Theme, server_time: ServerTime) -> None:
        super().__init__()
        self._theme = theme
        self._server_time = server_time
        self.setFixedHeight(58)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        moment = self._server_time.now()
        if moment is not None:
            self.setAccessibleName(big_text(moment))
            painter = QPainter(self)
            font = ui_font(44, 600, tabular=True)
            paint_text(painter, QRectF(self.rect()), big_text(moment), font, self._theme.tokens.ink, LEFT)
            painter.end()
