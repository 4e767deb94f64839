"""What every request and answer passes: the gate's secret, the origin of forms, headers that keep pages safe."""

from __future__ import annotations

import hmac

import flask

from app.core.clock import Clock, Instant
from app.core.errors import Refusal
from web.origin import is_own

SECRET_HEADER = "X-Contestbox-Secret"  # noqa: S105 — the header's name
ARRIVED_HEADER = "X-Contestbox-Arrived"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def install(app: flask.Flask, gate_secret: str) -> None:
    """Refuses what did not come through the gate or came from another site; adds the headers that are missing.

    An empty `gate_secret` lets everybody in: for tests and for work on the pages without a gate.
    """

    @app.before_request
    def check() -> None:
        given = flask.request.headers.get(SECRET_HEADER, "")
        if gate_secret and not hmac.compare_digest(given.encode(), gate_secret.encode()):
            raise Refusal(403, "Pages are served through the contest's own front door only.")
        if flask.request.authorization is None:
            _check_origin()

    @app.after_request
    def add_headers(response: flask.Response) -> flask.Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        # Going back after signing out must not show what was there before.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def arrived(clock: Clock) -> Instant:
    """The moment the body of this request was complete, as the gate measured it; now where there is no gate."""
    text = flask.request.headers.get(ARRIVED_HEADER, "")
    if text.isascii() and text.isdigit() and len(text) < 16:
        return min(Instant(int(text)), clock.now())
    return clock.now()


def _check_origin() -> None:
    asked = flask.request
    origin, site = asked.headers.get("Origin"), asked.headers.get("Sec-Fetch-Site")
    if not is_own(asked.method, asked.host, origin, site, with_cookie=bool(asked.cookies), secure=asked.is_secure):
        raise Refusal(403, "This form was sent from another page. Open it here and send it again.")
