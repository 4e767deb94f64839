"""The limit bar: a measured value against its limit, from 0 to 125 % (LOOK 5)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.console.theme.theme import Theme
from app.console.theme.tokens import Tokens
from app.console.words import tr as _

FULL = 1.25
NEAR = 0.9


def paint_limit_bar(
    painter: QPainter, rect: QRectF, share: float, tokens: Tokens, repeats: Sequence[float] = (), height: float = 6
) -> None:
    """Draws `share` (1 is the limit). `repeats` are shares of further measurements, ticks of their own."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    bar = QRectF(rect.x(), rect.center().y() - height / 2, rect.width(), height)
    clip = QPainterPath()
    clip.addRoundedRect(bar, height / 2, height / 2)
    painter.setClipPath(clip)
    painter.fillRect(bar, QColor(tokens.quiet_tint))

    def place(at: float) -> float:
        return bar.x() + bar.width() * min(at, FULL) / FULL

    zone = QColor(tokens.edge)
    zone.setAlphaF(0.45)
    painter.fillRect(QRectF(place(0.9), bar.y(), place(1.1) - place(0.9), height), zone)
    if share > 0:
        fill = tokens.chart if share < NEAR else tokens.slow
        painter.fillRect(QRectF(bar.x(), bar.y(), max(2.0, place(min(share, 1.0)) - bar.x()), height), QColor(fill))
    if share > 1:
        painter.fillRect(QRectF(place(1), bar.y(), place(share) - place(1), height), QColor(tokens.bad))
    painter.setClipping(False)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for one in repeats:
        painter.fillRect(QRectF(round(place(one)), bar.y() - 3, 1, height + 6), QColor(tokens.muted))
    painter.fillRect(QRectF(round(place(1)) - 1, bar.y() - 4, 2, height + 8), QColor(tokens.ink))
    painter.restore()


class LimitBar(QWidget):
    """A limit bar that stands by itself on a page."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self._repeats: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def show_share(self, share: float, repeats: tuple[float, ...] = ()) -> None:
        """Shows a value as a share of its limit."""
        self._share, self._repeats = share, repeats
        self.setAccessibleName(_("{n} % of the limit", n=round(share * 100)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(188, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_limit_bar(painter, QRectF(self.rect()), self._share, self._theme.tokens, self._repeats, 8)
        painter.end()
