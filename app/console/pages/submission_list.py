"""The list of submissions in a card, on the desk and on its own page."""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtGui import QAction

from app.console.board import Board
from app.console.feed import KEPT
from app.console.models.submissions import Submissions
from app.console.widgets.filter_field import FilterField
from app.console.widgets.parts import Card, CardHead, label
from app.console.widgets.submission_cells import submission_delegate
from app.console.widgets.table import Table
from app.console.words import number
from app.console.words import tr as _
from app.wire.admin_v1 import SubmissionRow


class SubmissionList(Card):
    """Shows the board's submissions; Enter or a double click opens one. Each list has its own filter and order."""

    def __init__(self, board: Board, *, name: str, title: str) -> None:
        super().__init__((1, 1, 1, 6), 0)
        self._board = board
        self.model = Submissions(board.problems)
        self.model.upsert(board.submissions.rows())
        self.table = Table(
            board.theme,
            self.model,
            submission_delegate(board.theme, board.problems),
            name=f"submissions-{name}",
            settings=board.settings,
            title=title,
            open_on_click=True,
        )
        self.table.say_when_empty(_("No submission yet"), _("Each one appears here the moment it is on disk."))
        self.table.menu_for = self._actions
        self.filter = FilterField(board.theme, self.model, self.table)
        self.head = CardHead(title, label("Ctrl+F", 13, 400, "faint"), self.filter)
        self.head.row.setContentsMargins(16, 6, 12, 6)
        self.body.addWidget(self.head)
        self.body.addWidget(self.table, 1)
        self._arrivals: deque[tuple[float, int]] = deque()
        self.table.opened.connect(lambda row: board.news.show_submission.emit(row.id))
        self.model.counted.connect(self._say_count)
        board.news.submissions.connect(self._on_rows)
        board.news.settled.connect(self.table.glow)
        board.news.state.connect(lambda _state: self._say_count())

    def _on_rows(self, rows: list[SubmissionRow]) -> None:
        if self._board.submissions.total < self.model.total:
            self.model.replace(self._board.submissions.rows())
        self.model.upsert(rows)

    def _say_count(self) -> None:
        state = self._board.state
        total = state.submission_count if state else self.model.total
        shown, kept = self.model.rowCount(), self.model.total
        now = time.monotonic()
        self._arrivals.append((now, total))
        while now - self._arrivals[0][0] > 60:
            self._arrivals.popleft()
        said = _("{n} so far", n=number(total)) if total else ""
        fresh = total - self._arrivals[0][1]
        if fresh > 0:
            said += _(", {n} in the last minute", n=number(fresh))
        if shown != kept:
            said = _("{shown} of {kept} shown", shown=number(shown), kept=number(kept))
        if total > kept >= KEPT:
            said += _(", the newest {n} here", n=number(kept))
        self.head.beside.setText(said)

    def _actions(self, row: SubmissionRow) -> list[QAction]:
        show = QAction(_("Open"), self.table)
        show.triggered.connect(lambda: self._board.news.show_submission.emit(row.id))
        again = QAction(_("Rejudge…"), self.table)
        again.triggered.connect(lambda: self._board.commands.rejudge(row.id))
        again.setEnabled(row.status in ("DONE", "DESK"))
        return [show, again]
