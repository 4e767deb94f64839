"""/admin/v1 on the nodes' listener: the organiser's console on another machine (DESIGN 7).

Theory of operation. Two things open this door, and both are looked at for each request: the token of a paired console, which names the
machine that the organiser let in, and the session of an admin who signed in at that very console, which names the person. Either one ends
at once: unpairing takes the machine away, a revoked account its sessions. A judge machine's token is no console's; a bearer token
of the REST interface is no console's session, and the other way round. Browsers cannot be made to send these headers from another
site, and this listener knows no cookie. Stopping the server is an admin's right from here too; what names a path of the
server's own machine is not: from here nobody sees that machine's folders.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.core.errors import Refusal
from app.core.people import Role
from app.ports.store import NodeRecord
from app.services.accounts import Accounts
from app.services.machines import Machines
from app.services.uploads import PART_BYTES
from app.wire import admin_v1
from web.gate.admin import BASE, BODY_LIMIT, Admin
from web.gate.exchange import json_response
from web.gate.intake import read_json
from web.gate.routes import Route
from web.gate.visit import Answer, Handler, Head, Visit

SESSION_HEADER = "x-contestbox-session"
HERE_ONLY = ("/problems/import", "/problems/{id}/trial", "/server/backup")
"""Commands whose path is one of the server's machine."""
_SIGN_IN_LIMIT = 8 * 1024
_STRANGER_LIMIT = 1024


class RemoteAdmin:
    """The console's routes for the nodes' listener."""

    def __init__(self, admin: Admin, machines: Machines, accounts: Accounts) -> None:
        self._admin = admin
        self._machines = machines
        self._accounts = accounts

    def routes(self) -> list[Route]:
        """The same routes as on the console's listener behind the two keys, and the one to sign in."""
        sign_in = Route(("POST",), f"{BASE}/sign-in", self._sign_in, limit=self._limit(_SIGN_IN_LIMIT))
        limits = (self._limit(BODY_LIMIT), self._limit(PART_BYTES))
        return [sign_in, *self._admin.routes(self._guarded, *limits, refused=HERE_ONLY)]

    def _limit(self, most: int) -> Callable[[Head], int]:
        def limit(head: Head) -> int:
            return most if self._machines.console_of_token(head.bearer) is not None else _STRANGER_LIMIT

        return limit

    def _console(self, visit: Visit) -> NodeRecord:
        console = self._machines.console_of_token(visit.head.bearer) if visit.head.bearer else None
        if console is None:
            raise Refusal(
                401,
                "This console is not paired with this server (any more); let it ask to join.",
                fields={"console": "unpaired"},
            )
        if console.state != "approved":
            raise Refusal(403, "This console is paused; the organiser can resume it.")
        return console

    def _enter(self, visit: Visit) -> None:
        console = self._console(visit)
        session = visit.head.headers.get(SESSION_HEADER, "")
        if not session:
            raise Refusal(401, "Sign in at this console first.", fields={"session": "missing"})
        try:
            caller = self._accounts.caller_of_bearer(session, console.id)
        except Refusal:
            raise Refusal(401, "The sign-in has ended; sign in again.", fields={"session": "ended"}) from None
        if caller.role is not Role.ADMIN:
            raise Refusal(403, "Only an admin may command the contest.")
        self._machines.console_spoke(console.id)

    def _guarded(self, handler: Handler) -> Handler:
        async def check(visit: Visit) -> Answer:
            self._enter(visit)
            answer = await handler(visit)
            if visit.head.method == "GET":  # a wait lasts: what was looked at before it may have ended meanwhile
                self._enter(visit)
            return answer

        return check

    async def _sign_in(self, visit: Visit) -> Answer:
        console = self._console(visit)
        wish = read_json(admin_v1.SignIn, visit.body, visit.head.headers.get("content-type", ""))
        checked = self._accounts.sign_in_at_console(wish.username, wish.password, visit.head.address, console.id)
        token = await asyncio.wrap_future(checked)
        answer = admin_v1.Session(
            session=token.access_token, expires_in_seconds=token.expires_in, username=wish.username.strip()
        )
        return json_response(200, answer)
