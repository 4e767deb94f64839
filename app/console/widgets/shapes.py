"""Small painted signs shared by tables and cards: the balloon, slots, spark lines, elided text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from app.console.theme.tokens import Tokens, letter_on
from app.console.theme.type import ui_font

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


def paint_text(
    painter: QPainter, rect: QRectF, text: str, font: QFont, colour: str, align: Qt.AlignmentFlag = LEFT
) -> float:
    """Draws one line of text, elided to `rect`; gives the width that it took."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, align, shown)
    return metrics.horizontalAdvance(shown)


def paint_balloon(painter: QPainter, centre: QPointF, label: str, rgb: str, tokens: Tokens, size: float = 18) -> None:
    """A filled disc with its problem's letter and a 1 px outline."""
    colour = QColor(rgb) if QColor.isValidColorName(rgb) else QColor(tokens.quiet_tint)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    disc = QRectF(centre.x() - size / 2 + 0.5, centre.y() - size / 2 + 0.5, size - 1, size - 1)
    painter.setBrush(colour)
    painter.setPen(QPen(QColor(tokens.edge), 1))
    painter.drawEllipse(disc)
    painter.setFont(ui_font(round(size * 0.62), 600))
    painter.setPen(QColor(letter_on(colour.name())))
    painter.drawText(disc, CENTRE, label[:2])
    painter.restore()


def paint_slots(painter: QPainter, rect: QRectF, busy: int, slots: int, tokens: Tokens) -> None:
    """One square of 8 px for each slot, right-aligned in `rect`: filled while it is busy. Over twelve it is a bar."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if slots > 12:
        _paint_many_slots(painter, rect, busy / slots, tokens)
    else:
        left = rect.right() - slots * 10 + 2
        for place in range(slots):
            square = QRectF(left + place * 10 + 0.5, rect.center().y() - 3.5, 7, 7)
            painter.setPen(QPen(QColor(tokens.edge), 1))
            painter.setBrush(QColor(tokens.chart) if place < busy else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(square, 1.5, 1.5)
    painter.restore()


def _paint_many_slots(painter: QPainter, rect: QRectF, share: float, tokens: Tokens) -> None:
    bar = QRectF(rect.right() - 48, rect.center().y() - 3.5, 47, 7)
    painter.setPen(QPen(QColor(tokens.edge), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(bar, 2, 2)
    painter.setBrush(QColor(tokens.chart))
    painter.drawRoundedRect(QRectF(bar.x(), bar.y(), bar.width() * share, bar.height()), 2, 2)


def paint_spark(painter: QPainter, rect: QRectF, values: Sequence[float], top: float, tokens: Tokens) -> None:
    """A line through `values` (oldest first) over a rule; `top` is the value at the upper edge."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), QColor(tokens.line))
    if len(values) > 1:
        painter.setPen(QPen(QColor(tokens.chart), 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(line_path(rect.adjusted(0, 1, 0, -2), values, top))
    painter.restore()


def line_path(rect: QRectF, values: Sequence[float], top: float) -> QPainterPath:
    """The line through `values` that fills the width of `rect`."""
    step = rect.width() / max(1, len(values) - 1)
    path = QPainterPath()
    for place, value in enumerate(values):
        share = min(1.0, value / top) if top > 0 else 0.0
        point = QPointF(rect.x() + place * step, rect.bottom() - share * rect.height())
        if place:
            path.lineTo(point)
        else:
            path.moveTo(point)
    return path
