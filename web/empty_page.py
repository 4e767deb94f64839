"""The measure of all rates: an empty page of Flask's under waitress alone, as a process of its own (DESIGN 9, `contestbox bench`).

It stands before nobody's contest: no gate, no store, no session. Started as `python -m web.empty_page`, it takes a free port of this
machine, prints its number and serves until its standard input ends.
"""

from __future__ import annotations

import logging
import sys
import threading

import flask
from waitress.server import create_server

from web.backstage import THREADS


def create_page() -> flask.Flask:
    """The application with its one page."""
    app = flask.Flask("empty_page")

    @app.get("/")
    def empty() -> str:
        return ""

    return app


def main() -> None:
    """Serves the page until standard input ends."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(create_page(), host="127.0.0.1", port=0, threads=THREADS, ident=None, asyncore_use_poll=True)
    threading.Thread(target=server.run, name="empty-page", daemon=True).start()
    print(server.effective_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
