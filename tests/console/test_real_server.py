"""The console with a real server beside it: it follows, commands, and stays quick while the server is silent."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Hall, has_state
from PySide6.QtCore import QElapsedTimer, QTimer
from pytestqt.qtbot import QtBot
from running import Client, Judge, Server, until

from app.console.dialogs.ask import Ask
from app.console.window import Window
from app.wire.admin_v1 import Machine

LAG_MS = 100


@pytest.fixture(scope="module")
def server(hall: Hall) -> Iterator[Server]:
    with Server(hall.data) as running:
        yield running


class Beat:
    """Measures how late a timer of ten milliseconds is: what an organiser feels as a window that hangs."""

    def __init__(self) -> None:
        self._since = QElapsedTimer()
        self._timer = QTimer()
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._tick)
        self.worst_ms = 0

    def __enter__(self) -> Beat:
        self._since.start()
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        self.worst_ms = max(self.worst_ms, self._since.restart() - 10)


def test_follows_a_submission(server: Server, live: Window, hall: Hall, qtbot: QtBot) -> None:
    """What a team submits stands in the live list by itself, and opens with its source."""
    qtbot.waitUntil(lambda: has_state(live), timeout=10_000)
    team = hall.contest.teams[0]
    with Client(server.url, team.username, team.password) as client:
        answer = client.submit("crates", "python3", "print('hello from a test')\n")
        assert answer.status_code == 202, answer.text
    qtbot.waitUntil(lambda: live.board.submissions.total >= 1, timeout=5_000)
    newest = live.board.submissions.at(0)
    live.board.news.show_submission.emit(newest.id)
    code = live.submissions.detail._code
    qtbot.waitUntil(lambda: "hello from a test" in code.text, timeout=5_000)
    assert newest.status == "PENDING"


@pytest.mark.timeout(300)
def test_approves_the_machine_that_shows_the_code(
    server: Server, live: Window, hall: Hall, tmp_path: Path, qtbot: QtBot
) -> None:
    """A machine knocks, the console shows the letters of its screen, approves it, renames, pauses and unpairs it."""
    judge = Judge(tmp_path / "judge", server.running)
    try:
        qtbot.waitUntil(lambda: bool(live.board.room and live.board.room.pending), timeout=120_000)
        assert live.board.room is not None
        join = live.board.room.pending[0]
        said = until("the code", 30, lambda: next((x for x in judge.process.lines if x.startswith("pairing code")), ""))
        assert said.split()[2] == join.code
        live.board.news.compare.emit(join)
        popover = live.machines.popover
        assert popover is not None
        popover.approve.click()

        def machines() -> list[str]:
            return [
                one.name
                for one in (live.board.room.machines if live.board.room else ())
                if one.state != "unpaired" and one.kind == "node"
            ]

        def machine() -> Machine:
            """The one that was let in, as the console knows it now; the hall may have consoles of other tests."""
            assert live.board.room is not None
            return next(one for one in live.board.room.machines if one.name == machines()[0])

        qtbot.waitUntil(lambda: len(machines()) == 1, timeout=10_000)
        qtbot.waitUntil(lambda: f"{machines()[0]} may judge now." in live.toasts.texts, timeout=5_000)
        live.board.commands.pause(machine())
        qtbot.waitUntil(lambda: any("gets no new work" in text for text in live.toasts.texts), timeout=5_000)
        live.board.commands.unpair(machine())
        dialog = live.findChild(Ask)
        assert isinstance(dialog, Ask)
        dialog.act_button.click()
        qtbot.waitUntil(lambda: machines() == [], timeout=10_000)
    finally:
        judge.stop()


def test_commands_reach_the_contest(server: Server, live: Window, qtbot: QtBot) -> None:
    """Ten minutes more: the clock on the screen shows them."""
    qtbot.waitUntil(lambda: has_state(live), timeout=10_000)
    state = live.board.state
    assert state is not None
    before = state.contest.duration_ms
    live.board.commands.send("contest/extend", {"minutes": 10}, "Longer.")
    qtbot.waitUntil(
        lambda: live.board.state is not None and live.board.state.contest.duration_ms == before + 600_000, timeout=5_000
    )
    assert "Longer." in live.toasts.texts


def test_refusal_is_shown_in_the_servers_words(server: Server, live: Window, qtbot: QtBot) -> None:
    """Something that cannot be done gives the server's sentence, which stays."""
    qtbot.waitUntil(lambda: has_state(live), timeout=10_000)
    live.board.commands.again("999999")
    qtbot.waitUntil(lambda: bool(live.toasts.texts), timeout=5_000)
    assert live.toasts.texts[0].endswith(".")


