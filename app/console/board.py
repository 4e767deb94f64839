"""What every page shares: the theme, the link, the models, the commands, the last state. One is made for each window."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QSettings, Signal

from app.console.commands import Commands
from app.console.link import Link, Room
from app.console.models.lists import LogTable, ProblemTable, TeamTable
from app.console.models.machines import Machines, machine_rows
from app.console.models.submissions import Problems, Submissions
from app.console.package_commands import PackageCommands
from app.console.theme.theme import Theme
from app.console.widgets.clock import ServerTime
from app.wire.admin_v1 import PendingJoin, State, SubmissionRow


class News(QObject):
    """What the pages listen to; each comes after the models have taken the new values."""

    state = Signal(object)
    room = Signal(object)
    submissions = Signal(object)
    settled = Signal(object)
    show_page = Signal(str)
    show_submission = Signal(int)
    show_machine = Signal(str)
    show_problem = Signal(str, str)
    compare = Signal(object)
    language_chosen = Signal(str)


@dataclass(slots=True, weakref_slot=True)
class Board:
    """The window's shared things. `state` and `room` are None until the server told them."""

    theme: Theme
    link: Link
    settings: QSettings
    commands: Commands
    news: News = field(default_factory=News)
    server_time: ServerTime = field(default_factory=ServerTime)
    problems: Problems = field(default_factory=Problems)
    machines: Machines = field(default_factory=Machines)
    problem_table: ProblemTable = field(default_factory=ProblemTable)
    teams: TeamTable = field(default_factory=TeamTable)
    log: LogTable = field(default_factory=LogTable)
    submissions: Submissions = field(init=False)
    state: State | None = None
    room: Room | None = None

    @property
    def packages(self) -> PackageCommands:
        """The commands for problems and their packages."""
        return self.commands.packages

    def __post_init__(self) -> None:
        self.submissions = Submissions(self.problems)

    def take_state(self, state: State) -> None:
        """The server told its state."""
        self.state = state
        self.server_time.take(state.contest)
        self.problems.take(state.problems)
        self.problem_table.replace(state.problems)
        self.news.state.emit(state)

    def take_room(self, room: Room) -> None:
        """The server told its machines."""
        self.room = room
        self.machines.replace(machine_rows(room))
        self.news.room.emit(room)

    def take_submissions(self, rows: list[SubmissionRow]) -> None:
        """New or changed submissions. Those that got their verdict now are told apart, to glow."""
        settled = set()
        for row in rows:
            before = self.submissions.row_of(row.id)
            if before is not None and before.status != "DONE" and row.status == "DONE":
                settled.add(row.id)
        self.submissions.upsert(rows)
        self.news.submissions.emit(rows)
        if settled:
            self.news.settled.emit(settled)

    def forget(self) -> None:
        """Another server answers now: what the old one said is no longer shown."""
        self.submissions.replace([])
        self.log.replace([])
        self.teams.replace([])

    def join(self, request_id: str) -> PendingJoin | None:
        """A machine at the door."""
        pending = self.room.pending if self.room else ()
        return next((one for one in pending if one.request_id == request_id), None)

    def now_ms(self) -> int:
        """The server's time; 0 before it told it."""
        moment = self.server_time.now()
        return moment.at_ms if moment else 0
