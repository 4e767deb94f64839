"""Errors as answers: JSON for programs, a small page for people (API.md, "Errors")."""

from __future__ import annotations

import html
import logging
import secrets
from http import HTTPStatus

from app.core.errors import Fault, Refusal
from app.sentences.book import book_of, preferred
from web.gate.exchange import GateResponse, refusal_response
from web.gate.visit import Head

_log = logging.getLogger("contestbox.gate")

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/static/0/tokens.css"><link rel="stylesheet" href="/static/0/app.css"></head>
<body><main class="page"><div class="centre"><div><p class="muted number-of-error">{status}</p><h1>{title}</h1>
<p class="lead">{sentence}</p><div class="actions">{way}</div></div></div></main></body></html>
"""
SPREAD_SECONDS = 5
_WORDS = (
    "To the overview",
    "Sign in",
    "Bad Request",
    "Unauthorized",
    "Forbidden",
    "Not Found",
    "Method Not Allowed",
    "Conflict",
    "Too Many Requests",
    "Internal Server Error",
    "Service Unavailable",
)
"""What else stands on the page, for the translators."""
_OVERVIEW = '<a class="button" href="/">{way}</a>'
_SIGN_IN = '<a class="button primary" href="/sign-in">{way}</a>'


def refused(refusal: Refusal, head: Head | None) -> GateResponse:
    """The answer to a refused request, in the form that its sender reads."""
    headers: list[tuple[str, str]] = []
    if refusal.code == 401 and (head is None or not head.wants_html):
        headers.append(("www-authenticate", "Bearer"))
    if refusal.code == 405 and "allow" in refusal.fields:
        headers.append(("allow", refusal.fields["allow"]))
        refusal = Refusal(405, refusal.sentence)
    if head is None or not head.wants_html:
        answer = refusal_response(refusal)
        return GateResponse(answer.status, (*answer.headers, *headers), answer.body)
    if refusal.retry_after_seconds is not None:
        headers.append(("retry-after", str(refusal.retry_after_seconds)))
        if refusal.code == 503 and head.method == "GET":  # a hall that came at one moment comes back spread out
            headers.append(("refresh", str(refusal.retry_after_seconds + secrets.randbelow(SPREAD_SECONDS))))
    language = preferred(head.headers.get("accept-language", ""))
    return error_page(refusal.code, refusal.sentence, tuple(headers), language)


def failed(error: Exception, head: Head | None) -> GateResponse:
    """The answer to our own failure: an incident id and no detail; the log has the rest."""
    incident = secrets.token_hex(4)
    where = f"{head.method} {head.path}" if head is not None else "a request"
    _log.error("incident %s at %s", incident, where, exc_info=error)
    if isinstance(error, Fault) and error.kind == "storage":
        sentence = f"The server cannot store anything at the moment; nothing was accepted (incident {incident})."
        return refused(Refusal(503, sentence, retry_after_seconds=5), head)
    return refused(Refusal(500, f"The server failed; it is safe to try again (incident {incident})."), head)


def error_page(
    status: int, sentence: str, headers: tuple[tuple[str, str], ...] = (), language: str = "en"
) -> GateResponse:
    """A plain page with one sentence, for errors that come before Flask could draw one."""
    say = book_of(language).say
    title = html.escape(say(HTTPStatus(status).phrase))
    way = _SIGN_IN.format(way=say(_WORDS[1])) if status == 401 else _OVERVIEW.format(way=say(_WORDS[0]))
    told = html.escape(say(sentence))
    body = _PAGE.format(language=language, status=status, title=title, sentence=told, way=way)
    kind = (("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"))
    return GateResponse(status, (*kind, *headers), body.encode())
