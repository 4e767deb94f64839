"""Silent, dripping and vanished clients: they cost little, end in bounded time, and nobody else's page waits for them.

The ordinary run has a tenth of them; --full all that were promised, until the last one is gone. How long a page takes is told in the
record; on a busy machine only the full run holds it to a bound.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from rawhttp import dial, status_of
from running import until

MIB = 1 << 20
SPAN_SECONDS = 2.0

_CHILD = """
import os, sys
sys.path.insert(0, sys.argv[2])
sys.path.insert(0, sys.argv[2] + "/flow")
from pathlib import Path
from gate_house import open_house
from gate_pages import EchoPages
house = open_house(Path(sys.argv[1]), EchoPages().app, body_span_seconds=float(sys.argv[3]))
blob = house.blobs.put(os.urandom(1 << 20) * 64)
print(house.ports.people, house.token("team1"), blob, flush=True)
sys.stdin.read()
house.close()
os._exit(0)
"""


@dataclass(frozen=True)
class Crowd:
    """How many of each kind there are."""

    silent: int
    dripping: int
    uploads: int
    downloads: int


@dataclass(frozen=True)
class Gate:
    """A gate in a process of its own, whose memory can be looked at."""

    process: psutil.Process
    port: int
    token: str
    blob: str

    def memory(self) -> int:
        """What it holds, in bytes."""
        return int(self.process.memory_info().rss)

    def lines_to(self, ports: set[int]) -> set[int]:
        """Those of the clients' ports to which it still has a connection."""
        there = self.process.net_connections(kind="tcp")
        return {one.raddr.port for one in there if one.raddr and one.status == psutil.CONN_ESTABLISHED} & ports

    def page_seconds(self) -> float:
        """How long one page takes, from a new connection to its last byte."""
        began = time.monotonic()
        with dial(self.port) as line:
            line.sendall(b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := line.recv(65536):
                answer += piece
        assert status_of(answer) == 200
        return time.monotonic() - began


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    tests = Path(__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path), str(tests), str(SPAN_SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        port, token, blob = child.stdout.readline().split()
        opened = Gate(psutil.Process(child.pid), int(port), token, blob)
        for _ in range(40):
            opened.page_seconds()
        yield opened


class Slow:
    """The crowd's connections, kept open until the test ends."""

    def __init__(self, gate: Gate, crowd: Crowd, stack: ExitStack) -> None:
        self._gate = gate
        auth = f"Host: 127.0.0.1\r\nAuthorization: Bearer {gate.token}\r\n"
        upload = f"POST /echo HTTP/1.1\r\n{auth}Content-Length: 900000\r\n\r\n".encode()
        download = f"GET /file/{gate.blob} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self.silent = [stack.enter_context(dial(gate.port)) for _ in range(crowd.silent)]
        self.dripping = [self._open(stack, b"GET /echo HTTP/1.1\r\nHost: ") for _ in range(crowd.dripping)]
        self.uploads = [self._open(stack, upload) for _ in range(crowd.uploads)]
        self.downloads = [self._open(stack, download, little=True) for _ in range(crowd.downloads)]

    def _open(self, stack: ExitStack, first: bytes, *, little: bool = False) -> socket.socket:
        line = stack.enter_context(socket.socket())
        if little:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(10)
        line.connect(("127.0.0.1", self._gate.port))
        line.sendall(first)
        return line

    def drip(self) -> None:
        """One more byte from each that drips."""
        for line in (*self.dripping, *self.uploads):
            with contextlib.suppress(OSError):
                line.send(b"x")

    def still_there(self, lines: list[socket.socket]) -> int:
        """How many of them the gate still holds."""
        return len(self._gate.lines_to({line.getsockname()[1] for line in lines}))


def dripping_until(what: str, seconds: float, slow: Slow, look: Callable[[], object]) -> None:
    """Waits while they drip on."""

    def drip_and_look() -> object:
        slow.drip()
        return look()

    until(what, seconds, drip_and_look, pause=0.3)


def test_a_tenth_of_them_hurts_nobody(gate: Gate, record_property: Callable[[str, object], None]) -> None:
    """Fifty silent or dripping connections, seven dripping uploads, two unread downloads of 64 MiB: pages come, uploads are ended."""
    before = gate.memory()
    with ExitStack() as stack:
        slow = Slow(gate, Crowd(25, 25, 7, 2), stack)
        times = sorted(gate.page_seconds() for _ in range(20))
        record_property("page_seconds", times)
        assert gate.memory() - before < 40 * MIB
        dripping_until("the end of all uploads", 60, slow, lambda: slow.still_there(slow.uploads) == 0)
        assert gate.page_seconds() < 30


@pytest.mark.full
@pytest.mark.timeout(300)
def test_all_of_them_are_gone_in_bounded_time(gate: Gate, record_property: Callable[[str, object], None]) -> None:
    """Five hundred, seventy and twenty: uploads end within spans of seconds, unread downloads and silent lines within a minute; 40 MB."""
    before = gate.memory()
    with ExitStack() as stack:
        slow = Slow(gate, Crowd(250, 250, 70, 20), stack)
        began = time.monotonic()
        times = sorted(gate.page_seconds() for _ in range(200))
        cost = [gate.memory() - before]
        dripping_until("the end of all uploads", 20, slow, lambda: slow.still_there(slow.uploads) == 0)
        ended = {"uploads": time.monotonic() - began}
        cost.append(gate.memory() - before)
        dripping_until("the end of unread downloads", 60, slow, lambda: slow.still_there(slow.downloads) == 0)
        ended["downloads"] = time.monotonic() - began
        lines = slow.silent + slow.dripping
        dripping_until("the end of silent lines", 60, slow, lambda: slow.still_there(lines) == 0)
        ended["silent"] = time.monotonic() - began
        told = {"ended": ended, "cost_mib": max(cost) / MIB, "median": times[100], "p99": times[197]}
        print(told)
        record_property("slow_readers", str(told))
        assert max(cost) < 40 * MIB
        assert times[100] < 0.1
