"""When the contest starts: now, or by itself at a time of day."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QDateTimeEdit, QRadioButton, QWidget

from app.console.dialogs.ask import Ask
from app.console.theme.theme import Theme
from app.console.widgets.parts import roomy, row_of
from app.console.words import tr as _

_STEP_SECONDS = 300


def round_up(now: QDateTime) -> QDateTime:
    """The next full five minutes that are at least five minutes away."""
    seconds = now.toSecsSinceEpoch() + _STEP_SECONDS
    return QDateTime.fromSecsSinceEpoch(-(-seconds // _STEP_SECONDS) * _STEP_SECONDS)


class StartDialog(Ask):
    """Asks when to start. `act` gets None for now, else ISO 8601 with a zone."""

    def __init__(
        self, theme: Theme, parent: QWidget, name: str, scheduled_ms: int | None, teams: str, act: Callable[[str | None], None]
    ) -> None:  # fmt: skip
        sentence = _(
            "{teams} see the problems and can submit from the start on. The clock runs on this laptop.", teams=teams
        )
        super().__init__(theme, parent, _("Start {name}", name=name), sentence, _("Start now"), self._on_answer)
        self._answer = act
        self.now = QRadioButton(_("Now"))
        self.at = QRadioButton(_("By itself at"))
        now = QDateTime.currentDateTime()
        scheduled = QDateTime.fromMSecsSinceEpoch(scheduled_ms) if scheduled_ms else None
        self.time = QDateTimeEdit(scheduled if scheduled and scheduled > now else round_up(now))
        self.time.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
        roomy(self.time)
        self.time.setAccessibleName(_("Start time"))
        self.fields.addWidget(self.now)
        self.fields.addLayout(row_of(self.at, self.time, None))
        self.at.toggled.connect(self._on_toggle)
        self.now.setChecked(True)
        self._on_toggle(False)

    def _on_toggle(self, later: bool) -> None:
        self.time.setEnabled(later)
        self.act_button.say(_("Set the start") if later else _("Start now"))

    def _on_answer(self) -> None:
        if self.at.isChecked():
            self._answer(self.time.dateTime().toUTC().toString("yyyy-MM-ddTHH:mm:ss") + "Z")
        else:
            self._answer(None)
