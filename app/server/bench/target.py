"""The measured server: a data folder's contest behind the real front door, on this machine alone, as a process of its own.

Started as `python -m app.server.bench.target FOLDER [tls]`; prints one line of JSON and serves until its standard input ends, so that
it never outlives who measures.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
from pathlib import Path

from app.core.errors import Refusal
from app.lan.interfaces import LOOPBACK
from app.server.collector import calm_collector
from app.server.folder import Folder
from app.server.frontdoor import open_front_door
from app.server.serve import end_process
from app.server.settings import Settings
from app.server.ticker import Beat, Ticker
from app.server.wiring import build
from web.gate.admin import HouseKeeping


def settings() -> Settings:
    """Loopback, free ports, nothing announced."""
    return Settings(host=LOOPBACK, port=0, node_port=0, console_port=0, announce=False)


def main() -> None:
    """Serves the folder that the command line names."""
    logging.disable(logging.INFO)
    folder, tls = Folder(Path(sys.argv[1])), sys.argv[2:] == ["tls"]
    with build(folder, settings()) as house:
        admin_key = secrets.token_urlsafe(32)
        door = open_front_door(house, admin_key, HouseKeeping(lambda: None, _no_backup), people_tls=tls)
        monotonic = house.services.clock.monotonic_seconds
        tickers = [
            Ticker("ticker", [Beat(*one) for one in house.beats], monotonic),
            Ticker("board", [Beat(*house.board_beat)], monotonic),
        ]
        for ticker in tickers:
            ticker.start()
        calm_collector()
        told = {
            "people": door.ports.people,
            "console": door.ports.console,
            "admin_key": admin_key,
            "cookie": house.services.accounts.cookie_name,
            "ca": house.authority.pem,
            "nodes": door.ports.nodes,
            "pages": str(door.pages),
            "pages_secret": door.pages_secret,
        }
        print(json.dumps(told), flush=True)
        sys.stdin.read()
        door.stop()
        for ticker in tickers:
            ticker.stop()
    end_process(0)


def _no_backup(_: Path) -> None:
    raise Refusal(403, "A measurement has no backups.")


if __name__ == "__main__":
    main()
