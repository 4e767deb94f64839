"""Before the start: one sentence that says ready or what is left, the clock at 44 px, the problems, the room's list."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from app.console import measured
from app.console.board import Board
from app.console.measured import Measured
from app.console.pages.desk_items import DeskRow, first_with_act
from app.console.pages.room_strip import RoomStrip
from app.console.theme.tokens import CARD_RADIUS, GAP
from app.console.widgets.clock import BigClock, second_line
from app.console.widgets.parts import Card, CardHead, Line, Picture, clear, column_of, label, row_of, rule
from app.console.widgets.problem_cells import problem_delegate
from app.console.widgets.status_line import DRIFT_MS, LITTLE_DISK, OLD_BACKUP_MS
from app.console.widgets.table import Table
from app.console.words import counted, number, size_text, span_text
from app.console.words import tr as _
from app.wire.admin_v1 import DeskItem, State

_MOST = 4


class Verdict(QFrame):
    """The banner: ready, or what is left, with one button each."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._role = "good"
        self._shown: list[DeskItem] | None = None
        self.headline = label("", 28, 600)
        self.sentence = label("", 14, 400, "")
        self.sentence.setWordWrap(True)
        self._rows = column_of(spacing=0)
        self._sign = Picture(board.theme, "check", "good", 28, tinted=True)
        words = column_of(self.headline, self.sentence, self._rows, None, spacing=4)
        left = column_of(self._sign, None)
        row = row_of(left, words, spacing=18)
        row.setContentsMargins(18, 14, 18, 12)
        row.setStretch(1, 1)
        self.setLayout(row)
        board.theme.changed.connect(self.update)

    def show_state(self, state: State) -> None:
        """What is left before this contest can start."""
        left = [item for item in state.desk if item.kind != "start"]
        facts = [
            counted(len(state.problems), "problem", "problems"),
            counted(state.team_count, "team", "teams"),
            _("{machines} ready", machines=counted(state.server.machines_ready, "machine", "machines")),
        ]
        self.sentence.setText(" · ".join(facts))
        if state.server.machines_ready == 0 and not any(item.key == "machine:none" for item in left):
            self._say("slow", "triangle-alert", _("No judge machine is ready yet"))
        elif left:
            text = (
                _("Almost ready: 1 thing left") if len(left) == 1 else _("Almost ready: {n} things left", n=len(left))
            )
            self._say("slow", "triangle-alert", text)
        else:
            self._say("good", "check", _("Ready to start"))
        if left != self._shown:
            self._shown = left
            clear(self._rows)
            filled = first_with_act(self._board, left[:_MOST])
            for place, item in enumerate(left[:_MOST]):
                self._rows.addWidget(rule())
                self._rows.addWidget(DeskRow(self._board, item, first=place == filled))

    def _say(self, role: str, icon: str, headline: str) -> None:
        self._role = role
        self._sign.become(icon, role)
        self.headline.setText(headline)
        self.setAccessibleName(headline)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._board.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QColor(tokens.colour(self._role))
        outline.setAlphaF(0.45)
        painter.setPen(QPen(outline, 1))
        painter.setBrush(QColor(tokens.tint(self._role)))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CARD_RADIUS, CARD_RADIUS)
        painter.end()


class RoomLine(QWidget):
    """One line of the room's list: what, how it stands, and a sign."""

    def __init__(self, board: Board, icon: str, name: str) -> None:
        super().__init__()
        self._state = Line(board.theme, 13, 400, "muted")
        self._sign = Picture(board.theme, "check", "good", 16)
        words = column_of(None, label(name, 14, 500), self._state, None, spacing=0)
        row = row_of(Picture(board.theme, icon, "muted", 16), words, self._sign, spacing=14)
        row.setStretch(1, 1)
        self.setLayout(row)
        self.setFixedHeight(49)

    def say(self, text: str, *, good: bool) -> None:
        """How it stands."""
        self._state.say(text, "muted" if good else "slow")
        self._sign.become("check" if good else "triangle-alert", "good" if good else "slow")