def test_passwords_and_log_come_from_the_server(server: Server, live: Window, hall: Hall, qtbot: QtBot) -> None:
    """The page of teams shows the passwords that the demo made, the log its entries."""
    qtbot.waitUntil(lambda: has_state(live), timeout=10_000)
    live.show_page("teams")
    qtbot.waitUntil(lambda: live.board.teams.total == 3, timeout=5_000)
    page = live.pages["teams"]
    page.passwords.click()  # type: ignore[attr-defined]
    wanted = {team.password for team in hall.contest.teams}
    qtbot.waitUntil(lambda: {row.password for row in live.board.teams.rows()} == wanted, timeout=5_000)
    live.show_page("log")
    qtbot.waitUntil(lambda: live.board.log.total > 10, timeout=5_000)


def test_reads_on_in_a_long_log(server: Server, live: Window, qtbot: QtBot) -> None:
    """What follows an entry comes after it, as many as asked for: so a log of any length is read to its end."""
    qtbot.waitUntil(lambda: has_state(live), timeout=10_000)
    answers: list[dict[str, list[dict[str, int]]]] = []
    live.board.link.get("/admin/v1/events?after=5&limit=2", answers.append, lambda _sentence: None)
    qtbot.waitUntil(lambda: bool(answers), timeout=10_000)
    assert [line["seq"] for line in answers[0]["items"]] == [6, 7]


def stop_and_measure(server: Server, live: Window, qtbot: QtBot, seconds: int) -> int:
    """Halts the server for some seconds; the worst lag of the window in between, in milliseconds."""
    qtbot.waitUntil(lambda: has_state(live), timeout=10_000)
    qtbot.wait(500)
    server.process.signal(signal.SIGSTOP)
    try:
        with Beat() as beat:
            qtbot.waitUntil(lambda: "has not answered for" in live.status.server.text, timeout=8_000)
            for page in ("submissions", "machines", "teams", "log", "desk"):
                live.show_page(page)
                qtbot.wait(seconds * 200)
        assert "has not answered for" in live.status.server.text
    finally:
        server.process.signal(signal.SIGCONT)
    qtbot.waitUntil(lambda: live.status.server.text.startswith("Server running"), timeout=15_000)
    return beat.worst_ms


def test_silent_server_leaves_the_window_quick(server: Server, live: Window, qtbot: QtBot) -> None:
    """A server that hangs for seconds: the line says so plainly, pages open, nothing lags 100 ms; then it goes on by itself."""
    assert stop_and_measure(server, live, qtbot, 3) < LAG_MS


@pytest.mark.full
def test_silent_server_for_half_a_minute(server: Server, live: Window, qtbot: QtBot) -> None:
    """The same for thirty seconds."""
    assert stop_and_measure(server, live, qtbot, 30) < LAG_MS


def test_closing_does_not_wait_for_a_silent_server(server: Server, live: Window, qtbot: QtBot) -> None:
    """The organiser can close the window while the server hangs."""
    qtbot.waitUntil(lambda: has_state(live), timeout=10_000)
    server.process.signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        live.board.link.close()
        assert time.monotonic() - began < 1.0
    finally:
        server.process.signal(signal.SIGCONT)
