"""The gate as a whole: its listeners in one thread with one loop (DESIGN 3)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.core.errors import Fault
from web.gate.listener import Certificate, Listener, bind
from web.gate.loops import new_loop

_log = logging.getLogger("contestbox.gate")

STOP_SECONDS = 4.0
SWITCH_SECONDS = 0.001
"""A page passes through six threads; each waits as long as this for the interpreter while the loop is busy with a woken hall."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a listener stands; port 0 picks a free one."""

    host: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that the listeners have got; None for one that isn't wanted. `plain` is the people's http port where they come by TLS."""

    people: int
    nodes: int | None
    console: int | None
    plain: int | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """A listener to be: its address, its ASGI application and, for TLS, its certificate."""

    address: Address
    app: Any
    certificate: Certificate | None = None


class Gate:
    """Serves fronts from its own thread.

    `opened` is awaited in the loop before the first request, `closing` at once when it stops (ends waits), `closed` after the listeners.
    `died` is called, from the gate's thread, when it has ended without being asked to: its ports are dead then, and only a new process
    of the server helps.
    """

    def __init__(
        self,
        people: Front,
        nodes: Front | None = None,
        console: Front | None = None,
        *,
        plain: Front | None = None,
        opened: Callable[[], Awaitable[None]] | None = None,
        closing: Callable[[], None] | None = None,
        closed: Callable[[], Awaitable[None]] | None = None,
        died: Callable[[], None] | None = None,
    ) -> None:
        self._fronts = {"people": people, "nodes": nodes, "console": console, "plain": plain}
        self._opened = opened
        self._closing = closing
        self._closed = closed
        self._died = died
        self._asked = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._ready = threading.Event()
        self._trouble: BaseException | None = None
        self._listeners: dict[str, Listener] = {}
        self._ports: dict[str, int] = {}

    def start(self) -> Ports:
        """Binds all sockets, then serves. Gives the ports. Raises Fault with one sentence when one is taken; then nothing is left open."""
        raise_file_limit()
        sys.setswitchinterval(SWITCH_SECONDS)
        sockets = self._bind_all()
        ports = self._ports = {name: own.getsockname()[1] for name, own in sockets.items()}
        self._thread = threading.Thread(target=self._run, args=(sockets,), name="gate", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._trouble is not None:
            self._thread.join()
            raise Fault("gate", f"The gate could not start: {self._trouble}") from self._trouble
        return Ports(ports["people"], ports.get("nodes"), ports.get("console"), ports.get("plain"))

    def stop(self) -> None:
        """Ends waits at once and the listeners a second later, whatever clients do. Call it once, from any other thread."""
        loop, end, thread = self._loop, self._end, self._thread
        if loop is None or end is None or thread is None:
            return
        self._asked = True
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(end.set)
        thread.join(STOP_SECONDS)
        if thread.is_alive():
            _log.warning("the gate did not end within %s s", STOP_SECONDS)

    def people_port(self) -> int:
        """The port of the people's listener, once it is bound."""
        return self._ports["people"]

    def reload_certificate(self) -> None:
        """Takes up a renewed certificate wherever TLS is spoken; requests under way end on the old one."""
        for listener in self._listeners.values():
            if listener.by_tls and self._loop is not None:
                self._loop.call_soon_threadsafe(listener.serve)

    def _bind_all(self) -> dict[str, socket.socket]:
        sockets: dict[str, socket.socket] = {}
        try:
            for name, front in self._fronts.items():
                if front is not None:
                    sockets[name] = bind(front.address.host, front.address.port)
        except Fault:
            for own in sockets.values():
                own.close()
            raise
        return sockets

    def _run(self, sockets: dict[str, socket.socket]) -> None:
        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(self._serve(sockets))
        except BaseException as error:  # noqa: BLE001 - start() tells it, the log has it
            self._trouble = error
            _log.exception("the gate ended")
        finally:
            for own in sockets.values():
                own.close()
            served = self._ready.is_set()
            self._ready.set()
            if served and not self._asked and self._died is not None:
                self._died()

    def _listener_ended(self, name: str, error: BaseException | None) -> None:
        _log.error("the listener for %s ended by itself", name, exc_info=error)
        if self._end is not None:
            self._end.set()

    async def _serve(self, sockets: dict[str, socket.socket]) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(_loop_error)
        self._end = asyncio.Event()
        if self._opened is not None:
            await self._opened()
        for name, own in sockets.items():
            front = self._fronts[name]
            if front is not None:
                ended = partial(self._listener_ended, name)
                self._listeners[name] = Listener(own, front.app, front.certificate, ended)
        for listener in self._listeners.values():
            listener.serve()
        self._ready.set()
        await self._end.wait()
        if self._closing is not None:
            self._closing()
        await asyncio.gather(*(listener.stop() for listener in self._listeners.values()))
        if self._closed is not None:
            await self._closed()


def _loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Logs what went wrong in a callback, but for granian's end of a worker that had been given up: it resolves a cancelled future."""
    if isinstance(context.get("exception"), asyncio.InvalidStateError) and "shutdown_glue" in repr(
        context.get("handle")
    ):
        return
    loop.default_exception_handler(context)


def raise_file_limit() -> int:
    """Takes as many open files as the system allows; gives how many those are (the caps of waits follow from it)."""
    if sys.platform == "win32":
        return 8192
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 1_048_576 if hard == resource.RLIM_INFINITY else hard
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
