"""A small Flask application for the tests of the proxy: it tells what it was sent."""

from __future__ import annotations

import threading
from collections import Counter

import flask

from app.core.ids import Sha256
from app.services.catalog import Services
from web import guard

BLOB = Sha256("0" * 64)


class EchoPages:
    """Pages that tell what reached them. `held` requests wait until `let_go` is set."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.held = threading.Semaphore(0)
        self.drawn = 0
        self.draws: Counter[tuple[str, str]] = Counter()

    def app(self, services: Services, secret: str) -> flask.Flask:
        app = flask.Flask("echo")
        guard.install(app, secret)

        @app.route("/echo", methods=["GET", "POST", "DELETE"])
        @app.route("/echo/<path:rest>", methods=["GET", "POST"])
        def echo(rest: str = "") -> flask.Response:
            request = flask.request
            data = request.get_data()
            return flask.jsonify(
                method=request.method,
                path=request.full_path,
                raw=request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI", ""),
                headers=[[name.lower(), value] for name, value in request.headers.items()],
                cookies=dict(request.cookies),
                address=request.remote_addr,
                scheme=request.scheme,
                size=len(data),
                form=request.form.to_dict(),
            )

        @app.get("/whoami")
        def whoami() -> flask.Response:
            caller = services.accounts.caller_of(flask.request.cookies.get(services.accounts.cookie_name, ""))
            answer = flask.jsonify(username=caller.username if caller else "")
            answer.headers.add("Set-Cookie", "first=1; Path=/")
            answer.headers.add("Set-Cookie", "second=2; Path=/")
            return answer

        @app.get("/hold")
        def hold() -> str:
            self.held.release()
            self.let_go.wait(20)
            return "done"

        @app.get("/go")
        def go() -> flask.Response:
            return flask.redirect("/elsewhere", 302)

        @app.get("/file/<digest>")
        def file(digest: str) -> flask.Response:
            return flask.Response(b"", headers={"X-Contestbox-Blob": digest, "Content-Type": "text/plain"})

        @app.get("/large")
        def large() -> bytes:
            return b"x" * (4 * 1024 * 1024)

        @app.get("/fragments/board")
        @app.get("/board")
        def board() -> str:
            self.drawn += 1
            shown = flask.request.headers.get("X-Contestbox-Class", "own")
            self.draws[flask.request.path, shown] += 1
            return f"board {self.drawn} for {shown} cookie={flask.request.headers.get('Cookie', '')}" + " " * 600

        return app
