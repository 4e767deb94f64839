"""The rows of the desk: what needs a person, the most urgent first, each with its one button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.console.board import Board
from app.console.widgets.parts import Button, Card, CardHead, Line, Picture, clear, column_of, label, row_of, rule
from app.console.words import retold, span_text
from app.console.words import tr as _
from app.wire.admin_v1 import DeskItem

MOST = 5
_SIGNS = {
    "join": ("handshake", "quiet"),
    "judging_error": ("shield-alert", "bad"),
    "difference": ("shield-alert", "slow"),
    "machine": ("server", "slow"),
    "clock": ("clock", "slow"),
    "backup": ("archive", "slow"),
    "store": ("hard-drive", "bad"),
    "problem": ("puzzle", "slow"),
    "start": ("flag", "waiting"),
}


Act = tuple[str, Callable[[], None]]


def act_of(board: Board, item: DeskItem) -> Act | None:
    """The one button of an item: its words and what it does; None where only a person's hands help."""
    return _act_by_action(board, item) or _act_by_kind(board, item)


def _act_by_action(board: Board, item: DeskItem) -> Act | None:
    commands, state = board.commands, board.state
    if item.action == "again":
        return _("Judge again"), lambda: commands.again(item.target)
    if item.action == "start" and state is not None:
        return _("Start…"), lambda: commands.start(state)
    if item.action == "finalize" and state is not None:
        return _("Make final…"), lambda: commands.finalize(state)
    if item.action == "show" and item.target.isdigit():
        return _("Look at it"), lambda: board.news.show_submission.emit(int(item.target))
    if item.action == "import":
        return _("Import…"), lambda: commands.packages.choose(state.contest.id if state is not None else "")
    return None


def _act_by_kind(board: Board, item: DeskItem) -> Act | None:
    if item.kind == "join":
        return _("Compare code…"), lambda: _compare(board, item.target)
    if item.kind == "machine":
        target = item.target
        return _("Look at it") if target else _("Machines"), lambda: board.news.show_machine.emit(target)
    if item.kind == "problem" and item.target:
        tab = {"solutions": "solutions", "trial": "trial"}.get(item.key.partition(":")[0], "report")
        return _("Look at it"), lambda: board.news.show_problem.emit(item.target, tab)
    if item.kind == "problem":
        return _("Problems"), lambda: board.news.show_page.emit("problems")
    return None


def _compare(board: Board, request_id: str) -> None:
    join = board.join(request_id)
    if join is None:
        board.news.show_page.emit("machines")
    else:
        board.news.compare.emit(join)


def first_with_act(board: Board, items: list[DeskItem]) -> int:
    """The place of the item whose button is the filled one: the most urgent that has a button; -1 for none."""
    return next((place for place, item in enumerate(items) if act_of(board, item) is not None), -1)


class DeskRow(QWidget):
    """One item."""

    def __init__(self, board: Board, item: DeskItem, *, first: bool) -> None:
        super().__init__()
        self.item = item
        theme = board.theme
        icon, role = _SIGNS.get(item.kind, ("circle", "quiet"))
        title = Line(theme, 14, 500)
        title.say(retold(item.title))
        detail = Line(theme, 13, 400, "muted")
        detail.say(retold(item.detail))
        words = column_of(None, title, detail, None, spacing=0)
        age_ms = board.now_ms() - item.since_ms
        age = label(span_text(age_ms) if age_ms >= 1000 else "", 13, 400, "muted", tabular=True)
        row = row_of(Picture(theme, icon, role, 16, tinted=True), words, age, spacing=12)
        row.setStretch(1, 1)
        self.button: Button | None = None
        act = act_of(board, item)
        if act is not None:
            self.button = Button(theme, act[0], act[1], kind="primary" if first else "")
            self.button.setMinimumWidth(124)
            row.addWidget(self.button)
        self.setLayout(row)
        self.setFixedHeight(46)


class DeskList(Card):
    """The card «Needs you»."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self.head = CardHead(_("Needs you"), label(_("most urgent first"), 13, 400, "muted"))
        self.body.addWidget(self.head)
        self.body.addSpacing(6)
        self._rows = column_of(spacing=0)
        self.body.addLayout(self._rows)
        self.body.addStretch(1)
        self._shown: list[DeskItem] | None = None
        self._unfolded = False
        self._room = MOST

    def make_room(self, rows: int) -> None:
        """How many items stand in sight before the rest is unfolded."""
        if rows != self._room:
            self._room = rows
            self._again()

    def show_items(self, items: list[DeskItem]) -> None:
        """Shows the items; nothing is built again while they stay the same."""
        if items == self._shown:
            return
        focused = self._focused_key()
        self._shown = items
        self.head.beside.setText(str(len(items)) if items else "")
        clear(self._rows)
        if not items:
            self._rows.addWidget(self._nothing())
            return
        shown = items if self._unfolded else items[: self._room]
        filled = first_with_act(self._board, shown)
        for place, item in enumerate(shown):
            if place:
                self._rows.addWidget(rule())
            row = DeskRow(self._board, item, first=place == filled)
            self._rows.addWidget(row)
            if item.key == focused and row.button is not None:
                row.button.setFocus()
        if len(items) > len(shown):
            more = Button(self._board.theme, _("{n} more", n=len(items) - len(shown)), self._unfold, kind="link")
            self._rows.addLayout(row_of(more, None))

    def _focused_key(self) -> str:
        focus = self.window().focusWidget() if self.window() else None
        parent = focus.parentWidget() if focus is not None else None
        return parent.item.key if isinstance(parent, DeskRow) else ""

    def _unfold(self) -> None:
        self._unfolded = True
        self._again()

    def _again(self) -> None:
        if self._shown is not None:
            items, self._shown = self._shown, None
            self.show_items(items)

    def _nothing(self) -> QWidget:
        theme = self._board.theme
        said = QWidget()
        words = column_of(
            label(_("Nothing needs you"), 16, 600),
            label(_("Judging errors, machines that want to join and full disks will stand here."), 13, 400, "muted"),
            spacing=2,
        )
        row = row_of(Picture(theme, "check", "good", 20, tinted=True), words, None, spacing=14)
        row.setContentsMargins(0, 14, 0, 14)
        said.setLayout(row)
        return said
