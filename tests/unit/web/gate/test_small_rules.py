"""The gate's small rules: hosts, origins, bodies that stop, what goes where after signing in."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import MutableMapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from app.core.errors import Refusal
from web.gate.accept import accepts_gzip, choose_language, etag_matches
from web.gate.admin_contest import read_time
from web.gate.bodies import Inflow, Room
from web.gate.heads import check_origin, read_head
from web.gate.hosts import host_check, is_loopback
from web.gate.signing import safe_goal
from web.gate.visit import Head


def head_of(method: str = "GET", *headers: tuple[str, str], path: str = "/x") -> Head:
    scope: dict[str, Any] = {
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"a=1&a=2&b=",
        "scheme": "http",
        "client": ("10.0.0.9", "4711"),
        "headers": [(b"host", b"10.0.0.1:8080"), *((k.encode(), v.encode()) for k, v in headers)],
    }
    return read_head(scope, host_check(()))


def test_names_of_others_are_not_ours() -> None:
    """Addresses and our own names pass; a name that a foreign page made a browser resolve to us does not."""
    ours = host_check(["contest.school.example", "box.local."])
    for host in ("10.1.2.3", "[fe80::1]", "localhost", "contest.school.example", "box.local", "box.local."):
        assert ours(host), host
    for host in ("evil.example", "10.1.2.3.evil.example", "localhost.evil.example", "", "1.2.3", "[x]"):
        assert not ours(host), host
    assert is_loopback("127.0.0.1")
    assert not is_loopback("10.0.0.1")


def test_a_head_is_read_with_its_repeated_headers() -> None:
    """Cookies sent in two headers are one list; the last value of a parameter counts; the port of the client is dropped."""
    head = head_of("GET", ("cookie", "a=1"), ("cookie", "b=2; a=3"), ("x-y", "1"), ("x-y", "2"))
    assert (head.cookie("a"), head.cookie("b"), head.cookie("c")) == ("1", "2", "")
    assert head.headers["x-y"] == "1, 2"
    assert head.query == {"a": "2", "b": ""}
    assert (head.address, head.host, head.target) == ("10.0.0.9", "10.0.0.1:8080", "/x?a=1&a=2&b=")


def test_each_command_of_a_client_has_its_own_length_and_key() -> None:
    """What is remembered of a client's headers never stands in for those of another command, however often it came."""
    accept = ("accept", "text/plain")
    for number in (1, 2, 3, 2):
        head = head_of("POST", accept, ("content-length", str(number)), ("idempotency-key", f"k{number}"))
        assert (head.headers["content-length"], head.headers["idempotency-key"]) == (str(number), f"k{number}")
        assert dict(head.pairs) == head.headers
    assert "content-length" not in head_of("POST", accept).headers


@pytest.mark.parametrize(
    "headers",
    [
        [("content-length", "3"), ("content-length", "4")],
        [("content-length", "3"), ("content-length", "3")],
        [("content-length", "3"), ("Content-Length", "4")],
        [("Content-Length", "4"), ("content-length", "3")],
        [("content-length", "3"), ("transfer-encoding", "chunked")],
        [("content-length", "+3")],
        [("content-length", "3"), ("transfer-encoding", "gzip")],
        [("content-length", "3"), ("host", "10.0.0.1:8080")],
    ],
)
def test_a_length_that_can_be_read_in_two_ways_is_refused(headers: list[tuple[str, str]]) -> None:
    """Also after the same client has sent a plain command: two lengths, a length and chunks, a signed number, two hosts."""
    head_of("POST", ("content-length", "3"))
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            head_of("POST", *headers)
        assert refused.value.code == 400


