"""Keeps a process of ours running: after a crash it is started again, at most five times a minute, then a sentence (DESIGN 3)."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO

RESTART_SECONDS = 1.0
RESTARTS_A_MINUTE = 5


class Keeper:
    """One child process, restarted when it ends by itself with an error.

    `on_line` gets each line of its standard output, in a thread of the keeper; `on_given_up` a sentence when it crashed too often.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        on_line: Callable[[str], None],
        on_given_up: Callable[[str], None],
        environment: Mapping[str, str] | None = None,
        log: IO[bytes] | None = None,
    ) -> None:
        self.name = name
        self._argv = list(argv)
        self._on_line = on_line
        self._on_given_up = on_given_up
        self._environment = {**os.environ, **(environment or {})}
        self._log = log
        self._stopping = threading.Event()
        self._crashes: deque[float] = deque()
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name=f"keeper-{name}", daemon=True)

    def start(self) -> None:
        """Starts the process and watches it."""
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process id of the present child."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def ask(self) -> None:
        """SIGTERM, once and without waiting: so several can end at the same time."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        with self._lock:
            child = self._child
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGTERM)

    def stop(self, timeout_seconds: float = 10.0) -> int | None:
        """SIGTERM, then SIGKILL after the timeout; the last exit code."""
        self.ask()
        child = self._child
        if child is None:
            return None
        if child.poll() is None:
            try:
                child.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._thread.join(timeout=5)
        return child.returncode

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                if self._stopping.is_set():
                    return
                # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the others in order.
                self._child = subprocess.Popen(
                    self._argv,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=self._log,
                    text=True,
                    env=self._environment,
                    start_new_session=True,
                )
            child = self._child
            if child.stdout is not None:
                with child.stdout:
                    for line in child.stdout:
                        self._on_line(line.rstrip("\n"))
            code = child.wait()
            if self._stopping.is_set():
                return
            if not self._may_restart(code):
                return
            self._stopping.wait(RESTART_SECONDS)

    def _may_restart(self, code: int) -> bool:
        if code in (0, 1, 2):
            # It ended by itself and has said why (refused, wrong usage): the same start would end the same way.
            self._on_given_up(f"The {self.name} ended by itself (exit code {code}).")
            return False
        now = time.monotonic()
        self._crashes.append(now)
        while self._crashes and self._crashes[0] < now - 60:
            self._crashes.popleft()
        if len(self._crashes) > RESTARTS_A_MINUTE:
            self._on_given_up(f"The {self.name} crashed {len(self._crashes)} times within a minute (last code {code}).")
            return False
        return True
