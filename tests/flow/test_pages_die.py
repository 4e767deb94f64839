"""Pages' threads that die or hang: the house is told, and the server ends with the code that lets somebody start it again."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults.seeded import make_seeded

from app.server.serve import BROKEN
from web.backstage import Backstage, Wsgi

SECRET = "of this test"

_CHILD = """
import sys, threading
from pathlib import Path
from app.server.folder import Folder
from app.server.serve import end_process, serve
from app.server.settings import load

def tell(sentence):
    if sentence.startswith("The contest is served"):
        pages = next(one for one in threading.enumerate() if one.name == "backstage")._target.__self__
        pages._server.trigger.pull_trigger(pages._close_all)

folder = Path(sys.argv[1])
wishes = {"host": "127.0.0.1", "port": 0, "node_port": 0, "announce": False}
end_process(serve(Folder(folder), load(folder / "config.toml", wishes), tell))
"""


def empty(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A page without anything."""
    start_response("204 No Content", [])
    return []


@pytest.fixture
def open_pages(tmp_path: Path) -> Iterator[Callable[..., tuple[Backstage, Path, threading.Event]]]:
    """Opens pages with few threads; they are closed at the end."""
    opened: list[Backstage] = []

    def start(app: Wsgi, hanging_seconds: float = 60) -> tuple[Backstage, Path, threading.Event]:
        died = threading.Event()
        backstage = Backstage(2, died=died.set, hanging_seconds=hanging_seconds)
        opened.append(backstage)
        return backstage, backstage.start(app, tmp_path / "gate", SECRET), died

    yield start
    for one in opened:
        one.stop()


def ask(path: Path) -> None:
    """Sends a request and does not wait for its answer."""
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(20)
    line.connect(str(path))
    line.sendall(f"GET / HTTP/1.1\r\nHost: here\r\nX-Contestbox-Secret: {SECRET}\r\n\r\n".encode())
    asked.append(line)


asked: list[socket.socket] = []


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    yield
    while asked:
        asked.pop().close()


def test_pages_that_are_stopped_have_not_died(open_pages: Any) -> None:
    """The organiser's stop is no accident."""
    backstage, path, died = open_pages(empty)
    ask(path)
    assert asked[0].recv(100).startswith(b"HTTP/1.1 204")
    backstage.stop()
    assert not died.is_set()


def test_a_loop_that_ends_is_told(open_pages: Any, expected_warnings: list[str]) -> None:
    """Nobody is there any more who would take a connection."""
    expected_warnings.append("ended by itself")
    backstage, _, died = open_pages(empty)
    backstage._server.trigger.pull_trigger(backstage._close_all)
    assert died.wait(20)


def test_a_thread_that_dies_is_told(open_pages: Any, expected_warnings: list[str]) -> None:
    """An error that even the log cannot take ends a thread; each missing one makes pages slower, in silence, until none is left."""
    expected_warnings.append("ended by itself")

    def no_log(record: logging.LogRecord) -> bool:
        raise MemoryError

    def broken(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise SystemExit

    log = logging.getLogger("waitress")
    log.addFilter(no_log)
    try:
        _, path, died = open_pages(broken)
        ask(path)
        assert died.wait(20)
    finally:
        log.removeFilter(no_log)


def test_threads_that_hang_are_told(open_pages: Any, expected_warnings: list[str]) -> None:
    """All of them wait for something that never comes, so no page is drawn; one alone that hangs is no reason to end everything."""
    expected_warnings.append("hang")
    let_go, hanging = threading.Event(), threading.Semaphore(0)

    def waits(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        hanging.release()
        let_go.wait(60)
        return empty(environ, start_response)

    _, path, died = open_pages(waits, hanging_seconds=1)
    ask(path)
    assert hanging.acquire(timeout=20)
    assert not died.wait(0.1)
    ask(path)
    assert hanging.acquire(timeout=20)
    assert died.wait(30)
    let_go.set()


@pytest.mark.full
def test_the_server_ends_when_its_pages_are_dead(folder: Path) -> None:
    """No process lives on without pages."""
    make_seeded(folder, teams=1)
    child = subprocess.run([sys.executable, "-c", _CHILD, str(folder)], capture_output=True, text=True, timeout=60)
    assert child.returncode == BROKEN, child.stderr
    assert not (folder / "server.json").exists()
