"""Packages on their way in: what is being done, how far it is, a button to stop it, and the report of each package.

The window beside it stays free: this dialog is not modal, and whatever takes long runs on the link's loop (upload.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QProgressBar, QVBoxLayout, QWidget

from app.console.client import parsed
from app.console.link import Link
from app.console.mnemonics import Mnemonics
from app.console.models.problem import ReportRow, ReportTable
from app.console.theme.theme import Theme
from app.console.upload import Progress, Upload
from app.console.widgets.parts import Button, Card, Line, label, row_of
from app.console.widgets.report_view import ReportView
from app.console.words import counted, size_text
from app.console.words import tr as _
from app.core.errors import Fault, Refusal
from app.wire.admin_packages_v1 import Imported, ImportLine, Trial

_STEPS = 1000
_REFUSED_PACKAGE = 422


class BringIn(QDialog):
    """Brings packages in one after another; closing it stops what can still be stopped."""

    def __init__(self, theme: Theme, parent: QWidget, link: Link, settings: QSettings) -> None:
        super().__init__(parent)
        self._link = link
        self._waiting: list[Upload] = []
        self._now: Upload | None = None
        self._taken = 0
        self._failed = 0
        self.setModal(False)
        self.setWindowTitle(_("Import a problem package"))
        self.setAccessibleName(_("Import a problem package"))
        self.resize(900, 460)
        self.headline = label("", 16, 600)
        self.phase = Line(theme, 13, 400, "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress"))
        self.report = ReportTable()
        self.view = ReportView(theme, self.report, settings, "import")
        self.table = self.view.table
        self.table.say_when_empty(_("No report yet"), _("What is found in the package appears here."))
        self.stop = Button(theme, _("Stop"), self._on_stop)
        self.close_button = Button(theme, _("Close"), self.close, kind="primary")
        card = Card((1, 5, 1, 6))
        card.body.addWidget(self.view)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 20, 22, 18)
        box.setSpacing(10)
        box.addWidget(self.headline)
        box.addWidget(self.phase)
        box.addWidget(self.bar)
        box.addWidget(card, 1)
        box.addLayout(row_of(None, self.stop, self.close_button))
        self.stop.setFocus()
        self._mnemonics = Mnemonics(self)

    def add(self, uploads: Sequence[Upload]) -> None:
        """Further packages."""
        self._waiting.extend(uploads)
        if self._now is None:
            self._next()

    @property
    def busy(self) -> bool:
        """Whether something is on its way."""
        return self._now is not None

    def closeEvent(self, event: QCloseEvent) -> None:
        self._on_stop()
        super().closeEvent(event)

    def _next(self) -> None:
        self._now = self._waiting.pop(0) if self._waiting else None
        if self._now is None:
            self._say_over()
            return
        upload = self._now
        self.headline.setText(upload.source.name)
        self.stop.show()
        self.stop.setEnabled(True)
        self.bar.show()
        self.bar.setRange(0, 0)
        self.phase.say(_("Waiting for the server …"))
        self._link.run(
            lambda client: upload.go(client, lambda progress: self._link.tell(self._on_progress, progress)),
            self._on_done,
            self._on_failed,
        )

    def _on_progress(self, progress: Progress) -> None:
        if self._now is None:
            return
        words = {
            "packing": _("Packing the folder"),
            "hashing": _("Reading the file"),
            "sending": _("Sending it to the server"),
            "reading": _("The server reads and checks it; this cannot be stopped"),
        }[progress.phase]
        if progress.total:
            words += f" – {size_text(progress.done)} / {size_text(progress.total)}"
            self.bar.setRange(0, _STEPS)
            self.bar.setValue(int(_STEPS * progress.done / progress.total))
        else:
            self.bar.setRange(0, 0)
        self.stop.setEnabled(progress.phase != "reading")
        self.phase.say(words)

    def _on_done(self, answer: Any) -> None:
        upload = self._now
        if upload is None:
            return
        self._taken += 1
        try:
            if upload.problem:
                trial = parsed(Trial, answer)
                said = _(
                    "It is on trial as version {version}; the problem's page says what would change.",
                    version=trial.version[:12],
                )
                self._add(upload, [ImportLine(level="note", file="", sentence=said, advice="")])
            else:
                found = parsed(Imported, answer)
                tests = counted(found.test_count, "test", "tests")
                head = _(
                    "It is problem {label}, {title}, with {tests}.", label=found.label, title=found.title, tests=tests
                )
                self._add(upload, [*found.report, ImportLine(level="note", file="", sentence=head, advice="")])
        except Fault as fault:
            self._on_failed(fault)
            return
        self._next()

    def _on_failed(self, error: Refusal | Fault) -> None:
        upload = self._now
        if upload is None:
            return
        self._failed += 1
        refused = isinstance(error, Refusal) and error.code == _REFUSED_PACKAGE
        mend = _("Mend it and import the package again.") if refused else _("Try it again.")
        fields = error.fields if isinstance(error, Refusal) and error.code == _REFUSED_PACKAGE else {}
        lines = [ImportLine(level="error", file=file, sentence=text, advice=mend) for file, text in fields.items()]
        self._add(upload, lines or [ImportLine(level="error", file="", sentence=error.sentence, advice=mend)])
        self._next()

    def _add(self, upload: Upload, lines: Sequence[ImportLine]) -> None:
        first = self.report.total
        self.report.upsert(ReportRow(first + place, line, upload.source.name) for place, line in enumerate(lines))

    def _say_over(self) -> None:
        self.bar.hide()
        self.stop.hide()
        taken = counted(self._taken, "package is in", "packages are in")
        failed = counted(self._failed, "was not taken", "were not taken")
        self.headline.setText(f"{taken}, {failed}" if self._failed else taken)
        self.phase.say(_("Errors, warnings and notes, each with what to do; the problem's page keeps them."))
        self.close_button.setFocus()

    def _on_stop(self) -> None:
        self._waiting.clear()
        if self._now is not None:
            self._now.stop()
            self.stop.setEnabled(False)
