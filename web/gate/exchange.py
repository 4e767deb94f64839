"""One exchange of HTTP as values: what a handler takes and gives, whatever server product carries it.

Handlers are `async def handle(request: GateRequest) -> GateResponse`. Whoever serves them has read the body whole and held its limits
before; whoever sends the answer adds Content-Length, Date and the security headers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from app.core.clock import Instant
from app.core.errors import Refusal


@dataclass(frozen=True, slots=True)
class GateRequest:
    """A request whose body is complete.

    `path` is decoded and without the query; `query` holds the last value of each name; header names are lower case; `address` is the
    client's IP address without its port; `arrived` is when the body was complete (None: the handler asks its own clock); `gone()` is
    done when the client has hung up (None: nobody can tell).
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""
    arrived: Instant | None = None
    gone: Callable[[], asyncio.Future[None]] | None = None

    @property
    def bearer(self) -> str:
        """The token of `Authorization: Bearer …`, "" where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a file to send as the body: `length` bytes from `offset`. The file is immutable while it is sent."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class GateResponse:
    """An answer: its body is `body`, or `file` where that is set. A 204 or 304 has neither.

    `again`: the same headers go out many times, so it pays to remember how they are written.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    file: FilePart | None = None
    again: bool = False


def json_response(
    status: int, value: BaseModel | Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()
) -> GateResponse:
    """An answer in JSON that nobody keeps."""
    text = value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value, separators=(",", ":"))
    kind = (("content-type", "application/json"), ("cache-control", "no-store"))
    return GateResponse(status, (*kind, *headers), text.encode())


def refusal_response(refusal: Refusal) -> GateResponse:
    """The JSON error body of API.md, with Retry-After where the refusal names it."""
    value: dict[str, Any] = {"code": refusal.code, "message": refusal.sentence}
    if refusal.fields:
        value["fields"] = refusal.fields
    wait = refusal.retry_after_seconds
    return json_response(refusal.code, value, () if wait is None else (("retry-after", str(wait)),))
