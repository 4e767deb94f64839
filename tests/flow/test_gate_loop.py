"""Nothing holds the gate's loop: no callback computes for long, none looks into the store or opens a file (DESIGN 3)."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from gate_house import CONTEST, House, open_house

from app.adapters.memory.store import MemoryStore
from app.services.catalog import Services
from web.factory import create_app

MOST_CPU_SECONDS = 0.05
LOOP = "gate"
FIRST_LOOK = "sessions.py"
"""A session is looked up once after a start; from then on it is in memory."""


@dataclass
class Watch:
    """What was seen in the loop's thread. Its own computing counts, so that a busy machine changes nothing."""

    longest: float = 0.0
    callbacks: int = 0
    looks: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    on: bool = False

    @property
    def here(self) -> bool:
        return self.on and threading.current_thread().name == LOOP


WATCH = Watch()


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if WATCH.on and event in ("open", "sqlite3.connect") and WATCH.here:
        WATCH.files.append(f"{event} {arguments[0]}")


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Watches the loop's thread while the test runs; the collector rests, whose pauses are nobody's callback."""
    run, read = asyncio.Handle._run, MemoryStore.read

    def timed(handle: asyncio.Handle) -> None:
        if not WATCH.here:
            run(handle)
            return
        began = time.thread_time()
        run(handle)
        WATCH.callbacks += 1
        WATCH.longest = max(WATCH.longest, time.thread_time() - began)

    def looked(store: MemoryStore) -> Any:
        if WATCH.here:
            stack = [frame.filename.rpartition("/")[2] for frame in traceback.extract_stack(limit=8)]
            WATCH.looks.append(" > ".join(stack))
        return read(store)

    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    monkeypatch.setattr(MemoryStore, "read", looked)
    if not getattr(sys, "_contestbox_loop_watched", False):
        sys.addaudithook(_hear)  # it cannot be taken away again
        sys._contestbox_loop_watched = True  # type: ignore[attr-defined]
    WATCH.__init__()  # type: ignore[misc]
    gc.disable()
    yield WATCH
    WATCH.on = False
    gc.enable()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Its gate runs in Python's own loop, the one whose callbacks can be timed; so this is the test of that loop too."""
    monkeypatch.setattr("web.gate.server.new_loop", asyncio.new_event_loop)

    def make_app(services: Services, secret: str) -> Flask:
        name = services.accounts.cookie_name
        return create_app(services, gate_secret=secret, server_name="Contestbox", version="v1", cookie_name=name)

    opened = open_house(tmp_path, make_app)
    yield opened
    opened.close()


def test_the_loop_is_never_held(house: House, watch: Watch) -> None:
    """A team signs in, reads everything, submits small and large sources, follows them and waits: the loop only passes things on."""
    with house.browser("team1") as browser, house.client("team1") as program:
        for client in (browser, program):  # the sessions are known from here on
            client.get("/live/ping")
        browser.get("/static/0/app.css")
        house.services.control.tick()  # ten times a second in the server: contests and problems are read there
        watch.on = True
        for path in ("/", "/problems", "/problems/crates", "/board", "/fragments/board", "/fragments/summary"):
            assert browser.get(path).status_code == 200, path
        for path in ("/api/v1/problems", "/api/v1/problems/crates", "/api/v1/leaderboard", "/api/v1/submissions"):
            assert program.get(path).status_code == 200, path
        for size in (100, 90_000):
            code = {"problem_id": "crates", "language": "python3", "code": "x = 1\n" + "#" * size}
            taken = program.post("/api/v1/submissions", json=code)
            assert taken.status_code == 202, taken.text
            assert program.get(taken.headers["location"]).status_code == 200
            assert program.get(taken.headers["location"] + "/wait?timeout=1").status_code == 200
        counters = browser.get("/live", params={"topics": "board,team:t1"}).json()["news"]
        house.services.bell.ring(["board"])
        after = ",".join(f"{topic}:{counter}" for topic, counter in counters.items())
        assert browser.get("/live", params={"topics": "board,team:t1", "after": after}).status_code == 200
        watch.on = False
    assert house.services.control.contest(None).id == CONTEST
    assert watch.callbacks > 100
    assert watch.longest < MOST_CPU_SECONDS
    assert [look for look in watch.looks if FIRST_LOOK not in look] == []
    assert watch.files == []


def test_the_watch_sees_a_held_loop(watch: Watch, tmp_path: Path) -> None:
    """The measure itself: a callback that computes, and one that opens a file, are seen."""

    async def hold() -> None:
        end = time.thread_time() + 2 * MOST_CPU_SECONDS
        while time.thread_time() < end:
            pass
        (tmp_path / "x").open("w").close()

    watch.on = True
    loop = threading.Thread(target=lambda: asyncio.run(hold()), name=LOOP)
    loop.start()
    loop.join(20)
    watch.on = False
    assert watch.longest > MOST_CPU_SECONDS
    assert watch.files
