"""The part of REST v1 that waits for nobody: problems, leaderboard, ranks (API.md). Submissions and tokens are the gate's.

Nobody sees more here than on the pages: the services answer by the caller, and strangers get public data only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import flask
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import ContestId, ProblemId, TeamId
from app.core.people import ANONYMOUS, Caller
from app.services.answers import Board
from app.services.catalog import Services
from web.api.v1.document import OPENAPI_FILE
from web.api.v1.models import DIFFICULTIES, ListAnswer, ProblemAnswer, ProblemDetail, RankAnswer, leaderboard
from web.api.v1.query import page_wanted
from web.session import class_asked_for
from web.session_cookie import cookie_for

T = TypeVar("T", bound=BaseModel)


def blueprint(services: Services) -> flask.Blueprint:
    """`/api/v1/problems`, `/api/v1/problems/{id}`, `/api/v1/leaderboard`, `/api/v1/teams/{id}/rank`."""
    api = flask.Blueprint("api_v1", __name__, url_prefix="/api/v1")
    rest = Rest(services)
    api.add_url_rule("/problems", view_func=rest.problems)
    api.add_url_rule("/problems/<problem_id>", view_func=rest.problem)
    api.add_url_rule("/leaderboard", view_func=rest.leaderboard)
    api.add_url_rule("/teams/<team_id>/rank", view_func=rest.rank)
    api.add_url_rule("/openapi.json", view_func=rest.openapi)
    api.add_url_rule("/docs", view_func=rest.docs)
    return api


@dataclass(frozen=True, slots=True)
class Rest:
    """The handlers."""

    services: Services

    def problems(self) -> ResponseReturnValue:
        """The problems of the contest; none before its start."""
        caller = self._signed_in()
        difficulty = flask.request.args.get("difficulty")
        if difficulty is not None and difficulty not in DIFFICULTIES:
            raise Refusal(400, "A difficulty is EASY, MEDIUM or HARD.", fields={"difficulty": "unknown"})
        number, per_page = page_wanted(flask.request.args)
        contest = self._contest(caller)
        # Packages name no difficulty: asking for one finds nothing.
        views = () if difficulty else self.services.problems.list(caller, contest.id)
        return tagged(_paged([ProblemAnswer.of(view, contest.languages) for view in views], number, per_page))

    def problem(self, problem_id: str) -> ResponseReturnValue:
        """One problem with its statement."""
        caller = self._signed_in()
        statement = self.services.problems.statement(caller, self._contest(caller).id, ProblemId(problem_id))
        views = self.services.problems.list(caller, statement.problem.contest_id)
        view = next((one for one in views if one.problem.id == problem_id), None)
        if view is None:
            raise Refusal(404, "There is no such problem.")
        return tagged(ProblemDetail.of_statement(view, statement))

    def leaderboard(self) -> ResponseReturnValue:
        """The board as the caller may see it."""
        caller = self._caller()
        number, per_page = page_wanted(flask.request.args)
        board = self.services.standings.board(caller, self._contest(caller).id)
        group = flask.request.args.get("group")
        return tagged(leaderboard(self._of_group(board, group) if group else board, number, per_page))

    def rank(self, team_id: str) -> ResponseReturnValue:
        """A team's place on the board that the caller may see."""
        row = self.services.standings.row_of(self._caller(), TeamId(team_id))
        if row is None:
            raise Refusal(404, "There is no such team.")
        return tagged(RankAnswer(team_id=row.team_id, rank=row.rank, solved=row.solved, penalty=row.penalty_minutes))

    def openapi(self) -> ResponseReturnValue:
        """The description of this interface for programs."""
        return flask.send_file(OPENAPI_FILE, mimetype="application/json")

    def docs(self) -> ResponseReturnValue:
        """The same for people: Swagger UI, from files of our own, so that it works without internet."""
        return flask.render_template("docs.html", title="Contestbox · REST v1")

    def _caller(self) -> Caller:
        """Whoever shows a bearer token or a session's cookie, or the class that the gate has this drawn for. Refusal 401 for a broken
        token."""
        shared = class_asked_for()
        if shared is not None:
            return shared
        accounts = self.services.accounts
        scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return accounts.caller_of_bearer(token.strip())
        cookie = flask.request.cookies.get(cookie_for(accounts.cookie_name, flask.request.scheme), "")
        return (accounts.caller_of(cookie) if cookie else None) or ANONYMOUS

    def _signed_in(self) -> Caller:
        caller = self._caller()
        if caller.account_id is None and class_asked_for() is None:
            raise Refusal(401, "Show a token: POST /api/v1/tokens gives one.")
        return caller

    def _contest(self, caller: Caller) -> Contest:
        """The account's own contest; for others the one of `contest_id`, or the one that runs. Refusal 403, 404, 422."""
        wanted = flask.request.args.get("contest_id")
        return self.services.control.meant(caller, ContestId(wanted) if wanted else None)

    def _of_group(self, board: Board, group: str) -> Board:
        def is_in(team_id: TeamId) -> bool:
            team = self.services.control.team(team_id)
            return team is not None and team.group == group

        return replace(board, rows=tuple(row for row in board.rows if is_in(row.team_id)))


def tagged(answer: BaseModel) -> ResponseReturnValue:
    """JSON with an ETag over its bytes; 304 when the asker has it already."""
    body = answer.model_dump_json()
    response = flask.make_response(body)
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:24])
    return response.make_conditional(flask.request)


def _paged(items: Sequence[T], number: int, per_page: int) -> ListAnswer[T]:
    begin = (number - 1) * per_page
    return ListAnswer(items=list(items[begin : begin + per_page]), page=number, per_page=per_page, total=len(items))
