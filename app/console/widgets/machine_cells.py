"""How the cells of the machine table are painted: two lines a row."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.console.models.machines import STATES, MachineRow, doing_head, doing_rest, slots_text, state_word
from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.cells import CellDelegate
from app.console.widgets.chip import HEIGHT, Chip, paint_chip
from app.console.widgets.machine_card import idle_text
from app.console.widgets.shapes import RIGHT, paint_slots, paint_spark, paint_text
from app.console.words import tr as _


def machine_delegate(theme: Theme) -> CellDelegate:
    """The delegate of the machine table."""
    cells = _Cells(theme)
    draws = {
        "machine": cells.machine,
        "state": cells.state,
        "doing": cells.doing,
        "slots": cells.slots,
        "load": cells.load,
    }
    return CellDelegate(theme, draws)


class _Cells:
    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def _two(self, painter: QPainter, rect: QRectF, first: str, second: str) -> None:
        tokens = self._theme.tokens
        middle = rect.center().y()
        upper, lower = QRectF(rect.x(), middle - 18, rect.width(), 18), QRectF(rect.x(), middle, rect.width(), 17)
        paint_text(painter, upper, first, ui_font(14, 500), tokens.ink)
        paint_text(painter, lower, second, ui_font(13, tabular=True), tokens.muted)

    def machine(self, painter: QPainter, rect: QRectF, row: MachineRow) -> None:
        """Name and address."""
        self._two(painter, rect, row.name, row.address)

    def state(self, painter: QPainter, rect: QRectF, row: MachineRow) -> None:
        """The state as a chip."""
        icon, role = STATES.get(row.state, ("circle-dashed", "quiet"))
        origin = QPointF(rect.x(), round(rect.center().y() - HEIGHT / 2))
        paint_chip(painter, origin, Chip(role, icon, state_word(row.state)), self._theme)

    def doing(self, painter: QPainter, rect: QRectF, row: MachineRow) -> None:
        """What it works on; of several the first, and how many more."""
        if row.join is not None:
            self._two(painter, rect, row.join.code, _("console’s code") if row.is_console else _("code to compare"))
        elif row.machine is not None and row.machine.doing:
            doing = row.machine.doing[0]
            more = len(row.machine.doing) - 1
            head = doing_head(doing) + (_(" +{n}", n=more) if more else "")
            self._two(painter, rect, head, f"{doing_rest(doing)}, {doing.seconds:.1f} s")
        elif row.machine is not None:
            paint_text(painter, rect, idle_text(row.machine), ui_font(13), self._theme.tokens.muted)

    def slots(self, painter: QPainter, rect: QRectF, row: MachineRow) -> None:
        """Squares and numbers."""
        machine = row.machine
        if machine is None or not machine.slots:
            return
        text = slots_text(row)
        wide = paint_text(painter, rect, text, ui_font(14, tabular=True), self._theme.tokens.muted, RIGHT)
        paint_slots(painter, rect.adjusted(0, 0, -wide - 8, 0), machine.busy, machine.slots, self._theme.tokens)

    def load(self, painter: QPainter, rect: QRectF, row: MachineRow) -> None:
        """The last ten minutes."""
        if row.machine is not None and not row.is_console:
            area = QRectF(rect.x(), rect.center().y() - 12, min(82.0, rect.width()), 22)
            paint_spark(painter, area, row.machine.load, max(10, row.machine.slots * 10), self._theme.tokens)
