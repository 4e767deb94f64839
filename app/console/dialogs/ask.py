"""Questions before an act: what will happen, to how many; the harmless answer is the default."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from app.console.mnemonics import Mnemonics
from app.console.theme.theme import Theme
from app.console.widgets.parts import Button, label, roomy, row_of
from app.console.words import tr as _


class Ask(QDialog):
    """A title, a sentence, a place for fields, and two buttons: the harmless one (default) and the act.

    `act` is called once, after the dialog closed by the act's button.
    """

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        title: str,
        sentence: str,
        act_text: str,
        act: Callable[[], None],
        *,
        danger: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setMinimumWidth(440)
        self.setModal(True)
        self._act = act
        self._mnemonics = Mnemonics(self)
        head = label(title, 16, 600)
        words = label(sentence, 14, 400, "muted")
        words.setWordWrap(True)
        words.setMinimumWidth(400)
        self.fields = QVBoxLayout()
        self.fields.setSpacing(8)
        self.harmless = Button(theme, _("Cancel"), self.reject)
        self.harmless.setDefault(True)
        self.harmless.setAutoDefault(True)
        self.act_button = Button(theme, act_text, self._on_act, kind="danger" if danger else "primary")
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 20, 22, 18)
        box.setSpacing(10)
        box.addWidget(head)
        box.addWidget(words)
        box.addLayout(self.fields)
        box.addSpacing(8)
        box.addLayout(row_of(None, self.harmless, self.act_button))
        self.harmless.setFocus()

    def _on_act(self) -> None:
        self.accept()
        self._act()


def confirm(
    theme: Theme, parent: QWidget, title: str, sentence: str, act_text: str, act: Callable[[], None], *, danger: bool = False
) -> Ask:  # fmt: skip
    """Asks before an act."""
    dialog = Ask(theme, parent, title, sentence, act_text, act, danger=danger)
    dialog.open()
    return dialog


def ask_text(
    theme: Theme, parent: QWidget, title: str, sentence: str, act_text: str, text: str, act: Callable[[str], None]
) -> Ask:
    """Asks for a line of text; an empty one is no answer."""
    field = QLineEdit(text)
    field.setAccessibleName(title)
    field.setMaxLength(60)
    dialog = Ask(theme, parent, title, sentence, act_text, lambda: act(field.text().strip()))
    dialog.fields.addWidget(field)
    field.textChanged.connect(lambda now: dialog.act_button.setEnabled(bool(now.strip())))
    dialog.act_button.setDefault(True)
    dialog.open()
    field.setFocus()
    field.selectAll()
    return dialog


def ask_minutes(
    theme: Theme, parent: QWidget, title: str, sentence: str, act_text: str, minutes: int, act: Callable[[int], None]
) -> Ask:
    """Asks for a number of minutes, from 1 to a day."""
    field = QSpinBox()
    field.setAccessibleName(title)
    field.setRange(1, 24 * 60)
    field.setValue(minutes)
    field.setSuffix(_(" min"))
    roomy(field)
    dialog = Ask(theme, parent, title, sentence, act_text, lambda: act(field.value()))
    dialog.fields.addWidget(field)
    dialog.open()
    field.setFocus()
    field.selectAll()
    return dialog
