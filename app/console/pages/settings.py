"""Settings: what may be changed while a contest runs, the look of this window, backup, the server."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QLabel, QRadioButton, QSpinBox, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.pages.page import Page
from app.console.theme.theme import Choice
from app.console.tongue import SYSTEM, choice_in
from app.console.widgets.parts import Button, Card, CardHead, column_of, label, roomy, row_of, rule
from app.console.words import NAMES, languages
from app.console.words import tr as _
from app.wire.admin_v1 import State

_WIDTH = 720


def _name(text: str) -> QLabel:
    """The name at the left of a row of choices."""
    made = label(text, 14, 400, "muted")
    made.setMinimumWidth(80)
    return made


class SettingsPage(Page):
    """Each change of the contest is sent at once and stands in the log."""

    def __init__(self, board: Board) -> None:
        super().__init__(board, _("Settings"))
        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        box = QVBoxLayout(column)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(16)
        for card in (self._contest(), self._look(), self._server()):
            box.addWidget(card)
        box.addStretch(1)
        self.body.addWidget(column, 1, Qt.AlignmentFlag.AlignLeft)
        column.setMinimumWidth(_WIDTH)
        board.news.state.connect(self._on_state)

    def _contest(self) -> Card:
        card = Card(spacing=10)
        self.progress = QCheckBox(_("Teams see COMPILING and the number of the running test"))
        self.all_tests = QCheckBox(_("Run all tests, also after the first failure"))
        self.freeze = QSpinBox()
        self.freeze.setRange(0, 24 * 60)
        self.freeze.setSuffix(_(" min"))
        self.freeze.setSpecialValueText(_("never"))
        self.freeze.setAccessibleName(_("Minutes of the freeze"))
        self.freeze.setFixedWidth(120)
        roomy(self.freeze)
        self.set_freeze = Button(self.board.theme, _("Set"), self._on_freeze)
        self.set_freeze.setEnabled(False)
        self.freeze.valueChanged.connect(lambda _value: self._on_freeze_edit())
        freeze_label = label(_("The public board stands still for the last"))
        freeze_label.setBuddy(self.freeze)
        self.progress.clicked.connect(lambda on: self._send(_("Set."), show_progress=on))
        self.all_tests.clicked.connect(lambda on: self._send(_("Set."), all_tests=on))
        card.body.addWidget(CardHead(_("Contest")))
        for widget in (self.progress, self.all_tests):
            card.body.addWidget(widget)
        card.body.addLayout(row_of(freeze_label, self.freeze, self.set_freeze, None))
        return card

    def _look(self) -> Card:
        card = Card(spacing=10)
        card.body.addWidget(CardHead(_("This window")))
        self.looks = QButtonGroup(self)
        names = {Choice.SYSTEM: _("Like the system"), Choice.LIGHT: _("Light"), Choice.DARK: _("Dark")}
        row = row_of(_name(_("Colours")), spacing=20)
        for choice, name in names.items():
            button = QRadioButton(name)
            button.setChecked(self.board.theme.choice is choice)
            button.clicked.connect(lambda _on=False, one=choice: self._choose(one))
            self.looks.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        card.body.addLayout(row)
        card.body.addWidget(rule())
        card.body.addLayout(self._tongues())
        return card

    def _tongues(self) -> QHBoxLayout:
        """The languages, each in its own words; a choice makes the window anew."""
        self.tongues = QButtonGroup(self)
        chosen = choice_in(self.board.settings)
        row = row_of(_name(_("Language")), spacing=20)
        for code in (SYSTEM, *languages()):
            button = QRadioButton(_("Like the system") if code == SYSTEM else NAMES.get(code, code))
            button.setChecked(code == chosen)
            button.clicked.connect(lambda _on=False, one=code: self.board.news.language_chosen.emit(one))
            self.tongues.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _server(self) -> Card:
        card = Card(spacing=10)
        theme, commands = self.board.theme, self.board.commands
        self._where = label("", 13, 400, "muted")
        self._where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._plain = label(
            _("Contestants' pages travel unencrypted in the room; machines and this console don't."), 13, 400, "muted"
        )
        self.https = QCheckBox(_("Contestants come by https, from the server's next start on"))
        self.https.clicked.connect(self._on_https)
        self._https_known = False
        self._words = label("", 13, 400, "muted")
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setWordWrap(True)
        self.backup = Button(theme, _("Back up into a folder…"), commands.backup, icon="archive")
        self.backup.setVisible(commands.is_here)
        self.stop = Button(
            theme, _("Stop the server…"), lambda: commands.stop_server(self.board.state), kind="danger", icon="power"
        )
        card.body.addWidget(CardHead(_("Server")))
        card.body.addWidget(self._where)
        card.body.addWidget(self._plain)
        card.body.addWidget(self._words)
        card.body.addWidget(self.https)
        card.body.addWidget(rule())
        card.body.addLayout(row_of(self.backup, None, self.stop))
        said = label(
            _("Closing this window stops nothing: the server goes on, and the next console finds it."), 13, 400, "muted"
        )
        card.body.addLayout(column_of(said))
        return card

    def _on_state(self, state: State) -> None:
        self.progress.setChecked(state.contest.show_progress)
        self.all_tests.setChecked(state.contest.all_tests)
        if not self.set_freeze.isEnabled():
            self.freeze.setValue((state.contest.freeze_ms or 0) // 60_000)
            self.set_freeze.setEnabled(False)
        server = state.server
        self._where.setText(
            _(
                "{url}, judge machines {node}\nData in {data}",
                url=server.people_url,
                node=server.node_url,
                data=server.data,
            )
        )
        self._plain.setVisible(server.people_url.startswith("http:"))
        self._words.setVisible(bool(server.trust_url))
        self._words.setText(
            _(
                "Browsers trust it after {url}. That page must show these words: {words}",
                url=server.trust_url,
                words=server.trust_words,
            )
        )
        if not self._https_known:
            self._https_known = True
            self.https.setChecked(server.people_url.startswith("https:"))

    def _on_https(self, on: bool) -> None:
        done = _("From the next start on: stop the server here and start it again.")
        self.board.commands.send("server/https", {"on": on}, done)

    def _on_freeze_edit(self) -> None:
        state = self.board.state
        known = (state.contest.freeze_ms or 0) // 60_000 if state else 0
        self.set_freeze.setEnabled(state is not None and self.freeze.value() != known)

    def _on_freeze(self) -> None:
        minutes = self.freeze.value()
        self.set_freeze.setEnabled(False)
        self._send(_("The board freezes {n} min before the end.", n=minutes), freeze_minutes=minutes)

    def _send(self, done: str, **settings: bool | int) -> None:
        state = self.board.state
        meant = {"contest_id": state.contest.id} if state is not None else {}
        self.board.commands.send("contest/settings", {**settings, **meant}, done)

    def _choose(self, choice: Choice) -> None:
        self.board.theme.choose(choice)
        self.board.settings.setValue("look", choice.value)
