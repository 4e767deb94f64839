"""The machine card: name, state in words, what it is doing, its slots and its last ten minutes (LOOK 5)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.console.models.machines import MachineRow, doing_head, doing_rest, state_word
from app.console.theme.theme import Theme
from app.console.theme.tokens import CARD_RADIUS
from app.console.theme.type import ui_font
from app.console.widgets.shapes import RIGHT, paint_slots, paint_spark, paint_text
from app.console.words import number, retold
from app.console.words import tr as _
from app.wire.admin_v1 import Machine

HEIGHT = 108
_QUIET_STATES = ("ready", "judging")


class MachineCard(QWidget):
    """One machine on the desk. `opened` when it is clicked, `asked` for its menu."""

    opened = Signal(object)
    asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._row: MachineRow | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(150)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def show_row(self, row: MachineRow) -> None:
        """Shows a machine."""
        if row != self._row:
            self._row = row
            self.setAccessibleName(f"{row.name}, {state_word(row.state)}")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(182, HEIGHT)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._row is not None:
            on_menu = event.position().x() > self.width() - 30 and event.position().y() < 30 and self._row.machine
            (self.asked if on_menu else self.opened).emit(self._row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._row is not None:
            self.opened.emit(self._row)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._row is not None and self._row.machine is not None:
            self.asked.emit(self._row)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._row is None:
            return
        painter = QPainter(self)
        self._paint_frame(painter, self._row)
        inner = QRectF(self.rect()).adjusted(11, 8, -11, -10)
        name = QRectF(inner.x(), inner.y(), inner.width() - 18, 20)
        paint_text(painter, name, self._row.name, ui_font(14, 600), self._theme.tokens.ink)
        if self._row.machine is not None:
            self._paint_machine(painter, inner, self._row.machine)
        else:
            self._paint_join(painter, inner, self._row)
        painter.end()

    def _paint_frame(self, painter: QPainter, row: MachineRow) -> None:
        tokens = self._theme.tokens
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(tokens.line if row.machine else tokens.line_strong), 1)
        if row.machine is None:
            pen.setStyle(Qt.PenStyle.DashLine)
        if self.hasFocus():
            frame.adjust(0.5, 0.5, -0.5, -0.5)
            pen = QPen(QColor(tokens.accent), 2)
        painter.setPen(pen)
        painter.setBrush(QColor(tokens.surface if row.machine else tokens.bg))
        painter.drawRoundedRect(frame, CARD_RADIUS, CARD_RADIUS)
        if row.machine is not None:
            self._theme.icons.paint(painter, "ellipsis-vertical", tokens.muted, QRectF(self.width() - 25, 11, 16, 16))

    def _paint_machine(self, painter: QPainter, inner: QRectF, machine: Machine) -> None:
        tokens = self._theme.tokens
        said = " · ".join(filter(None, (state_word(machine.state), machine.address)))
        colour = (
            tokens.muted if machine.state in _QUIET_STATES or machine.state in ("paused", "console") else tokens.slow
        )
        paint_text(painter, QRectF(inner.x(), inner.y() + 19, inner.width(), 17), said, ui_font(12), colour)
        self._paint_doing(painter, QRectF(inner.x(), inner.y() + 39, inner.width(), 18), machine)
        if machine.kind == "console":
            return
        foot = QRectF(inner.x(), inner.bottom() - 26, inner.width(), 26)
        slots = QRectF(foot.x(), foot.y(), foot.width(), foot.height())
        paint_slots(painter, slots, machine.busy, max(1, machine.slots), tokens)
        wide = 48 if machine.slots > 12 else machine.slots * 10
        text = _("{busy} of {slots}", busy=machine.busy, slots=machine.slots)
        font = ui_font(12, tabular=True)
        room = slots.adjusted(0, 0, -wide - 6, 0)
        paint_text(painter, room, text, font, tokens.muted, RIGHT)
        line = max(0.0, room.width() - QFontMetricsF(font).horizontalAdvance(text) - 10)
        if line > 24:
            spark = QRectF(foot.x(), foot.y() + 3, min(line, 90), 20)
            paint_spark(painter, spark, machine.load, max(10, machine.slots * 10), tokens)

    def _paint_doing(self, painter: QPainter, line: QRectF, machine: Machine) -> None:
        tokens = self._theme.tokens
        if not machine.doing:
            paint_text(painter, line, idle_text(machine), ui_font(12), tokens.muted)
            return
        doing = machine.doing[0]
        seconds = f"{doing.seconds:.1f} s"
        font = ui_font(12, tabular=True)
        wide = paint_text(painter, line, seconds, font, tokens.ink, RIGHT)
        head = paint_text(painter, line, doing_head(doing), ui_font(12, 500), tokens.ink)
        rest = line.adjusted(head + 8, 0, -wide - 6, 0)
        paint_text(painter, rest, doing_rest(doing), font, tokens.muted)

    def _paint_join(self, painter: QPainter, inner: QRectF, row: MachineRow) -> None:
        tokens = self._theme.tokens
        said = " · ".join(filter(None, (row.address, _("wants to join"))))
        if row.is_console:
            said = _("Console wants to join")
        paint_text(painter, QRectF(inner.x(), inner.y() + 19, inner.width(), 17), said, ui_font(12), tokens.muted)
        code = row.join.code if row.join else ""
        paint_text(painter, QRectF(inner.x(), inner.y() + 40, inner.width(), 26), code, ui_font(20, 600), tokens.ink)
        hint = QRectF(inner.x(), inner.bottom() - 22, inner.width(), 18)
        where = _("{address}, compare", address=row.address) if row.is_console else _("compare with its screen")
        paint_text(painter, hint, where, ui_font(12), tokens.muted)


def idle_text(machine: Machine) -> str:
    """What a machine without work says: why, or how much it has done."""
    if machine.state in _QUIET_STATES:
        return _("{n} judged so far", n=number(machine.judged)) if machine.judged else _("waits for work")
    return retold(machine.state_sentence)