class Readiness(QWidget):
    """The whole face."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self.verdict = Verdict(board)
        self._clock = BigClock(board.theme, board.server_time)
        self._head = label("", 14, 400, "muted")
        self._next = label("", 13, 400, "muted", tabular=True)
        clock = Card((18, 14, 18, 14))
        for widget in (self._head, self._clock, self._next):
            clock.body.addWidget(widget)
        clock.body.addStretch(1)
        self.table = Table(
            board.theme,
            board.problem_table,
            problem_delegate(board.theme),
            name="readiness",
            settings=board.settings,
            title=_("Problems"),
        )
        self.table.say_when_empty(_("No problem yet"), _("Import a problem package on the page Problems."))
        problems = Card((1, 12, 1, 6))
        head = CardHead(_("Problems"))
        head.row.setContentsMargins(16, 0, 16, 6)
        self._problem_count = head.beside
        problems.body.addWidget(head)
        problems.body.addWidget(self.table, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP)
        grid.addWidget(self.verdict, 0, 0)
        grid.addWidget(clock, 0, 1)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(RoomStrip(board))
        left.addWidget(problems, 1)
        grid.addLayout(left, 1, 0)
        grid.addWidget(self._make_room(), 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(1, 308)
        grid.setRowStretch(1, 1)

    def _make_room(self) -> Card:
        card = Card()
        head = CardHead(_("Room"))
        self._settled = head.beside
        card.body.addWidget(head)
        card.body.addSpacing(4)
        lines = {
            "machines": ("server", _("Judge machines")),
            "problems": ("puzzle", _("Problem packages")),
            "teams": ("users", _("Teams")),
            "backup": ("archive", _("Backup")),
            "disk": ("hard-drive", _("Disk")),
            "clock": ("clock", _("This laptop's clock")),
        }
        if self._board.link.place.is_here:
            lines["carries"] = ("activity", _("This laptop"))
        self.lines: dict[str, RoomLine] = {}
        for place, (key, (icon, name)) in enumerate(lines.items()):
            if place:
                card.body.addWidget(rule())
            self.lines[key] = RoomLine(self._board, icon, name)
            card.body.addWidget(self.lines[key])
        card.body.addStretch(1)
        return card

    def show_state(self, state: State) -> None:
        """How ready everything is."""
        self.verdict.show_state(state)
        self._problem_count.setText(str(len(state.problems)) if state.problems else "")
        found = _room_of(state)
        if "carries" in self.lines:
            found["carries"] = _carries(measured.load(Path(self._board.link.place.where)), state.team_count)
        for key, (text, good) in found.items():
            self.lines[key].say(text, good=good)
        settled = sum(good for _text, good in found.values())
        self._settled.setText(_("{n} of {all} settled", n=settled, all=len(found)))

    def tick(self) -> None:
        """The clock goes on."""
        moment = self._board.server_time.now()
        if moment is not None:
            self._head.setText(_("Starts in") if moment.phase == "before" else _("Length"))
            self._next.setText(second_line(moment))
            self._clock.update()


def _carries(found: Measured | None, teams: int) -> tuple[str, bool]:
    if found is None:
        return _("not measured yet; see This laptop"), False
    carried = found.capacity().teams
    return _("good for about {n} teams", n=number(carried)), carried >= teams


def _room_of(state: State) -> dict[str, tuple[str, bool]]:
    server = state.server
    unready = [problem.label for problem in state.problems if problem.package_state != "ready"]
    packages = _("all checked") if not unready else _("not ready: {labels}", labels=", ".join(unready))
    age = server.backup_age_ms
    backup = _("nowhere yet; Settings writes one") if age is None else _("{span} ago", span=span_text(age))
    disk = _("{size} free", size=size_text(server.free_bytes))
    if server.commit_ms is not None:
        disk += _(", write {n} ms", n=f"{server.commit_ms:.1f}")
    return {
        "machines": (
            _("{machines} ready", machines=counted(server.machines_ready, "machine", "machines")),
            server.machines_ready > 0,
        ),
        "problems": (packages if state.problems else _("none yet"), bool(state.problems) and not unready),
        "teams": (counted(state.team_count, "team", "teams"), state.team_count > 0),
        "backup": (backup, age is not None and age <= OLD_BACKUP_MS),
        "disk": (disk, server.free_bytes >= LITTLE_DISK),
        "clock": (_("drift {n} ms", n=server.wall_drift_ms), abs(server.wall_drift_ms) <= DRIFT_MS),
    }
