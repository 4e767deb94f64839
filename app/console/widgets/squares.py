"""Run squares: what happened on each test, as bars in tables and as squares on the submission's page (LOOK 5)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.console.theme.theme import Theme
from app.console.widgets.chip import paint_sign, role_and_icon

_VERDICT_OF = {"W": "WA", "T": "TLE", "M": "MLE", "O": "OLE", "R": "RTE", "C": "CE", "N": "NO", "J": "JE"}
PASSED, NOT_RUN, RUNNING = ".", "-", ">"
_BAR, _GAP, _TALL = 6.0, 2.0, 10.0
_SIGN = 14.0


def verdict_of(letter: str) -> str | None:
    """The verdict behind a letter of the wire's `tests`; None for passed, not run and running."""
    return _VERDICT_OF.get(letter)


@dataclass(frozen=True, slots=True)
class _Scale:
    width: float
    gap: float


def _scale(tests: str, room: float) -> _Scale:
    """Bars of 6 px with gaps of 2 that shrink until all tests fit; failed ones keep their 14 px."""
    signs = sum(1 for letter in tests if letter in _VERDICT_OF)
    bars = len(tests) - signs
    for gap in (_GAP, 1.0, 0.0):
        free = room - signs * (_SIGN + gap) - bars * gap
        if bars == 0 or free / bars >= min(_BAR, 2.0):
            return _Scale(min(_BAR, free / bars) if bars else _BAR, gap)
    return _Scale(max(0.1, (room - signs * _SIGN) / max(1, bars)), 0.0)


def paint_bars(painter: QPainter, rect: QRectF, tests: str, theme: Theme) -> None:
    """The tests of one submission in one table cell."""
    if not tests:
        return
    tokens, scale = theme.tokens, _scale(tests, rect.width())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    left, middle = rect.x(), rect.center().y()
    radius = min(1.5, scale.width / 3)
    for letter in tests:
        verdict = verdict_of(letter)
        if verdict is not None:
            paint_failed(painter, QRectF(left, middle - _SIGN / 2, _SIGN, _SIGN), verdict, theme)
            painter.setPen(Qt.PenStyle.NoPen)
            left += _SIGN + scale.gap
            continue
        tall = _SIGN if letter == RUNNING else _TALL
        colour = {PASSED: tokens.square, RUNNING: tokens.waiting}.get(letter, tokens.quiet_tint)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(QRectF(left, middle - tall / 2, scale.width, tall), radius, radius)
        left += scale.width + scale.gap
    painter.restore()


def paint_failed(painter: QPainter, rect: QRectF, verdict: str, theme: Theme) -> None:
    """A solid square with the verdict's sign."""
    role, icon = role_and_icon(verdict)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.tokens.colour(role)))
    painter.drawRoundedRect(rect, 3, 3)
    sign = rect.adjusted(2, 2, -2, -2)
    paint_sign(painter, sign, icon, theme.tokens.tint(role), theme)


def paint_square(
    painter: QPainter, rect: QRectF, letter: str, theme: Theme, *, longest: bool = False, focused: bool = False
) -> None:
    """One 14 px square: outlined when passed, with a dot for the longest run; a ring where the keyboard is."""
    tokens = theme.tokens
    verdict = verdict_of(letter)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    if verdict is not None:
        paint_failed(painter, rect, verdict, theme)
    elif letter == PASSED:
        painter.setPen(QPen(QColor(tokens.square), 1))
        painter.setBrush(QColor(tokens.good_tint))
        painter.drawRoundedRect(inner, 3, 3)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.waiting if letter == RUNNING else tokens.quiet_tint))
        painter.drawRoundedRect(rect, 3, 3)
    if longest:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.tint("good") if verdict else tokens.good))
        painter.drawEllipse(QRectF(rect.center().x() - 2, rect.center().y() - 2, 4, 4))
    if focused:
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), 5, 5)
    painter.restore()
