"""The machines as a row of cards: the room at a glance."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from app.console.board import Board
from app.console.mnemonics import mark_menu
from app.console.models.machines import MachineRow, machine_rows
from app.console.pages.machine_menu import machine_actions
from app.console.widgets.machine_card import MachineCard
from app.console.widgets.parts import Button, column_of, label, row_of
from app.console.words import counted
from app.console.words import tr as _

_CARD, _GAP = 184, 12
_ORDER = {"joining": 0, "console joining": 0, "held": 1, "away": 2, "judging": 3, "ready": 4, "paused": 5}


class RoomStrip(QWidget):
    """As many cards as fit in one row, those that need a look first; a button leads to the rest."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._cards: list[MachineCard] = []
        self._rows: list[MachineRow] = []
        self.beside = label("", 13, 400, "muted", tabular=True)
        self._more = Button(board.theme, "", lambda: board.news.show_page.emit("machines"), kind="link")
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._nobody = label("", 13, 400, "muted")
        head = row_of(label(_("Machines"), 14, 600), self.beside, None, self._more)
        box = column_of(head, self._grid, self._nobody, spacing=6)
        self.setLayout(box)
        board.news.room.connect(lambda _room: self.refresh())

    def refresh(self) -> None:
        """Shows the room as it is now."""
        room = self._board.room
        if room is None:
            return
        rows = [row for row in machine_rows(room) if row.join is not None or not row.is_console]
        fits = max(1, (self.width() + _GAP) // (_CARD + _GAP))
        shown = rows
        if len(rows) > fits:
            shown = sorted(rows, key=lambda row: (_ORDER.get(row.state, 9), row.key))[:fits]
            shown = sorted(shown, key=lambda row: row.key)
        self._show(shown, fits)
        slots = sum(row.machine.slots for row in rows if row.machine)
        busy = sum(row.machine.busy for row in rows if row.machine)
        self.beside.setText(_("{busy} of {slots} slots busy, last 10 min", busy=busy, slots=slots) if slots else "")
        hidden = len(rows) - len(shown)
        self._more.say(_("All {machines}", machines=counted(len(rows), "machine", "machines")) if hidden else "")
        self._more.setVisible(hidden > 0)
        self._nobody.setVisible(not rows)
        self._nobody.setText(
            _("No machine yet. Run contestbox-judge on a machine of this network; it appears here and waits for you.")
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def _show(self, rows: list[MachineRow], columns: int) -> None:
        while len(self._cards) < len(rows):
            card = MachineCard(self._board.theme)
            card.opened.connect(self._on_open)
            card.asked.connect(self._on_menu)
            self._grid.addWidget(card, 0, len(self._cards))
            self._cards.append(card)
        for place, card in enumerate(self._cards):
            card.setVisible(place < len(rows))
            if place < len(rows):
                card.show_row(rows[place])
        for column in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._rows = rows

    def _on_open(self, row: MachineRow) -> None:
        if row.join is not None:
            self._board.news.compare.emit(row.join)
        elif row.machine is not None:
            self._board.news.show_machine.emit(row.machine.id)

    def _on_menu(self, row: MachineRow) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(machine_actions(self._board, row, menu))
        mark_menu(menu.actions())
        card = self._cards[self._rows.index(row)] if row in self._rows else self._cards[0]
        menu.popup(card.mapToGlobal(QPoint(card.width() - 30, 30)))
