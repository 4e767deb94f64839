"""The list of problems and the statement of each, with its submit card and the team's own tries."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from app.core.contest import Contest
from app.core.ids import ProblemId
from app.services.answers import ProblemView
from web.pages.balloon import Balloon, balloons_of
from web.pages.frame import Frame, fragment
from web.pages.overview import own_submissions
from web.pages.submit import SubmitForm, problem_choices
from web.session import visitor


def blueprint(frame: Frame) -> flask.Blueprint:
    """`/problems`, `/problems/<id>` and the live part of the list."""
    pages = flask.Blueprint("problems", __name__)

    @pages.get("/problems")
    def problem_list() -> ResponseReturnValue:
        contest = _readable_contest(frame)
        if contest is None:
            return flask.render_template("welcome.html", phase=frame.phase(frame.the_contest()))
        return flask.render_template("problems.html", rows=_rows(frame, contest))

    @pages.get("/fragments/problems")
    def rows() -> ResponseReturnValue:
        contest = _readable_contest(frame)
        return fragment("fragments/problems.html", rows=_rows(frame, contest) if contest else [])

    @pages.get("/problems/<problem_id>")
    def problem(problem_id: str) -> ResponseReturnValue:
        contest = _readable_contest(frame)
        if contest is None:
            return flask.render_template("welcome.html", phase=frame.phase(frame.the_contest()))
        who = visitor()
        caller = who.caller
        statement = frame.services.problems.statement(caller, contest.id, ProblemId(problem_id))
        row = frame.own_row()
        board = frame.services.standings.board(caller, contest.id)
        solved_by, tried_by = frame.services.standings.counts(caller, contest.id, statement.problem.id)
        return flask.render_template(
            "problem.html",
            statement=statement,
            problem=statement.problem,
            solved_by=solved_by,
            tried_by=tried_by,
            discs=balloons_of(board.problems, row),
            submissions=own_submissions(frame, problem=problem_id) if who.plays and not who.mark else None,
            form=SubmitForm.fresh(problem=problem_id),
            choices=problem_choices(frame, contest),
            phase=frame.phase(contest),
            jury=caller.role.is_jury,
        )

    return pages


def _readable_contest(frame: Frame) -> Contest | None:
    """The contest when its problems may be read by this visitor now, None before the start."""
    contest = frame.the_contest()
    return contest if frame.shows_problems(contest) else None


def _rows(frame: Frame, contest: Contest) -> list[tuple[ProblemView, Balloon | None]]:
    caller = visitor().caller
    board = frame.services.standings.board(caller, contest.id)
    discs = {disc.problem_id: disc for disc in balloons_of(board.problems, frame.own_row())}
    return [(view, discs.get(view.problem.id)) for view in frame.services.problems.list(caller, contest.id)]
