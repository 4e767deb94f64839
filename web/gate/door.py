"""The door: one ASGI application for one listener, which knows no server product.

Theory of operation. For each request, in this order: the head is held to the limits (heads.py), the listener's own table names the route,
the caller is found from cookie or bearer token, an unsafe request must come from our own pages, strangers are refused where a route
wants an account, and only then the body is read, with its limits (bodies.py). The handler gets a Visit and gives an Answer. A Refusal
anywhere becomes its error body; anything else that is raised becomes a 500 with an incident id. Whenever the answer goes out before the
body was read whole it carries Connection: close, so that the rest of the body is never taken for the next request.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol

from app.core.clock import Clock
from app.core.errors import Refusal
from app.core.people import ANONYMOUS, Caller
from web.gate import errors
from web.gate.behind import seen_through
from web.gate.bodies import SPAN_SECONDS, Inflow, Receive, Room
from web.gate.heads import HostCheck, Scope, check_origin, read_head
from web.gate.routes import Route, Table
from web.gate.sending import Send, Sender
from web.gate.visit import Answer, Body, Head, Streamed, Visit
from web.session_cookie import cookie_for


class Callers(Protocol):
    """Who knows the callers: services.accounts."""

    @property
    def cookie_name(self) -> str: ...
    def caller_of(self, token: str) -> Caller | None: ...
    def caller_of_bearer(self, token: str) -> Caller: ...


@dataclass(frozen=True, slots=True)
class Door:
    """One listener's application. `callers` None: this listener knows no accounts (nodes, console); their handlers check tokens themselves.

    `executor` reads and writes files outside the loop; `room` is the memory for bodies; `standing`
    are the headers that every answer carries; `behind` the addresses of reverse proxies that are believed.
    """

    table: Table
    clock: Clock
    executor: Executor
    host_is_ours: HostCheck
    standing: tuple[tuple[str, str], ...]
    callers: Callers | None = None
    span_seconds: float = SPAN_SECONDS
    room: Room = field(default_factory=Room)
    stopping: Callable[[], bool] = lambda: False
    behind: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One exchange (ASGI)."""
        if scope["type"] != "http":
            return
        sender = Sender(send, self.executor, self.standing)
        exchange = _Exchange(self, receive)
        answer = await exchange.answer(scope)
        inflow, head = exchange.inflow, exchange.head
        try:
            gone = inflow.gone() if inflow is not None and inflow.complete and isinstance(answer, Streamed) else None
            closing = inflow is None or not inflow.complete or self.stopping()
            await sender.answer(answer, head_only=scope["method"] == "HEAD", closing=closing, gone=gone)
        except Exception as error:  # a reader that vanished, a file that ended: the connection can only be dropped
            if not self.stopping():  # then files and readers are closed under its feet
                errors.failed(error, head)
            if not sender.begun:
                raise
        finally:
            exchange.close()


class _Exchange:
    """The way of one request from its head to its answer."""

    def __init__(self, door: Door, receive: Receive) -> None:
        self._door = door
        self._receive = receive
        self.head: Head | None = None
        self.inflow: Inflow | None = None
        self._body = Body()

    async def answer(self, scope: Scope) -> Answer:
        """The answer; never raises but for cancellation. What an error's way held (bodies, above all) goes with it: a waited-for future
        and its error hold each other, and the collector comes rarely."""
        try:
            self.head = read_head(scope, self._door.host_is_ours)
            if self._door.behind:
                self.head = seen_through(self.head, self._door.behind, self._door.host_is_ours)
            self.inflow = Inflow(self._receive, self.head, self._door.span_seconds, self._door.room)
            route, params = self._door.table.find(self.head.method, self.head.path)
            return await self._by_route(route, params, self.head, self.inflow)
        except Refusal as refusal:
            refusal.__traceback__ = None
            return errors.refused(refusal, self.head)
        except Exception as error:  # noqa: BLE001 - logged with its traceback under the incident's id
            answer = errors.failed(error, self.head)
            error.__traceback__ = None
            return answer

    async def _by_route(self, route: Route, params: dict[str, str], head: Head, inflow: Inflow) -> Answer:
        bearer = head.bearer
        caller, token = self._who(head, bearer)
        if self._door.callers is not None:
            check_origin(head, with_cookie=bool(token) and not bearer)
        if route.signed_in and caller.account_id is None:
            raise Refusal(401, "Sign in first.")
        self._body = await inflow.read(
            route.limit_for(head), spool=route.spool, executor=self._door.executor, whose=caller.account_id or ""
        )
        visit = Visit(
            head=head,
            caller=caller,
            token=token,
            params=params,
            body=self._body,
            arrived=self._door.clock.now(),
            gone=inflow.gone,
        )
        return await route.handler(visit)

    def _who(self, head: Head, bearer: str) -> tuple[Caller, str]:
        callers = self._door.callers
        if callers is None:
            return ANONYMOUS, bearer
        if bearer:
            return callers.caller_of_bearer(bearer), bearer
        token = head.cookie(cookie_for(callers.cookie_name, head.scheme))
        if not token:
            return ANONYMOUS, ""
        return callers.caller_of(token) or ANONYMOUS, token

    def close(self) -> None:
        if self.inflow is not None:
            self.inflow.close()
        if self._body.file is not None:
            with contextlib.suppress(OSError):
                self._body.file.close()
