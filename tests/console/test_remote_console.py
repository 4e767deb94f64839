"""The console on another machine, against a real server and real TLS: letters, sign-in, the same window, and people in between."""

from __future__ import annotations

import random
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from conftest import Hall, has_state, tell
from flow.middle import Middle
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from running import Server, admin_of, until

from app.console.dialogs.choose import ChooseServer
from app.console.dialogs.join import JoinServer
from app.console.dialogs.sign_in import SignIn
from app.console.entering import enter
from app.console.link import Link
from app.console.remote import Pairings, RemotePlace
from app.console.theme.theme import Theme
from app.console.window import Window
from app.lan.asking import Stranger
from app.lan.membership import Membership
from app.lan.pki import open_authority
from app.server.demo.seed import Login

KEY = Qt.Key
CRATES = Path(__file__).resolve().parents[2] / "problems" / "crates"


@pytest.fixture(scope="module")
def server(hall: Hall) -> Iterator[Server]:
    with Server(hall.data) as running:
        yield running


@pytest.fixture
def pairings(tmp_path: Path) -> Pairings:
    """What this user's console remembers."""
    return Pairings(tmp_path / "servers")


def node_url(server: Server) -> str:
    return str(server.running["node_url"])


def knock(theme: Theme, qtbot: QtBot, url: str, pairings: Pairings) -> JoinServer:
    """Opens the dialog and waits for its letters."""
    dialog = JoinServer(theme, None, url, pairings)
    dialog.open()
    qtbot.waitUntil(lambda: len(dialog.code.text()) == 9 and "·" not in dialog.code.text(), timeout=10_000)
    return dialog


def pending(server: Server) -> list[dict[str, Any]]:
    with admin_of(server.running) as admin:
        return list(admin.get("/admin/v1/machines").json()["pending"])


def approve(server: Server, code: str) -> None:
    """The organiser compares at the laptop and approves."""
    wish = next(one for one in pending(server) if one["code"] == code)
    assert wish["kind"] == "console"
    with admin_of(server.running) as admin:
        answer = admin.post(f"/admin/v1/joins/{wish['request_id']}/approve", json={"code": code})
        assert answer.status_code == 200, answer.text


def refuse_all(server: Server) -> None:
    with admin_of(server.running) as admin:
        for one in pending(server):
            admin.post(f"/admin/v1/joins/{one['request_id']}/refuse", json={})


def paired(theme: Theme, qtbot: QtBot, server: Server, pairings: Pairings) -> RemotePlace:
    """A console that was let in; nobody has signed in yet."""
    dialog = knock(theme, qtbot, node_url(server), pairings)
    approve(server, dialog.code.text())
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=10_000)
    dialog.act_button.click()
    assert dialog.place is not None
    return dialog.place


def window_of(theme: Theme, place: RemotePlace, settings: QSettings) -> Window:
    window = Window(theme, Link(place, random.Random(1)), settings)
    window.show()
    window.board.link.start()
    return window


def end(window: Window, qapp: QApplication) -> None:
    window.board.link.close()
    window.close()
    window.deleteLater()
    qapp.processEvents()


def sign_in(theme: Theme, qtbot: QtBot, place: RemotePlace, who: Login, password: str = "") -> SignIn:
    dialog = SignIn(theme, None, place)
    dialog.open()
    qtbot.keyClicks(dialog.username, who.username)
    qtbot.keyClicks(dialog.password, password or who.password)
    qtbot.keyClick(dialog.password, KEY.Key_Return)
    return dialog


