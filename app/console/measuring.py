"""Measures this laptop: `contestbox bench` as a process of its own, one part after the other.

Theory of operation. Each part is one child that prints one line of JSON. It runs in a folder inside of the contest's data folder, so
that the disk that is measured is the one that the contest will use. Stopping sends SIGINT, upon which the child takes its servers and
its folder away; one that does not end within ten seconds is killed, and what it left is removed with the folder. Nothing here waits:
the child's end comes as a signal.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from app.console.measured import PARTS
from app.console.words import tr as _

ROUNDS = 3
PATIENCE_MS = 10_000


def bench_command(part: str) -> list[str]:
    """The command line of one part with this very interpreter."""
    code = "from app.server.cli import main; main()"
    return [sys.executable, "-c", code, "bench", part, "--rounds", str(ROUNDS), "--json"]


class Measuring(QObject):
    """One measurement of all parts. `step` comes when a part begins, then exactly one of `done`, `failed` (a sentence), `stopped`."""

    step = Signal(str)
    done = Signal(object)
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, data: Path, parent: QObject | None = None, *, commands: Sequence[Sequence[str]] = ()) -> None:
        super().__init__(parent)
        self._folder = data / "measuring"
        self._commands = [list(one) for one in commands] or [bench_command(part) for part in PARTS]
        self._figures: dict[str, dict[str, Any]] = {}
        self._part = 0
        self._stopping = False
        self._began = time.monotonic()
        self._process: QProcess | None = None

    @property
    def running(self) -> bool:
        """Whether a child is at work."""
        return self._process is not None

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._began

    def start(self) -> None:
        """Begins with the first part."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            self.failed.emit(_("Nothing can be written in {folder}: {why}.", folder=self._folder, why=error.strerror))
            return
        self._next()

    def stop(self) -> None:
        """Ends it; `stopped` comes when the child is gone."""
        process = self._process
        if process is None or self._stopping:
            return
        self._stopping = True
        os.kill(process.processId(), signal.SIGINT)
        QTimer.singleShot(PATIENCE_MS, process, process.kill)

    def end(self) -> None:
        """Ends it now and waits for the child: the window closes."""
        self.stop()
        if self._process is not None and not self._process.waitForFinished(3000):
            self._process.kill()
            self._process.waitForFinished(1000)

    def _next(self) -> None:
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("TMPDIR", str(self._folder))
        process.setProcessEnvironment(environment)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        self.step.emit(PARTS[self._part])
        command = self._commands[self._part]
        process.start(command[0], command[1:])

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._end()
            self.failed.emit(_("The measurement could not be started."))

    def _on_finished(self, code: int, _how: QProcess.ExitStatus) -> None:
        process = self._process
        if process is None:
            return
        printed = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace").strip()
        complained = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self._process = None
        process.deleteLater()
        if self._stopping:
            self._end()
            self.stopped.emit()
            return
        figures = _figures_in(printed) if code == 0 else None
        if figures is None:
            self._end()
            self.failed.emit(complained.splitlines()[-1] if complained else _("The measurement gave no figures."))
            return
        self._figures[PARTS[self._part]] = figures
        self._part += 1
        if self._part < len(PARTS):
            self._next()
        else:
            self._end()
            self.done.emit(self._figures)

    def _end(self) -> None:
        self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)


def _figures_in(printed: str) -> dict[str, Any] | None:
    try:
        figures = json.loads(printed.splitlines()[-1])
    except (ValueError, IndexError):
        return None
    return figures if isinstance(figures, dict) else None
