"""What stops which attack on one machine: the table that it sent itself, as `contestbox-judge doctor --explain` prints it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.console.mnemonics import Mnemonics
from app.console.theme.theme import Theme
from app.console.widgets.parts import Button, label, row_of
from app.console.words import retold
from app.console.words import tr as _

_MOST_ROWS = 60
_MOST_LAYERS = 8
_LONGEST = 200


def rows_of(facts: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Attack and layers, the first in front. The facts are a machine's own words: what is no such table is left out."""
    told = facts.get("attacks")
    if not isinstance(told, list):
        return []
    rows = [row for row in told[:_MOST_ROWS] if isinstance(row, list) and row]
    return [(str(row[0])[:_LONGEST], tuple(str(one)[:_LONGEST] for one in row[1 : 1 + _MOST_LAYERS])) for row in rows]


def weaker_of(facts: Mapping[str, Any]) -> list[str]:
    """What a machine says that it cannot promise."""
    told = facts.get("weaker")
    return [str(one)[: 2 * _LONGEST] for one in told[:_MOST_LAYERS]] if isinstance(told, list) else []


class Holds(QDialog):
    """The table, and above it what the machine cannot promise."""

    def __init__(self, theme: Theme, parent: QWidget | None, name: str, facts: Mapping[str, Any]) -> None:
        super().__init__(parent)
        self._mnemonics = Mnemonics(self)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = _("How {name} holds hostile programs", name=name)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.resize(760, 620)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 20, 22, 18)
        box.setSpacing(10)
        box.addWidget(label(title, 16, 600))
        for sentence in weaker_of(facts):
            words = label(retold(sentence), 14, 500, "slow")
            words.setWordWrap(True)
            box.addWidget(words)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(_table(rows_of(facts)))
        box.addWidget(area, 1)
        close = Button(theme, _("Close"), self.accept)
        close.setDefault(True)
        box.addLayout(row_of(None, close))


def _table(rows: Sequence[tuple[str, tuple[str, ...]]]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 12, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    for place, (attack, layers) in enumerate(rows):
        tried = label(attack, 14)
        tried.setWordWrap(True)
        tried.setMinimumWidth(240)
        held = label("\n".join(layers) or _("Nothing on this machine's kernel"), 13, 400, "muted" if layers else "bad")
        held.setWordWrap(True)
        grid.addWidget(tried, place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(held, place, 1, Qt.AlignmentFlag.AlignTop)
    return table
