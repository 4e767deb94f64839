"""A request hidden in another one: what stands in a body, or behind an ambiguous end of one, never reaches the pages as a request."""

from __future__ import annotations

from collections.abc import Iterator

import flask
import pytest
from gate_house import House, open_house
from gate_pages import EchoPages
from rawhttp import dial, exchange, rest_of, status_of

from app.services.catalog import Services

HIDDEN = b"GET /echo/hidden HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
N = len(HIDDEN)


class Watched:
    """Pages that remember which addresses were asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def app(self, services: Services, secret: str) -> flask.Flask:
        app = EchoPages().app(services, secret)

        @app.before_request
        def remember() -> None:
            self.asked.append(flask.request.path)

        return app


@pytest.fixture(scope="module")
def pages() -> Watched:
    return Watched()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, pages: Watched) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), pages.app, body_span_seconds=0.5)
    yield opened
    opened.close()


def post(house: House, *headers: bytes, body: bytes = b"", end: bytes = b"\r\n") -> bytes:
    """A request of team 1 with these very header lines."""
    first = f"POST /echo HTTP/1.1|Host: 127.0.0.1|Authorization: Bearer {house.token('team1')}|Origin: http://127.0.0.1"
    return end.join([*first.encode().split(b"|"), *headers, b"", b""]) + body


CHUNKED = b"Transfer-Encoding: chunked"
AMBIGUOUS = {
    "length and chunks, the length covers it": ((CHUNKED, b"Content-Length: %d" % (N + 5)), b"0\r\n\r\n" + HIDDEN),
    "length of nothing and chunks": ((b"Content-Length: 0", CHUNKED), b"%x\r\n%b\r\n0\r\n\r\n" % (N, HIDDEN)),
    "two lengths": ((b"Content-Length: 0", b"Content-Length: %d" % N), HIDDEN),
    "a list of lengths": ((b"Content-Length: 0, %d" % N,), HIDDEN),
    "a list of equal lengths": ((b"Content-Length: %d, %d" % (N, N),), HIDDEN),
    "a space before the colon": ((b"Content-Length : %d" % N,), HIDDEN),
    "a length with a sign": ((b"Content-Length: +%d" % N,), HIDDEN),
    "a length in hexadecimal": ((b"Content-Length: 0x%x" % N,), HIDDEN),
    "a folded length": ((b"Content-Length:", b" %d" % N), HIDDEN),
    "a folded header that hides one": ((b"X-A: b", b" Transfer-Encoding: chunked", b"Content-Length: 0x"), HIDDEN),
    "a folded encoding": ((b"Transfer-Encoding:", b" chunked"), b"0\r\n\r\n" + HIDDEN),
    "chunks with a vertical tab": ((b"Transfer-Encoding: \x0bchunked",), b"0\r\n\r\n" + HIDDEN),
    "chunks twice": ((b"Transfer-Encoding: chunked, chunked",), b"0\r\n\r\n" + HIDDEN),
    "chunks that are not last": ((b"Transfer-Encoding: chunked, identity",), b"0\r\n\r\n" + HIDDEN),
    "an encoding in quotes": ((b'Transfer-Encoding: "chunked"',), b"0\r\n\r\n" + HIDDEN),
    "a carriage return within a header": ((b"X-A: b\rContent-Length: %d" % N,), HIDDEN[:-2] + b"X: y\r\n\r\n"),
    "a NUL within a header": ((b"X-A: b\0c", b"Content-Length: %d" % N), HIDDEN),
    "a chunk with a sign": ((CHUNKED,), b"+5\r\nabcde\r\n0\r\n\r\n" + HIDDEN),
    "a chunk below nothing": ((CHUNKED,), b"-1\r\n" + HIDDEN),
    "a chunk larger than all numbers": ((CHUNKED,), b"10000000000000005\r\nabcde\r\n0\r\n\r\n" + HIDDEN),
    "a chunk in words": ((CHUNKED,), b"0x5\r\nabcde\r\n0\r\n\r\n" + HIDDEN),
    "a chunk that is longer than it says": ((CHUNKED,), b"3\r\nabcdefgh\r\n0\r\n\r\n" + HIDDEN),
    "a chunk's size without its end": ((CHUNKED,), b"5" * 5000 + HIDDEN),
}  # fmt: skip


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_an_ambiguous_end_is_the_end_of_the_line(house: House, pages: Watched, case: str) -> None:
    """At most one answer, then the line is closed: nothing after the doubtful place is read as a request."""
    headers, body = AMBIGUOUS[case]
    answer = exchange(house.ports.people, post(house, *headers, body=body))
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert not answer or status_of(answer) in (200, 400, 408)
    assert "/echo/hidden" not in pages.asked


HARMLESS = {
    "a body that looks like a request": (b"Content-Length: %d" % N, HIDDEN),
    "bare line feeds": (b"Content-Length: %d" % N, HIDDEN),
    "an underscore instead of a hyphen": (b"Content_Length: 0\r\nContent-Length: %d" % N, HIDDEN),
    "another encoding by underscore": (b"Transfer_Encoding: chunked\r\nContent-Length: %d" % N, HIDDEN),
    "the length named as a hop's own": (b"Connection: content-length\r\nContent-Length: %d" % N, HIDDEN),
    "our own headers named as a hop's own": (
        b"Connection: x-contestbox-secret, x-forwarded-for\r\nContent-Length: %d" % N, HIDDEN,
    ),
    "an upgrade that nobody offers": (b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: %d" % N, HIDDEN),
    "a chunk with an extension": (CHUNKED, b'%x;a="b;c"\r\n%b\r\n0\r\n\r\n' % (N, HIDDEN)),
    "a trailer with a host of its own": (CHUNKED, b"%x\r\n%b\r\n0\r\nHost: evil\r\nContent-Length: 9\r\n\r\n" % (N, HIDDEN)),
}  # fmt: skip


@pytest.mark.parametrize("case", HARMLESS)
def test_a_whole_body_stays_a_body(house: House, pages: Watched, case: str) -> None:
    """Flask gets one request with every byte of its body."""
    header, body = HARMLESS[case]
    end = b"\n" if case == "bare line feeds" else b"\r\n"
    sent = post(house, header, body=body, end=end)
    with dial(house.ports.people) as line:
        line.sendall(sent + b"GET /echo/after HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = rest_of(line)
    assert status_of(answer) == 200
    assert b'"size":%d' % N in answer.replace(b" ", b"")
    assert "/echo/hidden" not in pages.asked


def test_the_body_of_a_get_is_no_request(house: House, pages: Watched) -> None:
    """Where no body is taken it is refused before it is read, and the line is closed."""
    sent = b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % N + HIDDEN
    answer = exchange(house.ports.people, sent)
    assert status_of(answer) == 413
    assert answer.count(b"HTTP/1.1 ") == 1
    assert "/echo/hidden" not in pages.asked


def test_the_line_of_another_protocol_is_refused(house: House) -> None:
    """HTTP/2 without TLS, HTTP/0.9 and garbage get a refusal or nothing."""
    for sent in (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"SSH-2.0-x\r\n\r\n",
    ):
        answer = exchange(house.ports.people, sent)
        assert not answer or status_of(answer) in (400, 505)


def test_other_sites_are_told_nothing(house: House) -> None:
    """No address allows another site to read its answer, whatever the browser asks beforehand."""
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    with house.client("team1") as client:
        for path in ("/api/v1/submissions", "/api/v1/leaderboard", "/echo", "/live/ping", "/static/x/app.css"):
            for answer in (client.options(path, headers=asked), client.get(path, headers=asked)):
                assert not [name for name in answer.headers if name.startswith("access-control-")], path
