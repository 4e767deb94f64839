"""Bytes on a socket, for what no well-behaved client sends."""

from __future__ import annotations

import socket


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def exchange(port: int, data: bytes) -> bytes:
    """Sends the bytes and gives everything until the server closes; the last request should say Connection: close."""
    with dial(port) as line:
        line.sendall(data)
        return rest_of(line)


def rest_of(line: socket.socket) -> bytes:
    """Everything that still comes until the server closes."""
    got = b""
    try:
        while piece := line.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    return got


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])
