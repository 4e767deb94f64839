"""The first page: a team's own row, submissions and submit card; for everybody else the contest's clock."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from app.core.contest import Contest
from app.core.ids import ProblemId
from app.services.answers import Page, SubmissionView
from web.pages.balloon import balloons_of
from web.pages.frame import Frame, fragment
from web.pages.submit import SubmitForm, problem_choices
from web.session import visitor

PER_PAGE = 50
NOTHING_SENT: Page[SubmissionView] = Page((), 1, PER_PAGE, 0)
_LAST_PAGE = 100_000
"""Nobody has more; a larger number would be none of the database's."""


def blueprint(frame: Frame) -> flask.Blueprint:
    """`/`, and the fragments that its live parts ask for."""
    pages = flask.Blueprint("overview", __name__)

    @pages.get("/")
    def overview() -> ResponseReturnValue:
        who = visitor()
        contest = frame.contest()
        if contest is None or not who.plays:
            return flask.render_template("welcome.html", phase=frame.phase(contest) if contest else None)
        phase = frame.phase(contest)
        if not frame.shows_problems(contest):
            return flask.render_template("welcome.html", phase=phase)
        number = flask.request.args.get("page", 1, type=int)
        return flask.render_template(
            "overview.html",
            phase=phase,
            summary=summary_of(frame, contest),
            submissions=NOTHING_SENT if who.mark else own_submissions(frame, page=number),
            form=SubmitForm.fresh(),
            choices=problem_choices(frame, contest),
            jury=who.caller.role.is_jury,
        )

    @pages.get("/fragments/summary")
    def summary() -> ResponseReturnValue:
        frame.require_player()
        return fragment("fragments/summary.html", summary=summary_of(frame, frame.the_contest()))

    @pages.get("/fragments/submissions")
    def submissions() -> ResponseReturnValue:
        who = frame.require_player()
        problem = flask.request.args.get("problem", "")
        found = own_submissions(frame, problem=problem, page=flask.request.args.get("page", 1, type=int))
        template = "fragments/tries.html" if problem else "fragments/submissions.html"
        return fragment(template, submissions=found, jury=who.caller.role.is_jury)

    return pages


def own_submissions(frame: Frame, *, problem: str = "", page: int = 1, most: int = PER_PAGE) -> Page[SubmissionView]:
    """The visitor's submissions, newest first, `most` on a page; of one problem where one is named."""
    caller = visitor().caller
    services = frame.services
    return services.submissions.page(
        caller,
        problem_id=ProblemId(problem) if problem else None,
        page=min(max(1, page), _LAST_PAGE),
        per_page=most,
    )


def summary_of(frame: Frame, contest: Contest) -> dict[str, object]:
    """What stands above everything on the first page: the own place, the balloons, how many submissions wait."""
    board = frame.services.standings.board(visitor().caller, contest.id)
    row = frame.own_row()
    return {
        "row": row,
        "teams": len(board.rows),
        "balloons": balloons_of(board.problems, row),
        "frozen": board.frozen,
        "queue": frame.services.submissions.queue(),
    }
