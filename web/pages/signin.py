"""The sign-in form. The gate takes the password (DESIGN 3); it comes back here with the reason when it was refused."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from web.pages.frame import Frame
from web.pages.speech import translated as _
from web.session import visitor


def blueprint(frame: Frame) -> flask.Blueprint:
    """`GET /sign-in?next=/path&refused=401&after=seconds&username=name`."""
    pages = flask.Blueprint("signin", __name__)

    @pages.get("/sign-in")
    def sign_in() -> ResponseReturnValue:
        onward = local_path(flask.request.args.get("next", "/"))
        if visitor().signed_in:
            return flask.redirect(onward, 303)
        refused = flask.request.args.get("refused", "")
        wait = flask.request.args.get("after", 0, type=int)
        page = flask.render_template(
            "sign_in.html",
            onward=onward,
            username=flask.request.args.get("username", "")[:80],
            sentence=sentence_of(refused, wait),
        )
        return page, 200

    return pages


def local_path(target: str) -> str:
    """A path of this site to go on to; `/` for anything that could lead elsewhere."""
    if (
        not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
        or any(ord(sign) < 32 for sign in target)
    ):
        return "/"
    return target


def sentence_of(refused: str, wait_seconds: int) -> str:
    """What to do after a refused sign-in; "" where nothing was refused."""
    if not refused:
        return ""
    if refused == "429":
        return _("Too many tries from here. Try again in %(wait)s seconds.", wait=max(1, wait_seconds))
    if refused == "503":
        return _("Too many people are signing in at this moment. Try again in a few seconds.")
    return _("Name and password do not fit together. Check the slip and type them again.")
