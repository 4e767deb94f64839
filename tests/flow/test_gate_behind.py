"""Reverse proxies before the gate: what they say of a visitor counts; what anybody else says of themselves does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from gate_house import House, open_house
from gate_pages import EchoPages

TOLD = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost"}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gate that believes a proxy on this machine and one at 10.0.0.1."""
    proxies = frozenset({"127.0.0.1", "10.0.0.1"})
    opened = open_house(tmp_path_factory.mktemp("house"), EchoPages().app, behind=proxies)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gate that knows of a proxy elsewhere only."""
    opened = open_house(tmp_path_factory.mktemp("house"), EchoPages().app, behind=frozenset({"10.0.0.1"}))
    yield opened
    opened.close()


def seen(house: House, **headers: str) -> dict[str, Any]:
    """What Flask is told of a visitor who sends these headers."""
    with house.client() as client:
        answer = client.get("/echo", headers={name.replace("_", "-"): value for name, value in headers.items()})
    return dict(answer.json()) if answer.status_code == 200 else {"status": answer.status_code}


@pytest.mark.parametrize(
    ("chain", "visitor"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "127.0.0.1"),
        ("nonsense", "127.0.0.1"),
        ("203.0.113.9, <script>", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_visitor_is_whom_the_nearest_proxy_saw(behind: House, chain: str, visitor: str) -> None:
    """What the visitor wrote further left is not believed; what cannot be read leaves the proxy's own address."""
    assert seen(behind, X_Forwarded_For=chain)["address"] == visitor


def test_scheme_and_host_come_from_the_proxy(behind: House) -> None:
    """TLS ends at the proxy: forms of the https page are taken, the cookie is Secure; a foreign host is refused."""
    told = seen(behind, **{name.replace("-", "_"): value for name, value in TOLD.items()})
    assert told["scheme"] == "https"
    assert dict(told["headers"])["host"] == "localhost"
    assert seen(behind, X_Forwarded_Host="evil.example") == {"status": 400}
    assert seen(behind, X_Forwarded_Proto="gopher")["scheme"] == "http"
    form = {"username": "team1", "password": behind.password("team1")}
    with httpx2.Client(base_url=behind.url, headers=TOLD, trust_env=False) as browser:
        assert browser.post("/sign-in", data=form, headers={"Origin": "http://localhost"}).status_code == 403
        answer = browser.post("/sign-in", data=form, headers={"Origin": "https://localhost"})
        assert answer.status_code == 303
        assert "; Secure" in answer.headers["set-cookie"]


def test_a_visitor_cannot_speak_for_a_proxy(alone: House) -> None:
    """The same headers from any other address change nothing."""
    told = seen(alone, **{name.replace("-", "_"): value for name, value in TOLD.items()})
    assert (told["address"], told["scheme"]) == ("127.0.0.1", "http")
    assert dict(told["headers"])["host"] == f"127.0.0.1:{alone.ports.people}"
    form = {"username": "team1", "password": alone.password("team1")}
    with httpx2.Client(base_url=alone.url, headers=TOLD, trust_env=False) as browser:
        answer = browser.post("/sign-in", data=form, headers={"Origin": alone.url})
        assert "; Secure" not in answer.headers["set-cookie"]
