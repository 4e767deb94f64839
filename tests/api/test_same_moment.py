"""Programs that come at the same moment, and lines that are cut: one submission where one was meant, none where it was not whole."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx2
import pytest
from gate_house import House, open_house
from rawhttp import dial

from .calls import CODE, make_app

AT_ONCE = 12


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), make_app)
    yield opened
    opened.close()


def all_at_once(house: House, key: str, codes: list[str]) -> list[httpx2.Response]:
    """One line each, opened before; then all send."""
    start, token = Barrier(len(codes)), house.token("team1")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}

    def send(code: str) -> httpx2.Response:
        with httpx2.Client(base_url=house.url, headers=headers, timeout=30, trust_env=False) as client:
            client.get("/live/ping")
            start.wait(20)
            return client.post("/api/v1/submissions", json={**CODE, "code": code})

    with ThreadPoolExecutor(len(codes)) as pool:
        return list(pool.map(send, codes))


def known(house: House, username: str = "team1") -> int:
    """How many submissions the account has."""
    with house.client(username) as client:
        return int(client.get("/api/v1/submissions").json()["total"])


def test_the_same_request_at_the_same_moment_is_one_submission(house: House) -> None:
    """Twelve times the same key and body: the same answer for each, and one submission."""
    before = known(house)
    answers = all_at_once(house, "same", ["print(1)"] * AT_ONCE)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert known(house) == before + 1


def test_different_requests_with_one_key_at_the_same_moment(house: House) -> None:
    """One of them wins and is the submission; all others are told that the key is taken; the winner's body again gives its answer."""
    before = known(house)
    codes = [f"print({number})" for number in range(AT_ONCE)]
    answers = all_at_once(house, "different", codes)
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * (AT_ONCE - 1)
    assert known(house) == before + 1
    winner = next(number for number, answer in enumerate(answers) if answer.status_code == 202)
    assert all_at_once(house, "different", [codes[winner]])[0].text == answers[winner].text
    assert known(house) == before + 1


@pytest.mark.parametrize("how", ["hung-up", "reset"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_a_line_cut_in_mid_body_leaves_nothing(house: House, how: str, chunked: bool) -> None:
    """Half of a body, or all of it but the last byte or the last chunk: no submission, and its key is free."""
    before, key = known(house), f"cut-{how}-{chunked}"
    body = json.dumps(CODE).encode()
    head = (
        f"POST /api/v1/submissions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {house.token('team1')}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\n"
    ).encode()
    for size in (0, len(body) // 2, len(body) - 1):
        with dial(house.ports.people) as line:
            if chunked:
                whole = b"%x\r\n%b\r\n" % (len(body), body)
                line.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + whole[: size + 6])
            else:
                line.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body[:size])
            if how == "reset":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                line.shutdown(socket.SHUT_WR)
                while line.recv(4096):
                    pass
    assert known(house) == before
    with house.client("team1") as client:
        answer = client.post("/api/v1/submissions", json={**CODE, "code": "other"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 202
    assert known(house) == before + 1
