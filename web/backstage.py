"""Backstage: waitress with Flask, on a Unix socket that only the gate's user reaches (FRONT_DOOR 4).

Nobody but the gate may talk to it: each request carries a secret made at this start, and the first thing that looks at a request refuses
one without it. The gate's word on the client's address and scheme is trusted; it dropped the visitor's own before. When the server's loop
or one of its threads dies, or all of them hang, `died` is told: the process is of no use then (web/pulse.py).
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import os
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from app.core.errors import Fault
from web.pulse import HANGING_SECONDS, Pulse, WatchedThreads

THREADS = 16
LONGEST_SOCKET_PATH = 100
"""Linux takes 107 bytes, macOS 103."""
LARGEST_BODY = 9 * 1024 * 1024
SECRET_KEY = "HTTP_X_CONTESTBOX_SECRET"  # noqa: S105  the header's name in WSGI
_log = logging.getLogger("contestbox.backstage")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def new_secret() -> str:
    """A secret for this start of the server, for gate and Flask."""
    return secrets.token_urlsafe(32)


def guarded(app: Wsgi, secret: str) -> Wsgi:
    """The application behind a check of the gate's secret: 403 in JSON without it."""

    def check(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not hmac.compare_digest(environ.get(SECRET_KEY, "").encode(), secret.encode()):
            body = _error(403, "This address is for the contest's front door only.")
            start_response("403 Forbidden", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        return app(environ, start_response)

    return check


class _JsonErrorTask(ErrorTask):  # type: ignore[misc]
    """waitress' own refusals (400, 413, 431) as the JSON of API.md."""

    def execute(self) -> None:
        error = self.request.error
        body = _error(error.code, error.reason + ".")
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = _JsonErrorTask


class Backstage:
    """waitress in threads of its own."""

    def __init__(
        self,
        threads: int = THREADS,
        *,
        died: Callable[[], None] | None = None,
        hanging_seconds: float = HANGING_SECONDS,
    ) -> None:
        self._threads = threads
        self._died = died
        self._hanging_seconds = hanging_seconds
        self._pulse: Pulse | None = None
        self._asked = False
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._socket: Path | None = None

    def start(self, app: Wsgi, folder: Path, secret: str) -> Path:
        """Serves the application on a socket in `folder` (made, 0700). Gives the socket's path. Raises Fault("pages", …)."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._socket = folder / "pages.sock"
        if len(os.fsencode(self._socket)) > LONGEST_SOCKET_PATH:
            self._socket = Path(tempfile.mkdtemp(prefix="contestbox-")) / "pages.sock"
        with contextlib.suppress(FileNotFoundError):
            self._socket.unlink()
        dispatcher = WatchedThreads(self._tell)
        dispatcher.set_thread_count(self._threads)
        try:
            self._server = create_server(
                guarded(app, secret),
                _dispatcher=dispatcher,
                unix_socket=str(self._socket),
                unix_socket_perms="600",
                trusted_proxy="localhost",
                trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto"},
                clear_untrusted_proxy_headers=True,
                max_request_body_size=LARGEST_BODY,
                channel_timeout=60,
                ident=None,
                asyncore_use_poll=True,  # select() breaks once the gate holds over 1,024 descriptors
            )
        except (OSError, ValueError) as error:
            dispatcher.shutdown(timeout=1)
            raise Fault("pages", f"The pages' server cannot listen in {folder}: {error}") from error
        self._server.channel_class = _Channel
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # its warning means nothing: the gate queues
        self._thread = threading.Thread(target=self._run, name="backstage", daemon=True)
        self._thread.start()
        self._pulse = Pulse(dispatcher, self._tell, self._hanging_seconds)
        self._pulse.start()
        return self._socket

    def stop(self) -> None:
        """Ends the threads and removes the socket; requests under way get a moment. Harmless when it was stopped or has died before."""
        if self._asked or self._server is None or self._socket is None or self._thread is None:
            return
        self._asked = True
        if self._pulse is not None:
            self._pulse.stop()
        with contextlib.suppress(OSError):  # the loop has ended by itself and closed it
            self._server.trigger.pull_trigger(self._close_all)
        self._thread.join(2)
        self._server.task_dispatcher.shutdown(timeout=1)
        with contextlib.suppress(FileNotFoundError):
            self._socket.unlink()
        if self._socket.parent.name.startswith("contestbox-"):
            with contextlib.suppress(OSError):
                self._socket.parent.rmdir()

    def _close_all(self) -> None:
        """In waitress' own thread: its loop ends when nothing is left to serve."""
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        self._server.close()

    def _run(self) -> None:
        try:
            self._server.run()
        except Exception:  # noqa: BLE001 - told below, whatever it was
            _log.exception("the pages' server failed")
        if not self._asked:
            _log.error("the pages' server ended by itself")
        self._tell()

    def _tell(self) -> None:
        if not self._asked and self._died is not None:
            self._died()


def _error(code: int, sentence: str) -> bytes:
    return json.dumps({"code": code, "message": sentence}, separators=(",", ":")).encode()
