"""A listener: a socket of our own, served by granian inside our loop.

Theory of operation. granian binds with SO_REUSEPORT, so a second server on the same port would start silently, and reports a taken
port by a crash of its own. So we bind and listen ourselves and hand a copy of the socket's descriptor over as a SocketHolder, in an
override of `_init_shared_socket` (private: granian is pinned, and a test fails when this stops working). granian owns and closes that copy.
TCP_USER_TIMEOUT and a small send buffer rid us of readers that stop reading. `stop()` alone has no time limit: half-sent requests
would hold it; `workers_kill_timeout` gives them a second, after which `serve()` raises TimeoutError.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server

from app.core.errors import Fault

BACKLOG = 4096
BACKPRESSURE = 20000
USER_TIMEOUT_MS = 15_000
SEND_BUFFER = 64 * 1024
HEADER_TIMEOUT_MS = 30_000
KILL_AFTER_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's certificate chain and its key, as PEM files."""

    chain: Path
    key: Path


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises Fault("port", …) when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    own = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there the option would let a second server take the port
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
        own.bind((host, port))
        own.listen(BACKLOG)
    except OSError as error:
        own.close()
        raise Fault(
            "port", f"Port {port} on {host} cannot be used ({error.strerror}); stop what uses it or choose another."
        ) from error
    return own


class _Server(Server):
    """granian's embedded server on a socket that is already listening."""

    def __init__(self, own: socket.socket, **settings: Any) -> None:
        self._own = own
        super().__init__(**settings)

    def _init_shared_socket(self) -> None:
        descriptor = self._own.detach()
        self._shd = SocketHolder(descriptor, False, BACKLOG)  # type: ignore[call-arg, assignment]  # its stub is empty
        self._sfd = descriptor  # type: ignore[assignment]
        self._ssp = None


class Listener:
    """One served socket. Made and run in the gate's loop.

    A renewed certificate is taken up by a second granian server on the same socket, after which the first one ends: granian's own reload
    gives the listener up when a client holds a request open.
    """

    def __init__(
        self,
        own: socket.socket,
        app: Any,
        certificate: Certificate | None,
        ended: Callable[[BaseException | None], None],
    ) -> None:
        """`ended` is called in the loop, with the error if there was one, when it stops to serve without being asked to."""
        self._ended = ended
        self._own = own
        self._app = app
        self._certificate = certificate
        self._served: tuple[_Server, asyncio.Task[None]] | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def by_tls(self) -> bool:
        """Whether it has a certificate."""
        return self._certificate is not None

    def serve(self) -> None:
        """Begins to take connections, in the running loop. Called again, it takes up the certificate's files as they are now."""
        server = self._new_server()
        serving = asyncio.get_running_loop().create_task(server.serve(), name="listener")
        before, self._served = self._served, (server, serving)
        serving.add_done_callback(self._look)
        if before is not None:
            self._ending = asyncio.get_running_loop().create_task(_end(*before))

    async def stop(self) -> None:
        """Ends within a little over a second, whatever clients do."""
        self._own.close()
        served, self._served = self._served, None
        if served is not None:
            await _end(*served)

    def _look(self, serving: asyncio.Task[None]) -> None:
        if self._served is not None and self._served[1] is serving:
            self._ended(None if serving.cancelled() else serving.exception())

    def _new_server(self) -> _Server:
        host, port = self._own.getsockname()[:2]
        certificate = self._certificate
        server = _Server(
            self._own.dup(),
            target=self._app,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=BACKPRESSURE,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
            log_enabled=False,
            ssl_cert=certificate.chain if certificate else None,
            ssl_key=certificate.key if certificate else None,
            ssl_protocol_min=SSLProtocols.tls13,
        )
        server.workers_kill_timeout = KILL_AFTER_SECONDS
        return server


async def _end(server: _Server, serving: asyncio.Task[None]) -> None:
    ended_by_itself = serving.done()
    server.stop()  # type: ignore[no-untyped-call]
    if ended_by_itself:
        return  # why was told to `ended`
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):
        await serving
