"""The clock as data: what the pages' script follows, small and often asked."""

from __future__ import annotations

import json

import flask
from flask.typing import ResponseReturnValue

from web.pages.frame import Frame


def blueprint(frame: Frame) -> flask.Blueprint:
    """`/clock.json`: the face of the clock now, in milliseconds."""
    pages = flask.Blueprint("clock", __name__)

    @pages.get("/clock.json")
    def clock() -> ResponseReturnValue:
        face = frame.face()
        body = {
            "now_ms": face.now_ms,
            "phase": face.phase.value,
            "state": face.state,
            "note": face.note,
            "shown_ms": face.shown_ms,
            "counts_to": face.counts_to,
            "done_mark": face.done_mark,
            "freeze_mark": face.freeze_mark,
            "freeze_in_ms": face.freeze_in_ms,
            "duration_ms": getattr(frame.contest(), "duration_ms", None),
        }
        response = flask.make_response(json.dumps(body, ensure_ascii=False))
        response.headers["Content-Type"] = "application/json; charset=utf-8"
        return response

    return pages
