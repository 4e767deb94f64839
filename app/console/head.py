"""The head of the window: the contest's name, the clock, and what can be done with the contest now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QMenu

from app.console.board import Board
from app.console.mnemonics import mark_menu
from app.console.widgets.clock import Clock
from app.console.widgets.parts import Button, Line, column_of, row_of
from app.console.words import counted, day_time
from app.console.words import tr as _
from app.wire.admin_v1 import State

HEIGHT = 62


class Head(QFrame):
    """Follows the phase: only what is possible now has a button."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self.setObjectName("head")
        self.setFixedHeight(HEIGHT)
        self._board = board
        theme = board.theme
        self.name = Line(theme, 16, 600)
        self._facts = Line(theme, 13, 400, "muted")
        self.clock = Clock(theme, board.server_time)
        self.start = Button(theme, _("Start…"), lambda: self._with_state("start"), icon="play")
        self.extend = Button(theme, _("Extend…"), lambda: self._with_state("extend"), icon="timer")
        self.finalize = Button(theme, _("Make final…"), lambda: self._with_state("finalize"), icon="flag")
        self.more = Button(theme, "", self._menu, kind="icon", icon="ellipsis", name=_("More"))
        grid = QGridLayout(self)
        grid.setContentsMargins(20, 0, 20, 0)
        grid.addLayout(column_of(None, self.name, self._facts, None, spacing=1), 0, 0)
        grid.addWidget(self.clock, 0, 1)
        grid.addLayout(row_of(None, self.start, self.extend, self.finalize, self.more), 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        for button in (self.start, self.extend, self.finalize):
            button.hide()
        self.name.say(_("Contestbox"))
        self._facts.say(_("Looking for the server"))
        board.news.state.connect(self._on_state)

    def say(self, text: str) -> None:
        """A sentence below the name while there is no state."""
        if self._board.state is None:
            self._facts.say(text)

    def tick(self) -> None:
        """A few times a second: the clock, and buttons when the phase changes."""
        self.clock.tick()
        moment = self._board.server_time.now()
        if moment is None:
            return
        phase = moment.phase
        self.start.setVisible(phase in ("not_scheduled", "before"))
        self.extend.setVisible(phase in ("running", "frozen"))
        self.finalize.setVisible(phase == "over")
        self.clock.setVisible(phase not in ("not_scheduled", "before") or self.on_other_page)

    on_other_page = False
    """Whether a page without its own clock is shown: the clock stands never twice on one screen."""

    def _on_state(self, state: State) -> None:
        contest = state.contest
        self.name.say(contest.name)
        facts = [counted(len(state.problems), "problem", "problems"), counted(state.team_count, "team", "teams")]
        if contest.start_ms is not None and contest.end_ms is not None:
            facts.append(_("{start} to {end}", start=day_time(contest.start_ms), end=day_time(contest.end_ms)))
        self._facts.say(" · ".join(facts))
        self.tick()

    def _with_state(self, name: str) -> None:
        state, commands = self._board.state, self._board.commands
        if state is not None:
            {"start": commands.start, "extend": commands.extend, "finalize": commands.finalize}[name](state)

    def _may_thaw(self, state: State) -> bool:
        moment = self._board.server_time.now()
        over = moment is not None and moment.phase in ("over", "final")
        return over and bool(state.contest.freeze_ms) and not state.contest.thawed

    def _menu(self) -> None:
        commands, state = self._board.commands, self._board.state
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Import a problem…"), lambda: commands.packages.choose(state.contest.id if state else ""))
        if commands.is_here:
            menu.addAction(_("Back up into a folder…"), commands.backup)
        menu.addSeparator()
        if state is not None and self._may_thaw(state):
            menu.addAction(_("Thaw the board…"), lambda: commands.thaw(state))
            menu.addSeparator()
        menu.addAction(_("Settings"), lambda: self._board.news.show_page.emit("settings"))
        menu.addAction(_("Stop the server…"), lambda: commands.stop_server(state))
        mark_menu(menu.actions())
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
