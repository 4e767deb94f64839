"""`bench reads`: rendered bytes a second, over http and over TLS, beside the empty page.

What is read is the board of a hall of teams as a browser has it: packed, through session and gate. Each round asks the empty page
in between.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.server.bench.crowd import Crowd, Measured
from app.server.bench.figures import median_of, percentile_ms
from app.server.bench.place import ask_empty_page, empty_page, open_contest, served

LANES = 32
TEAMS = 60
BOARD = "/fragments/board"
_HEADERS = ("Accept-Encoding: gzip", "Accept-Language: en")


def measure(root: Path, rounds: int, requests: int) -> dict[str, Any]:
    """The figures of DESIGN 9. `requests` in each round; `root` is an empty folder."""
    folder, visitors = open_contest(root, TEAMS)
    runs: dict[bool, list[Measured]] = {False: [], True: []}
    pages: list[float] = []
    empty: list[float] = []
    with empty_page() as page:
        ask_empty_page(page, 500)
        for tls in (False, True):
            with served(folder, tls=tls) as server, Crowd(server.target, LANES) as crowd:
                board = [server.get(BOARD, server.cookie(one), *_HEADERS) for one in visitors]
                crowd.run(board * 5).only(200, "The board")
                for _ in range(rounds):
                    runs[tls].append(crowd.run(board * (requests // TEAMS)).only(200, "The board"))
                    empty.append(ask_empty_page(page).per_second)
                    if not tls:
                        drawn = [server.get("/problems", server.cookie(one)) for one in visitors]
                        pages.append(crowd.run(drawn * 5).only(200, "A page").per_second)
    plain, hidden = runs[False], runs[True]
    rate = median_of([one.per_second for one in plain])
    return {
        "per_second": rate,
        "tls_per_second": median_of([one.per_second for one in hidden]),
        "empty_page_per_second": median_of(empty),
        "ratio": round(rate / median_of(empty), 2),
        "drawn_pages_per_second": median_of(pages),
        "p99_ms": median_of([percentile_ms(one.times, 0.99) for one in plain], 2),
        "bytes_each": len(plain[-1].last_body),
        "client_core_share": median_of([one.cpu_seconds / one.seconds for one in plain], 2),
        "tls_client_core_share": median_of([one.cpu_seconds / one.seconds for one in hidden], 2),
        "rounds": rounds,
    }
