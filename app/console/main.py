"""Starts the console: theme, link to a server, window.

The server of a data folder is started beside it where none runs; one on another machine is joined and signed in to first (entering.py).
"""

from __future__ import annotations

import logging
import random
import signal
import time
from pathlib import Path

from platformdirs import user_data_path
from PySide6.QtCore import QMessageLogContext, QSettings, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.console import remote
from app.console.entering import enter
from app.console.link import Link
from app.console.place import Place
from app.console.remote import Pairings
from app.console.supervisor import Supervisor
from app.console.theme.theme import Choice, Theme
from app.console.tongue import Tongue
from app.console.window import Window

log = logging.getLogger("contestbox.console.qt")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Windows:
    """The one window, made anew when the organiser chooses another language: texts are asked for when a window is made."""

    def __init__(self, theme: Theme, link: Link, settings: QSettings, tongue: Tongue) -> None:
        self._theme = theme
        self._link = link
        self._settings = settings
        self._tongue = tongue
        self.window: Window | None = None
        self._told_to_end = False

    def open(self) -> Window:
        """Shows a window; one that was open before hands over what it knows and goes."""
        before, made = self.window, Window(self._theme, self._link, self._settings)
        made.board.news.language_chosen.connect(self._on_language)
        self.window = made
        if before is not None:
            made.take_over(before)
            made.setGeometry(before.geometry())
        made.show()
        if before is not None:
            before.close()
            before.deleteLater()
        return made

    def close(self) -> None:
        """Closes the window, which ends the program; one that is only being made does not stay open."""
        self._told_to_end = True
        if self.window is not None:
            self.window.close()

    def began(self) -> None:
        """The event loop runs: who said before that the program should end was not heard by it."""
        if self._told_to_end:
            QApplication.quit()

    def _on_language(self, choice: str) -> None:
        self._tongue.choose(choice)
        # The button that was pressed belongs to the window that goes.
        QTimer.singleShot(0, self.reopen)

    def reopen(self) -> None:
        """The same page in another language."""
        self.open().show_page("settings")


def default_folder() -> Path:
    """Where a contest lives when nothing else was said: the user's data directory."""
    return user_data_path("contestbox") / "contest"


def run(data: Path | None, server: str | None = None) -> int:
    """Shows the window until it is closed; the exit code: 1 when the organiser left before. Raises Fault when the server can't be started.

    `server`: the address of a server on another machine, "" to choose one; None for the data folder's own.
    """
    qInstallMessageHandler(_on_qt_message)
    application = QApplication(["contestbox"])
    application.setApplicationName("Contestbox")
    application.setDesktopFileName("contestbox")
    settings = QSettings("Contestbox", "Console")
    tongue = Tongue(application, settings)
    theme = Theme(application, _choice(settings))
    # Python does not notice Ctrl-C while a dialog waits; nothing can be lost before the window.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    place = _own(data) if server is None else enter(theme, server, Pairings(remote.default_folder()))
    if place is None:
        return 1
    link = Link(place, random.Random())  # noqa: S311 - spreads retries, keeps no secret
    windows = Windows(theme, link, settings, tongue)
    signal.signal(signal.SIGTERM, lambda *_: windows.close())
    signal.signal(signal.SIGINT, lambda *_: windows.close())
    link.start()
    windows.open()
    QTimer.singleShot(0, windows.began)
    try:
        return application.exec()
    finally:
        link.close()


def _own(data: Path | None) -> Place:
    supervisor = Supervisor((data or default_folder()).expanduser().absolute(), time.monotonic)
    supervisor.attach_or_start()
    return supervisor


def _choice(settings: QSettings) -> Choice:
    try:
        return Choice(str(settings.value("look", Choice.SYSTEM.value)))
    except ValueError:
        return Choice.SYSTEM


def _on_qt_message(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    log.log(_LEVELS.get(kind, logging.WARNING), "%s", text)
