"""The simple pages: teams, log."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer

from app.console.board import Board
from app.console.client import listed, parsed
from app.console.models.lists import TeamEntry
from app.console.models.table import TableModel
from app.console.pages.page import Page
from app.console.theme.theme import Theme
from app.console.widgets.cells import CellDelegate
from app.console.widgets.filter_field import FilterField
from app.console.widgets.parts import Button, Card
from app.console.widgets.table import Table
from app.console.words import counted, number
from app.console.words import tr as _
from app.core.errors import Fault
from app.wire.admin_v1 import LogLine, TeamRow


class ListPage(Page):
    """A page that is one table in a card."""

    def __init__(self, board: Board, title: str, model: TableModel[Any], delegate: CellDelegate, name: str) -> None:
        super().__init__(board, title)
        self.table = Table(board.theme, model, delegate, name=name, settings=board.settings, title=title)
        self.filter = FilterField(board.theme, model, self.table)
        card = Card((1, 5, 1, 6))
        card.body.addWidget(self.table)
        self.body.addWidget(card, 1)

    def shown(self) -> None:
        self.table.setFocus()


class TeamsPage(ListPage):
    """Teams and accounts; passwords only while the organiser wants to see them."""

    def __init__(self, board: Board) -> None:
        super().__init__(board, _("Teams"), board.teams, team_delegate(board.theme), "teams")
        self.table.say_when_empty(_("No team yet"), _("Teams and their accounts appear here."))
        self.passwords = Button(board.theme, _("Show passwords"), self._on_passwords, icon="key-round")
        assert self.filter is not None
        self.head.addWidget(self.filter)
        self.head.addWidget(self.passwords)
        self._shown_passwords: dict[str, str] = {}

    def shown(self) -> None:
        super().shown()
        self.board.link.get("/admin/v1/teams", self.take_teams, self.beside.setText)

    def hideEvent(self, event: Any) -> None:
        """Nobody who passes by later reads them."""
        super().hideEvent(event)
        if self._shown_passwords:
            self._show({})

    def take_teams(self, answer: Any) -> None:
        """The server's teams."""
        try:
            rows = [parsed(TeamRow, item) for item in listed(answer, "items")]
        except Fault as fault:
            self.beside.setText(fault.sentence)
            return
        self.beside.setText(counted(len(rows), "team", "teams"))
        self.board.teams.replace(TeamEntry(row, self._shown_passwords.get(row.id, "")) for row in rows)

    def take_passwords(self, answer: Any) -> None:
        """The server's generated passwords."""
        try:
            items = listed(answer, "items")
        except Fault as fault:
            self.beside.setText(fault.sentence)
            return
        self._show(
            {str(item.get("team_id")): str(item.get("password", "")) for item in items if isinstance(item, dict)}
        )

    def _on_passwords(self) -> None:
        if self._shown_passwords:
            self._show({})
        else:
            self.board.link.post("/admin/v1/teams/passwords", {}, self.take_passwords, self.beside.setText)

    def _show(self, passwords: dict[str, str]) -> None:
        self._shown_passwords = passwords
        self.passwords.say(_("Hide passwords") if passwords else _("Show passwords"))
        self.board.teams.replace(TeamEntry(row.team, passwords.get(row.team.id, "")) for row in self.board.teams.rows())


def team_delegate(theme: Theme) -> CellDelegate:
    """The delegate of the team table: passwords in the code font, so that every letter is told from every other."""
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QPainter

    from app.console.theme.type import code_font
    from app.console.widgets.shapes import paint_text

    def password(painter: QPainter, rect: QRectF, row: TeamEntry) -> None:
        shown = row.password or ("••••••••" if row.team.username else "")
        colour = theme.tokens.ink if row.password else theme.tokens.faint
        paint_text(painter, rect, shown, code_font(13), colour)

    return CellDelegate(theme, {"password": password}, muted=("organization", "account"))


_PAGE = 1000
_KEPT = 20_000
_REST_MS = 1500


class LogPage(ListPage):
    """The event log in words; it follows while it is shown."""

    def __init__(self, board: Board) -> None:
        delegate = CellDelegate(board.theme, {}, muted=("seq", "at", "kind"))
        super().__init__(board, _("Log"), board.log, delegate, "log")
        self.table.say_when_empty(
            _("Nothing has happened yet"), _("Everything that the contest's results rest on is written here.")
        )
        assert self.filter is not None
        self.head.addWidget(self.filter)
        self._last = 0
        self._asking = False
        self._rest = QTimer(self)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)

    def shown(self) -> None:
        super().shown()
        if not self.board.log.total:
            self._last = 0
        self._rest.start()
        self._ask()

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self._rest.stop()

    def take_lines(self, answer: Any) -> None:
        """More of the log; a full page means that there is more."""
        self._asking = False
        try:
            lines = [parsed(LogLine, item) for item in listed(answer, "items")]
        except Fault as fault:
            self.beside.setText(fault.sentence)
            return
        if lines:
            self._last = max(line.seq for line in lines)
            kept = self.board.log.rows() + lines if self.board.log.total + len(lines) > _KEPT else None
            if kept is None:
                self.board.log.upsert(lines)
            else:
                self.board.log.replace(kept[-_KEPT:])
        self.beside.setText(_("{n} entries, chained and signed", n=number(self._last)))
        if len(lines) == _PAGE:
            self._ask()

    def _ask(self) -> None:
        if self._asking:
            return
        self._asking = True
        self.board.link.get(f"/admin/v1/events?after={self._last}&limit={_PAGE}", self.take_lines, self._on_failed)

    def _on_failed(self, sentence: str) -> None:
        self._asking = False
        self.beside.setText(sentence)
