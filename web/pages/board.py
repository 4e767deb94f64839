"""The scoreboard. Its rows are the same for everybody of a visibility class; the own row stands above them on the own page."""

from __future__ import annotations

import threading
from collections import OrderedDict

import flask
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from markupsafe import Markup

from app.services.answers import Board, Cell
from web.pages.frame import Frame, tagged
from web.session import visitor

ROWS_IN_PAGE = 250
"""Rows that the page itself carries; the rest of a larger board comes by the fragment, or by further pages without JavaScript."""
_MOST_KEPT = 24


def blueprint(frame: Frame) -> flask.Blueprint:
    """`/board`, and its rows as the gate keeps them rendered."""
    pages = flask.Blueprint("board", __name__)
    drawn = Drawn()

    @pages.get("/board")
    def board() -> ResponseReturnValue:
        found = _board(frame)
        own = None if visitor().neutral else frame.own_row()
        last = max(1, -(-len(found.rows) // ROWS_IN_PAGE))
        number = min(max(1, flask.request.args.get("page", 1, type=int)), last)
        return flask.render_template(
            "board.html",
            board=found,
            rows=drawn.rows(found, number),
            own=own,
            mark=mark_of,
            page=number,
            last_page=last,
        )

    @pages.get("/fragments/board")
    def rows() -> ResponseReturnValue:
        return tagged(drawn.rows(_board(frame), 0), "text/html; charset=utf-8")

    return pages


class Drawn:
    """Rows as HTML by board, page and language: a hall that opens the board at once has them drawn once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Markup] = OrderedDict()

    def rows(self, board: Board, page: int) -> Markup:
        """The rows of one page, counted from 1; 0 for the whole board. Needs a request (its language)."""
        key = (board.contest_id, board.version, visitor().caller.role.is_jury, str(get_locale()), page)
        with self._lock:
            there = self._kept.get(key)
        if there is not None:
            return there
        begin = (page - 1) * ROWS_IN_PAGE
        rows = board.rows[begin : begin + ROWS_IN_PAGE] if page else board.rows
        made = Markup(flask.render_template("fragments/board.html", rows=rows, board=board, mark=mark_of))  # noqa: S704
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made


def mark_of(cell: Cell, frozen: bool) -> tuple[str, str, str]:
    """How a cell is drawn: (style, upper line, lower line); an empty style is an empty cell."""
    minute = "" if cell.minute is None else str(cell.minute)
    rejected = max(0, cell.attempts - 1) if cell.solved else cell.attempts
    if cell.solved:
        sign = "★" if cell.first else "+"
        return ("first" if cell.first else "solved", f"{sign}{rejected or ''}", minute)
    if cell.pending:
        return ("frozen" if frozen else "waiting", f"?{cell.pending}", "")
    if rejected:
        return ("wrong", f"−{rejected}", "")
    return ("", "", "")


def _board(frame: Frame) -> Board:
    return frame.services.standings.board(visitor().caller, frame.the_contest().id)
