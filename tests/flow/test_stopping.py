"""Stopping is bounded: the server ends within two seconds whatever its clients do half-way."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from faults.seeded import make_seeded
from running import Client, Server

PROMISED_SECONDS = 2.0


def dial(url: str) -> socket.socket:
    """A raw connection to the people's port."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=10)


def stopped_within(server: Server) -> float:
    """Ends the server by SIGTERM, which has to end well; gives the seconds it took."""
    began = time.monotonic()
    assert server.stop() == 0
    return time.monotonic() - began


def stopped_beside_hanging_clients(folder: Path, submission: str, token: str) -> float:
    """A server's stop, in seconds, while three clients stand half-way through what they want."""
    server = Server(folder)
    host = urlsplit(server.url).netloc
    with dial(server.url) as half, dial(server.url) as stalled, dial(server.url) as unread:
        half.sendall(b"GET / HTTP/1.1\r\nHost: ")
        stalled.sendall(
            f"POST /api/v1/submissions HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{".encode()
        )
        unread.sendall(
            f"GET /api/v1/submissions/{submission}/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n".encode()
        )
        assert unread.recv(100).startswith(b"HTTP/1.1 200"), "the stream has begun"
        return stopped_within(server)


def test_stops_beside_clients_that_hang(folder: Path) -> None:
    """SIGTERM beside a half-sent header, a stalled upload and an unread stream: exit 0 within 2 s, and started again it goes on.

    A machine that is busy with other things is given more, as much as it takes to stop a server that nobody talks to, and three tries.
    """
    contest = make_seeded(folder, teams=1)
    team = contest.teams[0]
    with Server(folder) as server, Client(server.url, team.username, team.password) as client:
        submission = client.submit("crates", "python3", "print(1)").json()["submission_id"]
        token = client.http.headers["Authorization"]
    tries: list[float] = []
    while not tries or (min(tries) > PROMISED_SECONDS and len(tries) < 3):
        tries.append(stopped_beside_hanging_clients(folder, submission, token))
    alone = 0.0 if min(tries) <= PROMISED_SECONDS else stopped_within(Server(folder))
    assert min(tries) <= max(PROMISED_SECONDS, 2 * alone), f"beside hanging clients {tries}, alone {alone:.2f} s"
    assert not (folder / "server.json").exists()
    with Server(folder) as again, Client(again.url, team.username, team.password) as client:
        assert client.http.get(f"/api/v1/submissions/{submission}").status_code == 200


def test_second_server_and_taken_port(folder: Path) -> None:
    """A second server on the folder, or a taken port, ends in one sentence that says what to do, and harms nothing."""
    import subprocess

    from running import PROGRAM

    make_seeded(folder, teams=1)
    with Server(folder) as server:
        second = subprocess.run(
            [*PROGRAM, "serve", "--data", str(folder), "--port", "0"], capture_output=True, text=True, timeout=30
        )
        assert second.returncode == 1
        assert "already serves" in second.stderr
        assert second.stderr.count("\n") == 1
        port = server.url.rsplit(":", 1)[1]
        other = folder.parent / "other"
        make_seeded(other, teams=1)
        taken = subprocess.run(
            [*PROGRAM, "serve", "--data", str(other), "--port", port, "--node-port", "0"],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert taken.returncode == 1
        assert f"Port {port}" in taken.stderr
        assert "Traceback" not in taken.stderr
        (other / "config.toml").write_text('prot = 80\nhost = "127.0.0.1"\n')
        unknown = subprocess.run([*PROGRAM, "serve", "--data", str(other)], capture_output=True, text=True, timeout=30)
        assert unknown.returncode == 1
        assert "Unknown setting «prot»" in unknown.stderr
