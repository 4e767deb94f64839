"""The node's half of wire/judge_v1: one method a message, over TLS 1.3 to the pinned CA and nobody else.

A link belongs to one thread. Where the server is may change while it is used (it got another address); who it is may not. Two kinds of
failure: LinkDown, when nobody answers or the server is busy (try again later), and the server's own Refusal: 401 when this node is not
paired any more, 409 when it has to say hello, others when the request itself is wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from app.lan.asking import (
    ANSWER_SECONDS,
    SHORT_BYTES,
    LinkDown,
    Reply,
    as_link_down,
    open_client,
    parse,
    post,
    raise_for,
    read_reply,
)
from app.lan.membership import Membership
from app.lan.tls import pinned_context
from app.wire.judge_v1 import (
    LEASE_SECONDS,
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

_PREFIX = "/judge/v1"
_RENEW_SECONDS = LEASE_SECONDS / 3
"""A connection that died without a word must leave time for another try before the leases expire."""
_LEASE_SECONDS = 35.0
_OUTPUT_SECONDS = 20.0
_CHUNK = 256 * 1024

A = TypeVar("A", bound=BaseModel)


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
        return parse(self._post("/renew", message, _RENEW_SECONDS), RenewAnswer)

    def report(self, message: Report) -> ReportAnswer:
        """Progress."""
        return self._ask("/report", message, ReportAnswer)

    def finish(self, message: Finish) -> ReportAnswer:
        """The end of a lease."""
        return self._ask("/finish", message, ReportAnswer)

    def give_back(self, message: GiveBack) -> None:
        """We stop with this lease."""
        self._post("/give_back", message, ANSWER_SECONDS)

    def fault(self, message: FaultReport) -> None:
        """We failed on this lease."""
        self._post("/fault", message, ANSWER_SECONDS)

    def blob(self, sha256: str, lease_id: str, offset: int) -> Iterator[bytes]:
        """The bytes of a blob from an offset on, in pieces. LinkDown in the middle: go on with the offset reached."""
        url = f"{self._endpoint.url}{_PREFIX}/blobs/{sha256}"
        headers = {"accept-encoding": "identity", **({"range": f"bytes={offset}-"} if offset else {})}
        with (
            as_link_down(),
            self._client.stream("GET", url, params={"lease": lease_id}, headers=headers) as response,
        ):
            if response.status_code not in (200, 206):
                raise_for(read_reply(response, SHORT_BYTES))
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

    def put_blob(self, sha256: str, lease_id: str, path: Path) -> None:
        """Gives the server the whole output of a run. Refusal 413 or 507 where it keeps no more."""
        url = f"{self._endpoint.url}{_PREFIX}/blobs/{sha256}"
        kind = {"content-type": "application/octet-stream"}
        with as_link_down(), path.open("rb") as file:
            response = self._client.put(
                url, params={"lease": lease_id}, content=file, headers=kind, timeout=_OUTPUT_SECONDS
            )
        if response.status_code != 204:
            raise_for(Reply(response.status_code, response.content, b""))

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()

    def _ask(self, path: str, message: BaseModel, answer: type[A]) -> A:
        return parse(self._post(path, message, ANSWER_SECONDS), answer)

    def _post(self, path: str, message: BaseModel, seconds: float) -> Reply:
        return post(self._client, f"{self._endpoint.url}{_PREFIX}{path}", message.model_dump_json(), seconds)
