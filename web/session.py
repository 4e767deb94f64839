"""Who asks: the caller behind the cookie, once a request.

A request that carries the gate's class header is rendered for everybody of that class (DESIGN 3, rendered bytes): its cookie is not
looked at, so that nothing personal can reach bytes that others get too.
"""

from __future__ import annotations

from dataclasses import dataclass

import flask

from app.core.people import ANONYMOUS, Caller, Role
from app.services.catalog import Services

CLASS_HEADER = "X-Contestbox-Class"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks and how: `neutral` when the answer is shared by a whole visibility class."""

    caller: Caller
    neutral: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether there is a person with an account behind the request."""
        return self.caller.role is not Role.ANONYMOUS

    @property
    def plays(self) -> bool:
        """Whether the visitor has submissions of their own: a team, or the jury trying a problem."""
        return self.caller.team_id is not None or self.caller.role.is_jury


def install(app: flask.Flask, services: Services, cookie_name: str) -> None:
    """Finds the visitor before each request; `visitor()` gives it afterwards."""

    @app.before_request
    def find_visitor() -> None:
        shared = class_asked_for()
        if shared is not None:
            flask.g.visitor = Visitor(shared, neutral=True)
            return
        token = flask.request.cookies.get(cookie_name, "")
        caller = services.accounts.caller_of(token) if token else None
        flask.g.visitor = Visitor(caller or ANONYMOUS)


def class_asked_for() -> Caller | None:
    """Somebody of the class that the gate has this drawn for; None where it is drawn for its visitor alone."""
    shared = flask.request.headers.get(CLASS_HEADER)
    if shared is None:
        return None
    return Caller(Role.JUDGE if shared == "jury" else Role.ANONYMOUS)


def visitor() -> Visitor:
    """The visitor of the present request; nobody when it failed before they were found."""
    found = flask.g.get("visitor")
    return found if isinstance(found, Visitor) else Visitor(ANONYMOUS)
