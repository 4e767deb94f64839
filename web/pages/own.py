"""What is a team's own on pages that all teams share: the gate fills it into their holes (web/gate/composed.py)."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue
from markupsafe import escape

from app.core.contest import Contest
from app.core.errors import Refusal
from web.pages.balloon import balloons_of
from web.pages.board import mark_of
from web.pages.frame import Frame
from web.pages.overview import NOTHING_SENT, own_submissions, summary_of
from web.pages.speech import translated as _
from web.session import Visitor

ADDRESS = "/fragments/own.json"


def blueprint(frame: Frame) -> flask.Blueprint:
    """The sheet of the visitor's own pieces: `{"pieces": {name: HTML}, "untouched": whether nothing was submitted yet}`."""
    pages = flask.Blueprint("own", __name__)

    @pages.get(ADDRESS)
    def own() -> ResponseReturnValue:
        who, contest = frame.require_player(), frame.the_contest()
        if who.caller.team_id is None:
            raise Refusal(404, _("There is no such page. The links above lead on."))
        pieces, untouched = _pieces(frame, who, contest), own_submissions(frame, most=1).total == 0
        if untouched:
            pieces |= {"untouched": "", "tries": _drawn("fragments/tries.html", submissions=NOTHING_SENT, jury=False)}
        response = flask.jsonify({"pieces": pieces, "untouched": untouched})
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return pages


def _pieces(frame: Frame, who: Visitor, contest: Contest) -> dict[str, str]:
    """Each piece as the page itself would have it in the place of the hole."""
    person, team = frame.person(), who.caller.team_id or ""
    pieces: dict[str, str] = {
        "name": escape(person.name if person else ""),
        "second": escape(person.second_line if person else ""),
        "team": escape(team),
        "topic": escape(f"team:{team}={frame.services.bell.counter(f'team:{team}')}"),
    }
    if not frame.shows_problems(contest):
        return pieces | {"row": _row(frame, who, contest)}
    board, row = frame.services.standings.board(who.caller, contest.id), frame.own_row()
    discs = balloons_of(board.problems, row)
    balloon = flask.get_template_attribute("parts/balloon.html", "balloon")
    pieces |= {f"disc:{one.problem_id}": balloon(one) for one in discs}
    for view in frame.services.problems.list(who.caller, contest.id):
        pieces.setdefault(f"disc:{view.problem.id}", escape(view.problem.label))
    pieces["discs"] = flask.get_template_attribute("parts/balloon.html", "balloons")(discs)
    pieces["summary"] = _drawn("fragments/summary.html", summary=summary_of(frame, contest))
    return pieces | {"row": _row(frame, who, contest)}


def _drawn(template: str, **values: object) -> str:
    """A fragment without all that a whole page needs around it."""
    return flask.current_app.jinja_env.get_template(template).render(**values)


def _row(frame: Frame, who: Visitor, contest: Contest) -> str:
    board = frame.services.standings.board(who.caller, contest.id)
    own_row = flask.get_template_attribute("parts/board_row.html", "own_row")
    return str(own_row(frame.own_row(), board, mark_of))
