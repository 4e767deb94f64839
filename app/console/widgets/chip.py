"""The verdict chip: sign and letters on a tint, with a hair-line of progress while tests run (LOOK 5)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.console.theme.theme import Theme
from app.console.theme.tokens import RADIUS
from app.console.theme.type import ui_font
from app.console.words import tr as _

HEIGHT = 22
_LOOKS = {
    "AC": ("good", "check"),
    "WA": ("bad", "x"),
    "TLE": ("slow", "clock"),
    "MLE": ("heavy", "layers"),
    "OLE": ("heavy", "layers"),
    "RTE": ("broken", ""),
    "CE": ("quiet", "braces"),
    "NO": ("quiet", "circle-off"),
    "JE": ("quiet", "hourglass"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """What a chip shows. `icon` "" is an exclamation mark; `progress` from 0 to 1 while tests run, else None."""

    role: str
    icon: str
    letters: str
    meaning: str = ""
    progress: float | None = None


def chip_of(status: str, verdict: str | None, done: int, tests: int) -> Chip:
    """The chip of a submission by the wire's status and verdict; `done` of `tests` runs are known."""
    if status == "DESK":
        return Chip("quiet", "hourglass", "JE", meaning_of("JE"))
    if status == "DONE" and verdict in _LOOKS:
        return verdict_chip(verdict)
    if status == "COMPILING":
        return Chip("waiting", "ellipsis", "COMPILING", _("Being compiled"))
    if status == "RUNNING" and tests:
        said = _("{done} of {tests} tests passed so far", done=done, tests=tests)
        return Chip("waiting", "ellipsis", f"{done}/{tests}", said, done / tests)
    return Chip("waiting", "ellipsis", "PENDING", _("Waits for a judge machine"))


def verdict_chip(verdict: str) -> Chip:
    """The chip of one verdict by its CLICS id."""
    role, icon = role_and_icon(verdict)
    return Chip(role, icon, verdict, meaning_of(verdict))


def role_and_icon(verdict: str) -> tuple[str, str]:
    """Colour role and icon of a verdict; an unknown one is quiet."""
    return _LOOKS.get(verdict, ("quiet", "circle-dashed"))


def meaning_of(verdict: str) -> str:
    """A verdict in words."""
    return {
        "AC": _("Accepted"),
        "WA": _("Wrong answer"),
        "TLE": _("Time limit exceeded"),
        "MLE": _("Memory limit exceeded"),
        "OLE": _("Output limit exceeded"),
        "RTE": _("Run-time error"),
        "CE": _("Compile error"),
        "NO": _("No output"),
        "JE": _("Judging error"),
    }.get(verdict, verdict)


def chip_width(chip: Chip) -> float:
    """The width that a chip takes, in pixels."""
    return 8 + 14 + 5 + QFontMetricsF(ui_font(13, 600, tabular=True)).horizontalAdvance(chip.letters) + 9


def paint_chip(painter: QPainter, origin: QPointF, chip: Chip, theme: Theme) -> QRectF:
    """Draws a chip with its top left corner at `origin`; gives the rectangle that it took."""
    tokens = theme.tokens
    rect = QRectF(origin.x(), origin.y(), chip_width(chip), HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.tint(chip.role)))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    if chip.progress is not None:
        painter.setClipRect(QRectF(rect.x(), rect.bottom() - 2, rect.width(), 2))
        painter.setBrush(QColor(tokens.line_strong))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        painter.setClipRect(QRectF(rect.x(), rect.bottom() - 2, rect.width() * chip.progress, 2))
        painter.setBrush(QColor(tokens.colour(chip.role)))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        painter.setClipping(False)
    paint_sign(painter, QRectF(rect.x() + 7, rect.y() + 4, 14, 14), chip.icon, tokens.colour(chip.role), theme)
    painter.setFont(ui_font(13, 600, tabular=True))
    painter.setPen(QColor(tokens.colour(chip.role)))
    text = QRectF(rect.x() + 26, rect.y(), rect.width() - 26, HEIGHT)
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, chip.letters)
    painter.restore()
    return rect


def paint_sign(painter: QPainter, rect: QRectF, icon: str, colour: str, theme: Theme) -> None:
    """Draws a verdict's sign; an exclamation mark where there is no icon."""
    if icon:
        theme.icons.paint(painter, icon, colour, rect)
        return
    painter.setFont(ui_font(round(rect.height()), 600))
    painter.setPen(QColor(colour))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "!")


class ChipLabel(QWidget):
    """A chip that stands by itself on a page."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._chip: Chip | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_chip(self, chip: Chip) -> None:
        """Shows another chip."""
        self._chip = chip
        self.setAccessibleName(f"{chip.letters}: {chip.meaning}")
        self.setToolTip(chip.meaning)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(chip_width(self._chip)) + 1 if self._chip else 0, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._chip is not None:
            painter = QPainter(self)
            paint_chip(painter, QPointF(0, 0), self._chip, self._theme)
            painter.end()
