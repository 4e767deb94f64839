"""The published description of REST v1 and the interface itself are one."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import flask

from app.services.catalog import Services
from web.api.v1 import document, routes
from web.gate.people import PeopleSide
from web.gate.static import StaticFiles


def test_the_committed_description_is_what_the_models_say() -> None:
    """After a change of the models: python -m web.api.v1.document."""
    assert document.OPENAPI_FILE.read_text(encoding="utf-8") == document.written()


def test_every_reference_leads_to_a_shape() -> None:
    """No dangling references; every route can fail with the common error."""
    told = document.document()
    text = json.dumps(told)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in told["components"]["schemas"]
    for methods in told["paths"].values():
        for operation in methods.values():
            assert "default" in operation["responses"]


def test_every_route_is_described_and_every_description_is_served() -> None:
    """The gate's own table and Flask's together are the described routes, method by method; only the description itself is beside."""
    described = {(method.upper(), path) for path, methods in document.document()["paths"].items() for method in methods}
    assert described == gate_routes() | flask_routes()


def gate_routes() -> set[tuple[str, str]]:
    """What the gate answers itself below /api/v1."""
    side = people_side()
    return {
        (method, route.pattern)
        for route in side.routes()
        for method in route.methods
        if route.pattern.startswith("/api/v1/")
    }


def flask_routes() -> set[tuple[str, str]]:
    """What Flask answers below /api/v1."""
    app = flask.Flask("api")
    app.register_blueprint(routes.blueprint(nothing_in(Services)))
    found = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<\w+>", "{id}", rule.rule)
        if path.startswith("/api/v1/") and path not in ("/api/v1/openapi.json", "/api/v1/docs"):
            found |= {(method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def people_side() -> PeopleSide:
    """The people's side of the gate for its table of routes; nothing is served."""
    nothing: Any = None
    return PeopleSide(
        services=nothing_in(Services),
        hub=nothing,
        proxy=nothing,
        static=StaticFiles("0", {}),
        executor=nothing,
        random=nothing,
        host_is_ours=lambda _: True,
        languages={},
        spoken=("en",),
    )


def nothing_in(kind: type[Services]) -> Services:
    """Services of nothing: tables are made without asking any of them."""
    return kind(**{one.name: None for one in fields(kind)})
