"""A piece of blocking work of a dialog, done by a thread of its own and told on Qt's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.core.errors import Fault, Refusal

Say = Callable[[object], None]


class Errand(QObject):
    """Does `work(say)` once. `said` carries what it says on the way, then comes `done` with its result or `failed` with the error.

    It has no parent: the thread may outlive the dialog that asked, which simply does not listen any more then.
    """

    said = Signal(object)
    done = Signal(object)
    failed = Signal(object)

    def __init__(self, work: Callable[[Say], object]) -> None:
        super().__init__()
        self._work = work
        self._thread = threading.Thread(target=self._run, name="errand", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def _run(self) -> None:
        try:
            result = self._work(self.said.emit)
        except (Refusal, Fault) as error:
            self.failed.emit(error)
        else:
            self.done.emit(result)