@pytest.mark.parametrize(
    ("headers", "with_cookie", "fine"),
    [
        ([("origin", "http://10.0.0.1:8080")], True, True),
        ([("origin", "http://10.0.0.1")], True, False),
        ([("origin", "http://10.0.0.1:8080.evil.example")], False, False),
        ([("origin", "null")], False, False),
        ([("origin", "")], False, False),
        ([("sec-fetch-site", "same-origin")], True, True),
        ([("sec-fetch-site", "same-site")], True, False),
        ([("sec-fetch-site", "cross-site")], False, False),
        ([], True, False),
        ([], False, True),
    ],
)
def test_unsafe_requests_come_from_our_own_pages(headers: list[tuple[str, str]], with_cookie: bool, fine: bool) -> None:
    """By Origin, else by Sec-Fetch-Site; a program without a cookie sends neither. Reading is always fine."""
    check_origin(head_of("GET", *headers), with_cookie=with_cookie)
    if fine:
        check_origin(head_of("POST", *headers), with_cookie=with_cookie)
    else:
        with pytest.raises(Refusal) as refused:
            check_origin(head_of("POST", *headers), with_cookie=with_cookie)
        assert refused.value.code == 403


@pytest.mark.parametrize("goal", ["", "x", "//x", "/\\x", "https://x/", "/a\nb", "/a\x00", "/ü", "\\\\x"])
def test_signing_in_never_leads_to_another_site(goal: str) -> None:
    """Anything but a plain path leads to the start page."""
    assert safe_goal(goal) == "/"


def test_signing_in_leads_back_to_where_somebody_was() -> None:
    """A path of this site with its query is kept."""
    assert safe_goal("/problems/crates?x=%20#s") == "/problems/crates?x=%20#s"


def test_the_pages_language_is_the_first_one_that_we_speak() -> None:
    """Regions fall back to their language, unknown ones to the first we have."""
    assert choose_language("fr-CA, de;q=0.5", ("en", "de")) == "de"
    assert choose_language("de-AT", ("en", "de")) == "de"
    assert choose_language("", ("en", "de")) == "en"
    assert choose_language("de;q=0.3, en-GB;q=0.9", ("en", "de")) == "en"
    assert choose_language("de;q=0, fr", ("en", "de")) == "en"
    assert choose_language("de;q=much", ("en", "de")) == "en"


def test_packed_bytes_go_only_to_who_takes_them() -> None:
    """A client that rules gzip out, or never heard of it, gets plain bytes."""
    assert accepts_gzip("br, gzip")
    assert accepts_gzip("GZIP;q=0.5, gzip")
    assert not accepts_gzip("gzip;q=0, identity")
    assert not accepts_gzip("")


def test_etags_match_in_lists_and_weakly() -> None:
    """If-None-Match may be a list, a star, or weak."""
    assert etag_matches('"a", W/"b"', "b")
    assert etag_matches("*", "b")
    assert not etag_matches('"ab"', "b")


class LeapingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock leaps to the next moment that somebody waits for, so that seconds cost nothing and no load can stretch them."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(LeapingSelector(self))

    def time(self) -> float:
        return self.now


class LeapingSelector(selectors.DefaultSelector):
    """Waits for nothing: time passes instead."""

    def __init__(self, loop: LeapingLoop) -> None:
        super().__init__()
        self._leaping = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout:
            self._leaping.now += timeout
        return ready


class AtOnce(Executor):
    """Does at once what it is given, in the caller's thread: time cannot leap over it."""

    def submit(self, task: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(task(*arguments, **named))
        return future


def body_of(messages: list[tuple[float, MutableMapping[str, Any]]], limit: int = 10**6, length: int = 10**5) -> bytes:
    """Reads a body whose pieces come after their seconds, with spans of 10 s."""
    pieces = iter(messages)

    async def receive() -> MutableMapping[str, Any]:
        seconds, message = next(pieces)
        await asyncio.sleep(seconds)
        return message

    async def main() -> bytes:
        inflow = Inflow(receive, head_of("POST", ("content-length", str(length))), 10)
        body = await inflow.read(limit, spool=True, executor=AtOnce())
        assert inflow.complete
        if body.file is None:
            return body.data
        with body.file as file:
            return file.read()

    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(main())


def piece(data: bytes, *, more: bool = True) -> MutableMapping[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


def test_a_body_that_keeps_moving_is_read_whole() -> None:
    """Slow but steady pieces of 20 KB in each span are fine; large bodies come back from their file unchanged."""
    steady = [(5, piece(bytes([number]) * 20_000)) for number in range(20)]
    got = body_of([*steady, (0, piece(b"", more=False))])
    assert got == b"".join(bytes([number]) * 20_000 for number in range(20))


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([(0, piece(b"x" * 50_000)), (21, piece(b"", more=False))], 408),
        ([(3, piece(b"x")) for _ in range(50)], 408),
        ([(0, piece(b"x")), (0, {"type": "http.disconnect"})], 400),
        ([(0, piece(b"x" * 300_000)), (0, piece(b"x" * 800_000))], 413),
    ],
)
def test_a_body_that_stalls_drips_breaks_or_swells_is_refused(
    messages: list[tuple[float, MutableMapping[str, Any]]], code: int
) -> None:
    """A fast beginning does not buy time for standing still later."""
    with pytest.raises(Refusal) as refused:
        body_of(messages)
    assert refused.value.code == code


