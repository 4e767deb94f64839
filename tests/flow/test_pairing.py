"""A machine and a server meet over real TLS; a person compares letters; somebody in between is seen."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from gate_house import House, open_house
from gate_pages import EchoPages

from app.core.errors import Fault, Refusal
from app.lan.asking import LinkDown
from app.lan.joining import join
from app.lan.membership import Membership
from app.lan.pki import open_authority
from app.wire.judge_v1 import Hello
from flow.middle import Middle, Rogue
from judge_node.finding import pair
from judge_node.server_link import Endpoint, ServerLink
from judge_node.settings import NodeSettings


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), EchoPages().app)
    yield opened
    opened.close()


class Screen:
    """The machine's own screen: the letters that somebody standing there reads."""

    def __init__(self) -> None:
        self.shown: Future[tuple[str, str]] = Future()

    def show(self, code: str, server_id: str) -> None:
        self.shown.set_result((code, server_id))


@contextmanager
def joining(
    url: str, name: str, expect: str = ""
) -> Iterator[tuple[Screen, Future[Membership | None], threading.Event]]:
    """A machine that asks to join in a thread of its own."""
    screen, stop = Screen(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            join,
            url,
            name=name,
            facts={},
            expect=expect,
            random_bytes=secrets.token_bytes,
            show_code=screen.show,
            stop=stop,
        )
        try:
            yield screen, asked, stop
        finally:
            stop.set()


def node_url(house: House) -> str:
    return f"https://127.0.0.1:{house.ports.nodes}"


def pending_code(house: House, name: str) -> tuple[str, str]:
    """(request id, letters) that the organiser sees for this machine."""
    return next((one.request_id, one.code) for one in house.services.machines.pending() if one.name == name)


def hello() -> Hello:
    return Hello(facts={}, slots=1, languages=[], selftest_passed=True, free_memory_bytes=1)


def test_machine_joins_and_is_known_until_it_is_unpaired(house: House) -> None:
    """Same letters on both screens; after the approval the machine has its token, and unpaired it is a stranger again."""
    with joining(node_url(house), "lab-1") as (screen, asked, _):
        code, server_id = screen.shown.result(10)
        request_id, shown = pending_code(house, "lab-1")
        assert code == shown
        assert server_id == open_authority(house.folder / "secrets").server_id
        house.services.machines.approve(request_id, code).result(10)
        member = asked.result(10)
    assert member is not None
    link = ServerLink(Endpoint(member))
    assert link.hello(hello()).node_id == member.node_id
    house.services.machines.unpair(house.services.machines.list()[0].id).result(10)
    with pytest.raises(Refusal) as stranger:
        link.hello(hello())
    assert stranger.value.code == 401
    link.close()


def test_refused_machine_hears_it_at_once(house: House) -> None:
    """The organiser refuses; the machine does not wait for its poll to end."""
    with joining(node_url(house), "lab-2") as (screen, asked, _):
        screen.shown.result(10)
        house.services.machines.refuse(pending_code(house, "lab-2")[0])
        with pytest.raises(Refusal, match="refused"):
            asked.result(10)


def test_machine_that_expects_another_server_asks_nobody(house: House) -> None:
    """With --expect a machine tells nothing to any other server, not even its number."""
    with joining(node_url(house), "lab-3", expect="0" * 16) as (screen, asked, _):
        with pytest.raises(Refusal, match="not 0000000000000000"):
            asked.result(10)
        assert not screen.shown.done()
    assert all(one.name != "lab-3" for one in house.services.machines.pending())


@contextmanager
def middle_of(house: House, folder: Path, forge: str) -> Iterator[Middle]:
    own = open_authority(folder)
    real_ca = open_authority(house.folder / "secrets").pem
    middle = Middle(node_url(house), own, forge.replace("REAL", real_ca).replace("OWN", own.pem))
    try:
        yield middle
    finally:
        middle.close()


def test_man_in_the_middle_shows_other_letters(house: House, tmp_path: Path) -> None:
    """He hands on everything but the certificate: the letters on the two screens differ, and the organiser sees it."""
    with middle_of(house, tmp_path, "OWN") as middle, joining(middle.url, "lab-4") as (screen, asked, _):
        code, server_id = screen.shown.result(10)
        request_id, shown = pending_code(house, "lab-4")
        assert code != shown
        assert server_id != open_authority(house.folder / "secrets").server_id
        with pytest.raises(Refusal):
            house.services.machines.approve(request_id, code)
        house.services.machines.refuse(request_id)
        with pytest.raises(Refusal):
            asked.result(10)


@pytest.mark.parametrize("forge", ["REAL", "REALOWN"])
def test_man_in_the_middle_cannot_wear_the_servers_certificate(house: House, tmp_path: Path, forge: str) -> None:
    """He shows the server's own CA so that the letters would agree (and his behind it): he does not hold its key, so nothing is asked."""
    with middle_of(house, tmp_path, forge) as middle, joining(middle.url, "lab-5") as (screen, asked, _):
        with pytest.raises(Fault, match="stand in between"):
            asked.result(10)
        assert not screen.shown.done()
    assert all(one.name != "lab-5" for one in house.services.machines.pending())


@pytest.mark.parametrize(
    "answer", [b"<html>", b"{}", b'{"request_id": "x", "server_nonce": "y", "ca_pem": ""}', b"[" * 50_000, None]
)
def test_stranger_at_the_address_harms_nobody(
    house: House, tmp_path: Path, answer: bytes | None, expected_warnings: list[str]
) -> None:
    """Who answers there is no server of ours: nonsense, or bytes without end. The machine says so, asks on, and finds the right one."""
    expected_warnings.append("answer")
    rogue = Rogue(open_authority(tmp_path), answer)
    with joining(rogue.url, "lab-7") as (_, asked, _stop), pytest.raises(LinkDown):
        asked.result(20)
    settings = NodeSettings(data=tmp_path, name="lab-7", slots=1, server=rogue.url)
    stop, asked_twice = threading.Event(), threading.Event()
    rogue.on_request = lambda: asked_twice.set() if rogue.requests >= 3 else None
    with ThreadPoolExecutor(1) as pool:
        pairing = pool.submit(pair, settings, lambda code, server_id: None, stop)
        assert asked_twice.wait(20), "it asks again and again"
        stop.set()
        assert pairing.result(20) is None
    rogue.close()


def test_token_is_shown_to_the_own_server_only(house: House, tmp_path: Path) -> None:
    """Somebody takes the server's address later: the machine finds another certificate there and says nothing."""
    with joining(node_url(house), "lab-6") as (screen, asked, _):
        code, _ = screen.shown.result(10)
        house.services.machines.approve(pending_code(house, "lab-6")[0], code).result(10)
        member = asked.result(10)
    assert member is not None
    with middle_of(house, tmp_path, "OWN") as middle:
        endpoint = Endpoint(member)
        endpoint.move(middle.url)
        link = ServerLink(endpoint)
        with pytest.raises(LinkDown, match="Another server"):
            link.hello(hello())
        link.close()
