"""The console's window: rail, head, pages, status line, and the keys that work everywhere."""

from __future__ import annotations

from importlib.metadata import version

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from app.console.board import Board
from app.console.commands import Commands
from app.console.dialogs.sign_in import SignIn
from app.console.head import Head
from app.console.link import Link, Room
from app.console.mnemonics import Mnemonics
from app.console.pages.capacity import CapacityPage
from app.console.pages.desk import Desk
from app.console.pages.lists import LogPage, TeamsPage
from app.console.pages.machines import MachinesPage
from app.console.pages.page import Page
from app.console.pages.problems import ProblemsPage
from app.console.pages.settings import SettingsPage
from app.console.pages.submissions import SubmissionsPage
from app.console.remote import RemotePlace
from app.console.theme.theme import Theme
from app.console.widgets.address import AddressDialog
from app.console.widgets.parts import Button, label
from app.console.widgets.rail import Rail
from app.console.widgets.status_line import StatusLine
from app.console.widgets.toast import Toasts
from app.console.words import tr as _
from app.wire.admin_v1 import PendingJoin, State

TICK_MS = 200
_PAGES = (
    ("desk", "layout-dashboard"),
    ("submissions", "code-xml"),
    ("machines", "server"),
    ("problems", "puzzle"),
    ("teams", "users"),
    ("log", "scroll-text"),
    ("capacity", "activity"),
    ("settings", "settings"),
)
_GAP_AFTER = ("desk", "teams")


