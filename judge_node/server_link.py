"""The node's half of wire/judge_v1: one method a message, over TLS 1.3 to the pinned CA and nobody else.

A link belongs to one thread. Where the server is may change while it is used (it got another address); who it is may not. Two kinds of
failure: LinkDown, when nobody answers or the server is busy (try again later), and the server's own Refusal: 401 when this node is not
paired any more, 409 when it has to say hello, others when the request itself is wrong.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from app.core.errors import Fault, Refusal
from app.lan.tls import pinned_context
from app.wire.judge_v1 import (
    FaultReport,
    Finish,
    GiveBack,
    Hello,
    LeaseRequest,
    RenewAnswer,
    RenewRequest,
    Report,
    ReportAnswer,
    TaskGrant,
    Welcome,
)
from judge_node.backoff import Backoff
from judge_node.membership import Membership

_PREFIX = "/judge/v1"
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
_LEASE_SECONDS = 35.0
_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_CHUNK = 256 * 1024
_MOST_BYTES = 64 * 1024 * 1024
MOST_JOIN_BYTES = 64 * 1024
_MOST_SENTENCE = 500

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and the certificate (DER) that its sender showed."""

    status: int
    body: bytes
    peer: bytes


class LinkDown(Fault):
    """Nobody answers, or the server cannot answer now: worth trying again."""

    def __init__(self, sentence: str) -> None:
        super().__init__("link", sentence)


class Endpoint:
    """Where the server is now and how to prove that it is ours. Shared by the links of all threads."""

    def __init__(self, membership: Membership) -> None:
        self.context = pinned_context(membership.ca_pem)
        self.token = membership.token
        self.server_id = membership.server_id
        self._lock = threading.Lock()
        self._url = membership.url

    @property
    def url(self) -> str:
        """The address to use now."""
        with self._lock:
            return self._url

    def move(self, url: str) -> None:
        """The server was found elsewhere."""
        with self._lock:
            self._url = url


