"""The console and the server survive each other."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
from conftest import Hall, has_state
from pytestqt.qtbot import QtBot
from running import PROGRAM, Process, Server, until

from app.console.dialogs.ask import Ask
from app.console.supervisor import Supervisor
from app.console.window import Window


def test_another_server_of_the_same_folder_is_found(hall: Hall, live: Window, qtbot: QtBot) -> None:
    """Killed and started again on other ports: the window finds it by the data folder."""
    first = Server(hall.data)
    qtbot.waitUntil(lambda: has_state(live), timeout=10_000)
    first.kill()
    qtbot.waitUntil(lambda: not live.board.link.health().live, timeout=8_000)
    qtbot.waitUntil(lambda: "No server runs" in live.status.server.text, timeout=8_000)
    qtbot.waitUntil(live.restart.isVisible, timeout=8_000)
    live.board.state = None
    with Server(hall.data):
        qtbot.waitUntil(lambda: has_state(live) and live.board.link.health().live, timeout=15_000)
        qtbot.waitUntil(lambda: not live.restart.isVisible(), timeout=5_000)


def test_crash_stop_and_start(live: Window, hall: Hall, qtbot: QtBot) -> None:
    """The console's own server: killed, it comes again by itself; stopped on purpose, it waits for the button."""
    (hall.data / "config.toml").write_text("port = 0\nnode_port = 0\n")
    supervisor = live.board.link.place
    try:
        supervisor.attach_or_start()
        first = supervisor.child_pid
        qtbot.waitUntil(lambda: has_state(live) and live.board.link.health().live, timeout=20_000)
        assert first is not None
        os.kill(first, signal.SIGKILL)
        qtbot.waitUntil(lambda: supervisor.child_pid != first, timeout=10_000)
        qtbot.waitUntil(lambda: live.board.link.health().live and supervisor.find() is not None, timeout=20_000)
        live.board.commands.stop_server(live.board.state)
        dialog = live.findChild(Ask)
        assert isinstance(dialog, Ask)
        dialog.act_button.click()
        qtbot.waitUntil(live.restart.isVisible, timeout=20_000)
        qtbot.waitUntil(lambda: live.status.server.text == "The server was stopped.", timeout=5_000)
        live.restart.click()
        qtbot.waitUntil(lambda: live.board.link.health().live and supervisor.find() is not None, timeout=20_000)
    finally:
        (hall.data / "config.toml").unlink()
        server = supervisor.find()
        if server is not None:
            os.kill(server.pid, signal.SIGTERM)
            until("the server's end", 20, lambda: "stopped" in supervisor.tend())


def test_console_starts_a_server_that_survives_it(hall: Hall, tmp_path: Path) -> None:
    """`contestbox console` starts the server; when the window's process is killed, the contest goes on."""
    (hall.data / "config.toml").write_text("port = 0\nnode_port = 0\n")
    environment = {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    console = Process([*PROGRAM, "console", "--data", str(hall.data)], tmp_path / "console.err", environment)
    found = Supervisor(hall.data, time.monotonic)
    try:
        running = until("a server started by the console", 30, found.find)
        console.signal(signal.SIGKILL)
        console.stop()
        assert found.find() == running
        again = Process([*PROGRAM, "console", "--data", str(hall.data)], tmp_path / "again.err", environment)
        talks = psutil.Process(again.pid)
        until("the second console's connection", 20, lambda: any(one.raddr for one in talks.net_connections("tcp")))
        assert again.stop() == 0, (tmp_path / "again.err").read_text()
        assert found.find() == running, "closing the window stops nothing"
    finally:
        server = found.find()
        if server is not None:
            os.kill(server.pid, signal.SIGTERM)
            until("the server's end", 20, lambda: found.find() is None)
        (hall.data / "config.toml").unlink()
