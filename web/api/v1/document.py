"""The description of REST v1 as OpenAPI 3.1, made from the models: `python -m web.api.v1.document` writes openapi.json beside this file.

The file is committed; a test compares it with what would be written now, and checks that each described route is really served.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from web.api.v1 import models
from web.api.v1.query import HIGHEST, HIGHEST_PAGE, LONGEST_WAIT, MOST_PER_PAGE

OPENAPI_FILE = Path(__file__).parent / "openapi.json"
_REFERENCE = "#/components/schemas/{model}"


class ErrorAnswer(models.Shape):
    """Every error of every route; the sentence says what to do."""

    code: int
    message: str
    fields: dict[str, str] | None = Field(default=None, description="what is wrong with which field")


@dataclass(frozen=True, slots=True)
class Described:
    """One route: what it takes and what it gives. `status` is the code of success, `other` further codes with their meaning."""

    method: str
    path: str
    summary: str
    answer: type[BaseModel] | None
    takes: type[BaseModel] | None = None
    status: int = 200
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    open_to_all: bool = False
    events: bool = False
    other: Mapping[int, str] = field(default_factory=dict)


_PAGED = ("page", "per_page")
_CONTEST = "contest_id"


def _whole(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


_TEXT: Mapping[str, Any] = {"type": "string"}
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "page": _whole(1, HIGHEST_PAGE),
    "per_page": _whole(1, MOST_PER_PAGE),
    "after": _whole(0, HIGHEST),
    "timeout": _whole(1, LONGEST_WAIT),
    "status": {"type": "string", "enum": [status.value for status in models.Status]},
    "difficulty": {"type": "string", "enum": sorted(models.DIFFICULTIES)},
    "Idempotency-Key": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
"""What a parameter may be; any other is text."""
_NEWER = {204: "nothing newer in this time"}
ROUTES = (
    Described("post", "/api/v1/tokens", "A bearer token for an account", models.TokenAnswer, models.TokenRequest, open_to_all=True),
    Described(
        "get", "/api/v1/problems", "The problems; none before the start", models.ListAnswer[models.ProblemAnswer],
        query=("difficulty", _CONTEST, *_PAGED),
    ),
    Described("get", "/api/v1/problems/{id}", "One problem with its statement", models.ProblemDetail, query=(_CONTEST,)),
    Described(
        "post", "/api/v1/submissions", "Submit; answered once it is on disk", models.SubmissionTaken, models.SubmissionRequest,
        status=202, query=(_CONTEST,), headers=("Idempotency-Key",),
    ),
    Described(
        "get", "/api/v1/submissions", "Own submissions, newest first", models.ListAnswer[models.SubmissionAnswer],
        query=("problem_id", "status", _CONTEST, *_PAGED),
    ),
    Described("get", "/api/v1/submissions/{id}", "One submission", models.SubmissionAnswer),
    Described(
        "get", "/api/v1/submissions/{id}/wait", "The submission as soon as it is newer", models.SubmissionAnswer,
        query=("after", "timeout"), other=_NEWER,
    ),
    Described(
        "get", "/api/v1/submissions/{id}/stream", "Each change as a server-sent event", models.StreamEvent,
        headers=("Last-Event-ID",), events=True, other={204: "the final state was seen already"},
    ),
    Described(
        "get", "/api/v1/leaderboard", "The board as the caller may see it", models.ListAnswer[models.RowAnswer],
        query=("group", _CONTEST, *_PAGED), open_to_all=True,
    ),
    Described("get", "/api/v1/teams/{id}/rank", "A team's place", models.RankAnswer, open_to_all=True),
)  # fmt: skip


def document() -> dict[str, Any]:
    """The whole description, ready for JSON."""
    shapes = {one for route in ROUTES for one in (route.answer, route.takes) if one is not None} | {ErrorAnswer}
    ordered = sorted(shapes, key=lambda one: one.__name__)
    references, schemas = models_json_schema([(one, "validation") for one in ordered], ref_template=_REFERENCE)
    where = {model: reference for (model, _), reference in references.items()}
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route, where)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Contestbox", "version": "1", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"bearer": []}],
    }


def written() -> str:
    """The text of openapi.json."""
    return json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _operation(route: Described, where: Mapping[Any, Any]) -> dict[str, Any]:
    kind = "text/event-stream" if route.events else "application/json"
    success: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        shape = where[route.answer]
        success["content"] = {kind: {"schema": _event_of(shape) if route.events else shape}}
    error = {"description": "an error", "content": {"application/json": {"schema": where[ErrorAnswer]}}}
    operation: dict[str, Any] = {
        "summary": route.summary,
        "parameters": _parameters(route),
        "responses": {
            str(route.status): success,
            **{str(code): {"description": meaning} for code, meaning in route.other.items()},
            "default": error,
        },
    }
    if route.takes is not None:
        content = {"application/json": {"schema": where[route.takes]}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.open_to_all:
        operation["security"] = [{}, {"bearer": []}]
    return operation


def _event_of(shape: Any) -> dict[str, Any]:
    """One server-sent event: its data are JSON within a string."""
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": shape}
    return {"type": "object", "required": ["id", "data"], "properties": {"id": {"type": "string"}, "data": data}}


def _parameters(route: Described) -> list[dict[str, Any]]:
    places = [("path", name, True) for name in ("id",) if "{id}" in route.path]
    places += [("query", name, False) for name in route.query]
    places += [("header", name, False) for name in route.headers]
    return [
        {"in": place, "name": name, "required": required, "schema": dict(PARAMETERS.get(name, _TEXT))}
        for place, name, required in places
    ]


if __name__ == "__main__":
    OPENAPI_FILE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{OPENAPI_FILE.name} is written\n")
