"""Machines that want to join: the server's half of pairing (see app/lan/pairing), in memory, bounded and short-lived.

A request lives at most five minutes, and only while its machine keeps asking: a machine that was switched off leaves no letters behind
that somebody might approve. Once approved its token is told once, to whoever knows the request's 128-bit name, over the TLS that the node
checked against the CA.
"""

from __future__ import annotations

import ipaddress
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.core.clock import Clock, Instant
from app.core.errors import Refusal
from app.core.ids import NodeId
from app.lan.pairing import NONCE_BYTES, opens, pairing_code, same_code
from app.wire.admin_v1 import PendingJoin
from app.wire.judge_v1 import JoinChallenge, JoinRequest, JoinResult

MOST_PENDING = 20
MOST_PER_ADDRESS = 5
"""So that one machine gone wild does not take all places; this machine itself may host many nodes."""
LIFE_SECONDS = 300
SILENCE_SECONDS = 60
_GONE = "This request is over; the machine asks again by itself."


@dataclass(frozen=True, slots=True)
class Knock:
    """One machine's request. `code` is "" until it opened its number; `token` is set between approval and telling."""

    request_id: str
    name: str
    address: str
    facts: dict[str, Any]
    commitment: str
    server_nonce: bytes
    since: Instant
    heard: Instant
    kind: str = "node"
    code: str = ""
    state: str = "waiting"
    token: str = ""
    node_id: str = ""


class PairingDesk:
    """At most 20 requests. Any thread; the lock is held for moments only."""

    def __init__(
        self, clock: Clock, ca_der: bytes, ca_pem: str, random_bytes: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._clock = clock
        self._ca_der = ca_der
        self._ca_pem = ca_pem
        self._random_bytes = random_bytes
        self._lock = threading.Lock()
        self._knocks: dict[str, Knock] = {}

    def begin(self, request: JoinRequest, address: str) -> JoinChallenge:
        """The first step. Refusal(503) while 20 others wait."""
        now = self._clock.now()
        with self._lock:
            self._sweep(now)
            self._require_place(address)
            request_id = self._random_bytes(16).hex()
            knock = Knock(
                request_id=request_id,
                name=_printable(request.name) or address,
                address=address,
                facts=request.facts,
                commitment=request.commitment,
                server_nonce=self._random_bytes(NONCE_BYTES),
                since=now,
                heard=now,
                kind=request.kind,
            )
            self._knocks[request_id] = knock
        return JoinChallenge(request_id=request_id, server_nonce=knock.server_nonce.hex(), ca_pem=self._ca_pem)

    def open(self, request_id: str, node_nonce: bytes) -> int:
        """The node's number; seconds until the request expires. Refusal(422) ends a request whose number was not the committed one."""
        now = self._clock.now()
        with self._lock:
            knock = self._live(request_id, now)
            if not opens(node_nonce, knock.commitment):
                del self._knocks[request_id]
                raise Refusal(422, "The number does not open the commitment; the request is closed.")
            if not knock.code:
                code = pairing_code(self._ca_der, node_nonce, knock.server_nonce)
                self._knocks[request_id] = replace(knock, code=code, heard=now)
            return LIFE_SECONDS - (now - knock.since) // 1000

    def poll(self, request_id: str) -> JoinResult:
        """What became of a request; the token is in exactly one answer."""
        now = self._clock.now()
        with self._lock:
            self._sweep(now)
            knock = self._knocks.get(request_id)
            if knock is None:
                return JoinResult(state="expired")
            if knock.state in ("waiting", "approving"):
                self._knocks[request_id] = replace(knock, heard=now)
                return JoinResult(state="waiting")
            del self._knocks[request_id]
            if knock.state == "approved":
                return JoinResult(state="approved", token=knock.token, node_id=knock.node_id)
            return JoinResult(state="refused")

    def take(self, request_id: str, code: str) -> Knock:
        """The request that the organiser wants to approve, if these are its letters; kept for `approve` or `release`.

        Refusal(404) when it is gone, 409 while its number isn't open or it was answered before, 422 for other letters.
        """
        with self._lock:
            knock = self._live(request_id, self._clock.now())
            if not knock.code or knock.state != "waiting":
                raise Refusal(409, "This machine cannot be approved now.")
            if not same_code(code, knock.code):
                raise Refusal(
                    422,
                    "These are not this request's letters. If the machine's own screen shows them, somebody stands between you: refuse.",
                    fields={"code": "differs"},
                )
            # A second click finds it taken: one request never becomes two machines.
            self._knocks[request_id] = replace(knock, state="approving")
        return knock

    def release(self, request_id: str) -> None:
        """The approval could not be written: the request waits again."""
        with self._lock:
            knock = self._knocks.get(request_id)
            if knock is not None and knock.state == "approving":
                self._knocks[request_id] = replace(knock, state="waiting")

    def approve(self, request_id: str, node_id: NodeId, token: str) -> None:
        """Puts the token down for the machine's next question; nothing when the request is gone by now."""
        with self._lock:
            knock = self._knocks.get(request_id)
            if knock is not None:
                self._knocks[request_id] = replace(knock, state="approved", node_id=node_id, token=token)

    def refuse(self, request_id: str) -> None:
        """Refusal(404) when it is gone."""
        with self._lock:
            knock = self._live(request_id, self._clock.now())
            self._knocks[request_id] = replace(knock, state="refused")

    def pending(self) -> list[PendingJoin]:
        """The requests that a person can decide now, oldest first."""
        with self._lock:
            self._sweep(self._clock.now())
            waiting = [one for one in self._knocks.values() if one.code and one.state == "waiting"]
        return [
            PendingJoin(
                request_id=one.request_id,
                name=one.name,
                address=one.address,
                code=one.code,
                facts=one.facts,
                since_ms=one.since,
                expires_ms=one.since + LIFE_SECONDS * 1000,
                kind=one.kind,
            )
            for one in waiting
        ]

    def _require_place(self, address: str) -> None:
        same = sum(1 for one in self._knocks.values() if one.address == address)
        if len(self._knocks) >= MOST_PENDING or (same >= MOST_PER_ADDRESS and not _is_this_machine(address)):
            raise Refusal(
                503,
                f"{len(self._knocks)} machines wait already; approve or refuse some in the console.",
                retry_after_seconds=10,
            )

    def _live(self, request_id: str, now: Instant) -> Knock:
        self._sweep(now)
        knock = self._knocks.get(request_id)
        if knock is None:
            raise Refusal(404, _GONE)
        return knock

    def _sweep(self, now: Instant) -> None:
        over = [
            one.request_id
            for one in self._knocks.values()
            if now - one.since > LIFE_SECONDS * 1000 or now - one.heard > SILENCE_SECONDS * 1000
        ]
        for request_id in over:
            del self._knocks[request_id]


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _printable(name: str) -> str:
    """A machine's name is shown to people: no control characters, no endless length."""
    return "".join(letter for letter in name if letter.isprintable()).strip()[:60]
