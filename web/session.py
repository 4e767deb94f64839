"""Who asks: the caller behind the cookie, once a request.

A request that carries the gate's class header is rendered for everybody of that class (DESIGN 3, rendered bytes): its cookie is not
looked at, so that nothing personal can reach bytes that others get too. Pages for all teams of a contest have holes where something is a
team's own: the gate names the mark that a hole is known by, and fills it (web/gate/composed.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import flask
from markupsafe import Markup, escape

from app.core.errors import Refusal
from app.core.ids import AccountId, TeamId
from app.core.people import ANONYMOUS, Caller, Role
from app.services.catalog import Services
from web.session_cookie import cookie_for

CLASS_HEADER = "X-Contestbox-Class"
MARK_HEADER = "X-Contestbox-Mark"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks and how: `neutral` when the answer is shared by a whole visibility class; `mark` when it is for any team and has holes."""

    caller: Caller
    neutral: bool = False
    mark: str = ""

    @property
    def signed_in(self) -> bool:
        """Whether there is a person with an account behind the request."""
        return self.caller.role is not Role.ANONYMOUS

    @property
    def plays(self) -> bool:
        """Whether the visitor has submissions of their own: a team, or the jury trying a problem."""
        return self.caller.team_id is not None or self.caller.role.is_jury

    def hole(self, name: str) -> Markup:
        """The place of something that is a team's own, "" where the page is drawn for its visitor alone."""
        return Markup(f"<!--{self.mark}:{escape(name)}-->") if self.mark else Markup()  # noqa: S704 - the gate's mark, our names


def install(app: flask.Flask, services: Services, cookie_name: str) -> None:
    """Finds the visitor before each request; `visitor()` gives it afterwards."""

    @app.before_request
    def find_visitor() -> None:
        shared = class_asked_for()
        if shared is not None:
            mark = flask.request.headers.get(MARK_HEADER, "")
            flask.g.visitor = Visitor(_any_team(services) if mark else shared, neutral=True, mark=mark)
            return
        token = flask.request.cookies.get(cookie_for(cookie_name, flask.request.scheme), "")
        caller = services.accounts.caller_of(token) if token else None
        flask.g.visitor = Visitor(caller or ANONYMOUS)


def class_asked_for() -> Caller | None:
    """Somebody of the class that the gate has this drawn for; None where it is drawn for its visitor alone."""
    shared = flask.request.headers.get(CLASS_HEADER)
    if shared is None:
        return None
    return Caller(Role.JUDGE if shared == "jury" else Role.ANONYMOUS)


def _any_team(services: Services) -> Caller:
    """Somebody who may what each team of the contest may, and to whom nothing belongs."""
    try:
        contest = services.control.contest(None).id
    except Refusal:
        return ANONYMOUS
    return Caller(Role.TEAM, AccountId(""), TeamId(""), contest)


def visitor() -> Visitor:
    """The visitor of the present request; nobody when it failed before they were found."""
    found = flask.g.get("visitor")
    return found if isinstance(found, Visitor) else Visitor(ANONYMOUS)
