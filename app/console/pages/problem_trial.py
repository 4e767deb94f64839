"""Another version of a problem's package: how far its trial is, what would change, and the two ways to end it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.client import parsed
from app.console.models.problem import DifferenceTable
from app.console.widgets.package_cells import difference_delegate
from app.console.widgets.parts import Button, Line, Picture, column_of, label, row_of
from app.console.widgets.table import Table
from app.console.words import counted, number, retold
from app.console.words import tr as _
from app.core.errors import Fault
from app.wire.admin_packages_v1 import ProblemDetail, Trial


class TrialFace(QWidget):
    """Without a trial it says what one is for; with one it follows it."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._detail: ProblemDetail | None = None
        self.trial: Trial | None = None
        theme = board.theme
        self.offer = Button(theme, _("Try another version…"), self._on_offer, icon="upload", kind="primary")
        self.again = Button(theme, _("Offer another…"), self._on_offer)
        self.switch = Button(theme, _("Switch…"), self._on_switch, kind="primary")
        self.drop = Button(theme, _("End the trial…"), self._on_drop)
        self.state = label("", 14, 600)
        self.progress = Line(theme, 13, 400, "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Submissions judged with the new version"))
        self.changes = label("", 13)
        self.changes.setWordWrap(True)
        self.model = DifferenceTable()
        self.table = Table(
            theme,
            self.model,
            difference_delegate(theme, self._team),
            name="differences",
            settings=board.settings,
            title=_("What would change"),
        )
        self.table.opened.connect(lambda row: board.news.show_submission.emit(row.submission_id))
        self._faces = QStackedLayout(self)
        self._faces.addWidget(self._nothing())
        self._faces.addWidget(self._going_on())

    def show_detail(self, detail: ProblemDetail) -> None:
        """Whether there is a trial; what it says is asked for."""
        self._detail = detail
        if not detail.has_trial:
            self.trial = None
            self._faces.setCurrentIndex(0)
            return
        self._board.link.get(self._address(detail), self._came, self.progress.say)

    def show_trial(self, trial: Trial) -> None:
        """Shows how far it is and what would change."""
        self.trial = trial
        self._faces.setCurrentIndex(1)
        version = trial.version[:12]
        if trial.stopped:
            self.state.setText(_("The trial of version {version} has stopped", version=version))
            self.progress.say(retold(trial.stopped), "bad")
        elif trial.package_state != "ready":
            self.state.setText(_("Version {version} waits", version=version))
            words = {
                "unchecked": _("A judge machine has to check the package first."),
                "refused": _("A judge machine refused the package; offer a mended one."),
            }
            self.progress.say(
                words.get(trial.package_state, ""), "bad" if trial.package_state == "refused" else "muted"
            )
        else:
            over = trial.judged >= trial.submissions
            self.state.setText(
                _("Version {version} is tried", version=version)
                if over
                else _("Version {version} is being tried", version=version)
            )
            said = _("{n} of {all} submissions judged with it", n=number(trial.judged), all=number(trial.submissions))
            self.progress.say(said if over else said + _("; only while no team waits"), "muted")
        self.bar.setRange(0, max(1, trial.submissions))
        self.bar.setValue(trial.judged if trial.submissions else 1)
        self._say_changes(trial)
        self.switch.setEnabled(trial.package_state == "ready" and not trial.stopped)
        self.model.replace(trial.differences)

    def _say_changes(self, trial: Trial) -> None:
        verdicts = counted(len(trial.differences), "verdict would change", "verdicts would change")
        words = [verdicts if trial.differences else _("No verdict would change so far."), *map(retold, trial.changes)]
        self.changes.setText("\n".join(words))
        self.table.say_when_empty(
            _("No difference"),
            _(
                "Submissions whose verdict or score the new version changes are listed here, before anything is switched."
            ),
        )

    def _nothing(self) -> QWidget:
        face = QWidget()
        words = label(
            _(
                "Another version of this package is tried beside the present one: every submission is judged with it too, teams see"
                " nothing, and you see what would change before you switch."
            ),
            14,
            400,
            "muted",
        )
        words.setWordWrap(True)
        words.setMaximumWidth(620)
        title = label(_("No version is on trial"), 16, 600)
        left = column_of(None, title, words, row_of(self.offer, None), None, spacing=10)
        picture = column_of(None, Picture(self._board.theme, "puzzle", "quiet", 28, tinted=True), None)
        row = row_of(None, picture, left, None, spacing=20)
        row.setContentsMargins(24, 24, 24, 24)
        face.setLayout(row)
        return face

    def _going_on(self) -> QWidget:
        face = QWidget()
        head = row_of(column_of(self.state, self.progress, spacing=2), self.again, self.drop, self.switch)
        head.setStretch(0, 1)
        box = QVBoxLayout(face)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        top = column_of(head, self.bar, self.changes, spacing=8)
        top.setContentsMargins(16, 12, 12, 4)
        box.addLayout(top)
        box.addWidget(self.table, 1)
        return face

    def _came(self, answer: Any) -> None:
        try:
            trial = parsed(Trial, answer)
        except Fault as fault:
            self.progress.say(fault.sentence)
            return
        if self._detail is not None and self._detail.has_trial:
            self.show_trial(trial)

    def _team(self, team_id: str) -> str:
        if not team_id:
            return _("Jury")
        known = (one.team for one in self._board.submissions.rows() if one.team_id == team_id)
        return next(known, None) or team_id

    def _contest(self) -> str:
        return self._board.state.contest.id if self._board.state is not None else ""

    def _address(self, detail: ProblemDetail) -> str:
        return f"/admin/v1/problems/{detail.id}/trial?contest_id={self._contest()}"

    def _on_offer(self) -> None:
        if self._detail is not None:
            self._board.packages.choose(self._contest(), self._detail.id)

    def _on_switch(self) -> None:
        if self._detail is not None and self.trial is not None:
            self._board.packages.switch(self._detail, self.trial, self._contest())

    def _on_drop(self) -> None:
        if self._detail is not None:
            self._board.packages.drop(self._detail, self._contest())
