"""`bench reads`: rendered bytes a second, over http and over TLS, beside the empty page.

What is read is the board of a hall of teams as a browser has it: packed, through session and gate. Each round asks the empty page
in between. A page that Flask draws for each visitor is asked in turn through the gate and from its waitress alone, over as many
connections as the gate has to it and over one: what the way through the gate costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.server.bench.crowd import Crowd, Measured
from app.server.bench.figures import median_of, percentile_ms
from app.server.bench.place import Server, Visitor, ask_empty_page, empty_page, open_contest, served

LANES = 32
PAGES_LANES = 16
PAGE = "/submit"
TEAMS = 60
BOARD = "/fragments/board"
_HEADERS = ("Accept-Encoding: gzip", "Accept-Language: en")


def measure(root: Path, rounds: int, requests: int) -> dict[str, Any]:
    """The figures of DESIGN 9. `requests` in each round; `root` is an empty folder."""
    folder, visitors = open_contest(root, TEAMS)
    runs: dict[bool, list[Measured]] = {False: [], True: []}
    pages: dict[str, list[float]] = {name: [] for name in ("gate", "alone", "gate_one", "alone_one")}
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
                        _ask_pages(server, visitors, pages)
    plain, hidden = runs[False], runs[True]
    rate = median_of([one.per_second for one in plain])
    return {
        "per_second": rate,
        "tls_per_second": median_of([one.per_second for one in hidden]),
        "empty_page_per_second": median_of(empty),
        "ratio": round(rate / median_of(empty), 2),
        "drawn_pages_per_second": median_of(pages["gate"]),
        "pages_behind_per_second": median_of(pages["alone"]),
        "gate_costs": median_of(_times(pages["alone"], pages["gate"]), 2),
        "gate_costs_one": median_of(_times(pages["alone_one"], pages["gate_one"]), 2),
        "p99_ms": median_of([percentile_ms(one.times, 0.99) for one in plain], 2),
        "bytes_each": len(plain[-1].last_body),
        "client_core_share": median_of([one.cpu_seconds / one.seconds for one in plain], 2),
        "tls_client_core_share": median_of([one.cpu_seconds / one.seconds for one in hidden], 2),
        "rounds": rounds,
    }


def _ask_pages(server: Server, visitors: Sequence[Visitor], rates: dict[str, list[float]]) -> None:
    """The same pages of the same visitors, by both ways, many at once and one after the other."""
    ways = {"gate": (server.target, server.get), "alone": (server.pages, server.behind)}
    for name, (target, asking) in ways.items():
        asked = [asking(PAGE, server.cookie(one)) for one in visitors]
        for lanes, kind, times in ((PAGES_LANES, name, 8), (1, f"{name}_one", 2)):
            with Crowd(target, lanes) as crowd:
                rates[kind].append(crowd.run(asked * times).only(200, "A page").per_second)


def _times(some: Sequence[float], others: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(some, others, strict=True)]
