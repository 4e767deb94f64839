"""Signing in and out by form: POST /sign-in and POST /sign-out (the forms themselves are Flask's pages)."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlencode

from app.core.errors import Refusal
from app.services.accounts import Accounts
from web.gate.exchange import GateResponse
from web.gate.visit import Answer, Visit
from web.session_cookie import cookie_line

FORM_LIMIT = 8 * 1024


class Signing:
    """The two handlers. Whoever comes by TLS gets a cookie that never travels otherwise."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def sign_in(self, visit: Visit) -> Answer:
        """Checks the form's `username` and `password`; 303 to `next` with a fresh cookie, or back to the form with what was wrong."""
        form = read_form(visit)
        goal = safe_goal(form.get("next", ""))
        try:
            signed_in = await asyncio.wrap_future(
                self._accounts.sign_in(form.get("username", ""), form.get("password", ""), visit.head.address)
            )
        except Refusal as refusal:
            return self._again(visit, refusal, form.get("username", ""), goal)
        if visit.token and visit.token != signed_in.token:
            await asyncio.wrap_future(self._accounts.sign_out(visit.token))
        return see_other(goal, self._cookie(visit, signed_in.token))

    async def sign_out(self, visit: Visit) -> Answer:
        """Ends the session of the cookie; 303 to the start page."""
        if visit.token:
            await asyncio.wrap_future(self._accounts.sign_out(visit.token))
        return see_other("/", self._cookie(visit, "", ends=True))

    def _again(self, visit: Visit, refusal: Refusal, username: str, goal: str) -> GateResponse:
        if not visit.head.wants_html:
            raise refusal
        told = {"refused": str(refusal.code), "username": username[:60], "next": goal}
        if refusal.retry_after_seconds is not None:
            told["after"] = str(refusal.retry_after_seconds)
        return see_other("/sign-in?" + urlencode(told))

    def _cookie(self, visit: Visit, value: str, *, ends: bool = False) -> tuple[str, str]:
        return ("set-cookie", cookie_line(self._accounts.cookie_name, value, visit.head.scheme, ends=ends))


def read_form(visit: Visit) -> dict[str, str]:
    """The last value of each field of a urlencoded form. Raises Refusal 415 for another kind of body, 400 for a broken one."""
    kind = visit.head.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refusal(415, "The form must be sent as application/x-www-form-urlencoded.")
    try:
        fields = parse_qs(visit.body.data.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise Refusal(400, "The form cannot be read.") from error
    return {name: values[-1] for name, values in fields.items()}


def safe_goal(goal: str) -> str:
    """Where to go after signing in: a path of this site only, else the start page."""
    if (
        not goal.startswith("/")
        or goal.startswith("//")
        or "\\" in goal
        or not goal.isprintable()
        or not goal.isascii()
    ):
        return "/"
    return goal


def see_other(goal: str, *headers: tuple[str, str]) -> GateResponse:
    """303 to a path of this site."""
    return GateResponse(303, (("location", goal), ("cache-control", "no-store"), *headers))
