"""What the organiser can do, in one place: buttons, menus and the desk all call these.

Each asks first where something would be lost, sends the command, and says in a toast what came of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.console.dialogs.ask import ask_minutes, ask_text, confirm
from app.console.dialogs.start import StartDialog
from app.console.link import Link
from app.console.theme.theme import Theme
from app.console.widgets.toast import Toasts
from app.console.words import clock_text, counted, day_time
from app.console.words import tr as _
from app.wire.admin_v1 import Machine, PendingJoin, State


class Commands:
    """The organiser's commands on one server."""

    def __init__(self, theme: Theme, link: Link, window: QWidget, toasts: Toasts) -> None:
        self._theme = theme
        self._link = link
        self._window = window
        self._toasts = toasts

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
            lambda: self.send(
                f"submissions/{submission_id}/rejudge", {}, _("Submission {n} is judged again.", n=submission_id)
            ),
        )

    def again(self, target: str) -> None:
        """Judges again what ended as a judging error."""
        self.send(f"desk/{target}/again", {}, _("It is judged again."))

    def start(self, state: State) -> None:
        """Asks when, then starts the contest."""

        def act(at: str | None) -> None:
            self.send(
                "contest/start", {"at": at}, _("The contest has started.") if at is None else _("The start is set.")
            )

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
            self.send("contest/extend", {"minutes": minutes}, _("The contest is {n} min longer.", n=minutes))

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
            lambda: self.send("contest/finalize", {}, _("The results are final.")),
            danger=True,
        )

    def import_problem(self) -> None:
        """Asks for a package's zip file or folder and imports it; from another machine it says where that is done."""
        if not self.is_here:
            self._toasts.refused(_("Problems are imported in the console on the server's own machine."))
            return
        box = QMessageBox(self._window)
        box.setWindowTitle(_("Import a problem package"))
        box.setText(_("Where is the package?"))
        folder = box.addButton(_("A folder"), QMessageBox.ButtonRole.ActionRole)
        file = box.addButton(_("A zip file"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.buttonClicked.connect(lambda pressed: self._pick(pressed is folder) if pressed in (folder, file) else None)
        box.open()

    def _pick(self, folder: bool) -> None:
        title = _("Import a problem package")
        picker = QFileDialog(self._window, title)
        picker.setFileMode(QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFile)
        if not folder:
            picker.setNameFilter(_("Packages (*.zip)"))
        picker.fileSelected.connect(self._import)
        picker.open()

    def _import(self, path: str) -> None:
        name = Path(path).name
        self._toasts.done(_("Reading {name} …", name=name))
        self.send("problems/import", {"path": path}, _("{name} is imported.", name=name))

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
