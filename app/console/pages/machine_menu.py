"""What can be done with one machine: the same actions in menus, cards and on its page."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from app.console.board import Board
from app.console.models.machines import MachineRow
from app.console.words import tr as _


def machine_actions(board: Board, row: MachineRow, parent: QObject) -> list[QAction]:
    """The actions of a row, in the order of the buttons."""
    commands, machine, join = board.commands, row.machine, row.join
    actions: list[QAction] = []

    def add(text: str, act: object) -> None:
        action = QAction(text, parent)
        action.triggered.connect(act)
        actions.append(action)

    if join is not None:
        add(_("Compare code…"), lambda: board.news.compare.emit(join))
        add(_("Refuse"), lambda: commands.refuse(join))
    if machine is not None:
        if machine.state == "paused":
            add(_("Resume"), lambda: commands.resume(machine))
        else:
            add(_("Pause"), lambda: commands.pause(machine))
        add(_("Rename…"), lambda: commands.rename(machine))
        add(_("Unpair…"), lambda: commands.unpair(machine))
    return actions