class ServerLink:
    """One thread's connection to the server, opened when it is needed."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client = open_client(endpoint.context, {"authorization": f"Bearer {endpoint.token}"})

    def hello(self, message: Hello) -> Welcome:
        """Says who we are and what we offer."""
        return self._ask("/hello", message, Welcome)

    def lease(self, message: LeaseRequest) -> TaskGrant | None:
        """A task; None when there was none within 20 to 25 s."""
        reply = self._post("/lease", message, _LEASE_SECONDS)
        return None if reply.status == 204 else parse(reply, TaskGrant)

    def renew(self, message: RenewRequest) -> RenewAnswer:
        """New terms for the leases that we hold."""
        return self._ask("/renew", message, RenewAnswer)

    def report(self, message: Report) -> ReportAnswer:
        """Progress."""
        return self._ask("/report", message, ReportAnswer)

    def finish(self, message: Finish) -> ReportAnswer:
        """The end of a lease."""
        return self._ask("/finish", message, ReportAnswer)

    def give_back(self, message: GiveBack) -> None:
        """We stop with this lease."""
        self._post("/give_back", message, _ANSWER_SECONDS)

    def fault(self, message: FaultReport) -> None:
        """We failed on this lease."""
        self._post("/fault", message, _ANSWER_SECONDS)

    def blob(self, sha256: str, lease_id: str, offset: int) -> Iterator[bytes]:
        """The bytes of a blob from an offset on, in pieces. LinkDown in the middle: go on with the offset reached."""
        url = f"{self._endpoint.url}{_PREFIX}/blobs/{sha256}"
        headers = {"accept-encoding": "identity", **({"range": f"bytes={offset}-"} if offset else {})}
        with (
            _as_link_down(),
            self._client.stream("GET", url, params={"lease": lease_id}, headers=headers) as response,
        ):
            if response.status_code not in (200, 206):
                _raise_for(_reply(response, MOST_JOIN_BYTES))
            if offset and response.status_code != 206:
                raise LinkDown("The server sent a blob from its beginning again.")
            yield from response.iter_raw(_CHUNK)

    def whole_blob(self, sha256: str, lease_id: str, stop: threading.Event) -> Iterator[bytes]:
        """All bytes of a blob: after a broken connection it goes on where it stopped. LinkDown only when `stop` ends it."""
        offset, backoff = 0, Backoff(cap_seconds=1.0)
        while True:
            try:
                for piece in self.blob(sha256, lease_id, offset):
                    offset += len(piece)
                    backoff.reset()
                    yield piece
            except LinkDown:
                if stop.wait(backoff.next_seconds()):
                    raise
            else:
                return

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()

    def _ask(self, path: str, message: BaseModel, answer: type[A]) -> A:
        return parse(self._post(path, message, _ANSWER_SECONDS), answer)

    def _post(self, path: str, message: BaseModel, seconds: float) -> Reply:
        return post(self._client, f"{self._endpoint.url}{_PREFIX}{path}", message, seconds)


def open_client(context: ssl.SSLContext, headers: dict[str, str] | None = None) -> httpx2.Client:
    """A client that knows no proxy, follows nothing and keeps its connection between leases."""
    return httpx2.Client(
        verify=context,
        trust_env=False,
        follow_redirects=False,
        headers={"user-agent": "contestbox-judge", **(headers or {})},
        timeout=_timeout(_ANSWER_SECONDS),
        limits=httpx2.Limits(max_connections=2, max_keepalive_connections=1, keepalive_expiry=60.0),
    )


def post(client: httpx2.Client, url: str, message: BaseModel, seconds: float, most_bytes: int = _MOST_BYTES) -> Reply:
    """Sends one message; gives an answer of 2xx. LinkDown or the server's Refusal otherwise."""
    with (
        _as_link_down(),
        client.stream(
            "POST",
            url,
            content=message.model_dump_json(),
            headers={"content-type": "application/json"},
            timeout=_timeout(seconds),
        ) as response,
    ):
        reply = _reply(response, most_bytes)
    if not 200 <= reply.status < 300:
        _raise_for(reply)
    return reply


def _reply(response: httpx2.Response, most_bytes: int) -> Reply:
    """The whole answer. Who answers may be anybody while we are not paired: an endless answer is none."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > most_bytes:
            raise LinkDown("Who answers there sends more than any answer holds.")
    tls = response.extensions["network_stream"].get_extra_info("ssl_object")
    peer = tls.getpeercert(True) if tls is not None else None
    return Reply(response.status_code, bytes(body), peer or b"")


def _raise_for(reply: Reply) -> None:
    """The server's refusal as a Refusal, or LinkDown when it only cannot answer now."""
    try:
        body: Any = json.loads(reply.body)
        sentence = str(body["message"])[:_MOST_SENTENCE]
    except (ValueError, KeyError, TypeError, RecursionError):
        sentence = f"The server answered {reply.status}."
    if reply.status in _BUSY:
        raise LinkDown(sentence)
    raise Refusal(reply.status, sentence)


def parse(reply: Reply, kind: type[A]) -> A:
    """A message out of an answer; LinkDown when it is none of this protocol."""
    try:
        return kind.model_validate_json(reply.body)
    except ValidationError as wrong:
        raise LinkDown(
            f"The server's answer is not one of protocol version 1 ({wrong.error_count()} errors)."
        ) from wrong


@contextmanager
def _as_link_down() -> Iterator[None]:
    try:
        yield
    except httpx2.HTTPError as wrong:
        if "CERTIFICATE_VERIFY_FAILED" in str(wrong):
            raise LinkDown(
                "Another server answers at this address: it does not have the certificate of ours."
            ) from wrong
        raise LinkDown(f"The server does not answer ({type(wrong).__name__}: {wrong}).") from wrong


def _timeout(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=_CONNECT_SECONDS)
