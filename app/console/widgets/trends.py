"""Two small charts: the queue since the console looks, and the time to verdict of the last submissions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.shapes import RIGHT, line_path, paint_text
from app.console.words import span_text
from app.console.words import tr as _
from app.wire.admin_v1 import ServerState

KEPT_SECONDS = 1800
GOAL_SECONDS = 5.0
_LEFT = 108


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed (nearest rank). Raises ValueError for no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-round(share * 100) * len(ordered) // 100) - 1))]


def short(seconds: float) -> str:
    """Seconds in at most four letters: `0.9`, `28.5`, `136`."""
    return f"{seconds:.1f}" if seconds < 99.95 else f"{seconds:.0f}"


class Trends(QWidget):
    """The right card of the desk."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._queue: deque[tuple[float, int]] = deque()
        self._oldest_wait_ms: int | None = None
        self._verdicts: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(300, 164)
        theme.changed.connect(self.update)

    def take(self, server: ServerState, verdict_seconds: Sequence[float]) -> None:
        """One more look at the server."""
        now = time.monotonic()
        self._queue.append((now, server.queue))
        while now - self._queue[0][0] > KEPT_SECONDS:
            self._queue.popleft()
        self._oldest_wait_ms = server.oldest_wait_ms
        self._verdicts = tuple(verdict_seconds)
        self.update()

    def forget(self) -> None:
        """Another server: its own history begins."""
        self._queue.clear()
        self._verdicts = ()

    def sizeHint(self) -> QSize:
        return QSize(354, 164)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        half = self.height() / 2
        self._paint_queue(painter, QRectF(0, 0, self.width(), half - 8))
        painter.fillRect(QRectF(0, half - 4, self.width(), 1), QColor(self._theme.tokens.line))
        self._paint_verdicts(painter, QRectF(0, half + 6, self.width(), half - 6))
        painter.end()

    def _paint_queue(self, painter: QPainter, area: QRectF) -> None:
        tokens = self._theme.tokens
        now = self._queue[-1][1] if self._queue else 0
        wait = self._oldest_wait_ms
        oldest = _("oldest {n} s", n=f"{wait / 1000:.1f}") if wait is not None else _("nobody waits")
        self._paint_figures(painter, area, _("Waiting"), str(now), "", oldest)
        chart = QRectF(area.x() + _LEFT, area.y() + 20, area.width() - _LEFT, area.height() - 30)
        values = [value for _at, value in self._queue]
        top = max([4, *values])
        if values:
            self._paint_right(painter, area, _("peak {n} in {span}", n=max(values), span=self._span()))
        self._paint_rules(painter, chart)
        if len(values) > 1:
            line = line_path(chart, values, top)
            ground = QPainterPath(line)
            ground.lineTo(chart.bottomRight())
            ground.lineTo(chart.bottomLeft())
            ground.closeSubpath()
            painter.fillPath(ground, QColor(tokens.sunken))
            self._stroke(painter, line, tokens.chart, chart, values[-1] / top)

    def _span(self) -> str:
        first, last = self._queue[0][0], self._queue[-1][0]
        return span_text(round((last - first) * 1000))

    def _paint_verdicts(self, painter: QPainter, area: QRectF) -> None:
        tokens, seconds = self._theme.tokens, self._verdicts
        if not seconds:
            self._paint_figures(painter, area, _("Time to verdict"), "–", "", _("no verdict yet"))
            return
        middle, slowest = percentile(seconds, 0.5), percentile(seconds, 0.99)
        self._paint_figures(
            painter, area, _("Time to verdict"), short(middle), _("s p50"), _("{n} s p99", n=short(slowest))
        )
        self._paint_right(
            painter, area, _("last {n}, goal p99 under {goal} s", n=len(seconds), goal=f"{GOAL_SECONDS:g}")
        )
        chart = QRectF(area.x() + _LEFT, area.y() + 20, area.width() - _LEFT, area.height() - 26)
        top = max(GOAL_SECONDS * 1.25, *seconds)
        self._paint_rules(painter, chart)
        goal = chart.bottom() - chart.height() * GOAL_SECONDS / top
        painter.setPen(QPen(QColor(tokens.edge), 1, Qt.PenStyle.DashLine))
        painter.drawLine(round(chart.x()), round(goal), round(chart.right()), round(goal))
        if len(seconds) > 1:
            self._stroke(painter, line_path(chart, seconds, top), tokens.chart, chart, seconds[-1] / top)

    def _paint_figures(self, painter: QPainter, area: QRectF, head: str, big: str, unit: str, below: str) -> None:
        tokens = self._theme.tokens
        paint_text(painter, QRectF(area.x(), area.y(), _LEFT, 18), head, ui_font(13), tokens.muted)
        font = ui_font(28, 600, tabular=True)
        wide = paint_text(painter, QRectF(area.x(), area.y() + 22, _LEFT - 8, 34), big, font, tokens.ink)
        paint_text(painter, QRectF(area.x() + wide + 5, area.y() + 29, 60, 26), unit, ui_font(13), tokens.muted)
        line = QRectF(area.x(), area.y() + 58, _LEFT, 18)
        paint_text(painter, line, below, ui_font(13, tabular=True), tokens.muted)

    def _paint_right(self, painter: QPainter, area: QRectF, text: str) -> None:
        line = QRectF(area.x() + _LEFT, area.y(), area.width() - _LEFT, 16)
        paint_text(painter, line, text, ui_font(11), self._theme.tokens.muted, RIGHT)

    def _paint_rules(self, painter: QPainter, chart: QRectF) -> None:
        line = QColor(self._theme.tokens.line)
        painter.fillRect(QRectF(chart.x(), round(chart.y()), chart.width(), 1), line)
        painter.fillRect(QRectF(chart.x(), round(chart.bottom()), chart.width(), 1), line)

    def _stroke(self, painter: QPainter, path: QPainterPath, colour: str, chart: QRectF, last: float) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        y = chart.bottom() - min(1.0, last) * chart.height()
        painter.drawEllipse(QRectF(chart.right() - 2, y - 2, 4, 4))
        painter.restore()
