"""Bytes that are kept in memory, plain and packed, and the answer made of them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

from web.gate.accept import accepts_gzip, etag_matches
from web.gate.exchange import GateResponse
from web.gate.visit import Head

SMALLEST_GZIP = 512


@dataclass(frozen=True, slots=True)
class Bytes:
    """A body with its type and ETag; `packed` is b"" where packing does not pay."""

    kind: str
    plain: bytes
    packed: bytes
    etag: str


def pack(kind: str, plain: bytes, *, packable: bool = True) -> Bytes:
    """Bytes with their gzip form and an ETag over them."""
    packed = gzip.compress(plain, 6, mtime=0) if packable and len(plain) >= SMALLEST_GZIP else b""
    return Bytes(kind, plain, packed, hashlib.sha256(plain).hexdigest()[:24])


def answer_from(found: Bytes, head: Head, keeping: str, vary: str = "Accept-Encoding") -> GateResponse:
    """200 in the form that the client takes, or 304 when it has them; `keeping` is the Cache-Control."""
    headers = [("etag", f'"{found.etag}"'), ("cache-control", keeping), ("vary", vary)]
    if etag_matches(head.headers.get("if-none-match", ""), found.etag):
        return GateResponse(304, tuple(headers))
    headers.append(("content-type", found.kind))
    if found.packed and accepts_gzip(head.headers.get("accept-encoding", "")):
        return GateResponse(200, (*headers, ("content-encoding", "gzip")), found.packed)
    return GateResponse(200, tuple(headers), found.plain)
