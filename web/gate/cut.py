"""Shared bytes with holes: cut at the holes once, packed once, and put together for each visitor with what is theirs.

Theory of operation. A page for all teams has a mark in each place of something that is a team's own. It is cut there; each part is
deflated by itself and ends at a byte's border (a sync flush), and so is each filling. Deflated parts laid side by side are one deflate
stream, since none refers to bytes before its own beginning; with gzip's head and the checksum of the plain bytes it is the gzip of the
whole page, though nobody packed it. Where a filling would grow it is stored as it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_END = b"\x03\x00"
_LARGEST_STORED = 0xFFFF
_SMALLEST_PACKED = 64


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Part:
    """Bytes, and their part of a deflate stream."""

    plain: bytes
    deflated: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """`parts` is one longer than `holes`, the names of what belongs between them."""

    parts: tuple[Part, ...]
    holes: tuple[str, ...]


def part(plain: bytes, level: int = 6) -> Part:
    """A part of its own."""
    return Part(plain, _deflated(plain, level))


def cut(plain: bytes, mark: str) -> Cut:
    """Cuts a page at its holes, which web/session.py writes as comments with the mark and the hole's name."""
    pieces = re.split(rb"<!--" + re.escape(mark.encode()) + rb":([^<>]+?)-->", plain)
    return Cut(tuple(part(one) for one in pieces[::2]), tuple(name.decode() for name in pieces[1::2]))


def put_together(found: Cut, fillings: Sequence[Part], *, packed: bool) -> bytes:
    """The whole with its holes filled, in their order: plain, or as gzip."""
    parts = [found.parts[0]]
    for filling, following in zip(fillings, found.parts[1:], strict=True):
        parts += (filling, following)
    if not packed:
        return b"".join([one.plain for one in parts])
    checksum = size = 0
    for one in parts:
        checksum = zlib.crc32(one.plain, checksum)
        size += len(one.plain)
    end = _END + checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join([_HEAD, *(one.deflated for one in parts), end])


def _deflated(plain: bytes, level: int) -> bytes:
    if len(plain) < _SMALLEST_PACKED:
        return _stored(plain)
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = packer.compress(plain) + packer.flush(zlib.Z_SYNC_FLUSH)
    return deflated if len(deflated) < len(plain) else _stored(plain)


def _stored(plain: bytes) -> bytes:
    blocks = [plain[at : at + _LARGEST_STORED] for at in range(0, len(plain), _LARGEST_STORED)]
    return b"".join(
        b"\0" + len(one).to_bytes(2, "little") + (len(one) ^ 0xFFFF).to_bytes(2, "little") + one for one in blocks
    )
