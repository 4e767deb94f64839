"""The first page: what needs a person now, and below it the room at a glance. Before the start it is the readiness board."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.link import Health
from app.console.pages.desk_items import MOST, DeskList
from app.console.pages.page import Page
from app.console.pages.readiness import Readiness
from app.console.pages.room_strip import RoomStrip
from app.console.pages.submission_list import SubmissionList
from app.console.theme.tokens import GAP
from app.console.widgets.parts import Button, Card, CardHead, Picture, column_of, label
from app.console.widgets.trends import Trends
from app.console.words import tr as _
from app.wire.admin_v1 import State

_TALL = 700
"""Below this height the list of submissions needs the room."""
BEFORE = ("not_scheduled", "before")


class NothingYet(QWidget):
    """Before the server told anything: what the console waits for, and what to do where waiting does not help."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self.headline = label(_("Looking for the contest"), 20, 600)
        self.sentence = label("", 14, 400, "muted")
        self.start = Button(board.theme, _("Start the server"), self._on_start, kind="primary", icon="play")
        self.start.hide()
        mark = Picture(board.theme, "server", "quiet", 28, tinted=True)
        box = column_of(None, mark, self.headline, self.sentence, self.start, None, spacing=10)
        for widget in (mark, self.headline, self.sentence, self.start):
            box.setAlignment(widget, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(box)

    def say(self, health: Health) -> None:
        """How the connection stands."""
        self.headline.setText(_("Looking for the contest") if health.live else _("The contest cannot be shown yet"))
        self.sentence.setText(health.sentence or self._board.link.place.where)
        self.start.setVisible(health.startable)

    def _on_start(self) -> None:
        self._board.link.start_server(self.sentence.setText)


class Desk(Page):
    """Two faces: ready or not, then the running contest."""

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self.items = DeskList(board)
        self.trends = Trends(board.theme)
        self.strip = RoomStrip(board)
        self.list = SubmissionList(board, name="desk", title=_("Live submissions"))
        self.filter = self.list.filter
        self.readiness = Readiness(board)
        self._faces = QStackedLayout()
        self._running = self._make_running()
        self._faces.addWidget(self._running)
        self._faces.addWidget(self.readiness)
        self.nothing = NothingYet(board)
        self._faces.addWidget(self.nothing)
        self._faces.setCurrentWidget(self.nothing)
        self.body.addLayout(self._faces, 1)
        board.news.state.connect(self._on_state)
        board.news.room.connect(lambda _room: self._on_state(board.state) if board.state else None)
        self._ages = QTimer(self)
        self._ages.setInterval(1000)
        self._ages.timeout.connect(self._on_tick)
        self._ages.start()

    @property
    def before(self) -> bool:
        """Whether the contest has not begun."""
        moment = self.board.server_time.now()
        return moment is not None and moment.phase in BEFORE

    def shown(self) -> None:
        if self.board.state is not None and not self.before:
            self.list.table.setFocus()
        else:
            self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.items.make_room(MOST if self.height() >= _TALL else 3)

    def _make_running(self) -> QWidget:
        face = QWidget()
        chart = Card()
        chart.body.addWidget(CardHead(_("Queue and verdicts")))
        chart.body.addSpacing(6)
        chart.body.addWidget(self.trends, 1)
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(self.items, 2)
        top.addWidget(chart, 1)
        box = QVBoxLayout(face)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addLayout(top)
        box.addWidget(self.strip)
        box.addWidget(self.list, 1)
        return face

    def _on_state(self, state: State) -> None:
        self.trends.take(state.server, state.verdict_seconds)
        self.items.show_items(state.desk)
        self.readiness.show_state(state)
        self._on_tick()

    def _on_tick(self) -> None:
        if self.board.state is None:
            self.nothing.say(self.board.link.health())
            return
        self._faces.setCurrentIndex(1 if self.before else 0)
        self.readiness.tick()
