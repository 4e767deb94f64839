"""Files that belong to statements: pictures and documents. Flask only names them, the gate sends the bytes (DESIGN 3, 7)."""

from __future__ import annotations

import re

import flask
from flask.typing import ResponseReturnValue

from app.core.errors import Refusal
from app.core.ids import PackageVersion, Sha256
from web.pages.frame import Frame
from web.pages.speech import translated as _
from web.session import visitor

BLOB_HEADER = "X-Contestbox-Blob"
_HASH = re.compile(r"[0-9a-f]{64}")
_SHOWN = frozenset({"image/png", "image/jpeg", "application/pdf"})


def blueprint(frame: Frame) -> flask.Blueprint:
    """`/blobs/statement/<version>/<sha256>`: for whoever may read the problem."""
    pages = flask.Blueprint("files", __name__)

    @pages.get("/blobs/statement/<version>/<digest>")
    def statement_file(version: str, digest: str) -> ResponseReturnValue:
        if not _HASH.fullmatch(digest):
            raise Refusal(404, _("There is no such file."))
        found = frame.services.problems.file(visitor().caller, PackageVersion(version), Sha256(digest))
        response = flask.make_response(b"")
        response.headers[BLOB_HEADER] = found.sha256
        response.headers["Content-Type"] = found.mime
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response.headers["Cache-Control"] = "private, max-age=3600"
        # A picture inside a page is drawn whatever this says; opened by itself, only these kinds are shown (DESIGN 7).
        way = "inline" if found.mime in _SHOWN else "attachment"
        response.headers.set("Content-Disposition", way, filename=found.name.rpartition("/")[2])
        return response

    return pages
