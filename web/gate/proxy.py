"""Everything that the gate does not answer itself: passed on to Flask behind waitress, over a Unix socket (FRONT_DOOR 4).

Theory of operation. The request's body is complete before this is asked, and Flask's answer is read whole before anybody gets it, so that
slow visitors never hold one of the 16 connections. At most 200 requests wait for a connection, at most 5 s. The client keeps no cookies
(DummyCookieJar: the default jar hands one visitor's cookies to the next), follows no redirect and leaves encodings alone. Headers that
mean something only to the next hop are dropped both ways; the visitor's own X-Contestbox-* and X-Forwarded-* are dropped before ours are
added: the secret that waitress' side checks, the arrival time, the client's address. An answer may name a file by X-Contestbox-Blob.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from pathlib import Path

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from app.core.errors import Fault, Refusal
from web.gate.accept import accepts_gzip
from web.gate.exchange import FilePart, GateResponse
from web.gate.visit import Answer, Visit

CONNECTIONS = 16
MOST_QUEUED = 200
QUEUE_SECONDS = 5.0
ANSWER_SECONDS = 30.0
LARGEST_ANSWER = 2 * 1024 * 1024
"""Flask promises 1 MiB; a little more is let through, much more is a fault."""

LARGEST_SHARED = 16 * 1024 * 1024
SMALLEST_PACKED = 1400
"""Less than this is one packet anyway."""
PACKING = 4
_PACKABLE = ("text/", "application/json")

BLOB_HEADER = "x-contestbox-blob"
_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_OURS = ("x-contestbox-", "x-forwarded-")
_NEVER_IN = _HOP | {"content-length", "expect", "forwarded"}
_NEVER_OUT = _HOP | {"content-length", "date", "server"}

BlobPath = Callable[[str], Path | None]
"""The file of a blob by its SHA-256, None for an unknown one."""


class Proxy:
    """The client of one gate. `open` and everything after it belongs to the loop's thread."""

    def __init__(self, socket_path: Path, secret: str, blob_path: BlobPath, executor: Executor) -> None:
        self._socket_path = socket_path
        self._secret = secret
        self._blob_path = blob_path
        self._executor = executor
        self._session: aiohttp.ClientSession | None = None
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._queued = 0

    async def open(self) -> None:
        """Makes the client, in the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(self._socket_path), limit=CONNECTIONS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            max_line_size=64 * 1024,
            max_field_size=64 * 1024,
        )

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def __call__(self, visit: Visit) -> Answer:
        """The handler: Flask's answer to this visit, packed where that pays and the visitor takes it."""
        answer = await self.ask(visit)
        if len(answer.body) < SMALLEST_PACKED or not accepts_gzip(visit.head.headers.get("accept-encoding", "")):
            return answer
        given = dict(answer.headers)
        if "content-encoding" in given or not given.get("content-type", "").startswith(_PACKABLE):
            return answer
        packed = await asyncio.get_running_loop().run_in_executor(self._executor, gzip.compress, answer.body, PACKING)
        vary = ", ".join(filter(None, (given.get("vary"), "Accept-Encoding")))
        headers = tuple(pair for pair in answer.headers if pair[0] != "vary")
        return GateResponse(answer.status, (*headers, ("vary", vary), ("content-encoding", "gzip")), packed)

    async def ask(self, visit: Visit, extra: tuple[tuple[str, str], ...] = (), *, bare: bool = False) -> GateResponse:
        """Flask's answer. `extra` headers are added last; `bare` leaves out everything that names the visitor or their cached copies.

        A bare answer is drawn once for many and may be larger: the whole board of a hall.
        """
        headers = self._headers_in(visit, extra, bare=bare)
        async with self._connection():
            answer = await self._exchange(visit, headers, LARGEST_SHARED if bare else LARGEST_ANSWER)
        return await self._with_file(answer)

    def _headers_in(self, visit: Visit, extra: tuple[tuple[str, str], ...], *, bare: bool) -> CIMultiDict[str]:
        head = visit.head
        named_hops = {name.strip().lower() for name in head.headers.get("connection", "").split(",")}
        headers: CIMultiDict[str] = CIMultiDict()
        for name, value in head.pairs:
            # A name with "_" would be the same as one with "-" to WSGI.
            if "_" in name or name in _NEVER_IN or name in named_hops or name.startswith(_OURS):
                continue
            if bare and name not in ("host", "accept"):
                continue
            headers.add(name, _ascii(value))
        headers["X-Contestbox-Secret"] = self._secret
        headers["X-Contestbox-Arrived"] = str(visit.arrived)
        headers["X-Forwarded-For"] = head.address
        headers["X-Forwarded-Proto"] = head.scheme
        if visit.body.size or head.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(visit.body.size)
        for name, value in extra:
            headers[name] = value
        return headers

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[None]:
        if self._free.locked() and self._queued >= MOST_QUEUED:
            raise _busy()
        self._queued += 1
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._queued -= 1
        try:
            yield
        finally:
            self._free.release()

    async def _exchange(self, visit: Visit, headers: CIMultiDict[str], most: int) -> GateResponse:
        if self._session is None:
            raise Fault("gate", "The gate's client is not open.")
        method = visit.head.method
        body = visit.body.file if visit.body.file is not None else (visit.body.data or None)
        url = URL(f"http://contestbox{visit.head.target}", encoded=True)
        try:
            async with self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False
            ) as response:
                data = bytearray()
                async for piece in response.content.iter_any():
                    data += piece
                    if len(data) > most:
                        response.close()
                        raise Fault("pages", f"A page is larger than {most} bytes: {visit.head.path}")
                out = tuple((k.lower(), v) for k, v in response.headers.items() if k.lower() not in _NEVER_OUT)
                return GateResponse(response.status, out, bytes(data))
        except TimeoutError:
            raise Refusal(503, "The page took too long; try again in a moment.", retry_after_seconds=5) from None
        except aiohttp.ClientError as error:
            raise Fault("pages", f"The pages' server did not answer: {error}") from error

    async def _with_file(self, answer: GateResponse) -> GateResponse:
        digest = next((value for name, value in answer.headers if name == BLOB_HEADER), None)
        headers = tuple((name, value) for name, value in answer.headers if not name.startswith("x-contestbox-"))
        if digest is None or answer.status != 200:
            return GateResponse(answer.status, headers, answer.body)
        loop = asyncio.get_running_loop()
        part = await loop.run_in_executor(self._executor, self._file_of, digest)
        return GateResponse(answer.status, headers, file=part)

    def _file_of(self, digest: str) -> FilePart:
        path = self._blob_path(digest)
        if path is None:
            raise Refusal(404, "There is no such file.")
        return FilePart(path, 0, path.stat().st_size)


def _busy() -> Refusal:
    return Refusal(503, "The server is busy; try again in a moment.", retry_after_seconds=3)


def _ascii(value: str) -> str:
    return value.encode("ascii", "replace").decode("ascii")
