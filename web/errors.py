"""What goes wrong, told: a page with one sentence for people, {"code", "message"} for programs (API.md)."""

from __future__ import annotations

import json
import logging
import secrets

import flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.core.errors import Fault, Refusal
from web.pages.speech import retold
from web.pages.speech import translated as _

_log = logging.getLogger("contestbox.web")


def install(app: flask.Flask) -> None:
    """Answers refusals, unknown pages and faults; a fault is logged with the id that the visitor sees."""

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> ResponseReturnValue:
        return answer(refusal)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            return _wrong_method(", ".join(sorted(error.valid_methods)))
        return answer(Refusal(error.code or 500, _http_sentence(error.code or 500)))

    @app.errorhandler(Fault)
    def fault(error: Fault) -> ResponseReturnValue:
        return answer(_incident(error))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        return answer(_incident(error))


def answer(refusal: Refusal) -> ResponseReturnValue:
    """The response for a refusal: JSON below /api/ and for scripts, else a page."""
    if wants_json():
        body: dict[str, object] = {
            "code": refusal.code,
            "message": refusal.sentence if for_programs() else retold(refusal.sentence),
        }
        if refusal.fields:
            body["fields"] = refusal.fields
        # To the byte as the gate says it (web/gate/exchange): nobody outside can tell which of both has answered.
        response = flask.Response(json.dumps(body, separators=(",", ":")), content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        if refusal.code == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
    else:
        page = flask.render_template(
            "error.html", code=refusal.code, title=title_of(refusal.code), sentence=retold(refusal.sentence)
        )
        response = flask.make_response(page)
    response.status_code = refusal.code
    if refusal.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def wants_json() -> bool:
    """Whether the caller is a program: by path, or because it asks for JSON before HTML."""
    if for_programs():
        return True
    accepted = flask.request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"], "text/html") == "application/json"


def for_programs() -> bool:
    """Whether the address is one of programs, which read English; a page's own script shows what it reads to a person."""
    return flask.request.path.startswith("/api/") or flask.request.path.endswith(".json")


def title_of(code: int) -> str:
    """A few words above the sentence."""
    titles = {
        401: _("Sign in first"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Already sent"),
        413: _("Too large"),
        422: _("Something is missing"),
        429: _("Too many at once"),
        503: _("Try again in a moment"),
    }
    return titles.get(code, _("Something failed") if code >= 500 else _("Not possible"))


def _wrong_method(allowed: str) -> ResponseReturnValue:
    sentence = _http_sentence(405)
    if wants_json():
        sentence = f"This address does not take {flask.request.method[:16]}; it takes {allowed}."
    response = flask.make_response(answer(Refusal(405, sentence)))
    response.headers["Allow"] = allowed
    return response


def _http_sentence(code: int) -> str:
    if wants_json():
        program = {404: "There is nothing at this address."}
        if code in program:
            return program[code]
    sentences = {
        400: _("The request could not be read. Go back and send it again."),
        404: _("There is no such page. The links above lead on."),
        405: _("This page cannot be asked in this way. Open it by its link."),
        413: _("That is too large to be sent. Choose a smaller file."),
    }
    return sentences.get(code, _("The request could not be answered. Go back and try again."))


def _incident(error: Exception) -> Refusal:
    incident = secrets.token_hex(4)
    _log.error("incident %s on %s", incident, flask.request.path, exc_info=error)
    return Refusal(
        500, _("This is our fault, not yours. Try again; if it stays, tell the organiser %(id)s.", id=incident)
    )
