"""What the organiser can do, in one place: buttons, menus and the desk all call these.

Each asks first where something would be lost, sends the command, and says in a toast what came of it.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

from app.console.dialogs.ask import ask_minutes, ask_text, confirm
from app.console.dialogs.start import StartDialog
from app.console.link import Link
from app.console.package_commands import PackageCommands
from app.console.theme.theme import Theme
from app.console.widgets.toast import Toasts
from app.console.words import clock_text, counted, day_time
from app.console.words import tr as _
from app.core.errors import Fault, Refusal
from app.wire.admin_v1 import Machine, PendingJoin, State


class Commands:
    """The organiser's commands on one server."""

    def __init__(self, theme: Theme, link: Link, window: QWidget, toasts: Toasts, settings: QSettings) -> None:
        self._theme = theme
        self._link = link
        self._window = window
        self._toasts = toasts
        self.packages = PackageCommands(theme, link, window, toasts, settings)

    def send(self, path: str, body: dict[str, Any], done: str) -> None:
        """Sends a command and says `done`, or the server's refusal."""
        self._link.post(f"/admin/v1/{path}", body, lambda _answer: self._toasts.done(done), self._toasts.refused)

    @property
    def is_here(self) -> bool:
        """Whether the server runs on this machine: only then its folders can be named."""
        return self._link.place.is_here

    def approve(self, join: PendingJoin) -> None:
        """Lets a machine in whose screen shows the same letters."""
        node = join.kind == "node"

        def say(answer: Any) -> None:
            # The server's name for it: where the wished one is taken, it gets a number behind.
            name = str(answer.get("name", join.name)) if isinstance(answer, dict) else join.name
            self._toasts.done(
                _("{name} may judge now.", name=name) if node else _("{name} may sign in now.", name=name)
            )

        self._link.post(f"/admin/v1/joins/{join.request_id}/approve", {"code": join.code}, say, self._toasts.refused)

    def refuse(self, join: PendingJoin) -> None:
        """Sends a machine away."""
        self.send(f"joins/{join.request_id}/refuse", {}, _("{name} was refused.", name=join.name))

    def pause(self, machine: Machine) -> None:
        """No new work for a machine; what it has it finishes."""
        self.send(f"machines/{machine.id}/pause", {}, _("{name} gets no new work.", name=machine.name))

    def resume(self, machine: Machine) -> None:
        """Work again."""
        self.send(f"machines/{machine.id}/resume", {}, _("{name} gets work again.", name=machine.name))

    def unpair(self, machine: Machine) -> None:
        """Asks, then takes a machine's trust away."""
        work = counted(len(machine.doing), "submission goes", "submissions go") if machine.doing else ""
        sentence = (
            _("Its token ends at once and it must be compared and approved again to judge.")
            if machine.kind == "node"
            else _("Whoever works at this console is out at once; to come back it must be compared and approved again.")
        )
        if work:
            sentence += " " + _("{work} to another machine.", work=work)
        confirm(
            self._theme,
            self._window,
            _("Unpair {name}", name=machine.name),
            sentence,
            _("Unpair"),
            lambda: self.send(f"machines/{machine.id}/unpair", {}, _("{name} is unpaired.", name=machine.name)),
            danger=True,
        )

    def rename(self, machine: Machine) -> None:
        """Asks for another name."""

        def act(name: str) -> None:
            self.send(f"machines/{machine.id}/rename", {"name": name}, _("It is called {name} now.", name=name))

        title = _("Rename {name}", name=machine.name)
        sentence = _("The name stands in results and in the log from now on.")
        ask_text(self._theme, self._window, title, sentence, _("Rename"), machine.name, act)

    def rejudge(self, submission_id: int) -> None:
        """Asks, then judges one submission again."""
        confirm(
            self._theme,
            self._window,
            _("Rejudge submission {n}", n=submission_id),
            _(
                "This 1 submission is judged again with the present tests. Its new verdict counts, and the team sees it."
            ),
            _("Rejudge"),
            lambda: self._rejudge(submission_id, {}),
        )

    def _rejudge(self, submission_id: int, word: dict[str, Any]) -> None:
        def failed(error: Refusal | Fault) -> None:
            if isinstance(error, Refusal) and "final_too" in error.fields:
                self._rejudge_final(submission_id)
            else:
                self._toasts.refused(error.sentence)

        done = _("Submission {n} is judged again.", n=submission_id)
        path = f"/admin/v1/submissions/{submission_id}/rejudge"
        self._link.command(path, word, lambda _answer: self._toasts.done(done), failed)

    def _rejudge_final(self, submission_id: int) -> None:
        """The second question: what is final may become something else."""
        confirm(
            self._theme,
            self._window,
            _("Change final results"),
            _(
                "The results of this contest are final. Submission {n} counts as pending until its new verdict, and the final table may"
                " change.",
                n=submission_id,
            ),
            _("Rejudge all the same"),
            lambda: self._rejudge(submission_id, {"final_too": True}),
            danger=True,
        )

    def again(self, target: str) -> None:
        """Judges again what ended as a judging error."""
        self.send(f"desk/{target}/again", {}, _("It is judged again."))

    def start(self, state: State) -> None:
        """Asks when, then starts the contest."""

        def act(at: str | None) -> None:
            done = _("The contest has started.") if at is None else _("The start is set.")
            self.send("contest/start", {"at": at, "contest_id": state.contest.id}, done)

        teams = counted(state.team_count, "team", "teams")
        StartDialog(self._theme, self._window, state.contest.name, state.contest.start_ms, teams, act).open()

    def extend(self, state: State) -> None:
        """Asks for minutes, then moves the end."""
        end = day_time(state.contest.end_ms) if state.contest.end_ms else clock_text(state.contest.duration_ms)
        sentence = _(
            "All {teams} get more time; the freeze moves with the end, which is {end} now. This cannot be taken back.",
            teams=counted(state.team_count, "team", "teams"),
            end=end,
        )

        def act(minutes: int) -> None:
            seen = {"contest_id": state.contest.id, "expected_duration_ms": state.contest.duration_ms}
            self.send("contest/extend", {"minutes": minutes, **seen}, _("The contest is {n} min longer.", n=minutes))

        ask_minutes(self._theme, self._window, _("Extend the contest"), sentence, _("Extend"), 10, act)

    def finalize(self, state: State) -> None:
        """Asks, then makes the results final."""
        sentence = _(
            "The results of {teams} and {submissions} become final: no verdict changes them any more. This cannot be taken back.",
            teams=counted(state.team_count, "team", "teams"),
            submissions=counted(state.submission_count, "submission", "submissions"),
        )
        confirm(
            self._theme,
            self._window,
            _("Make the results final"),
            sentence,
            _("Make final"),
            lambda: self.send("contest/finalize", {"contest_id": state.contest.id}, _("The results are final.")),
            danger=True,
        )

    def thaw(self, state: State) -> None:
        """Asks, then shows everybody what happened in the freeze."""
        sentence = _(
            "Everybody sees what happened in the freeze, so also who has won: {teams}, guests and screens. The contest cannot be extended"
            " afterwards. This cannot be taken back.",
            teams=counted(state.team_count, "team", "teams"),
        )
        confirm(
            self._theme,
            self._window,
            _("Thaw the board"),
            sentence,
            _("Thaw"),
            lambda: self.send("contest/thaw", {"contest_id": state.contest.id}, _("The board is thawed.")),
            danger=True,
        )

    def backup(self) -> None:
        """Asks for a folder and writes a checked copy there."""
        picker = QFileDialog(self._window, _("Write a backup into a folder"))
        picker.setFileMode(QFileDialog.FileMode.Directory)
        picker.fileSelected.connect(
            lambda path: self.send(
                "server/backup", {"directory": path}, _("The backup in {path} is written and checked.", path=path)
            )
        )
        picker.open()

    def stop_server(self, state: State | None) -> None:
        """Asks, then stops the server."""
        teams = counted(state.team_count, "team", "teams") if state else _("All teams")
        confirm(
            self._theme,
            self._window,
            _("Stop the server"),
            _(
                "{teams} lose the contest's pages, and nobody can submit until it is started again. Nothing stored is lost.",
                teams=teams,
            )
            + ("" if self.is_here else " " + _("It can be started again at its own machine only, not from here.")),
            _("Stop the server"),
            lambda: self.send("server/stop", {}, _("The server stops.")),
            danger=True,
        )
