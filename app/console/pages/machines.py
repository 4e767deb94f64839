"""The judge machines: the table, one machine beside it, and the pop-over that compares the code of one that wants to join."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout

from app.console.board import Board
from app.console.dialogs.pairing import Answers, PairingPopover
from app.console.link import Room
from app.console.models.machines import MachineRow
from app.console.pages.machine_menu import machine_actions
from app.console.pages.machine_panel import MachinePanel
from app.console.pages.page import Page
from app.console.theme.tokens import GAP
from app.console.widgets.filter_field import FilterField
from app.console.widgets.machine_cells import machine_delegate
from app.console.widgets.parts import Card
from app.console.widgets.table import Table
from app.console.words import tr as _
from app.wire.admin_v1 import PendingJoin

ROW = 46


class MachinesPage(Page):
    """Opening a machine that wants to join shows the pop-over at its row."""

    def __init__(self, board: Board) -> None:
        super().__init__(board, _("Machines"))
        self.popover: PairingPopover | None = None
        self.table = Table(
            board.theme,
            board.machines,
            machine_delegate(board.theme),
            name="machines",
            settings=board.settings,
            title=_("Judge machines"),
            row_height=ROW,
        )
        hint = _("Run contestbox-judge on a machine of this network. It appears here, and you compare its code.")
        self.table.say_when_empty(_("No judge machine yet"), hint)
        self.table.menu_for = lambda row: machine_actions(board, row, self.table)
        self.filter = FilterField(board.theme, board.machines, self.table)
        self.head.addWidget(self.filter)
        self.panel = MachinePanel(board)
        card = Card((1, 5, 1, 6))
        card.body.addWidget(self.table)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(card, 5)
        row.addWidget(self.panel, 3)
        self.body.addLayout(row, 1)
        self.panel.hide()
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(self._on_open)
        board.news.room.connect(self._on_room)

    def shown(self) -> None:
        self.table.setFocus()
        if self.table.current_row() is None and self.board.machines.rowCount():
            self.table.selectRow(0)

    def choose(self, machine_id: str) -> None:
        """Makes a machine the chosen one."""
        for row in self.board.machines.rows():
            if row.machine is not None and row.machine.id == machine_id:
                self.table.choose(row.key)

    def compare(self, join: PendingJoin) -> None:
        """Shows the pop-over for one request."""
        self.back()
        answers = Answers(self.board.commands.approve, self.board.commands.refuse, self.board.now_ms)
        popover = PairingPopover(self.board.theme, self, join, answers)
        popover.closed.connect(self._on_closed)
        self.popover = popover
        row = next((one for one in self.board.machines.rows() if one.join == join), None)
        tip = QPoint(200, 120)
        if row is not None:
            self.table.choose(row.key)
            place = self.board.machines.place_of(row.key)
            rect = self.table.visualRect(self.board.machines.index(max(0, place), 1))
            tip = self.table.viewport().mapTo(self, QPoint(rect.x() + 36, rect.bottom() + 2))
        popover.point_at(tip)

    def back(self) -> bool:
        if self.popover is None:
            return False
        self.popover.dismiss()
        return True

    def _on_closed(self) -> None:
        self.popover = None
        self.table.setFocus()

    def _on_chosen(self, row: MachineRow) -> None:
        self.panel.show()
        self.panel.show_row(row)

    def _on_open(self, row: MachineRow) -> None:
        if row.join is not None:
            self.compare(row.join)

    def _on_room(self, room: Room) -> None:
        ready = sum(one.state in ("ready", "judging") for one in room.machines)
        other = {
            _("paused"): sum(one.state == "paused" for one in room.machines),
            _("held back"): sum(one.state == "held" for one in room.machines),
            _("away"): sum(one.state == "away" for one in room.machines),
            _("wants to join") if len(room.pending) == 1 else _("want to join"): len(room.pending),
        }
        self.beside.setText(" · ".join([_("{n} ready", n=ready), *(f"{n} {word}" for word, n in other.items() if n)]))
        current = self.table.current_row()
        if current is not None:
            self.panel.show_row(current)
        self.panel.setVisible(current is not None)
        if self.popover is not None and all(one.request_id != self.popover.join.request_id for one in room.pending):
            self.popover.dismiss()
