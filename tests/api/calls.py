"""What the tests of REST share: a gate before the API alone, and a submission to send."""

from __future__ import annotations

from typing import Any

import flask
import httpx2
from flask_babel import Babel

from app.services.catalog import Services
from web import errors, guard
from web.api.v1 import routes

CODE = {"problem_id": "crates", "language": "python3", "code": "print(1)"}


def make_app(services: Services, secret: str) -> flask.Flask:
    """Flask with the routes of REST only."""
    app = flask.Flask("api")
    Babel(app)
    errors.install(app)
    guard.install(app, secret)
    app.register_blueprint(routes.blueprint(services))
    return app


def submit(client: httpx2.Client, **changes: Any) -> httpx2.Response:
    """POST /api/v1/submissions with something changed."""
    return client.post("/api/v1/submissions", json={**CODE, **changes})
