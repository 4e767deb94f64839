"""The contest's problems: the list, one problem opened from it, and the place where packages are dropped."""

from __future__ import annotations

from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.pages.page import Page
from app.console.pages.problem_page import ProblemPage, dropped_paths
from app.console.theme.tokens import GAP, MARGIN
from app.console.widgets.filter_field import FilterField
from app.console.widgets.parts import Button, Card, label, row_of
from app.console.widgets.problem_cells import problem_delegate
from app.console.widgets.table import Table
from app.console.words import counted
from app.console.words import tr as _
from app.wire.admin_v1 import ProblemState, State


class ProblemsPage(Page):
    """List and detail share the place, as on the submissions' page."""

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self.body.setContentsMargins(0, 0, 0, 0)
        theme = board.theme
        self.table = Table(
            theme,
            board.problem_table,
            problem_delegate(theme),
            name="problems",
            settings=board.settings,
            title=_("Problems"),
            open_on_click=True,
        )
        self.table.say_when_empty(
            _("No problem yet"), _("Import a problem package: a folder or a zip file, or drop it here.")
        )
        self.table.opened.connect(lambda row: self.open(row.id))
        self.table.menu_for = self._actions
        self.filter = FilterField(theme, board.problem_table, self.table)
        self.importing = Button(theme, _("Import…"), self._on_import, icon="upload")
        self.detail = ProblemPage(board)
        self._faces = QStackedLayout()
        self._faces.addWidget(self._list())
        self._faces.addWidget(self.detail)
        self.body.addLayout(self._faces)
        self.setAcceptDrops(True)
        board.news.state.connect(self._on_state)

    @property
    def in_detail(self) -> bool:
        """Whether one problem is shown."""
        return self._faces.currentIndex() == 1

    def shown(self) -> None:
        self.back()
        self.table.setFocus()

    def open(self, problem_id: str, tab: str = "") -> None:
        """Shows one problem."""
        self._faces.setCurrentIndex(1)
        self.detail.show_problem(problem_id, tab)
        self.detail.tabs.setFocus()

    def back(self) -> bool:
        if not self.in_detail:
            return False
        self._faces.setCurrentIndex(0)
        place = next((row.label for row in self.board.problem_table.rows() if row.id == self.detail.shown_id), "")
        if place:
            self.table.choose((len(place), place, self.detail.shown_id))
        self.table.setFocus()
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_paths(event)
        if paths:
            event.acceptProposedAction()
            self.board.packages.bring_in(paths, self._contest())

    def _list(self) -> QWidget:
        around = QWidget()
        head = row_of(label(_("Problems"), 20, 600), self.beside, None, self.filter, self.importing)
        card = Card((1, 5, 1, 6))
        card.body.addWidget(self.table)
        box = QVBoxLayout(around)
        box.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        box.setSpacing(GAP)
        box.addLayout(head)
        box.addWidget(card, 1)
        return around

    def _actions(self, row: ProblemState) -> list[QAction]:
        found = []
        for words, tab in ((_("Open"), ""), (_("Jury solutions"), "solutions"), (_("New version"), "trial")):
            action = QAction(words, self.table)
            action.triggered.connect(lambda _checked=False, one=tab: self.open(row.id, one))
            found.append(action)
        return found

    def _contest(self) -> str:
        return self.board.state.contest.id if self.board.state is not None else ""

    def _on_import(self) -> None:
        self.board.packages.choose(self._contest())

    def _on_state(self, state: State) -> None:
        self.beside.setText(counted(len(state.problems), "problem", "problems") if state.problems else "")