class Window(QWidget):
    """One window for one server."""

    def __init__(self, theme: Theme, link: Link, settings: QSettings) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Contestbox")
        self.toasts = Toasts(theme, self)
        self.board = Board(theme, link, settings, Commands(theme, link, self, self.toasts, settings))
        self.head = Head(self.board)
        self.rail = Rail(theme)
        self.status = StatusLine(theme, self._show_address)
        self.restart = Button(theme, _("Start the server"), self._start_server, icon="play")
        self.restart.hide()
        self.sign_in = Button(theme, _("Sign in…"), self._sign_in, icon="key-round")
        self.sign_in.hide()
        self._signing_in: SignIn | None = None
        self.stack = QStackedWidget()
        self.pages: dict[str, Page] = {
            "desk": Desk(self.board),
            "submissions": SubmissionsPage(self.board),
            "machines": MachinesPage(self.board),
            "problems": ProblemsPage(self.board),
            "teams": TeamsPage(self.board),
            "log": LogPage(self.board),
            "capacity": CapacityPage(self.board),
            "settings": SettingsPage(self.board),
        }
        self._place()
        self._listen()
        self._bind_keys()
        self._mnemonics = Mnemonics(self)
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._on_tick)
        self._ticks.start()
        self.resize(1389, 868)
        geometry = settings.value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self.show_page("desk")

    @property
    def submissions(self) -> SubmissionsPage:
        """The submissions' page."""
        page = self.pages["submissions"]
        assert isinstance(page, SubmissionsPage)
        return page

    @property
    def problems(self) -> ProblemsPage:
        """The problems' page."""
        page = self.pages["problems"]
        assert isinstance(page, ProblemsPage)
        return page

    @property
    def machines(self) -> MachinesPage:
        """The machines' page."""
        page = self.pages["machines"]
        assert isinstance(page, MachinesPage)
        return page

    def take_over(self, before: Window) -> None:
        """Shows at once what the window before it knew: the organiser chose another language."""
        if before.board.state is not None:
            self._on_state(before.board.state)
        if before.board.room is not None:
            self._on_room(before.board.room)
        self.board.take_submissions(before.board.submissions.rows())

    def show_page(self, key: str) -> None:
        """Shows a page of the rail."""
        self.rail.show_page(key)
        self.stack.setCurrentWidget(self.pages[key])
        self.head.on_other_page = key != "desk"
        self.head.tick()
        self.pages[key].shown()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.board.settings.setValue("geometry", self.saveGeometry())
        capacity = self.pages["capacity"]
        if isinstance(capacity, CapacityPage):
            capacity.end()
        super().closeEvent(event)

    def _place(self) -> None:
        names = {
            "desk": _("Desk"),
            "submissions": _("Submissions"),
            "machines": _("Machines"),
            "problems": _("Problems"),
            "teams": _("Teams"),
            "log": _("Log"),
            "capacity": _("This laptop"),
            "settings": _("Settings"),
        }
        for place, (key, icon) in enumerate(_PAGES, start=1):
            if key == "settings":
                self.rail.add_room()
            self.rail.add_page(key, icon, names[key], f"Ctrl+{place}")
            if key in _GAP_AFTER:
                self.rail.add_gap()
            self.stack.addWidget(self.pages[key])
        foot = label(f"Contestbox {version('contestbox')}", 12, 400, "muted")
        self.status.layout_first(foot)
        self.status.layout_last(self.restart)
        self.status.layout_last(self.sign_in)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.rail, 0, 0, 2, 1)
        grid.addWidget(self.head, 0, 1)
        grid.addWidget(self.stack, 1, 1)
        grid.addWidget(self.status, 2, 0, 1, 2)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(1, 1)

    def _listen(self) -> None:
        link, news = self.board.link, self.board.news
        link.state_came.connect(self._on_state)
        link.room_came.connect(self._on_room)
        link.submissions_came.connect(self.board.take_submissions)
        link.server_changed.connect(self.board.forget)
        self.rail.chosen.connect(self.show_page)
        news.show_page.connect(self.show_page)
        news.show_submission.connect(self._on_show_submission)
        news.show_machine.connect(self._on_show_machine)
        news.show_problem.connect(self._on_show_problem)
        news.compare.connect(self._on_compare)

    def _bind_keys(self) -> None:
        for place, (key, _icon) in enumerate(_PAGES, start=1):
            self._bind(f"Ctrl+{place}", lambda one=key: self.show_page(one))
        self._bind("Ctrl+F", self._to_filter)
        self._bind("Esc", self._back)
        self._bind("Alt+Up", lambda: self.submissions.detail.step(-1) if self.submissions.in_detail else None)
        self._bind("Alt+Down", lambda: self.submissions.detail.step(1) if self.submissions.in_detail else None)

    def _bind(self, keys: str, act: object) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(act)

    def _to_filter(self) -> None:
        page = self.stack.currentWidget()
        if page is self.submissions or page is self.problems:
            page.back()
        if isinstance(page, Page) and page.filter is not None:
            page.filter.setFocus()
            page.filter.selectAll()

    def _back(self) -> None:
        page = self.stack.currentWidget()
        if isinstance(page, Page):
            page.back()

    def _on_state(self, state: State) -> None:
        self.board.take_state(state)
        self.status.show_state(state.server, state.contest.now_ms)
        self.rail.count("desk", len(state.desk))
        self.setWindowTitle(f"{state.contest.name} – Contestbox")

    def _on_room(self, room: Room) -> None:
        self.board.take_room(room)
        self.rail.count("machines", len(room.pending))

    def _on_show_submission(self, submission_id: int) -> None:
        self.show_page("submissions")
        self.submissions.open(submission_id)

    def _on_show_machine(self, machine_id: str) -> None:
        self.show_page("machines")
        self.machines.choose(machine_id)

    def _on_show_problem(self, problem_id: str, tab: str) -> None:
        self.show_page("problems")
        self.problems.open(problem_id, tab)

    def _on_compare(self, join: PendingJoin) -> None:
        self.show_page("machines")
        self.machines.compare(join)

    def _on_tick(self) -> None:
        health = self.board.link.health()
        self.status.show_health(health)
        self.restart.setVisible(health.startable)
        if health.signed_out and not self.sign_in.isVisibleTo(self):
            self._sign_in()
        self.sign_in.setVisible(health.signed_out)
        if not health.live:
            self.head.say(health.sentence)
        self.head.tick()

    def _start_server(self) -> None:
        self.board.link.start_server(self.toasts.refused)

    def _sign_in(self) -> None:
        """Opened by itself when a sign-in has ended, and by the button after it was put aside."""
        place = self.board.link.place
        if isinstance(place, RemotePlace) and self._signing_in is None:
            self._signing_in = SignIn(self.board.theme, self, place)
            self._signing_in.finished.connect(self._on_signed_in)
            self._signing_in.open()

    def _on_signed_in(self, _code: int) -> None:
        self._signing_in = None

    def _show_address(self) -> None:
        if self.board.state is not None:
            AddressDialog(self.board.theme, self, self.board.state.server.people_url).open()
