"""One submission: its state, what the compiler said, and the source with colours."""

from __future__ import annotations

from dataclasses import dataclass

import flask
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.core.errors import Refusal
from app.core.ids import SubmissionId, parse_submission_id
from app.core.submission import SourceFile
from app.services.answers import SubmissionView
from app.typeset.highlight import highlight
from web.pages.chip import advice_of
from web.pages.frame import Frame, fragment
from web.pages.speech import translated as _


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A source file on the page; `html` is its coloured text, None where it cannot be shown as text."""

    name: str
    size: int
    line_count: int
    html: Markup | None


def blueprint(frame: Frame) -> flask.Blueprint:
    """`/submissions/<id>`, its live part and its files as they were sent."""
    pages = flask.Blueprint("submissions", __name__)

    @pages.get("/submissions/<number>")
    def submission(number: str) -> ResponseReturnValue:
        view, caller = _view(frame, number), frame.require_player().caller
        files = [_shown(frame, file, view.language) for file in frame.services.submissions.sources(caller, view.id)]
        return flask.render_template("submission.html", submission=view, files=files, advice=_advice(view))

    @pages.get("/fragments/submission/<number>")
    def state(number: str) -> ResponseReturnValue:
        view = _view(frame, number)
        return fragment("fragments/submission.html", submission=view, advice=_advice(view))

    @pages.get("/submissions/<number>/files/<int:place>")
    def source(number: str, place: int) -> ResponseReturnValue:
        view, caller = _view(frame, number), frame.require_player().caller
        files = frame.services.submissions.sources(caller, view.id)
        if not 0 <= place < len(files):
            raise Refusal(404, _("This submission has no such file."))
        response = flask.make_response(files[place].data)
        response.headers["Content-Type"] = "application/octet-stream"
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response.headers.set("Content-Disposition", "attachment", filename=files[place].name.rpartition("/")[2])
        return response

    return pages


def _view(frame: Frame, number: str) -> SubmissionView:
    caller = frame.require_player().caller
    submission_id = parse_submission_id(number)
    if submission_id is None:
        raise Refusal(404, _("There is no such submission."))
    return frame.services.submissions.view(caller, SubmissionId(submission_id))


def _advice(view: SubmissionView) -> str:
    if view.verdict is not None:
        return advice_of(view.verdict)
    return _("The verdict appears here by itself.")


def _shown(frame: Frame, file: SourceFile, language: str) -> ShownFile:
    try:
        text = file.data.decode("utf-8")
    except UnicodeDecodeError:
        text = file.data.decode("latin-1") if b"\0" not in file.data else ""
    if not text:
        return ShownFile(file.name, len(file.data), 0, None)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    coloured = highlight(text, language, frame.services.clock.monotonic_seconds)
    return ShownFile(file.name, len(file.data), text.count("\n") + (not text.endswith("\n")), Markup(coloured))  # noqa: S704
