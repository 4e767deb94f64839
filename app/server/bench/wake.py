"""`bench wake`: a hall of waiting browsers, and how soon all of them know of an event.

Each browser is a connection with a session's cookie that waits for the topics of a page. In each round the organiser extends the contest;
the time counts from before that command is sent, so the commit is in it, and each browser waits again as soon as it
has heard. Meanwhile somebody else asks for a page again and again.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from app.core.errors import Fault
from app.server.bench.crowd import Crowd, Measured
from app.server.bench.figures import median_of, percentile_ms
from app.server.bench.place import Server, Visitor, ask_empty_page, empty_page, open_contest, served
from web.gate.server import raise_file_limit

PAGES_EACH = 4
"""Browsers of one team: two people with two pages each. The server lets an account wait six times."""
IDLE_SECONDS = 3.0
PAGE = "/problems"
QUIET_SECONDS = 0.8


def measure(root: Path, rounds: int, waiters: int) -> dict[str, Any]:
    """The figures of DESIGN 9, and what the waiting itself costs. `root` is an empty folder."""
    if raise_file_limit() < 2 * waiters + 500:
        raise Fault("bench", f"This system lets a process open too few files for {waiters} connections: ulimit -n.")
    folder, visitors = open_contest(root, -(-waiters // PAGES_EACH))
    woken: list[Measured] = []
    with empty_page() as page, served(folder) as server:
        empty = ask_empty_page(page)
        process, browser = psutil.Process(server.pid), Browser(server, visitors[0])
        browser.look(20)
        browser.times.clear()
        before = process.memory_info().rss
        with Crowd(server.target, waiters) as crowd:
            hall = Hall(crowd, server, [visitors[number // PAGES_EACH] for number in range(waiters)])
            hall.wait()
            hall.hear(time.perf_counter())
            hall.settle()
            core = _core_share(hall, process)
            cost = process.memory_info().rss - before
            for _ in range(rounds):
                with browser, ThreadPoolExecutor(1) as organiser:
                    began = time.perf_counter()
                    extended = organiser.submit(server.extend)
                    woken.append(hall.hear(began))
                    extended.result(30)
                hall.settle()
    return {
        "waiters": waiters,
        "p50_ms": median_of([percentile_ms(one.times, 0.5) for one in woken]),
        "p99_ms": median_of([percentile_ms(one.times, 0.99) for one in woken]),
        "all_ms": median_of([percentile_ms(one.times, 1) for one in woken]),
        "page_p99_ms": percentile_ms(browser.times, 0.99),
        "pages": len(browser.times),
        "waiting_bytes": cost,
        "waiting_core_share": core,
        "empty_page_per_second": round(empty.per_second, 1),
        "empty_page_p99_ms": percentile_ms(empty.times, 0.99),
        "rounds": rounds,
    }


class Hall:
    """Browsers with what each of them knows of its topics."""

    def __init__(self, crowd: Crowd, server: Server, visitors: Sequence[Visitor]) -> None:
        self.crowd = crowd
        self._server = server
        self._visitors = visitors
        self._known: list[dict[str, int]] = [{} for _ in visitors]

    def wait(self) -> None:
        """All of them ask for news after what they know."""
        self.crowd.ask_all([self._request(*one) for one in zip(self._visitors, self._known, strict=True)])

    def hear(self, since: float) -> Measured:
        """Until each of them has heard of something and waits again; times count from `since`."""
        return self.crowd.hear_all(since, self._again).only(200, "A wait")

    def settle(self) -> None:
        """Until all that the event brought with it has been heard."""
        self.crowd.settle(QUIET_SECONDS, self._again)

    def moved_to(self, crowd: Crowd, server: Server) -> Hall:
        """The same browsers with what they know, before another start of the server."""
        moved = Hall(crowd, server, self._visitors)
        moved._known = self._known
        return moved

    def _again(self, number: int, body: bytes) -> bytes:
        self._known[number].update(json.loads(body)["news"])
        return self._request(self._visitors[number], self._known[number])

    def _request(self, visitor: Visitor, known: dict[str, int]) -> bytes:
        after = ",".join(f"{topic}:{counter}" for topic, counter in known.items())
        address = f"/live?topics=board,public,team:{visitor.team_id}&after={after}"
        return self._server.get(address, self._server.cookie(visitor))


class Browser:
    """Somebody who looks at a page all the time while the context is entered, with a pause between two looks."""

    def __init__(self, server: Server, visitor: Visitor, pause_seconds: float = 0.0) -> None:
        self._pause_seconds = pause_seconds
        self._line = http.client.HTTPConnection(server.target.host, server.target.port, timeout=30)
        self._headers = {"Cookie": server.cookie(visitor).partition(" ")[2]}
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.times: list[float] = []

    def look(self, times: int = 1) -> None:
        """Asks for the page so many times."""
        for _ in range(times):
            began = time.perf_counter()
            self._line.request("GET", PAGE, headers=self._headers)
            answer = self._line.getresponse()
            answer.read()
            self.times.append(time.perf_counter() - began)
            if answer.status != 200:
                raise Fault("bench", f"The page {PAGE} was answered by {answer.status}.")

    def __enter__(self) -> Browser:
        self._end.clear()
        self._thread = threading.Thread(target=self._look_on, name="browser", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        self.close()

    def close(self) -> None:
        """Hangs up; the next look dials again."""
        self._line.close()

    def _look_on(self) -> None:
        while not self._end.wait(self._pause_seconds):
            self.look()


def _core_share(hall: Hall, process: psutil.Process) -> float:
    """What part of a core the server takes while all wait and nothing happens."""
    before, began = process.cpu_times(), time.perf_counter()
    while time.perf_counter() - began < IDLE_SECONDS:
        hall.settle()
    after, seconds = process.cpu_times(), time.perf_counter() - began
    return round((after.user + after.system - before.user - before.system) / seconds, 4)
