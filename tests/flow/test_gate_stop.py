"""Starting and stopping: taken ports are told in a sentence, and nothing that clients do holds the server up."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gate_house import open_house
from gate_pages import EchoPages
from rawhttp import dial

from app.core.errors import Fault
from web.gate.listener import bind
from web.gate.server import Address, Front, Gate

_CHILD = """
import os, signal, sys, threading
sys.path.insert(0, sys.argv[2])
sys.path.insert(0, sys.argv[2] + "/flow")
from pathlib import Path
from gate_house import open_house
from gate_pages import EchoPages
house = open_house(Path(sys.argv[1]), EchoPages().app)
ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
print(house.ports.people, house.ports.nodes, house.token("team1"), flush=True)
ended.wait()
house.close()
print("closed", flush=True)
os._exit(0)
"""


def test_the_server_ends_in_time_whatever_clients_do(tmp_path: Path) -> None:
    """SIGTERM beside a half-sent header, a stalled upload, an unread answer, a wait and a stream: all is closed within five seconds."""
    tests = Path(__file__).parent.parent
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path), str(tests)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with contextlib.ExitStack() as lines:
        lines.callback(child.stdout.close)
        lines.callback(child.kill)
        port, nodes, token = child.stdout.readline().split()
        host = "Host: 127.0.0.1\r\n"
        auth = f"Authorization: Bearer {token}\r\n"
        for text in (
            "GET /echo HT",
            f"POST /echo HTTP/1.1\r\n{host}{auth}Content-Length: 500000\r\n\r\nabc",
            f"GET /static/x/app.css HTTP/1.1\r\n{host}\r\n" * 3000,
            f"GET /live?topics=team:t1&after=team:t1:0 HTTP/1.1\r\n{host}{auth}\r\n",
            f"GET /live?topics=board HTTP/1.1\r\n{host}{auth}\r\n",
            f"GET /live/stream?topics=board HTTP/1.1\r\n{host}{auth}\r\n",
            f"GET /hold HTTP/1.1\r\n{host}\r\n",
        ):
            line = lines.enter_context(dial(int(port)))
            line.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                line.send(text.encode())
        lines.enter_context(dial(int(nodes))).sendall(b"\x16\x03\x01")  # half a TLS handshake
        with lines.enter_context(dial(int(port))) as busy:
            busy.sendall(f"GET /echo HTTP/1.1\r\n{host}\r\n".encode())
            assert busy.recv(1000)  # whatever was sent before has reached the server
        began = time.monotonic()
        child.send_signal(signal.SIGTERM)
        assert child.stdout.readline() == "closed\n"
        assert child.wait(5) == 0
        assert time.monotonic() - began < 5
        with pytest.raises(ConnectionRefusedError):
            dial(int(port))


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    """A second server on the same port does not start silently beside the first one, and leaves no port open behind it."""
    house = open_house(tmp_path / "one", EchoPages().app)
    try:
        app = object()
        free = bind("127.0.0.1", 0)
        port = free.getsockname()[1]
        free.close()
        second = Gate(Front(Address("127.0.0.1", port), app), Front(Address("127.0.0.1", house.ports.people), app))
        with pytest.raises(Fault, match=f"Port {house.ports.people} on 127.0.0.1 cannot be used") as told:
            second.start()
        assert told.value.kind == "port"
        with pytest.raises(ConnectionRefusedError):
            dial(port)
    finally:
        house.close()


def test_the_gate_can_start_again_on_its_port_at_once(tmp_path: Path) -> None:
    """A restart finds its port free although old connections linger."""
    first = open_house(tmp_path / "one", EchoPages().app)
    port = first.ports.people
    with dial(port) as line:
        line.sendall(b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        first.close()
    second = open_house(tmp_path / "two", EchoPages().app, port=port)
    try:
        assert second.ports.people == port
        with second.client() as client:
            assert client.get("/echo").status_code == 200
    finally:
        second.close()


def test_our_sockets_are_not_shared_and_do_not_queue_much() -> None:
    """No SO_REUSEPORT; a reader that stops reading is dropped by the kernel after 15 s and holds little memory."""
    own = bind("127.0.0.1", 0)
    try:
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) == 0
        assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 15_000
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * 64 * 1024
    finally:
        own.close()
