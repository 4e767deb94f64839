"""The people's http port while they come by TLS: how to trust this server, and the way to https; nothing else.

Nothing secret may travel here: no cookie is looked at, no form and no token is taken. A page that is asked for leads on to the same page by
TLS, by 307 and kept by nobody, since the organiser may take TLS back. A program is refused with the sentence that says where
to go: a redirect would teach it to show its password here first, each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from app.core.clock import Clock
from app.core.errors import Refusal
from web.gate.accept import choose_language
from web.gate.door import Door
from web.gate.exchange import GateResponse
from web.gate.heads import HostCheck
from web.gate.proxy import Proxy
from web.gate.routes import Route, Table
from web.gate.sending import PEOPLE_HEADERS
from web.gate.static import StaticFiles
from web.gate.visit import Answer, Head, Visit

_PORT = re.compile(r":\d+$")
_ANY = ("GET", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class PlainSide:
    """What this door is made of. `https_port` gives the port of the people's listener."""

    proxy: Proxy
    static: StaticFiles
    clock: Clock
    executor: Executor
    host_is_ours: HostCheck
    spoken: tuple[str, ...]
    https_port: Callable[[], int]
    stopping: Callable[[], bool]

    def door(self) -> Door:
        """The ASGI application."""
        return Door(
            table=Table(
                self.routes(),
                Route(("GET",), "", self._onward),
                Route(_ANY[1:], "", self._refused, limit=self._refusal),
            ),
            clock=self.clock,
            executor=self.executor,
            host_is_ours=self.host_is_ours,
            standing=PEOPLE_HEADERS,
            stopping=self.stopping,
        )

    def routes(self) -> list[Route]:
        """The addresses that are answered here."""
        return [
            Route(("GET",), "/trust", self._trust),
            Route(("GET",), "/trust/{rest...}", self._trust),
            Route(("GET",), "/static/{version}/{rest...}", self.static.get),
            # The limit is asked before the body is read: so not one byte of a password is taken.
            Route(_ANY, "/api/{rest...}", self._refused, limit=self._refusal),
        ]

    async def _trust(self, visit: Visit) -> Answer:
        language = choose_language(visit.head.headers.get("accept-language", ""), self.spoken)
        return await self.proxy.ask(visit, (("Accept-Language", language),), bare=True)

    async def _onward(self, visit: Visit) -> Answer:
        goal = self._address(visit.head) + visit.head.target
        return GateResponse(307, (("location", goal), ("cache-control", "no-store")))

    async def _refused(self, visit: Visit) -> Answer:
        self._refusal(visit.head)
        raise AssertionError("a refusal was raised")

    def _refusal(self, head: Head) -> int:
        raise Refusal(
            403,
            f"This contest is served by https only: use {self._address(head)} instead, "
            f"and trust its certificate as http://{head.host}/trust says.",
        )

    def _address(self, head: Head) -> str:
        port = self.https_port()
        name = _PORT.sub("", head.host)
        return f"https://{name}" if port == 443 else f"https://{name}:{port}"
