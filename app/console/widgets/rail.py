"""The rail of pages at the left: icon, name, and a count where something waits."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QSizePolicy, QVBoxLayout, QWidget

from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.parts import label, row_of
from app.console.widgets.shapes import CENTRE, paint_text

WIDTH = 193


class RailButton(QAbstractButton):
    """One page."""

    def __init__(self, theme: Theme, icon: str, text: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._count = 0
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)

    def count(self, number: int) -> None:
        """How many things wait there; 0 shows nothing."""
        if number != self._count:
            self._count = number
            self.setAccessibleName(f"{self.text()}, {number}" if number else self.text())
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH - 16, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(self.rect())
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_tint if self.isChecked() else tokens.sunken))
            painter.drawRoundedRect(ground, 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), 6, 6)
        colour = tokens.accent if self.isChecked() else tokens.ink
        sign = tokens.accent if self.isChecked() else tokens.muted
        self._theme.icons.paint(painter, self._icon, sign, QRectF(9, ground.center().y() - 8, 16, 16))
        paint_text(painter, ground.adjusted(34, 0, -40, 0), self.text(), ui_font(14, 500), colour)
        if self._count:
            self._paint_count(painter, ground)
        painter.end()

    def _paint_count(self, painter: QPainter, ground: QRectF) -> None:
        tokens, font = self._theme.tokens, ui_font(12, 600, tabular=True)
        text = str(self._count) if self._count < 1000 else "999+"
        width = max(20.0, QFontMetricsF(font).horizontalAdvance(text) + 12)
        pill = QRectF(ground.right() - width - 8, ground.center().y() - 10, width, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.quiet_tint))
        painter.drawRoundedRect(pill, 10, 10)
        paint_text(painter, pill, text, font, tokens.ink, CENTRE)


class Mark(QWidget):
    """The product's sign: a box with a balloon."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(28, 30)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(1, 1)
        painter.setPen(QPen(QColor(tokens.edge), 1.8, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(13, 10, 13, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent))
        painter.drawEllipse(QRectF(8.6, 1.2, 8.8, 8.8))
        pen = QPen(QColor(tokens.ink), 1.8, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(QColor(tokens.surface))
        painter.drawPath(_polygon((3.5, 15.2), (13, 19.6), (22.5, 15.2), (22.5, 22.8), (13, 27.1), (3.5, 22.8)))
        painter.drawLine(13, 20, 13, 27)
        painter.end()


def _polygon(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.closeSubpath()
    return path


class Rail(QFrame):
    """All pages. `chosen` comes with a page's key."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(WIDTH)
        self._theme = theme
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(8, 16, 8, 12)
        self._box.setSpacing(3)
        head = row_of(Mark(theme), label("Contestbox", 14, 600), None, spacing=9)
        head.setContentsMargins(8, 0, 0, 0)
        self._box.addLayout(head)
        self._box.addSpacing(24)

    def add_page(self, key: str, icon: str, text: str, shortcut: str) -> None:
        """Adds a page's button below the others."""
        button = RailButton(self._theme, icon, text)
        button.setToolTip(shortcut)
        button.clicked.connect(lambda: self.chosen.emit(key))
        self._group.addButton(button)
        self._buttons[key] = button
        self._box.addWidget(button)

    def add_gap(self) -> None:
        """A little room between groups of pages."""
        self._box.addSpacing(14)

    def add_room(self) -> None:
        """What follows stands at the bottom."""
        self._box.addStretch(1)

    def show_page(self, key: str) -> None:
        """Marks a page as the shown one."""
        self._buttons[key].setChecked(True)

    def count(self, key: str, number: int) -> None:
        """The count beside a page's name."""
        self._buttons[key].count(number)
