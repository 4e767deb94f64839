"""The console's letters and bricks: labels, buttons, cards, boxes. Their looks stand in the style sheet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.shapes import LEFT, paint_text


def label(text: str = "", size: int = 14, weight: int = 400, role: str = "", *, tabular: bool = False) -> QLabel:
    """A line of text in a role of the sheet (muted, faint, slow, bad, good) or in ink."""
    made = QLabel(text)
    made.setFont(ui_font(size, weight, tabular=tabular))
    made.setTextFormat(Qt.TextFormat.PlainText)
    set_role(made, role)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Changes a label's role; the sheet is asked again only when it is another one."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Line(QWidget):
    """One line of text that ends in … where there is no room, which QLabel never does."""

    def __init__(
        self, theme: Theme, size: int = 14, weight: int = 400, role: str = "ink", *, tabular: bool = False
    ) -> None:
        super().__init__()
        self._theme = theme
        self._font = ui_font(size, weight, tabular=tabular)
        self._role = role
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def text(self) -> str:
        """The whole of what it says."""
        return self._text

    def say(self, text: str, role: str | None = None) -> None:
        """Shows another text; the whole of it is the tool tip where it doesn't fit."""
        self._text = text
        self._role = role or self._role
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font)
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        fits = QFontMetrics(self._font).horizontalAdvance(self._text) <= self.width()
        self.setToolTip("" if fits else self._text)
        painter = QPainter(self)
        paint_text(painter, QRectF(self.rect()), self._text, self._font, self._theme.tokens.colour(self._role), LEFT)
        painter.end()


class Button(QPushButton):
    """A button of a kind of the sheet (primary, danger, link, icon, bare or plain), its icon in the colour of its words."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        act: Callable[[], object] | None = None,
        *,
        kind: str = "",
        icon: str = "",
        name: str = "",
    ) -> None:
        # Fusion leaves four pixels between icon and words; a thin space makes it eight.
        super().__init__(f"\u2009{text}" if icon and text else text)
        self._theme = theme
        self._icon = icon
        self.setProperty("kind", kind)
        self.setAccessibleName(name or text)
        if name:
            self.setToolTip(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        if act is not None:
            self.clicked.connect(lambda _checked=False: act())
        theme.changed.connect(self._colour)
        self._colour()

    @property
    def marked(self) -> str:
        """The words with the mark of the letter that presses the button while Alt is held."""
        return super().text()

    def text(self) -> str:
        """The words without that mark."""
        return self.marked.replace("&&", "\0").replace("&", "").replace("\0", "&")

    def say(self, text: str) -> None:
        """Other words on the button."""
        self.setText(f"\u2009{text}" if self._icon else text)
        self.setAccessibleName(text)

    def become(self, kind: str) -> None:
        """Changes the kind."""
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)
            self._colour()

    def _colour(self) -> None:
        if not self._icon:
            return
        tokens = self._theme.tokens
        colour = {"primary": tokens.on_accent, "danger": tokens.bad, "link": tokens.accent, "bare": tokens.muted}
        self.setIcon(self._theme.icons.icon(self._icon, colour.get(str(self.property("kind")), tokens.ink), 16))
        self.setIconSize(QSize(16, 16))


class Picture(QWidget):
    """An icon in the colour of a role, on the role's tint where asked."""

    def __init__(self, theme: Theme, name: str, role: str = "muted", size: int = 16, *, tinted: bool = False) -> None:
        super().__init__()
        self._theme, self._name, self._role, self._size, self._tinted = theme, name, role, size, tinted
        side = size + (16 if tinted else 0)
        self.setFixedSize(side, side)
        theme.changed.connect(self.update)

    def become(self, name: str, role: str) -> None:
        """Another icon or role."""
        if (name, role) != (self._name, self._role):
            self._name, self._role = name, role
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self._tinted:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.tokens.tint(self._role))
            painter.drawRoundedRect(rect, 6, 6)
            rect = rect.adjusted(8, 8, -8, -8)
        self._theme.icons.paint(painter, self._name, self._theme.tokens.colour(self._role), rect)
        painter.end()


class Card(QFrame):
    """A surface with a one-pixel outline. `body` is its box."""

    def __init__(self, margins: tuple[int, int, int, int] = (16, 14, 16, 14), spacing: int = 0) -> None:
        super().__init__()
        self.setProperty("part", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(*margins)
        self.body.setSpacing(spacing)


class CardHead(QWidget):
    """A card's title, what is said beside it, and what stands at its right end."""

    def __init__(self, title: str, *right: QWidget) -> None:
        super().__init__()
        self.title = label(title, 14, 600)
        self.beside = label("", 13, 400, "muted")
        self.row = row_of(self.title, self.beside, None, *right, spacing=8)
        self.setLayout(self.row)


def roomy(field: QAbstractSpinBox) -> None:
    """Gives the text of a number or time field the room at its left that text fields have; the sheet's padding does not reach it."""
    inner = field.lineEdit()
    if inner is not None:
        inner.setTextMargins(9, 0, 9, 0)


def rule() -> QWidget:
    """A line of one pixel between the rows of a card."""
    line = QFrame()
    line.setProperty("part", "rule")
    return line


def row_of(*widgets: QWidget | QLayout | None, spacing: int = 8) -> QHBoxLayout:
    """A row without margins; None is the room that is left over."""
    box = QHBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            box.addStretch(1)
        elif isinstance(widget, QLayout):
            box.addLayout(widget)
        else:
            box.addWidget(widget)
    return box


def column_of(*widgets: QWidget | QLayout | None, spacing: int = 8) -> QVBoxLayout:
    """A column without margins; None is the room that is left over."""
    box = QVBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            box.addStretch(1)
        elif isinstance(widget, QLayout):
            box.addLayout(widget)
        else:
            box.addWidget(widget)
    return box


def clear(box: QLayout) -> None:
    """Takes everything out of a box and lets it go."""
    while (item := box.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
