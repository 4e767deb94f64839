"""Which addresses look the same for a whole visibility class, and what their look depends on (DESIGN 3, rendered bytes)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.core.errors import Refusal
from web.api.v1.query import page_wanted

Paging = tuple[tuple[str, str], ...]
"""The numbers of the page that is wanted, each written in one way only; () for the first page of the usual length."""

_CONTEST = frozenset({"contest_id"})
_PAGED = _CONTEST | {"page", "per_page"}
_SHOWS_THE_TIME = 5000
_IS_THE_TIME = 1000


@dataclass(frozen=True, slots=True)
class View:
    """A view that can be kept.

    `topics` are those whose news change it; `strangers_only`: signed-in visitors get a page of their own, but for `teams`: those of the
    people's contest get it composed. `milliseconds` is how long it is kept where it shows the time; with `tells_age` the answer says how
    old it is. `parameters` are the names in the query that change it; a request with any other is drawn for itself, so that nobody fills
    the memory with invented queries. `signed_in`: strangers are refused. `by_contest`: it is of the contest that a program asks about,
    not of the one that people see.
    """

    topics: tuple[str, ...] = ("board", "public")
    strangers_only: bool = False
    teams: bool = False
    milliseconds: int = 0
    tells_age: bool = False
    parameters: frozenset[str] = frozenset()
    signed_in: bool = False
    by_contest: bool = False


_PAGE = View(strangers_only=True, milliseconds=_SHOWS_THE_TIME)
_TEAMS_PAGE = replace(_PAGE, teams=True)

VIEWS: Mapping[str, View] = {
    "/fragments/board": View(),
    "/clock.json": View(milliseconds=_IS_THE_TIME, tells_age=True),
    "/": _TEAMS_PAGE,
    "/fragments/problems": View(teams=True),
    "/board": _TEAMS_PAGE,
    "/problems": _TEAMS_PAGE,
    "/problems/{id}": _TEAMS_PAGE,
    "/api/v1/problems": View(parameters=_PAGED, signed_in=True, by_contest=True),
    "/api/v1/problems/{id}": View(parameters=_CONTEST, signed_in=True, by_contest=True),
    "/api/v1/leaderboard": View(parameters=_PAGED, by_contest=True),
}
"""Patterns of paths that Flask draws alike for everybody of a class."""


def paging_of(view: View, query: Mapping[str, str]) -> Paging | None:
    """Which page of a view is wanted; None where the request is to be drawn for itself, since it names what the view does not know."""
    if not view.parameters.issuperset(query):
        return None
    try:
        number, per_page = page_wanted(query)
    except Refusal:
        return None
    if page_wanted({}) == (number, per_page):
        return ()
    return (("page", str(number)), ("per_page", str(per_page)))
