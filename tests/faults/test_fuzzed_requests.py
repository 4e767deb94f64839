"""Broken requests by the thousand, at every listener: no answer shows our insides, no worker is lost, nothing is logged as our failure.

Requests that the server understands are taken and damaged at random, always the same ones in the ordinary run. A line that gets
no answer is one that the server still waits on (half a head): it is left after a moment, as somebody would who lost interest.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import pytest
from gate_house import ADMIN_KEY, CRATES, House, open_house

from .fuzzing import damaged

SOME, MANY = 2_000, 100_000
AT_ONCE = 40
PATIENCE_SECONDS = 0.25
ALLOWED = frozenset(
    {200, 202, 204, 206, 303, 304, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 416, 422, 429, 431, 503}
)
INSIDES = (b"Traceback", b'File "', b"/site-packages/", b"sqlite3", b"Error:")


@dataclass(frozen=True)
class Target:
    """A listener and requests that it understands."""

    port: int
    requests: tuple[bytes, ...]
    tls: ssl.SSLContext | None = None


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    from web.factory import create_app

    opened = open_house(
        tmp_path_factory.mktemp("house"),
        lambda services, secret: create_app(
            services, gate_secret=secret, server_name="C", version="v1", cookie_name=services.accounts.cookie_name
        ),
    )
    yield opened
    opened.close()


def request(line: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A whole request; the server is asked to close afterwards."""
    told = {"Host": "127.0.0.1", **headers, "Connection": "close"}
    if body:
        told["Content-Length"] = str(len(body))
    head = "\r\n".join([f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""])
    return head.encode() + body


def targets(house: House) -> list[Target]:
    """All three listeners with the credentials that open them."""
    bearer = {"Authorization": f"Bearer {house.token('team1')}"}
    posted = {**bearer, "Content-Type": "application/json"}
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://127.0.0.1"}
    code = json.dumps({"problem_id": "crates", "language": "python3", "code": "print(1)"}).encode()
    files = json.dumps({"problem_id": "crates", "language": "c", "files": [{"name": "a.c", "data": "aW50"}]}).encode()
    reads = (
        "/",
        "/board",
        "/problems/crates",
        "/fragments/board",
        "/submissions/1",
        "/clock.json",
        "/static/v1/app.css",
    )
    rest = (
        "problems?page=1&per_page=5",
        "submissions/sub_1",
        "submissions?status=PENDING",
        "leaderboard?group=x",
        "docs",
    )
    people = [
        *(request(f"GET {path}", {"Accept": "text/html", "Accept-Language": "de;q=0.5,en"}) for path in reads),
        *(request(f"GET /api/v1/{path}", {**bearer, "If-None-Match": '"abc"'}) for path in rest),
        request("GET /live?topics=board,team:t1&after=board:1", bearer),
        request("POST /api/v1/submissions", {**posted, "Idempotency-Key": "k1"}, code),
        request("POST /api/v1/submissions", posted, files),
        request("POST /api/v1/tokens", posted, b'{"username": "team1", "password": "wrong"}'),
        request("POST /sign-in", form, b"username=team1&password=wrong&next=%2Fboard"),
        request("POST /submit", {**bearer, **form}, b"problem=crates&language=c&code=int+main"),
        request("POST /submit", {**bearer, "Transfer-Encoding": "chunked"}) + b"5\r\nabcde\r\n0\r\n\r\n",
    ]
    key = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"}
    admin = [
        *(
            request(f"GET /admin/v1/{path}", key)
            for path in ("state", "submissions?limit=5&before=9", "machines", "events?after=1")
        ),
        request("POST /admin/v1/contest/extend", key, b'{"minutes": 5}'),
        request("POST /admin/v1/contest/settings", key, b'{"show_progress": true, "freeze_minutes": 60}'),
        request("POST /admin/v1/joins/none/approve", key, b'{"code": "ABCDEFGH"}'),
    ]
    machine = {"Authorization": "Bearer none", "Content-Type": "application/json"}
    nodes = [
        request("POST /judge/v1/join", machine, json.dumps({"commitment": "ab" * 32, "name": "judge"}).encode()),
        request("POST /judge/v1/join/poll", machine, b'{"request_id": "x"}'),
        request("POST /judge/v1/hello", machine, b'{"facts": {}}'),
        request("GET /judge/v1/blobs/" + "0" * 64 + "?lease=1", {**machine, "Range": "bytes=0-10"}),
    ]
    assert house.ports.console is not None
    assert house.ports.nodes is not None
    return [
        Target(house.ports.people, tuple(people)),
        Target(house.ports.console, tuple(admin)),
        Target(house.ports.nodes, tuple(nodes), house.node_context()),
    ]


async def ask(target: Target, sent: bytes) -> bytes:
    """What comes back until the line is closed, or for a moment."""
    answer = bytearray()
    with contextlib.suppress(TimeoutError, ConnectionError, ssl.SSLError):
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", target.port, ssl=target.tls)
        try:
            writer.write(sent)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while piece := await reader.read(65536):
                    answer += piece
        finally:
            writer.transport.abort()
    return bytes(answer)


def look_at(sent: bytes, answer: bytes) -> int:
    """The status; 0 where there was no answer. Fails for one that nobody may get."""
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    if not answer:
        return 0
    status = int(answer.split(b" ", 2)[1])
    assert status in ALLOWED, (status, sent, answer[:500])
    if status >= 400:
        assert not any(part in answer for part in INSIDES), (sent, answer)
    return status


async def bombard(found: list[Target], random: Random, times: int) -> dict[int, int]:
    """So many damaged requests, some at once; how often there was which status."""
    counted: dict[int, int] = {}
    left = iter(range(times))

    async def one_after_the_other() -> None:
        for _ in left:
            target = random.choices(found, (6, 2, 1))[0]
            sent = damaged(random, target.requests)
            status = look_at(sent, await ask(target, sent))
            counted[status] = counted.get(status, 0) + 1

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(one_after_the_other())
    return counted


def everybody_still_works(house: House) -> None:
    """More pages at once than there are workers, and an API call from each side."""
    with house.client("team2") as client, ThreadPoolExecutor(32) as pool:
        assert {one.status_code for one in pool.map(client.get, ["/problems"] * 64)} == {200}
        assert client.get("/api/v1/submissions").status_code == 200


def test_two_thousand_broken_requests(house: House) -> None:
    """The same ones each time."""
    assert CRATES.exists()
    counted = asyncio.run(bombard(targets(house), Random(20261124), SOME))
    assert counted.get(400, 0) > 50, counted
    assert counted.get(200, 0) > 50, counted
    everybody_still_works(house)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_broken_requests(house: House) -> None:
    """Other ones each time; the seed is told when it fails."""
    seed = Random().randrange(1 << 32)
    print("seed", seed)
    counted = asyncio.run(bombard(targets(house), Random(seed), MANY))
    print(counted)
    everybody_still_works(house)
