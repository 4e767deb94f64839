"""Who sits at this console: an admin of a server on another machine signs in. The password leaves the field once and is kept nowhere."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from app.console.dialogs.ask import Ask
from app.console.errand import Errand
from app.console.remote import RemotePlace
from app.console.theme.theme import Theme
from app.console.widgets.parts import label, set_role
from app.console.words import retold
from app.console.words import tr as _
from app.core.errors import Fault, Refusal


class SignIn(Ask):
    """Stays until the server has said yes or the organiser leaves; `accepted` when somebody is signed in."""

    def __init__(self, theme: Theme, parent: QWidget | None, place: RemotePlace) -> None:
        address = place.where.removeprefix("https://")
        sentence = _("An admin's account of the contest at {address}. The connection is encrypted.", address=address)
        super().__init__(theme, parent, _("Sign in"), sentence, _("Sign in"), lambda: None)
        self._place = place
        self._errand: Errand | None = None
        self.username = self._field(_("User name"))
        self.password = self._field(_("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.said = label(" ", 13, 400, "muted")
        self.said.setWordWrap(True)
        self.fields.addWidget(self.said)
        self.act_button.setDefault(True)
        self._look()
        self.username.setFocus()

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setMaxLength(200)
        field.textChanged.connect(self._look)
        words = label(name, 13, 400, "muted")
        words.setBuddy(field)
        self.fields.addWidget(words)
        self.fields.addWidget(field)
        return field

    def _look(self) -> None:
        whole = bool(self.username.text().strip() and self.password.text())
        self.act_button.setEnabled(whole and self._errand is None)

    def _on_act(self) -> None:
        username, password = self.username.text(), self.password.text()
        self._say(_("Asking the server …"), "muted")
        self._errand = Errand(lambda _say: self._place.sign_in(username, password))
        self._errand.done.connect(self._on_done)
        self._errand.failed.connect(self._on_failed)
        self._look()
        self._errand.start()

    def _on_done(self, _nothing: object) -> None:
        self._errand = None
        self.password.clear()
        self.accept()

    def _on_failed(self, error: Refusal | Fault) -> None:
        self._errand = None
        self._say(retold(error.sentence), "bad")
        self._look()
        self.password.setFocus()
        self.password.selectAll()

    def _say(self, text: str, role: str) -> None:
        self.said.setText(text)
        set_role(self.said, role)
