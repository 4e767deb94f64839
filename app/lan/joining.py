"""The half of pairing of whoever joins, a judge node or a console (app/lan/pairing says why it is done like this).

The first request goes to somebody unknown, so it carries only the commitment; the TLS peer must hold a certificate of the CA that its
answer brings. Everything after it goes over a connection pinned to that CA: the number, and at the end the token. Whether that CA is the
organiser's own is what the eight letters show. Of the CA's text exactly one certificate is taken, the one that the letters cover: a
second one smuggled in behind it is never trusted.

The messages are app.wire.judge_v1's (Join…), written here once more because `lan` and `wire` do not know each other.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Annotated, Any, Literal

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, Field

from app.core.errors import Fault, Refusal
from app.lan.asking import SHORT_BYTES, open_client, parse, post
from app.lan.membership import Membership
from app.lan.pairing import NONCE_BYTES, commitment, pairing_code
from app.lan.pki import id_of_certificate, is_issued_by, load_ca
from app.lan.tls import pinned_context, unpinned_context

_PREFIX = "/judge/v1"
_POLL_SECONDS = 30.0

ShowCode = Callable[[str, str], None]
"""Shows (code, server id) to whoever stands before the machine."""


class _Challenge(BaseModel):
    request_id: str
    server_nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    ca_pem: str


class _Result(BaseModel):
    state: Literal["waiting", "approved", "refused", "expired"]
    token: str = ""
    node_id: str = ""


def join(
    url: str,
    *,
    name: str,
    kind: Literal["node", "console"] = "node",
    facts: dict[str, Any],
    expect: str,
    random_bytes: Callable[[int], bytes],
    show_code: ShowCode,
    stop: threading.Event,
) -> Membership | None:
    """Asks the server at `url` to be let in as a node or a console and waits for the organiser; None when `stop` ended it.

    Refusal(403) when the organiser refused or the server is another than `expect`, 408 when it took too long; Fault("pairing") when
    the peer is not who it says; LinkDown when nobody answers.
    """
    nonce = random_bytes(NONCE_BYTES)
    request = {"commitment": commitment(nonce), "name": name[:200], "facts": facts, "kind": kind}
    challenge, ca = _knock(url, request)
    server_id = id_of_certificate(ca)
    if expect and server_id != expect:
        raise Refusal(403, f"The server at {url} is {server_id}, not {expect}; it is not asked.")
    ca_pem = ca.public_bytes(Encoding.PEM).decode()
    with open_client(pinned_context(ca_pem)) as client:
        opened = {"request_id": challenge.request_id, "node_nonce": nonce.hex()}
        post(client, f"{url}{_PREFIX}/join/open", json.dumps(opened), most_bytes=SHORT_BYTES)
        der = ca.public_bytes(Encoding.DER)
        show_code(pairing_code(der, nonce, bytes.fromhex(challenge.server_nonce)), server_id)
        result = _wait(client, url, challenge.request_id, stop)
    if result is None:
        return None
    return Membership(url, server_id, result.node_id, result.token, ca_pem)


def _knock(url: str, request: dict[str, Any]) -> tuple[_Challenge, x509.Certificate]:
    with open_client(unpinned_context()) as client:
        reply = post(client, f"{url}{_PREFIX}/join", json.dumps(request), most_bytes=SHORT_BYTES)
        challenge = parse(reply, _Challenge)
        try:
            ca = load_ca(challenge.ca_pem)
            leaf = x509.load_der_x509_certificate(reply.peer)
        except ValueError as wrong:
            raise Fault("pairing", f"The server at {url} sent a certificate that cannot be read.") from wrong
    if not is_issued_by(leaf, ca):
        raise Fault(
            "pairing",
            f"Who answers at {url} does not hold a certificate of the server that it names: somebody may stand in between.",
        )
    return challenge, ca


def _wait(client: httpx2.Client, url: str, request_id: str, stop: threading.Event) -> _Result | None:
    question = json.dumps({"request_id": request_id})
    while not stop.is_set():
        result = parse(post(client, f"{url}{_PREFIX}/join/poll", question, _POLL_SECONDS, SHORT_BYTES), _Result)
        if result.state == "approved":
            return result
        if result.state == "refused":
            raise Refusal(403, "The organiser refused this machine.")
        if result.state == "expired":
            raise Refusal(408, "Nobody approved this machine in time; it asks again.")
    return None
