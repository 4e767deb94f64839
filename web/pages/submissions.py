"""One submission: its state, what the compiler said, and the source with colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.core.errors import Refusal
from app.core.ids import SubmissionId, parse_submission_id
from app.core.submission import SourceFile
from app.services.answers import SubmissionView
from app.typeset.highlight import highlight
from web.pages.chip import advice_of
from web.pages.files import BLOB_HEADER
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
        return flask.render_template("submission.html", files=files, **_state(frame, view))

    @pages.get("/fragments/submission/<number>")
    def state(number: str) -> ResponseReturnValue:
        return fragment("fragments/submission.html", **_state(frame, _view(frame, number)))

    @pages.get("/submissions/<number>/outputs/<int:test>")
    def output(number: str, test: int) -> ResponseReturnValue:
        view, caller = _view(frame, number), frame.require_player().caller
        attempt = flask.request.args.get("attempt", "")
        of_attempt = int(attempt) if attempt.isascii() and attempt.isdigit() and len(attempt) < 10 else None
        whole = frame.services.submissions.output(caller, view.id, test, of_attempt)
        response = flask.make_response(whole.data)
        if whole.sha256:
            response.headers[BLOB_HEADER] = whole.sha256
        return _foreign(response, whole.name)

    @pages.get("/submissions/<number>/files/<int:place>")
    def source(number: str, place: int) -> ResponseReturnValue:
        view, caller = _view(frame, number), frame.require_player().caller
        files = frame.services.submissions.sources(caller, view.id)
        if not 0 <= place < len(files):
            raise Refusal(404, _("This submission has no such file."))
        return _foreign(flask.make_response(files[place].data), files[place].name.rpartition("/")[2])

    return pages


def _foreign(response: flask.Response, name: str) -> flask.Response:
    """Bytes that somebody outside made: never shown, only saved (DESIGN 7)."""
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _state(frame: Frame, view: SubmissionView) -> dict[str, Any]:
    """What the live part of the page shows: for the jury every run, for a team its own outputs of the samples."""
    caller, services = frame.require_player().caller, frame.services.submissions
    runs = services.jury_runs(caller, view.id)
    return {
        "submission": view,
        "advice": _advice(view),
        "runs": runs,
        "differ": any(run.differs for run in runs),
        "outputs": () if runs else services.sample_outputs(caller, view.id),
    }


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
