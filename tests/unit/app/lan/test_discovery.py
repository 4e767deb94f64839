"""Servers are found by mDNS; here on loopback alone, as in the demo."""

from __future__ import annotations

import subprocess
import sys

from app.lan.announce import Announcer
from app.lan.discover import Candidate, Discovery
from app.lan.interfaces import LOOPBACK, Interface, addresses_for, interfaces

SERVER_ID = "00d2c0ffee00d2c0"
OTHER_PROCESS = f"""
import sys
from app.lan.announce import Announcer
announcer = Announcer("{SERVER_ID}", 4711)
announcer.announce(["127.0.0.1"])
sys.stdin.read()
announcer.close()
"""


def find(discovery: Discovery, server_id: str) -> Candidate | None:
    """The candidate of this server; others on the machine may be announced too."""
    while (candidate := discovery.next(10)) is not None:
        if candidate.server_id == server_id:
            return candidate
    return None


def test_machine_finds_a_server_of_another_process() -> None:
    """A judge machine that waits hears a server that starts later, with its id and node port."""
    with Discovery([LOOPBACK]) as discovery:
        server = subprocess.Popen([sys.executable, "-c", OTHER_PROCESS], stdin=subprocess.PIPE)
        try:
            assert find(discovery, SERVER_ID) == Candidate(SERVER_ID, LOOPBACK, 4711)
        finally:
            server.communicate()
    assert server.returncode == 0


def test_nothing_there_is_an_answer_in_time() -> None:
    """Without a server the search ends at its time limit with nothing."""
    with Discovery([LOOPBACK]) as discovery:
        assert discovery.next(0) is None


def test_announcing_follows_the_addresses() -> None:
    """Announcing again with the same addresses changes nothing; with none the server falls silent."""
    announcer = Announcer("00d2c0ffee00d2c1", 4712)
    try:
        announcer.announce([LOOPBACK])
        announcer.announce([LOOPBACK])
        assert announcer.addresses == (LOOPBACK,)
        announcer.announce([])
        assert announcer.addresses == ()
    finally:
        announcer.close()


def test_addresses_of_a_listener() -> None:
    """A server on all interfaces is reached by each address, one on a single address by that alone."""
    present = (Interface("eth0", "192.0.2.7"), Interface("lo", LOOPBACK))
    assert addresses_for("0.0.0.0", present) == ("192.0.2.7", LOOPBACK)
    assert addresses_for("192.0.2.7", present) == ("192.0.2.7",)
    assert any(one.is_loopback for one in interfaces())