def test_from_letters_to_the_same_window(
    server: Server, hall: Hall, theme: Theme, pairings: Pairings, settings: QSettings, qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:  # fmt: skip
    """Same letters on both screens, approved there and confirmed here; an admin signs in; state comes, commands go, folders of the server
    are not asked for; unpaired it is out within seconds and forgets its pairing."""
    dialog = knock(theme, qtbot, node_url(server), pairings)
    assert not dialog.act_button.isEnabled(), "nobody goes on before the organiser has approved"
    approve(server, dialog.code.text())
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=10_000)
    assert not list((tmp_path / "servers").glob("*")), "nothing is kept before the letters were confirmed here too"
    dialog.act_button.click()
    place = dialog.place
    assert place is not None
    file = tmp_path / "servers" / f"{server.running['server_id']}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert got_in(theme, qtbot, place, hall.contest.admin)
    assert hall.contest.admin.password not in file.read_text()
    window = window_of(theme, place, settings)
    try:
        qtbot.waitUntil(lambda: has_state(window), timeout=10_000)
        steer(window, qtbot)
        assert window.board.room is not None
        # Other tests' consoles may be in the hall's list, too.
        mine = next(one for one in window.board.room.machines if one.id == place.member.node_id)
        assert mine.kind == "console"
        window.show_page("machines")
        window.machines.choose(mine.id)
        with admin_of(server.running) as admin:
            assert admin.post(f"/admin/v1/machines/{mine.id}/unpair", json={}).status_code == 200
        qtbot.waitUntil(lambda: "not paired" in window.status.server.text, timeout=10_000)
        assert not file.exists()
        assert window.findChild(SignIn) is None, "an unpaired console asks nobody for a password"
    finally:
        end(window, qapp)


def steer(window: Window, qtbot: QtBot) -> None:
    """Ten minutes more, and what cannot be done from here."""
    assert window.board.state is not None
    before = window.board.state.contest.duration_ms
    window.board.commands.send("contest/extend", {"minutes": 10}, "Longer.")
    qtbot.waitUntil(lambda: "Longer." in window.toasts.texts, timeout=5_000)
    qtbot.waitUntil(
        lambda: window.board.state is not None and window.board.state.contest.duration_ms == before + 600_000,
        timeout=5_000,
    )
    window.board.packages.bring_in([CRATES], window.board.state.contest.id)
    bringing = window.board.packages.bringing
    assert bringing is not None
    qtbot.waitUntil(lambda: not bringing.busy, timeout=60_000)
    assert [row.line.level for row in bringing.report.rows() if row.line.level == "error"] == []
    assert any("crates" in row.line.sentence.lower() for row in bringing.report.rows())
    bringing.close()
    window.show_page("settings")
    assert not window.pages["settings"].backup.isVisible()  # type: ignore[attr-defined]


def got_in(theme: Theme, qtbot: QtBot, place: RemotePlace, who: Login) -> bool:
    """Signs in; the dialog goes by itself."""
    sign_in(theme, qtbot, place, who)
    qtbot.waitUntil(lambda: place.access() is not None, timeout=20_000)
    return not place.is_signed_out


def told(theme: Theme, qtbot: QtBot, place: RemotePlace, who: Login, password: str = "") -> str:
    """What the dialog says to somebody who may not come in."""
    dialog = sign_in(theme, qtbot, place, who, password)
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=20_000)
    said = dialog.said.text()
    dialog.reject()
    return said


def test_known_server_asks_for_no_letters(
    server: Server, hall: Hall, theme: Theme, pairings: Pairings, qtbot: QtBot
) -> None:
    """The second time the console goes straight to the sign-in; a wrong password and a juror stay outside, in the server's words."""
    paired(theme, qtbot, server, pairings)
    again = JoinServer(theme, None, node_url(server), pairings)
    with qtbot.waitSignal(again.accepted, timeout=10_000):
        again.open()
    place = again.place
    assert place is not None
    assert pending(server) == []
    assert "wrong" in told(theme, qtbot, place, hall.contest.admin, "not this one")
    assert "role admin" in told(theme, qtbot, place, hall.contest.judge)
    assert place.is_signed_out
    assert got_in(theme, qtbot, place, hall.contest.admin)


