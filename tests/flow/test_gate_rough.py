"""Requests that no browser sends: the people's listener refuses them, and nobody else's request is harmed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from gate_house import House, open_house
from gate_pages import EchoPages
from rawhttp import dial, exchange, rest_of, status_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), EchoPages().app, body_span_seconds=0.4)
    yield opened
    opened.close()


def request(line: str, *headers: str, body: bytes = b"", host: str | None = "127.0.0.1") -> bytes:
    lines = [line, *([f"Host: {host}"] if host is not None else []), *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("GET /echo HTTP/1.1"), 200),
        (request("GET /echo HTTP/1.1", host=None), 400),
        (request("GET /echo HTTP/1.1", host="evil.example"), 400),
        (request("GET /echo HTTP/1.1", host="127.0.0.1:80@evil.example"), 400),
        (request("GET /echo HTTP/1.1", "Host: 127.0.0.1"), 400),
        (request("GET /echo HTTP/1.1", "Host: evil.example"), 400),
        (request("GET http://evil.example/echo HTTP/1.1", host="evil.example"), 400),
        (request("POST /echo HTTP/1.1", "Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 400),
        (request("POST /echo HTTP/1.1", "Transfer-Encoding: identity", body=b""), 400),
        (request("POST /echo HTTP/1.1", "Content-Length: 3", "Content-Length: 4", body=b"abcd"), 400),
        (request("POST /echo HTTP/1.1", "Content-Length: +3", body=b"abc"), 400),
        (request("POST /sign-in HTTP/1.1", "Transfer-Encoding: chunked", body=b"3\r\nabc\r\nZZ\r\n"), 400),
        (request("GET /echo HTTP/1.1", *[f"X-{n}: 1" for n in range(120)]), 431),
        (request("GET /echo HTTP/1.1", "X-Long: " + "x" * 40000), 431),
        (request("GET /" + "x" * 9000 + " HTTP/1.1"), 414),
        (request("GET /echo\x00 HTTP/1.1"), 400),
        (request("BREW /echo HTTP/1.1"), 405),
        (request("DELETE /api/v1/tokens HTTP/1.1"), 405),
        (request("PUT /live HTTP/1.1"), 405),
        (request("POST /sign-in HTTP/1.1", "Content-Length: 20000", body=b"x" * 20000), 413),
        (request("POST /live HTTP/1.1", "Content-Length: 3", body=b"abc"), 405),
        (request("GET /live?topics=board HTTP/1.1", "Content-Length: 3", body=b"abc"), 413),
        (request("POST /sign-in HTTP/1.1", "Content-Type: text/plain", "Content-Length: 1", body=b"a"), 415),
    ],
)  # fmt: skip
def test_only_plain_http_to_one_of_our_hosts_is_answered(house: House, sent: bytes, status: int) -> None:
    """Hosts, lengths, encodings, sizes and methods: each wrong one gets its own refusal."""
    assert status_of(exchange(house.ports.people, sent)) == status


def test_connect_is_refused(house: House) -> None:
    """The gate is no proxy: a CONNECT opens no tunnel."""
    answer = exchange(
        house.ports.people, b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    )
    assert b" 200 " not in answer.split(b"\r\n")[0]


def signed_in_post(house: House) -> bytes:
    """The beginning of a request of team 1 with a body."""
    return f"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {house.token('team1')}\r\n".encode()


def test_a_smuggled_request_is_never_answered(house: House) -> None:
    """What stands behind an ambiguous length is not taken for a second request."""
    hidden = b"GET /whoami HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for headers in (
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n",
    ):
        answer = exchange(house.ports.people, signed_in_post(house) + headers + hidden)
        assert status_of(answer) == 400
        assert b"username" not in answer


def test_a_request_with_length_and_chunks_ends_its_line(house: House) -> None:
    """The server's own parser lets chunks win and then closes: what follows is never read."""
    origin = b"Origin: http://127.0.0.1\r\n"
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    hidden = b"GET /whoami HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = exchange(house.ports.people, signed_in_post(house) + origin + both + hidden)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"username" not in answer


def test_two_requests_on_one_line_get_two_answers_in_order(house: House) -> None:
    """Pipelined requests are answered one after the other."""
    first = b"GET /echo/one HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = exchange(house.ports.people, first + request("GET /echo/two HTTP/1.1"))
    assert answer.index(b"/echo/one") < answer.index(b"/echo/two")
    assert answer.count(b"HTTP/1.1 200") == 2


def test_strangers_cannot_fill_the_disk(house: House) -> None:
    """Whoever is not signed in is refused before one byte of a large body is taken; signed in, it is taken."""
    for path, status in (("/echo", 401), ("/nowhere", 401), ("/submit", 401), ("/sign-in", 413)):
        with dial(house.ports.people) as line:
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8000000\r\n\r\n".encode())
            answer = rest_of(line)
        assert status_of(answer) == status, path
        assert b"connection: close" in answer.lower()


def test_an_early_refusal_closes_the_line(house: House) -> None:
    """413 comes before the body is read, with Connection: close, so the rest is never read as a request."""
    with dial(house.ports.people) as line:
        line.sendall(signed_in_post(house) + b"Content-Length: 99999999\r\n\r\n")
        answer = rest_of(line)
    assert status_of(answer) == 413
    assert b"connection: close" in answer.lower()


def test_a_body_that_stops_moving_is_408(house: House) -> None:
    """An upload that stalls, or drips a byte now and then, is ended."""
    with dial(house.ports.people) as line:
        line.sendall(signed_in_post(house) + b"Content-Length: 1000\r\n\r\nabc")
        answer = rest_of(line)
    assert status_of(answer) == 408
    assert b"connection: close" in answer.lower()


def test_a_body_of_many_chunks_over_the_limit_is_413(house: House) -> None:
    """Without a length the bytes are counted as they come."""
    with dial(house.ports.people) as line:
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n1000\r\n" + b"x" * 0x1000 + b"\r\n")
        answer = rest_of(line)
    assert status_of(answer) == 413


def test_odd_bytes_in_a_header_reach_flask_harmless(house: House) -> None:
    """Bytes above 127 become question marks, all other headers arrive."""
    sent = request("GET /echo HTTP/1.1", "X-Odd: gr\xfc\xdfe", "X-Even: 1")
    told = json.loads(exchange(house.ports.people, sent).split(b"\r\n\r\n", 1)[1])
    headers = dict(told["headers"])
    assert (headers["x-odd"], headers["x-even"]) == ("gr??e", "1")


def test_head_has_no_body(house: House) -> None:
    """HEAD gives the headers of GET and nothing more."""
    head, _, body = exchange(house.ports.people, request("HEAD /static/x/app.css HTTP/1.1")).partition(b"\r\n\r\n")
    assert body == b""
    assert b"content-length: 2200" in head.lower()


def test_errors_are_json_for_programs_and_a_page_for_people(house: House) -> None:
    """The same refusal in the form that its reader understands; scripts in a path are only text."""
    program = exchange(house.ports.people, request("GET /api/v1/submissions/x HTTP/1.1"))
    head, body = program.split(b"\r\n\r\n", 1)
    assert status_of(program) == 401
    assert b"www-authenticate: Bearer" in head
    assert json.loads(body)["code"] == 401
    person = exchange(house.ports.people, request("PUT /static/x/%3Cscript%3E HTTP/1.1", "Accept: text/html"))
    assert status_of(person) == 405
    assert b"text/html" in person
    assert b"<script>" not in person
