"""Starts the contest server beside the console, or finds the one that runs already.

The server is a process of its own in a session of its own: it survives the console, and a later console attaches to it by the data
folder. A server that this console started and that crashed is started again after a second, at most five times a minute; one that
somebody stopped stays stopped until the organiser says otherwise.
"""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from app.console.found import FoundServer, find
from app.console.place import Access
from app.console.words import tr as _
from app.core.errors import Fault, Refusal

RESTART_SECONDS = 1.0
RESTARTS_A_MINUTE = 5


def server_command(data: Path) -> list[str]:
    """The command line that serves a folder with this very interpreter."""
    return [sys.executable, "-c", "from app.server.cli import main; main()", "serve", "--data", str(data)]


class Supervisor:
    """The server of one data folder. `monotonic_seconds` is the clock of its restarts."""

    def __init__(
        self, data: Path, monotonic_seconds: Callable[[], float], *, command: Sequence[str] | None = None
    ) -> None:
        self.data = data
        self._monotonic_seconds = monotonic_seconds
        self._command = list(command or server_command(data))
        self._child: subprocess.Popen[bytes] | None = None
        self._restarts: deque[float] = deque()
        self._due: float | None = None

    @property
    def where(self) -> str:
        """The data folder."""
        return str(self.data)

    @property
    def is_here(self) -> bool:
        """The server runs on this machine."""
        return True

    @property
    def is_signed_out(self) -> bool:
        """Nobody signs in on the server's own machine: who can read the folder's key is the organiser."""
        return False

    def access(self) -> Access | None:
        """The way to the running server."""
        found = self.find()
        return found.access if found else None

    def refused(self, refusal: Refusal) -> None:
        """Nothing: an old key is replaced by looking into the folder again."""

    @property
    def log(self) -> Path:
        """Where the words of a server started from here go."""
        return self.data / "logs" / "server.err"

    def find(self) -> FoundServer | None:
        """The running server or None."""
        return find(self.data)

    @property
    def child_pid(self) -> int | None:
        """The process that was started from here last; None when none was."""
        return self._child.pid if self._child else None

    @property
    def is_down(self) -> bool:
        """Whether no server runs and none of ours is starting or will be started again by itself."""
        child = self._child
        return self.find() is None and (child is None or (child.poll() is not None and self._due is None))

    def attach_or_start(self) -> None:
        """Starts the server unless one runs. Raises Fault when it can't be started."""
        if self.find() is None:
            self.start()

    def start(self) -> None:
        """Starts the server detached. Raises Fault with a sentence."""
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.log.open("ab") as log:
                self._child = subprocess.Popen(
                    self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
        except OSError as error:
            raise Fault("server", _("The server could not be started: {why}.", why=error.strerror or error)) from error
        self._due = None

    def tend(self) -> str:
        """Called while the server does not answer: starts a crashed one again when it is time, and says how things stand."""
        if self._child is None:
            return "" if self.find() else _("No server runs for this contest.")
        code = self._child.poll()
        if code is None:
            return "" if self.find() else _("The server is starting.")
        if code == 0:
            return _("The server was stopped.")
        if code in (1, 2):
            return _("The server could not start: {why}", why=self._last_words())
        return self._restart_when_due()

    def _restart_when_due(self) -> str:
        now = self._monotonic_seconds()
        if self._due is None:
            while self._restarts and now - self._restarts[0] > 60:
                self._restarts.popleft()
            if len(self._restarts) >= RESTARTS_A_MINUTE:
                return _(
                    "The server crashed {n} times within a minute and is not started again: {why}",
                    n=RESTARTS_A_MINUTE + 1,
                    why=self._last_words(),
                )
            self._due = now + RESTART_SECONDS
        if now >= self._due:
            self._restarts.append(now)
            self.start()
        return _("The server crashed and is being started again.")

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else _("it left no words; see {log}", log=self.log)