def test_ended_session_is_asked_for_again(
    server: Server, hall: Hall, theme: Theme, pairings: Pairings, settings: QSettings, qapp: QApplication, qtbot: QtBot
) -> None:
    """When the session ends under the open window, the sign-in comes by itself, once; put aside it stays behind a button."""
    place = paired(theme, qtbot, server, pairings)
    place._session = "a session of yesterday"
    window = window_of(theme, place, settings)
    try:
        qtbot.waitUntil(lambda: window.findChild(SignIn) is not None, timeout=10_000)
        first = window.findChild(SignIn)
        assert isinstance(first, SignIn)
        first.reject()
        qtbot.waitUntil(lambda: window.findChild(SignIn) is None, timeout=5_000)
        qtbot.wait(600)
        assert window.findChild(SignIn) is None
        assert "Nobody is signed in" in window.status.server.text
        window.sign_in.click()
        dialog = window.findChild(SignIn)
        assert isinstance(dialog, SignIn)
        dialog.username.setText(hall.contest.admin.username)
        dialog.password.setText(hall.contest.admin.password)
        dialog.act_button.click()
        qtbot.waitUntil(lambda: has_state(window), timeout=20_000)
        qtbot.waitUntil(lambda: not window.sign_in.isVisible(), timeout=5_000)
    finally:
        end(window, qapp)


class Organiser:
    """Does in each dialog what its person would do, and notes which came."""

    def __init__(self, server: Server, hall: Hall) -> None:
        self.came: list[str] = []
        self._server = server
        self._admin = hall.contest.admin
        self._timer = QTimer()
        self._timer.setInterval(50)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            return
        name = type(dialog).__name__
        if name not in self.came:
            self.came.append(name)
        if isinstance(dialog, ChooseServer):
            dialog.address.setText(node_url(self._server))
            dialog.act_button.setEnabled(True)
            dialog.act_button.click()
        elif isinstance(dialog, JoinServer):
            self._join(dialog)
        elif isinstance(dialog, SignIn) and not dialog.username.text():
            dialog.username.setText(self._admin.username)
            dialog.password.setText(self._admin.password)
            dialog.act_button.click()

    def _join(self, dialog: JoinServer) -> None:
        if dialog.act_button.isEnabled():
            dialog.act_button.click()
        elif dialog.code.text() in [one["code"] for one in pending(self._server)]:
            approve(self._server, dialog.code.text())


def test_the_whole_way_in(server: Server, hall: Hall, theme: Theme, pairings: Pairings, qtbot: QtBot) -> None:
    """Without an address: choose, letters, sign in. Afterwards with the address: only the sign-in is left."""
    first = Organiser(server, hall)
    place = enter(theme, "", pairings)
    assert place is not None
    assert place.access() is not None
    assert first.came == ["ChooseServer", "JoinServer", "SignIn"]
    first._timer.stop()
    second = Organiser(server, hall)
    again = enter(theme, node_url(server), pairings)
    second._timer.stop()
    assert again is not None
    assert second.came[-1] == "SignIn"
    assert "ChooseServer" not in second.came
    assert again.member == place.member


class Forger(Middle):
    """A man in the middle who answers in the server's place that the console is approved, and notes what he is sent."""

    def __init__(self, real: str, own: Any) -> None:
        self.paths: list[str] = []
        super().__init__(real, own, own.pem)

    def pass_on(self, path: str, body: bytes) -> httpx2.Response:
        self.paths.append(path)
        if path.endswith("/poll"):
            return httpx2.Response(200, json={"state": "approved", "token": "0" * 64, "node_id": "n"})
        return super().pass_on(path, body)


@pytest.fixture
def forger(server: Server, tmp_path: Path) -> Iterator[Forger]:
    middle = Forger(node_url(server), open_authority(tmp_path / "forger"))
    yield middle
    middle.close()
    refuse_all(server)


