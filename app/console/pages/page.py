"""What a page is: a widget with a title line that hears of the state and knows its filter field."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.theme.tokens import GAP, MARGIN
from app.console.widgets.filter_field import FilterField
from app.console.widgets.parts import label


class Page(QWidget):
    """One page of the rail. `filter` is where Ctrl+F goes."""

    filter: FilterField | None = None

    def __init__(self, board: Board, title: str = "") -> None:
        super().__init__()
        self.setObjectName("page")
        self.board = board
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(MARGIN, GAP if title else MARGIN, MARGIN, MARGIN)
        self.body.setSpacing(GAP)
        self.beside = label("", 13, 400, "muted")
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        if title:
            self.head.addWidget(label(title, 20, 600))
            self.head.addSpacing(5)
            self.head.addWidget(self.beside)
            self.head.addStretch(1)
            self.body.addLayout(self.head)

    def shown(self) -> None:
        """The organiser opened this page."""

    def back(self) -> bool:
        """Escape: True when the page had something to go back from."""
        return False
