"""`bench standings`: a verdict until it is on the board, the board until it is drawn, and the drawn board a second.

Updating is measured in this process, by the services themselves on a log with many verdicts; drawing and serving from outside, through
the gate: each event of the organiser's makes the next asker wait for a new drawing.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from app.core.clock import Instant
from app.core.events import Kind
from app.core.people import ANONYMOUS
from app.ports.store import Transaction
from app.server.bench.crowd import Crowd
from app.server.bench.figures import median_of
from app.server.bench.place import CONTEST, PROBLEM, ask_empty_page, empty_page, open_contest, served
from app.server.bench.reads import BOARD, LANES
from app.server.bench.target import settings
from app.server.folder import Folder
from app.server.wiring import House, build

VERDICTS_EACH = 8
SERVED = 6000
PAUSE_SECONDS = 0.55
"""A board is made at most twice a second; a round waits until the next one may be."""


def measure(root: Path, rounds: int, teams: int) -> dict[str, Any]:
    """The figures of DESIGN 9. `root` is an empty folder."""
    folder, visitors = open_contest(root, teams)
    updates = _updates(folder, [one.team_id for one in visitors], rounds)
    draws: list[float] = []
    rates: list[float] = []
    empty: list[float] = []
    with (
        empty_page() as page,
        served(folder) as server,
        Crowd(server.target, LANES) as crowd,
        Crowd(server.target, 1) as one,
    ):
        ask_empty_page(page, 500)
        board = server.get(BOARD, server.cookie(visitors[0]), "Accept-Encoding: gzip")
        one.run([board]).only(200, "The board")
        for _ in range(rounds):
            server.extend()
            threading.Event().wait(
                2 * PAUSE_SECONDS
            )  # the new board itself; what is drawn at once may still be of the old one
            draws.append(one.run([board]).only(200, "The board").times[0] * 1000)
            rates.append(crowd.run([board] * SERVED).only(200, "The board").per_second)
            empty.append(ask_empty_page(page).per_second)
    return {
        "update_ms": median_of(updates, 2),
        "render_ms": median_of(draws, 2),
        "served_per_second": median_of(rates),
        "empty_page_per_second": median_of(empty),
        "teams": teams,
        "verdicts": teams * VERDICTS_EACH,
        "rounds": rounds,
    }


def _updates(folder: Folder, team_ids: list[str], rounds: int) -> list[float]:
    """Milliseconds from a committed verdict to the board that shows it."""
    taken: list[float] = []
    with build(folder, settings()) as house:
        count = len(team_ids) * VERDICTS_EACH
        for first in range(1, count + 1, 500):
            _judge(house, team_ids, range(first, min(first + 500, count + 1)))
        standings, pause = house.services.standings, threading.Event()
        standings.tick()
        for number in range(count + 1, count + rounds + 1):
            before = standings.board(ANONYMOUS, CONTEST).version
            _judge(house, team_ids, range(number, number + 1))
            pause.wait(PAUSE_SECONDS)
            began = time.perf_counter()
            standings.tick()
            taken.append((time.perf_counter() - began) * 1000)
            assert standings.board(ANONYMOUS, CONTEST).version > before
    return taken


def _judge(house: House, team_ids: list[str], numbers: range) -> None:
    now = house.services.clock.now()
    house.services.store.write(lambda tx: _verdicts(tx, team_ids, numbers, now)).result(30)


def _verdicts(tx: Transaction, team_ids: list[str], numbers: range, now: Instant) -> None:
    for number in numbers:
        team = team_ids[number % len(team_ids)]
        sent = {"id": number, "team_id": team, "problem_id": PROBLEM, "language": "cpp", "arrived": now}
        tx.append_event(CONTEST, Kind.SUBMISSION, now, sent)
        judged = {"id": number, "submission_id": number, "state": "queued", "valid": True}
        tx.append_event(CONTEST, Kind.JUDGEMENT, now, judged)
        verdict = "AC" if number > VERDICTS_EACH * len(team_ids) or number % 5 == 0 else "WA"
        ended = {"judgement_id": number, "submission_id": number, "verdict": verdict, "valid": True}
        tx.append_event(CONTEST, Kind.VERDICT, now, ended)
