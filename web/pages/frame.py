"""What all pages share: the contest, its clock, who is signed in, how numbers and verdicts are written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import flask
from flask_babel import get_locale
from markupsafe import Markup, escape
from werkzeug import Response

from app.core import visibility
from app.core.contest import Contest, Phase
from app.core.errors import Refusal
from app.core.people import Role
from app.languages.definition import Language
from app.services.answers import BoardRow
from app.services.catalog import Services
from web.pages import balloon, chip, words
from web.pages.face import ClockFace, face_of
from web.pages.speech import translated as _
from web.session import Visitor, visitor


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, for the head of the page."""

    name: str
    second_line: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The pages' common ground; one for the application, it keeps nothing of a request."""

    services: Services
    languages: Mapping[str, Language]
    server_name: str

    def install(self, app: flask.Flask) -> None:
        """Gives every template the frame and the filters."""
        app.before_request(self._note_topics)
        app.context_processor(self._context)
        app.jinja_env.filters.update(
            clock=words.clock_text,
            short_time=words.short_time,
            seconds=words.seconds,
            mebibytes=words.mebibytes,
            kilobytes=words.kilobytes,
            points=words.points,
            chip=chip.chip_of,
            on_rgb=balloon.letter_colour,
        )
        app.jinja_env.globals["language_name"] = self.language_name

    def contest(self) -> Contest | None:
        """The visitor's contest; None on a server without any."""
        own = visitor().caller.contest_id
        try:
            return self.services.control.contest(own or None)
        except Refusal:
            return None

    def the_contest(self) -> Contest:
        """The visitor's contest, or Refusal(404)."""
        contest = self.contest()
        if contest is None:
            raise Refusal(404, _("There is no contest on this server yet."))
        return contest

    def phase(self, contest: Contest) -> Phase:
        """The phase now."""
        return contest.phase(self.services.clock.now())

    def shows_problems(self, contest: Contest) -> bool:
        """Whether the visitor may read the problems now."""
        return visibility.may_see_problems(visitor().caller, contest, self.services.clock.now())

    def face(self) -> ClockFace:
        """The clock as the head of the page shows it."""
        return face_of(self.contest(), self.services.clock.now())

    def own_row(self) -> BoardRow | None:
        """The visitor's line of the board; None for whoever has no team."""
        caller = visitor().caller
        return None if not caller.team_id else self.services.standings.row_of(caller, caller.team_id)

    def language_name(self, language_id: str) -> str:
        """What people call a language."""
        known = self.languages.get(language_id)
        return known.name if known else language_id

    def topics(self) -> Markup:
        """The topics that the visitor's pages wait on with their counters, as they were before the page was drawn: `team:7=12 board=3`."""
        who = visitor()
        wanted = ["board", "public"]
        if who.caller.team_id:
            wanted.append(f"team:{who.caller.team_id}")
        if who.caller.role.is_jury:
            wanted.append("jury")
        counters = [escape(f"{topic}={self.services.bell.counter(topic)}") for topic in wanted]
        return Markup(" ").join(filter(None, [*counters, who.hole("topic")]))

    def _note_topics(self) -> None:
        # News that come while the page is drawn must not be taken for known by it.
        flask.g.topics = self.topics()

    def require_player(self) -> Visitor:
        """The visitor, who must be signed in with an account that plays or judges; else Refusal(401 or 403)."""
        who = visitor()
        if not who.signed_in:
            raise Refusal(401, _("Sign in to see this page."))
        if not who.plays:
            raise Refusal(403, _("This page is for teams and the jury."))
        return who

    def person(self) -> Person | None:
        """Who is signed in."""
        who = visitor()
        if who.mark:
            return Person(who.hole("name"), who.hole("second"))
        if not who.signed_in or who.neutral:
            return None
        team = None if who.caller.team_id is None else self.services.control.team(who.caller.team_id)
        if team is not None:
            seat = _("Seat %(seat)s", seat=team.seat) if team.seat else ""
            return Person(team.name, " · ".join(filter(None, (team.organization, seat))) or who.caller.username)
        roles = {Role.ADMIN: _("Organiser"), Role.JUDGE: _("Jury"), Role.STAFF: _("Staff"), Role.TEAM: _("Team")}
        return Person(who.caller.username, roles.get(who.caller.role, ""))

    def _context(self) -> dict[str, Any]:
        who = visitor()
        return {
            "contest": self.contest(),
            "face": self.face(),
            "visitor": who,
            "person": self.person(),
            "server_name": self.server_name,
            "topics": flask.g.get("topics", ""),
            "own_team": who.hole("team") or who.caller.team_id,
            "hole": who.hole if who.mark else None,
            "locale": str(get_locale() or "en"),
        }


def fragment(template: str, **values: Any) -> Response:
    """A rendered piece of a page with an ETag over its bytes; 304 when the browser has it already."""
    return tagged(flask.render_template(template, **values), "text/html; charset=utf-8")


def tagged(body: str, mime: str) -> Response:
    """An answer that a browser keeps and asks about again."""
    response = flask.make_response(body)
    response.headers["Content-Type"] = mime
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:24])
    return response.make_conditional(flask.request)


def chosen(known: Iterable[str], wanted: str) -> str:
    """`wanted` when it is one of the known, else ""."""
    return wanted if wanted in set(known) else ""