def test_man_in_the_middle_who_approves_himself_gets_no_password(
    server: Server, forger: Forger, theme: Theme, pairings: Pairings, qtbot: QtBot
) -> None:
    """He says «approved» at once; the letters here are not those at the laptop, and this side goes nowhere without a person's word."""
    dialog = knock(theme, qtbot, forger.url, pairings)
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=10_000)
    shown = until("his request at the laptop", 10, lambda: [one["code"] for one in pending(server)])
    assert dialog.code.text() not in shown
    assert "only if its own console showed these letters" in dialog.said.text()
    assert dialog.harmless.isDefault()
    dialog.reject()
    assert pairings.all() == []
    assert not any("admin" in path for path in forger.paths)


def test_stranger_at_the_servers_address_hears_neither_token_nor_password(
    server: Server, hall: Hall, forger: Forger, theme: Theme, pairings: Pairings, settings: QSettings, qapp: QApplication, qtbot: QtBot
) -> None:  # fmt: skip
    """Somebody takes the address of a paired server: the certificate is another one, so nothing is sent, and the dialog warns."""
    place = paired(theme, qtbot, server, pairings)
    place.sign_in(hall.contest.admin.username, hall.contest.admin.password)
    real = place.member
    place.member = moved(real, forger.url)
    with pytest.raises(Stranger):
        place.sign_in(hall.contest.admin.username, hall.contest.admin.password)
    window = window_of(theme, place, settings)
    try:
        qtbot.waitUntil(lambda: "Another server answers" in window.status.server.text, timeout=10_000)
    finally:
        end(window, qapp)
    assert forger.paths == []
    pairings.keep(moved(real, forger.url))
    dialog = knock(theme, qtbot, forger.url, pairings)
    assert dialog.warning.isVisible()
    dialog.reject()
    assert not any("admin" in path for path in forger.paths)


def moved(member: Membership, url: str) -> Membership:
    return Membership(url, member.server_id, member.node_id, member.token, member.ca_pem)


def test_silent_address_and_refusal_are_sentences(
    server: Server, theme: Theme, pairings: Pairings, qtbot: QtBot
) -> None:
    """Nobody there: it says so and asks again on the organiser's word. Refused at the laptop: it says that too."""
    dialog = JoinServer(theme, None, "https://127.0.0.1:9", pairings)
    dialog.open()
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=10_000)
    assert "does not answer" in dialog.said.text()
    dialog._url = node_url(server)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: "·" not in dialog.code.text(), timeout=10_000)
    refuse_all(server)
    qtbot.waitUntil(lambda: "refused" in dialog.said.text(), timeout=10_000)
    dialog.reject()


def test_choosing_a_server(server: Server, theme: Theme, pairings: Pairings, qtbot: QtBot) -> None:
    """A server of this network stands in the list by itself; what is typed must be an address."""
    dialog = ChooseServer(theme, None, pairings)
    dialog.open()
    qtbot.keyClicks(dialog.address, "not an address")
    dialog.act_button.click()
    assert "is no server address" in dialog.said.text()
    url = node_url(server)

    def heard() -> list[str]:
        return [str(dialog.list.item(place).data(Qt.ItemDataRole.UserRole)) for place in range(dialog.list.count())]

    qtbot.waitUntil(lambda: url in heard(), timeout=15_000)
    dialog.list.setCurrentRow(heard().index(url))
    dialog.act_button.click()
    assert dialog.url == url


def test_console_at_the_door_is_called_one(window: Window, qtbot: QtBot) -> None:
    """The machines' page shows a pending console as what it is, and asks for the right trust."""
    tell(window)
    room = window.board.room
    assert room is not None
    asking = room.pending[0].model_copy(update={"kind": "console", "name": "office"})
    window.board.take_room(type(room)(room.machines, (asking,)))
    window.show_page("machines")
    window.machines.compare(asking)
    popover = window.machines.popover
    assert popover is not None
    assert any("an admin who signs in there" in one.text() for one in popover.findChildren(QLabel))
    row = next(one for one in window.board.machines.rows() if one.join == asking)
    assert row.is_console
    popover.dismiss()
