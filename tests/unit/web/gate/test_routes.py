"""The route table: which handler a method and a path lead to."""

from __future__ import annotations

import pytest

from app.core.errors import Refusal
from web.gate.exchange import GateResponse
from web.gate.routes import Route, Table
from web.gate.visit import Answer, Visit


async def handler(visit: Visit) -> Answer:
    return GateResponse(200)


LIST = Route(("GET",), "/things", handler)
ONE = Route(("GET",), "/things/{id}", handler)
PART = Route(("GET", "POST"), "/things/{id}/part", handler)
FILES = Route(("GET",), "/files/{version}/{rest...}", handler)
FORM = Route(("POST",), "/form", handler, strict=False)
ELSE = Route(("GET", "POST"), "", handler)
TABLE = Table([LIST, ONE, PART, FILES, FORM])
WITH_ELSE = Table([LIST, ONE, PART, FILES, FORM], ELSE)


@pytest.mark.parametrize(
    ("method", "path", "route", "params"),
    [
        ("GET", "/things", LIST, {}),
        ("HEAD", "/things", LIST, {}),
        ("GET", "/things/7", ONE, {"id": "7"}),
        ("POST", "/things/7/part", PART, {"id": "7"}),
        ("GET", "/files/v1/a/b.css", FILES, {"version": "v1", "rest": "a/b.css"}),
        ("POST", "/form", FORM, {}),
    ],
)
def test_a_path_leads_to_its_route(method: str, path: str, route: Route, params: dict[str, str]) -> None:
    """Whole paths first, then patterns; HEAD goes where GET goes."""
    assert TABLE.find(method, path) == (route, params)


@pytest.mark.parametrize(
    "path", ["/", "/things/", "/things//part", "/things/7/part/more", "/files/v1/", "/files", "/Things"]
)
def test_an_unknown_path_is_404_or_the_fallbacks(path: str) -> None:
    """Empty segments fill no name. With a fallback it takes what nobody else does."""
    with pytest.raises(Refusal) as refused:
        TABLE.find("GET", path)
    assert refused.value.code == 404
    assert WITH_ELSE.find("GET", path) == (ELSE, {})


def test_a_wrong_method_is_told_which_ones_are_right() -> None:
    """405 with the methods of the path, also where a fallback would take the path; only loose routes fall through."""
    for table in (TABLE, WITH_ELSE):
        with pytest.raises(Refusal) as refused:
            table.find("DELETE", "/things/7/part")
        assert (refused.value.code, refused.value.fields["allow"]) == (405, "GET, HEAD, POST")
    assert WITH_ELSE.find("GET", "/form") == (ELSE, {})
    with pytest.raises(Refusal) as refused:
        WITH_ELSE.find("BREW", "/anything")
    assert refused.value.code == 405
