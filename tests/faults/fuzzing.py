"""Damage to whole HTTP requests, at random but repeatable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

SCRAPS = (
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b"\r\n\r\n", b"\xff\xfe", b"\xc3\x28", b"%00", b"%2e%2e/", b"../", b"//", b"\\", b"?", b"#",
    b"Transfer-Encoding: chunked\r\n", b"Content-Length: 0\r\n", b"Content-Length: 99999999999999999999\r\n", b"Host: evil\r\n",
    b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\n", b"X-Forwarded-For: 1.2.3.4\r\n", b"Cookie: a=b; a=c; =\r\n",
    b"0\r\n\r\n", b"FFFFFFFFFFFFFFFF\r\n", b"5;a=b\r\nabcde\r\n", b"-1", b"1e309", b"NaN", b"18446744073709551616",
    b"null", b"true", b"[]", b"{}",
    b"[" * 3000, b'"' + b"a" * 9000 + b'"', b"\\ud800", "é€😀".encode(), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/2.0", b"HTTP/0.9",
    b"' OR 1=1 --", b"{{7*7}}", b"<script>", b"bytes=5-2,0-0,-1", b"W/\"x\", *", b"sub_99999999999999999999", b"A" * 40000,
)  # fmt: skip
METHODS = (b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"HEAD", b"PATCH", b"CONNECT", b"TRACE", b"get", b"PRI", b"")


def damaged(random: Random, requests: Sequence[bytes]) -> bytes:
    """One of the requests with one to four kinds of damage."""
    found = random.choice(requests)
    for _ in range(random.randint(1, 4)):
        found = random.choice(_WAYS)(random, found, requests)
    return found if random.random() < 0.5 else _with_right_length(found)


def _place(random: Random, data: bytes) -> int:
    return random.randint(0, len(data))


def _flip(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _cut(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(random, data)
    return data[:at] + data[at + random.randint(1, 30) :]


def _end(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: _place(random, data)]


def _insert(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(random, data)
    return data[:at] + random.choice(SCRAPS) + data[at:]


def _insert_header(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    lines.insert(random.randint(1, len(lines)), random.choice(SCRAPS).rstrip(b"\r\n"))
    return b"\r\n".join(lines)


def _twice(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    lines.insert(random.randrange(len(lines)), random.choice(lines))
    return b"\r\n".join(lines)


def _splice(random: Random, data: bytes, requests: Sequence[bytes]) -> bytes:
    other = random.choice(requests)
    return data[: _place(random, data)] + other[_place(random, other) :]


def _method(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return random.choice(METHODS) + b" " + data.partition(b" ")[2]


_WAYS: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip, _cut, _end, _insert, _insert, _insert_header, _twice, _splice, _method,
)  # fmt: skip


def _with_right_length(data: bytes) -> bytes:
    """The same with the length of the body as it is now, so that what is broken is the body."""
    head, separator, body = data.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + separator + body if separator else data
