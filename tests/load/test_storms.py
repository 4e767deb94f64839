"""The storms of a contest: everybody signs in and opens the same statement; everybody comes back after the server was started again.

The hall is scaled down here at the same rate; --full runs all of it. Each team has an address of its own, as in a room.
"""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from app.server.bench.crowd import Crowd, Measured
from app.server.bench.figures import percentile_ms
from app.server.bench.place import PROBLEM, Server, open_contest, served
from app.server.bench.wake import Browser, Hall
from web.gate.server import raise_file_limit

REQUESTS_EACH = 4
STORM_SECONDS = 10
HALL = 300
LIVE = ("/clock.json", "/fragments/summary", "/fragments/submissions?page=1")
"""What the first page asks for when everything is news to it."""
SPREAD_MS = 3
"""Over how many ms for each waiting page the server has its pages spread what they ask for; they remember it over a restart."""
_BROWSER = ("Accept: text/html", "Accept-Encoding: gzip")


def first_minute(root: Path, teams: int, seconds: float) -> dict[str, float]:
    """All teams sign in, land on the first page, look at the list and open the statement within so many seconds, at an even pace; the
    times of the answers, and what of a core the server took."""
    folder, visitors = open_contest(root, teams)
    sources = [f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(teams)]
    with served(folder) as server, Crowd(server.target, teams, sources) as crowd:
        forms = [
            server.post_form("/sign-in", {"username": one.username, "password": one.password, "next": "/"})
            for one in visitors
        ]
        pace = teams * REQUESTS_EACH / seconds
        process = psutil.Process(server.pid)
        cpu, began = sum(process.cpu_times()[:2]), time.monotonic()
        signed_in = crowd.run(forms, pace=pace).only(303, "A sign-in")
        pages: list[float] = []
        for address in ("/", "/problems", f"/problems/{PROBLEM}"):
            opened = crowd.run([server.get(address, server.cookie(one), *_BROWSER) for one in visitors], pace=pace)
            pages += opened.only(200, address).times
        took, cpu = time.monotonic() - began, sum(process.cpu_times()[:2]) - cpu
    return {
        "seconds": round(took, 2),
        "sign_in_p99_ms": percentile_ms(signed_in.times, 0.99),
        "page_p99_ms": percentile_ms(pages, 0.99),
        "server_cpu_ms_a_team": round(1000 * cpu / teams, 2),
    }


def coming_back(root: Path, browsers: int) -> dict[str, float]:
    """Browsers wait, the server ends and is started again, all of them come back at one moment; times until each has its news, and then
    until each has clock and lists again, which they ask for within the time that the server tells a hall to spread it over."""
    raise_file_limit()
    folder, visitors = open_contest(root, -(-browsers // 4))
    owners = [visitors[number // 4] for number in range(browsers)]
    with served(folder) as server, Crowd(server.target, browsers) as crowd:
        before = Hall(crowd, server, owners)
        before.wait()
        before.hear(time.perf_counter())
    with served(folder) as server, Crowd(server.target, browsers) as crowd:
        after = before.moved_to(crowd, server)
        with Browser(server, visitors[0]) as browser:
            began = time.perf_counter()
            after.wait()
            measured = after.hear(began)
            spread = browsers * SPREAD_MS / 1000
            asked = [server.get(path, server.cookie(one), *_BROWSER) for path in LIVE for one in owners]
            followed = crowd_of(server, len(asked) // len(LIVE), asked, len(asked) / spread)
    return {
        "all_ms": percentile_ms(measured.times, 1),
        "page_p99_ms": percentile_ms(browser.times, 0.99),
        "spread_ms": round(spread * 1000),
        "lists_again_p99_ms": percentile_ms(followed.times, 0.99),
        "refused": sum(followed.statuses.values()) - followed.statuses[200],
    }


def crowd_of(server: Server, lanes: int, asked: list[bytes], pace: float) -> Measured:
    """Other connections of the same browsers."""
    with Crowd(server.target, min(lanes, 500)) as crowd:
        return crowd.run(asked, pace=pace)


def test_everybody_opens_the_statement(tmp_path: Path) -> None:
    """A third of a hall at the rate of a whole one: nobody is refused, nobody waits for long."""
    seen = first_minute(tmp_path, HALL // 3, STORM_SECONDS / 3)
    assert seen["seconds"] < STORM_SECONDS, seen
    assert max(seen["sign_in_p99_ms"], seen["page_p99_ms"]) < 2000, seen


def test_everybody_comes_back(tmp_path: Path) -> None:
    """Three hundred browsers that waited hear of the new server within seconds, whatever counters they knew."""
    seen = coming_back(tmp_path, 300)
    assert seen["all_ms"] < 5000, seen


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_whole_hall_opens_the_statement(tmp_path: Path) -> None:
    """Three hundred teams within ten seconds."""
    seen = first_minute(tmp_path, HALL, STORM_SECONDS)
    print(seen)
    assert seen["seconds"] < STORM_SECONDS + 1, seen
    assert seen["page_p99_ms"] < 1000, seen


@pytest.mark.full
@pytest.mark.timeout(300)
def test_two_thousand_come_back(tmp_path: Path) -> None:
    """Two thousand browsers come back at one moment."""
    seen = coming_back(tmp_path, 2000)
    print(seen)
    assert seen["all_ms"] < 10_000, seen