def test_bodies_never_hold_more_memory_than_there_is() -> None:
    """What does not fit is 503 at once and gives its memory back; a large upload waits in a file and holds none; so does one that ended."""
    room = Room(600 * 1024)

    async def upload(size: int, *, spool: bool) -> Inflow:
        pieces = [b"x" * (100 * 1024)] * (size // (100 * 1024))

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": pieces.pop(), "more_body": bool(pieces)}

        inflow = Inflow(receive, head_of("POST", ("content-length", str(size))), room=room)
        body = await inflow.read(8 * 1024 * 1024, spool=spool, executor=executor)
        assert (body.file is not None) is spool
        if body.file is not None:
            body.file.close()
        return inflow

    async def crowd() -> None:
        large = await upload(2000 * 1024, spool=True)
        assert (room.taken, room.filed) == (0, 2000 * 1024), "it waits in a file"
        small = [await upload(200 * 1024, spool=False) for _ in range(3)]
        assert room.taken == 600 * 1024
        with pytest.raises(Refusal) as caught:
            await upload(100 * 1024, spool=False)
        assert (caught.value.code, caught.value.retry_after_seconds) == (503, 2)
        small.pop().close()
        await upload(100 * 1024, spool=False)
        assert room.taken == 500 * 1024
        large.close()
        assert room.filed == 0

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(crowd())


def test_files_are_bounded_and_nobody_fills_them_alone() -> None:
    """The third large upload of an account is 429 while two are under way, another account's goes in; what all files together may not
    hold is 503; whoever has ended gives the whole place back."""
    mebibyte = 1024 * 1024
    room = Room(8 * mebibyte, 12 * mebibyte)  # an account's share: 2.5 MiB

    async def upload(whose: str) -> Inflow:
        pieces = [b"x" * (mebibyte // 4)] * 4

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": pieces.pop(), "more_body": bool(pieces)}

        inflow = Inflow(receive, head_of("POST", ("content-length", str(mebibyte))), room=room)
        try:
            body = await inflow.read(8 * mebibyte, spool=True, executor=executor, whose=whose)
        except Refusal:
            inflow.close()
            raise
        assert body.file is not None
        body.file.close()
        return inflow

    async def refusal_of(whose: str) -> int:
        with pytest.raises(Refusal) as caught:
            await upload(whose)
        return caught.value.code

    async def crowd() -> None:
        held = [await upload("ada"), await upload("ada")]
        assert await refusal_of("ada") == 429
        held += [await upload(f"team {number // 2}") for number in range(10)]
        assert room.filed == 12 * mebibyte
        assert await refusal_of("eve") == 503
        for one in held:
            one.close()
        assert (room.taken, room.filed) == (0, 0)
        (await upload("ada")).close()

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(crowd())


@pytest.mark.parametrize(
    ("text", "ms"),
    [("0001-01-01T00:00:00+14:00", -62_135_647_200_000), ("9999-12-31T23:59:59-12:00", 253_402_343_999_000)],
)
def test_a_time_at_the_end_of_the_calendar_is_a_time(text: str, ms: int) -> None:
    """A start that somebody mistyped is read as it stands, whatever its zone; whether it can be one is the contest's to say."""
    assert read_time(text) == ms
