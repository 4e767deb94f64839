"""Which server: those that this console is paired with, those that are heard on the network, or an address typed by hand."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.console.dialogs.ask import Ask
from app.console.errand import Errand, Say
from app.console.remote import Pairings
from app.console.theme.theme import Theme
from app.console.widgets.parts import label, set_role
from app.console.words import retold
from app.console.words import tr as _
from app.core.errors import Fault, Refusal
from app.lan.asking import server_url
from app.lan.discover import Candidate, Discovery
from app.lan.interfaces import interfaces

_LISTEN_SECONDS = 0.5
_ROLE = Qt.ItemDataRole.UserRole


class ChooseServer(Ask):
    """`url` is the address once the dialog was accepted. A server that is heard says of itself what it likes: the letters decide."""

    def __init__(self, theme: Theme, parent: QWidget | None, pairings: Pairings) -> None:
        sentence = _(
            "Servers of this network appear by themselves. Their console shows the address as «judge machines»."
        )
        super().__init__(theme, parent, _("Open the console of a server"), sentence, _("Go on"), lambda: None)
        self.url = ""
        self._paired = {one.server_id for one in pairings.all()}
        self.list = QListWidget()
        self.list.setAccessibleName(_("Servers"))
        self.list.setMinimumHeight(132)
        self.address = QLineEdit()
        self.address.setAccessibleName(_("Address"))
        self.address.setPlaceholderText("https://192.0.2.1:8443")
        self.said = label(_("Listening …"), 13, 400, "muted")
        self.said.setWordWrap(True)
        words = label(_("or its address"), 13, 400, "muted")
        words.setBuddy(self.address)
        for widget in (self.list, words, self.address, self.said):
            self.fields.addWidget(widget)
        self.list.itemSelectionChanged.connect(self._on_chosen)
        self.list.itemActivated.connect(lambda _item: self._on_act())
        self.address.textEdited.connect(lambda text: self.act_button.setEnabled(bool(text.strip())))
        self.act_button.setDefault(True)
        self.act_button.setEnabled(False)
        for one in pairings.all():
            self._add(one.url, one.server_id)
        self.address.setFocus()
        self._listen()

    def _listen(self) -> None:
        stop = threading.Event()
        self.finished.connect(lambda _code: stop.set())

        def work(say: Say) -> object:
            with Discovery([one.address for one in interfaces()]) as discovery:
                while not stop.is_set():
                    candidate = discovery.next(_LISTEN_SECONDS)
                    if candidate is not None:
                        say(candidate)
            return None

        self._errand = Errand(work)
        self._errand.said.connect(self._on_heard)
        self._errand.failed.connect(self._on_failed)
        self._errand.start()

    def _on_heard(self, candidate: object) -> None:
        if isinstance(candidate, Candidate):
            self._add(candidate.url, candidate.server_id)

    def _add(self, url: str, server_id: str) -> None:
        if any(self.list.item(place).data(_ROLE) == url for place in range(self.list.count())):
            return
        known = _("paired") if server_id in self._paired else _("new here")
        item = QListWidgetItem(f"{url.removeprefix('https://')}   {known}, {server_id[:16]}")
        item.setData(_ROLE, url)
        self.list.addItem(item)

    def _on_chosen(self) -> None:
        chosen = self.list.selectedItems()
        if chosen:
            self.address.setText(str(chosen[0].data(_ROLE)))
            self.act_button.setEnabled(True)

    def _on_failed(self, error: Refusal | Fault) -> None:
        self.said.setText(retold(error.sentence))

    def _on_act(self) -> None:
        try:
            self.url = server_url(self.address.text().strip())
        except Refusal as refusal:
            self.said.setText(retold(refusal.sentence))
            set_role(self.said, "bad")
            return
        self.accept()
