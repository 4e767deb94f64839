"""The page of all submissions: the list, and one submission opened from it."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.pages.page import Page
from app.console.pages.submission_list import SubmissionList
from app.console.pages.submission_page import SubmissionPage
from app.console.theme.tokens import MARGIN
from app.console.words import tr as _


class SubmissionsPage(Page):
    """List and detail share the place; the list keeps its reading position behind the detail."""

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.list = SubmissionList(board, name="all", title=_("Submissions"))
        self.detail = SubmissionPage(board)
        self.filter = self.list.filter
        around = QWidget()
        box = QVBoxLayout(around)
        box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        box.addWidget(self.list)
        self._faces = QStackedLayout()
        self._faces.addWidget(around)
        self._faces.addWidget(self.detail)
        self.body.addLayout(self._faces)

    @property
    def in_detail(self) -> bool:
        """Whether one submission is shown."""
        return self._faces.currentIndex() == 1

    def shown(self) -> None:
        self.back()
        self.list.table.setFocus()

    def open(self, submission_id: int) -> None:
        """Shows one submission."""
        self._faces.setCurrentIndex(1)
        self.detail.show_submission(submission_id, self.list.model.keys())
        self.detail.runs.squares.setFocus()

    def back(self) -> bool:
        if not self.in_detail:
            return False
        self._faces.setCurrentIndex(0)
        self.list.table.choose(self.detail.shown_id)
        self.list.table.setFocus()
        return True
