"""Writing answers: the headers that every answer carries, files in pieces, streams until somebody leaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from app.core.errors import Refusal
from web.gate.exchange import FilePart
from web.gate.visit import Answer, Streamed

Send = Callable[[dict[str, Any]], Awaitable[None]]

PIECE = 32 * 1024
"""The server product queues a dozen of these for a reader that has stopped reading."""

PEOPLE_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
)
"""What browsers are told with every answer that does not say it itself."""
MACHINE_HEADERS = (("x-content-type-options", "nosniff"),)


class Sender:
    """Writes one answer to one request. `closing` adds Connection: close, needed whenever the body was not read whole."""

    def __init__(self, send: Send, executor: Executor, standing: tuple[tuple[str, str], ...]) -> None:
        self._send = send
        self._executor = executor
        self._standing = standing
        self.begun = False

    async def answer(
        self, answer: Answer, *, head_only: bool, closing: bool, gone: asyncio.Future[None] | None
    ) -> None:
        """Sends the whole answer; a stream's iterator is closed whatever happens."""
        if isinstance(answer, Streamed):
            await self._stream(answer, head_only, closing, gone)
            return
        length: int | None = answer.file.length if answer.file else len(answer.body)
        if answer.status in (204, 304):
            length = None
        await self._start(answer.status, answer.headers, length, closing, again=answer.again)
        if head_only or length is None:
            await self._body(b"", more=False)
        elif answer.file is not None:
            await self._file(answer.file)
        else:
            await self._body(answer.body, more=False)

    async def _start(
        self,
        status: int,
        headers: tuple[tuple[str, str], ...],
        length: int | None,
        closing: bool,
        *,
        again: bool = False,
    ) -> None:
        self.begun = True
        write = _remembered if again else _written
        out = write(headers, self._standing, length, closing)
        await self._send({"type": "http.response.start", "status": status, "headers": out})

    async def _body(self, data: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def _file(self, part: FilePart) -> None:
        loop = asyncio.get_running_loop()
        file = await loop.run_in_executor(self._executor, _open_at, part.path, part.offset)
        try:
            sent = 0
            while sent < part.length:
                piece = await loop.run_in_executor(self._executor, file.read, min(PIECE, part.length - sent))
                if not piece:
                    raise OSError(f"{part.path.name} is shorter than promised")
                sent += len(piece)
                await self._body(piece, more=True)
            await self._body(b"", more=False)
        finally:
            file.close()

    async def _chunks(self, answer: Streamed, gone: asyncio.Future[None] | None) -> None:
        # What was allowed when the stream began may be refused later: then it just ends.
        with contextlib.suppress(Refusal):
            async for chunk in answer.chunks:
                if gone is not None and gone.done():
                    return
                await self._body(chunk, more=True)

    async def _stream(
        self, answer: Streamed, head_only: bool, closing: bool, gone: asyncio.Future[None] | None
    ) -> None:
        try:
            await self._start(answer.status, answer.headers, None, closing)
            if not head_only:
                await self._chunks(answer, gone)
            await self._body(b"", more=False)
        finally:
            answer.release()
            close = getattr(answer.chunks, "aclose", None)
            if close is not None:
                await close()


def _open_at(path: Path, offset: int) -> BinaryIO:
    file = path.open("rb")
    file.seek(offset)
    return file


@lru_cache(maxsize=8)
def _encoded(standing: tuple[tuple[str, str], ...]) -> tuple[tuple[str, tuple[bytes, bytes]], ...]:
    pairs = (*standing, ("server", "contestbox"))
    return tuple((name, (name.encode(), value.encode())) for name, value in pairs)


@lru_cache(maxsize=256)
def _beside(names: tuple[str, ...], standing: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    """The standing headers that an answer with headers of these names does not say itself."""
    return tuple(pair for name, pair in _encoded(standing) if name not in names)


def _written(
    headers: tuple[tuple[str, str], ...], standing: tuple[tuple[str, str], ...], length: int | None, closing: bool
) -> list[tuple[bytes, bytes]]:
    out = [(name.encode("latin-1"), _latin(value)) for name, value in headers if name != "content-length"]
    out += _beside(tuple([name for name, _ in headers]), standing)
    if length is not None:
        out.append((b"content-length", str(length).encode()))
    if closing:
        out.append((b"connection", b"close"))
    return out


_remembered = lru_cache(maxsize=1024)(_written)


def _latin(value: str) -> bytes:
    if not value.isprintable():
        value = value.replace("\r", " ").replace("\n", " ")
    return value.encode("latin-1", "replace")
