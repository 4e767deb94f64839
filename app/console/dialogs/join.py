"""Letting this console in: it shows eight letters, the organiser compares them at the laptop and approves, and then says so here too.

Both ends look. Whoever stands between might approve in the server's place: then the laptop showed no letters or other ones, and a password
typed here would be his. So this side goes on only after the person says that the laptop's console showed these letters.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from app.console.dialogs.ask import Ask
from app.console.errand import Errand, Say
from app.console.remote import Pairings, RemotePlace, join
from app.console.theme.theme import Theme
from app.console.widgets.parts import column_of, label, set_role
from app.console.words import retold
from app.console.words import tr as _
from app.core.errors import Fault, Refusal
from app.lan.membership import Membership


@dataclass(frozen=True, slots=True)
class _Letters:
    code: str
    server_id: str


class _Another:
    """Said when the server that was paired at this address is not the one that answers now."""


class JoinServer(Ask):
    """`place` is the server once the dialog was accepted. A server that knows this console needs no letters."""

    def __init__(self, theme: Theme, parent: QWidget | None, url: str, pairings: Pairings) -> None:
        sentence = _(
            "This console asks the server at {url} to be let in. Compare the letters with those in the console on the server's own "
            "machine and approve them there.",
            url=url,
        )
        super().__init__(
            theme, parent, _("Join the contest's server"), sentence, _("Same letters, go on"), lambda: None
        )
        self.place: RemotePlace | None = None
        self._url = url
        self._pairings = pairings
        self._member: Membership | None = None
        self.warning = label("", 13, 500, "slow")
        self.warning.setWordWrap(True)
        self.warning.hide()
        self.code = label("", 28, 600, tabular=True)
        self.said = label("", 13, 400, "muted")
        for one in (self.code, self.said):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            one.setWordWrap(one is self.said)
        self.code.setMinimumHeight(36)
        self.said.setMinimumHeight(38)
        self.fields.addWidget(self.warning)
        self.fields.addWidget(self._well())
        self._stop = threading.Event()
        self.rejected.connect(self._stop.set)
        self._ask()

    def _well(self) -> QFrame:
        well = QFrame()
        well.setProperty("part", "well")
        head = label(_("The laptop's console must show"), 13, 400, "muted")
        head.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = column_of(head, self.code, self.said, spacing=6)
        box.setContentsMargins(14, 14, 14, 14)
        well.setLayout(box)
        return well

    def _ask(self) -> None:
        """Asks to be let in, from the beginning."""
        self.code.setText("····-····")
        self._say(_("Asking the server …"))
        self.act_button.say(_("Same letters, go on"))
        self.act_button.setEnabled(False)
        url, pairings, stop = self._url, self._pairings, self._stop

        def work(say: Say) -> object:
            known = pairings.recognise(url)
            if known.another:
                say(_Another())
            return known.place or join(url, lambda code, server_id: say(_Letters(code, server_id)), stop)

        self._errand = Errand(work)
        self._errand.said.connect(self._on_said)
        self._errand.done.connect(self._on_done)
        self._errand.failed.connect(self._on_failed)
        self._errand.start()

    def _on_said(self, news: object) -> None:
        if isinstance(news, _Letters):
            self.code.setText(news.code)
            self.code.setAccessibleName(" ".join(news.code))
            self._say(_("Waiting for the organiser. Server {server}", server=news.server_id))
        if isinstance(news, _Another):
            self.warning.setText(
                _("Another server than the one you paired with answers at this address. Look closely at the letters.")
            )
            self.warning.show()

    def _on_done(self, result: object) -> None:
        if isinstance(result, RemotePlace):
            self.place = result
            self.accept()
        elif isinstance(result, Membership):
            self._member = result
            self._say(_("The server has approved. Go on only if its own console showed these letters."), "ink")
            self.act_button.setEnabled(True)

    def _on_failed(self, error: Refusal | Fault) -> None:
        self._member = None
        self._say(retold(error.sentence), "bad")
        self.act_button.say(_("Ask again"))
        self.act_button.setEnabled(True)

    def _on_act(self) -> None:
        if self._member is None:
            self._ask()
            return
        try:
            self.place = self._pairings.keep(self._member)
        except Fault as fault:
            self._say(fault.sentence, "bad")
            return
        self.accept()

    def _say(self, text: str, role: str = "muted") -> None:
        self.said.setText(text)
        set_role(self.said, "" if role == "ink" else role)
