"""Builds the Flask application of the pages from the services. It waits for nobody: waits are the gate's (DESIGN 3)."""

from __future__ import annotations

from pathlib import Path

import flask
from flask_babel import Babel

from app.languages.loader import load_languages
from app.services.catalog import Services
from web import errors, guard, session
from web.api.v1 import routes as rest
from web.pages import board, clock, files, icons, overview, own, problems, signin, submissions, submit
from web.pages import trust as trust_page
from web.pages.frame import Frame

_HERE = Path(__file__).parent


def create_app(
    services: Services,
    *,
    gate_secret: str,
    server_name: str,
    version: str,
    cookie_name: str,
    trust: trust_page.Trust | None = None,
) -> flask.Flask:
    """The application: every page, its fragments and error pages.

    `gate_secret` is what the gate puts into each request ("" for none), `server_name` stands in titles where no contest has a name,
    `version` names the static files' address, `cookie_name` the session's cookie, `trust` the certificate of a server that people reach
    by https.
    """
    app = flask.Flask(
        "web",
        root_path=str(_HERE),
        template_folder="templates",
        static_folder="static",
        static_url_path=f"/static/{version}",
    )
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(_HERE / "translations")
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = (
        False  # as at the gate: CORS is for the CLICS routes, which answer themselves
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.merge_slashes = False  # else //board is led on by 308, which browsers keep for ever
    languages = spoken_languages()
    Babel(app, locale_selector=lambda: flask.request.accept_languages.best_match(languages, "en"))
    errors.install(app)
    guard.install(app, gate_secret)
    session.install(app, services, cookie_name)
    frame = Frame(services, load_languages(), server_name)
    frame.install(app)
    icons.install(app)
    for page in (overview, problems, submissions, submit, board, own, clock, signin, files):
        app.register_blueprint(page.blueprint(frame))
    if trust is not None:
        app.register_blueprint(trust_page.blueprint(trust))
    app.register_blueprint(rest.blueprint(services))
    return app


def spoken_languages() -> tuple[str, ...]:
    """The languages of the pages: English and every language that a compiled catalogue lies there for."""
    compiled = (_HERE / "translations").glob("*/LC_MESSAGES/messages.mo")
    return ("en", *sorted(path.parent.parent.name for path in compiled))
