"""What the organiser can do with packages: bring them in, try and switch versions, judge jury solutions, set limits, take them away.

As Commands: each asks first where something would be lost or changed, sends the command, and says in a toast what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.console.dialogs.ask import confirm
from app.console.dialogs.bring_in import BringIn
from app.console.link import Link
from app.console.theme.theme import Theme
from app.console.upload import Upload
from app.console.widgets.toast import Toasts
from app.console.words import counted, limit_text
from app.console.words import tr as _
from app.core.errors import Fault, Refusal
from app.wire.admin_packages_v1 import ProblemDetail, Trial


class PackageCommands:
    """The organiser's commands for problems and their packages."""

    def __init__(self, theme: Theme, link: Link, window: QWidget, toasts: Toasts, settings: QSettings) -> None:
        self._theme = theme
        self._link = link
        self._window = window
        self._toasts = toasts
        self._settings = settings
        self.bringing: BringIn | None = None

    def choose(self, contest_id: str, problem: str = "") -> None:
        """Asks for a package's zip file or folder and brings it in; `problem`: as another version of that problem."""
        box = QMessageBox(self._window)
        box.setWindowTitle(_("Another version of a problem") if problem else _("Import a problem package"))
        box.setText(_("Where is the package?"))
        folder = box.addButton(_("A folder"), QMessageBox.ButtonRole.ActionRole)
        file = box.addButton(_("A zip file"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.buttonClicked.connect(
            lambda pressed: self._pick(pressed is folder, contest_id, problem) if pressed in (folder, file) else None
        )
        box.open()

    def bring_in(self, paths: Sequence[Path], contest_id: str, problem: str = "") -> None:
        """Brings packages in, one after another, in a window of its own; a second call adds to what is under way."""
        uploads = [Upload(path, contest_id, self._link.place.is_here, problem) for path in paths]
        if self.bringing is None:
            self.bringing = BringIn(self._theme, self._window, self._link, self._settings)
            self.bringing.finished.connect(self._on_closed)
            self.bringing.show()
        self.bringing.add(uploads)
        self.bringing.raise_()

    def judge_solutions(self, problem: ProblemDetail, contest_id: str, *, everywhere: bool) -> None:
        """Sends a problem's jury solutions to machines."""

        def said(answer: Any) -> None:
            count = int(answer.get("queued", 0)) if isinstance(answer, dict) else 0
            if count:
                self._toasts.done(
                    _(
                        "{solutions} on the way; submissions go first.",
                        solutions=counted(count, "jury solution", "jury solutions"),
                    )
                )
            else:
                self._toasts.done(_("They are on the way already."))

        body = {"contest_id": contest_id, "everywhere": everywhere}
        self._link.post(f"/admin/v1/problems/{problem.id}/solutions", body, said, self._toasts.refused)

    def stop_solutions(self, problem: ProblemDetail, contest_id: str) -> None:
        """What waits is not judged; what has begun ends."""
        done = _("Jury solutions of {label} that wait are not judged.", label=problem.label)
        self._send(f"problems/{problem.id}/solutions/stop", {"contest_id": contest_id}, done)

    def set_limit(self, problem: ProblemDetail, contest_id: str, seconds: float) -> None:
        """Asks, then gives the problem another time limit."""
        sentence = _(
            "Submissions of {label} are judged with {after} s of CPU time from now on instead of {before} s. What is judged already"
            " keeps its verdict.",
            label=problem.label,
            after=limit_text(seconds),
            before=limit_text(problem.cpu_seconds),
        )
        body = {"contest_id": contest_id, "cpu_seconds": seconds}
        done = _("The time limit of {label} is {n} s.", label=problem.label, n=limit_text(seconds))
        confirm(
            self._theme,
            self._window,
            _("Time limit of {label}", label=problem.label),
            sentence,
            _("Set {n} s", n=limit_text(seconds)),
            lambda: self._send(f"problems/{problem.id}/limit", body, done),
        )

    def switch(self, problem: ProblemDetail, trial: Trial, contest_id: str) -> None:
        """Says what changes, asks, then makes the version on trial the problem's."""
        left = trial.submissions - trial.judged
        changed = counted(
            len(trial.differences),
            "verdict changes at once, for teams and board too",
            "verdicts change at once, for teams and board too",
        )
        words = [f"{changed}." if trial.differences else _("No verdict changes.")]
        if left:
            compared = counted(left, "submission is not compared yet", "submissions are not compared yet")
            words.append(_("{compared} and keep their verdict unless they are judged again.", compared=compared))
        confirm(
            self._theme,
            self._window,
            _("Switch {label} to the new version", label=problem.label),
            " ".join(words),
            _("Switch"),
            lambda: self._switch(problem, contest_id, {"anyway": bool(left)}),
            danger=True,
        )

    def _switch(self, problem: ProblemDetail, contest_id: str, word: dict[str, bool]) -> None:
        def failed(error: Refusal | Fault) -> None:
            if isinstance(error, Refusal) and "final_too" in error.fields:
                self._switch_final(problem, contest_id, word)
            else:
                self._toasts.refused(error.sentence)

        done = _("{label} has its new version.", label=problem.label)
        body = {"contest_id": contest_id, **word}
        path = f"/admin/v1/problems/{problem.id}/switch"
        self._link.command(path, body, lambda _answer: self._toasts.done(done), failed)

    def _switch_final(self, problem: ProblemDetail, contest_id: str, word: dict[str, bool]) -> None:
        confirm(
            self._theme,
            self._window,
            _("Change final results"),
            _("The results of this contest are final. Switching changes verdicts, and the final table may change."),
            _("Switch all the same"),
            lambda: self._switch(problem, contest_id, {**word, "final_too": True}),
            danger=True,
        )

    def drop(self, problem: ProblemDetail, contest_id: str) -> None:
        """Asks, then ends a trial."""
        confirm(
            self._theme,
            self._window,
            _("End the trial of {label}", label=problem.label),
            _(
                "The new version is forgotten, and {label} keeps the one that it has. Nothing changes for anybody.",
                label=problem.label,
            ),
            _("End the trial"),
            lambda: self._send(
                f"problems/{problem.id}/drop",
                {"contest_id": contest_id},
                _("{label} keeps its version.", label=problem.label),
            ),
        )

    def export(self, problem: ProblemDetail, contest_id: str) -> None:
        """Asks where to, then fetches the problem as a 2025-09 package."""
        picker = QFileDialog(self._window, _("Save as a 2025-09 package"))
        picker.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        picker.selectFile(f"{problem.id}.zip")
        picker.fileSelected.connect(lambda path: self.fetch_export(problem.id, contest_id, Path(path)))
        picker.open()

    def fetch_export(self, problem_id: str, contest_id: str, target: Path) -> None:
        """Fetches an export into a file."""
        self._toasts.done(_("Writing {name} …", name=target.name))
        path = f"/admin/v1/problems/{problem_id}/export?contest_id={contest_id}"
        self._link.run(
            lambda client: client.download(path, target),
            lambda _nothing: self._toasts.done(
                _("{name} is written, and says the same as the problem.", name=target.name)
            ),
            lambda error: self._toasts.refused(error.sentence),
        )

    def _pick(self, folder: bool, contest_id: str, problem: str) -> None:
        picker = QFileDialog(self._window, _("Import a problem package"))
        picker.setFileMode(QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFiles)
        if not folder:
            picker.setNameFilter(_("Packages (*.zip)"))
        picker.filesSelected.connect(lambda paths: self.bring_in([Path(one) for one in paths], contest_id, problem))
        picker.open()

    def _on_closed(self, _code: int) -> None:
        self.bringing = None

    def _send(self, path: str, body: dict[str, Any], done: str) -> None:
        self._link.post(f"/admin/v1/{path}", body, lambda _answer: self._toasts.done(done), self._toasts.refused)
