"""Bytes that are kept in memory, plain and packed, and the answer made of them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field

from web.gate.accept import accepts_gzip, etag_matches
from web.gate.cut import Cut
from web.gate.cut import cut as cut_at
from web.gate.exchange import GateResponse
from web.gate.visit import Head

SMALLEST_GZIP = 512


@dataclass(frozen=True, slots=True, eq=False)
class Bytes:
    """A body with its type and ETag; `packed` is b"" where packing does not pay. `cut`: the same at its holes, where it has any.
    `answers`: those made of it so far."""

    kind: str
    plain: bytes
    packed: bytes
    etag: str
    cut: Cut | None = None
    answers: dict[tuple[int, bool, str, str], GateResponse] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        parts = self.cut.parts if self.cut is not None else ()
        return len(self.plain) + len(self.packed) + sum(len(one.plain) + len(one.deflated) for one in parts)


def pack(kind: str, plain: bytes, *, packable: bool = True) -> Bytes:
    """Bytes with their gzip form and an ETag over them."""
    packed = gzip.compress(plain, 6, mtime=0) if packable and len(plain) >= SMALLEST_GZIP else b""
    return Bytes(kind, plain, packed, hashlib.sha256(plain).hexdigest()[:24])


def pack_with_holes(kind: str, plain: bytes, mark: str) -> Bytes:
    """Bytes with their holes, cut there; the ETag is that of what all share."""
    etag = hashlib.sha256(plain).hexdigest()[:24]
    return Bytes(kind, b"", b"", etag, cut_at(plain, mark))


def answer_from(found: Bytes, head: Head, keeping: str, vary: str = "Accept-Encoding") -> GateResponse:
    """200 in the form that the client takes, or 304 when it has them; `keeping` is the Cache-Control."""
    known = head.headers.get("if-none-match", "")
    status = 304 if known and etag_matches(known, found.etag) else 200
    packed = bool(found.packed) and accepts_gzip(head.headers.get("accept-encoding", ""))
    key = (status, packed, keeping, vary)
    return found.answers.get(key) or found.answers.setdefault(key, _answer(found, *key))


def _answer(found: Bytes, status: int, packed: bool, keeping: str, vary: str) -> GateResponse:
    headers = [("etag", f'"{found.etag}"'), ("cache-control", keeping), ("vary", vary)]
    if status == 304:
        return GateResponse(304, tuple(headers), again=True)
    headers.append(("content-type", found.kind))
    if packed:
        headers.append(("content-encoding", "gzip"))
    return GateResponse(200, tuple(headers), found.packed if packed else found.plain, again=True)
