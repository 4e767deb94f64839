"""Qt without a screen, the console's theme, and no Qt warning that nobody looks at."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import contest_values as values
import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.console.link import Link, Room
from app.console.supervisor import Supervisor
from app.console.theme.theme import Choice, Theme
from app.console.window import Window
from app.server.demo.seed import DemoContest, open_demo_folder, seed

OF_THE_PLATFORM = ("This plugin does not support",)
"""What Qt's screenless platform says of itself."""


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    """One theme for the whole run, as in the console."""
    return Theme(qapp, Choice.LIGHT)


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """Settings of this test only."""
    return QSettings(str(tmp_path / "console.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def link(tmp_path: Path) -> Link:
    """A link that isn't started: values come from the test."""
    return Link(Supervisor(tmp_path / "none", time.monotonic), random.Random(1))


@pytest.fixture
def window(qapp: QApplication, theme: Theme, link: Link, settings: QSettings, qtbot: QtBot) -> Iterator[Window]:
    """A shown window without a server."""
    theme.choose(Choice.LIGHT)
    made = Window(theme, link, settings)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def full(window: Window) -> Window:
    """A window in the middle of a large contest: 20 machines, one at the door, 1,500 submissions."""
    tell(window)
    return window


def tell(window: Window, phase: str = "running", *, machines: int = 20, submissions: int = 1500, desk: int = 5) -> None:
    """Gives a window what a server would tell it."""
    link = window.board.link
    link.state_came.emit(values.state(phase, desk=desk, submissions=submissions))
    link.room_came.emit(room(machines))
    if submissions:
        link.submissions_came.emit(values.rows(submissions))


def room(machines: int) -> Room:
    """A hall with some machines in trouble and one at the door."""
    odd = {3: "held", 7: "paused", 9: "away"}
    made = (values.machine(n, odd.get(n, "ready" if n % 5 == 0 else "judging")) for n in range(1, machines + 1))
    return Room(tuple(made), (values.pending(),) if machines else ())


@dataclass
class Hall:
    """A data folder with the demo contest."""

    data: Path
    contest: DemoContest


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """A seeded contest that no server holds."""
    folder = open_demo_folder(tmp_path_factory.mktemp("hall") / "contest")
    return Hall(folder.root, seed(folder, 3, lambda sentence: None))


@pytest.fixture
def live(qapp: QApplication, theme: Theme, hall: Hall, settings: QSettings, qtbot: QtBot) -> Iterator[Window]:
    """A window that follows the folder's server."""
    theme.choose(Choice.LIGHT)
    link = Link(Supervisor(hall.data, time.monotonic), random.Random(1))
    made = Window(theme, link, settings)
    made.show()
    link.start()
    yield made
    link.close()
    made.close()
    made.deleteLater()
    qapp.processEvents()


def has_state(window: Window) -> bool:
    """Whether the server has told its state."""
    return window.board.state is not None


@pytest.fixture(autouse=True)
def _no_qt_warning(qtlog: object) -> Iterator[None]:
    yield
    records = getattr(qtlog, "records", [])
    said = [record.message for record in records if not any(part in record.message for part in OF_THE_PLATFORM)]
    assert not said, f"Qt warned: {said}"
