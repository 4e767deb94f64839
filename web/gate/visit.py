"""A visit: one request as the gate's handlers see it, and the two kinds of answers that they give."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from app.core.clock import Instant
from app.core.people import ANONYMOUS, Caller
from web.gate.exchange import GateRequest, GateResponse


@dataclass(frozen=True, slots=True)
class Head:
    """A request's head after the limits were held.

    `path` is decoded, `target` the raw path with its query as sent; `headers` has lower-case names and repeated ones joined, `pairs` every
    header as sent; `host` is the one Host header; `query` holds the last value of each name.
    """

    method: str
    path: str
    target: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...]
    host: str
    address: str
    scheme: str

    @property
    def wants_html(self) -> bool:
        """Whether a person with a browser reads the answer: decides the form of errors."""
        if self.path.startswith(("/api/", "/live", "/admin/", "/judge/")) or self.path.endswith(".json"):
            return False
        return "text/html" in self.headers.get("accept", "")

    def cookie(self, name: str) -> str:
        """The value of a cookie, "" where it is absent. With the name sent twice the first counts, as browsers order them."""
        for part in self.headers.get("cookie", "").split(";"):
            key, separator, value = part.strip().partition("=")
            if separator and key == name:
                return value
        return ""

    @property
    def bearer(self) -> str:
        """The token of `Authorization: Bearer …`, "" where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Body:
    """A complete body: in memory, or in an unnamed temporary file that stands at its beginning."""

    data: bytes = b""
    file: BinaryIO | None = None
    size: int = 0


def _never() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


_NEVER = Instant(0)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with its body, and who sent it. `gone()` is done when the visitor has hung up; `token` is what the caller showed."""

    head: Head
    caller: Caller = ANONYMOUS
    token: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    body: Body = Body()
    arrived: Instant = _NEVER
    gone: Callable[[], asyncio.Future[None]] = _never

    def exchange(self) -> GateRequest:
        """The same as the plain value that framework-free handlers take. Its body must be in memory."""
        head = self.head
        return GateRequest(
            method=head.method,
            path=head.path,
            query=head.query,
            headers=head.headers,
            body=self.body.data,
            address=head.address,
            arrived=self.arrived,
            gone=self.gone,
        )


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that goes on: chunks are sent as they come, until the iterator ends or the visitor has gone.

    `release` is called once at the end, also when not one chunk was asked for.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: AsyncIterator[bytes]
    release: Callable[[], None] = _nothing


Answer = GateResponse | Streamed
Handler = Callable[[Visit], Awaitable[Answer]]
