"""The scoreboard. Its rows are the same for everybody of a visibility class; the own row stands above them on the own page."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from app.services.answers import Board, Cell
from web.pages.frame import Frame, fragment
from web.session import visitor


def blueprint(frame: Frame) -> flask.Blueprint:
    """`/board`, and its rows as the gate keeps them rendered."""
    pages = flask.Blueprint("board", __name__)

    @pages.get("/board")
    def board() -> ResponseReturnValue:
        found = _board(frame)
        own = None if visitor().neutral else frame.own_row()
        return flask.render_template(
            "board.html", board=found, own=own, own_cells=_keyed(own.cells) if own else {}, mark=mark_of
        )

    @pages.get("/fragments/board")
    def rows() -> ResponseReturnValue:
        return fragment("fragments/board.html", board=_board(frame), mark=mark_of)

    return pages


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


def _keyed(cells: tuple[Cell, ...]) -> dict[str, Cell]:
    return {cell.problem_id: cell for cell in cells}


def _board(frame: Frame) -> Board:
    return frame.services.standings.board(visitor().caller, frame.the_contest().id)
