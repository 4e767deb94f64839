"""Reading a body whole, with the limits of DESIGN 3: known size, moving all the time, small ones in memory and large ones in a file.

A body must bring at least 1 KB/s in every span of 10 s. A total average would let somebody send 7 MiB at once and then hold the place
for two hours, so each span counts for itself.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any, BinaryIO

from app.core.errors import Refusal
from web.gate.visit import Body, Head

IN_MEMORY = 256 * 1024
SPAN_SECONDS = 10.0
LEAST_IN_SPAN = 10 * 1024

MOST_IN_MEMORY = 128 * 1024 * 1024
"""What the bodies of all requests under way may hold in memory together; a submission's counts until it is on disk."""
MOST_IN_FILES = 256 * 1024 * 1024
SHARES = 8

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Room:
    """The room for the bodies of one gate, in memory and in files. Belongs to the loop's thread. `taken` and `filed` in bytes.

    Files count too: the folder for temporary files is memory on many systems. One account may hold an eighth of all of it.
    """

    def __init__(self, limit: int = MOST_IN_MEMORY, file_limit: int = MOST_IN_FILES) -> None:
        self.limit = limit
        self.file_limit = file_limit
        self.taken = 0
        self.filed = 0
        self._held: Counter[str] = Counter()

    def take(self, size: int, whose: str = "") -> None:
        """Takes so many bytes of memory, counted for the account `whose` ("" for nobody's). Raises Refusal 503 where they are not there,
        429 where the account has its share: nothing of the request was accepted."""
        if self.taken + size > self.limit:
            raise _full()
        if whose and self._held[whose] + size > (self.limit + self.file_limit) // SHARES:
            raise Refusal(
                429, "Large requests of yours are still under way; let them end first.", retry_after_seconds=5
            )
        self.taken += size
        self._held[whose] += size

    def into_file(self, size: int) -> None:
        """Moves bytes that were taken from memory into a file. Raises Refusal 503 where there is no room for it."""
        if self.filed + size > self.file_limit:
            raise _full()
        self.taken -= size
        self.filed += size

    def give_back(self, in_memory: int, in_file: int, whose: str = "") -> None:
        """Gives bytes back."""
        self.taken -= in_memory
        self.filed -= in_file
        self._held[whose] -= in_memory + in_file
        if self._held[whose] <= 0:
            del self._held[whose]


def _full() -> Refusal:
    return Refusal(503, "The server has its hands full; nothing was accepted, send it again.", retry_after_seconds=2)


class Inflow:
    """The incoming side of one exchange: `complete` tells whether the body has been read whole."""

    def __init__(
        self, receive: Receive, head: Head | None, span_seconds: float = SPAN_SECONDS, room: Room | None = None
    ) -> None:
        self._receive = receive
        self._room = room or Room()
        self._kept: _Kept | None = None
        self._span_seconds = span_seconds
        self._head = head
        self.complete = head is not None and not self._announced(head)
        self._hung_up = False
        self._leaving: asyncio.Future[None] | None = None

    @staticmethod
    def _announced(head: Head) -> bool:
        return "transfer-encoding" in head.headers or head.headers.get("content-length", "0").strip("0") != ""

    async def read(self, limit: int, *, spool: bool, executor: Executor, whose: str = "") -> Body:
        """The body, counted for the account `whose`. Raises Refusal 413 before or while it is read, 408 when it stops moving, 400 when it
        breaks off, 429 and 503 when there is no room for it."""
        if self.complete or self._head is None:
            return Body()
        length = int(self._head.headers.get("content-length", "0"))
        if length > limit:
            raise too_large(limit)
        kept = self._kept = _Kept(limit, spool, executor, _Place(self._room, whose))
        watch = _Watch(self._span_seconds)
        try:
            while True:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    self._hung_up = True
                    raise Refusal(400, "The request broke off before it was complete.")
                chunk, more = message.get("body", b""), message.get("more_body", False)
                if not more and kept.takes_whole(chunk):
                    self.complete = True
                    return Body(bytes(chunk), None, len(chunk))
                watch.in_span += len(chunk)
                await kept.add(chunk)
                if not more:
                    self.complete = True
                    return await kept.finish()
        except asyncio.CancelledError:
            if not watch.stalled:
                raise
            watch.task.uncancel()
            await kept.drop()
            raise Refusal(408, "The request stopped arriving; send it again.") from None
        except Refusal:
            await kept.drop()
            raise
        finally:
            watch.timer.cancel()

    def gone(self) -> asyncio.Future[None]:
        """Done when the visitor has hung up (a half-closed connection counts). To be asked after the body was read."""
        if self._leaving is None:
            self._leaving = asyncio.ensure_future(self._listen())
        return self._leaving

    def close(self) -> None:
        """Ends listening, whatever is still awaited, and gives the body's room back."""
        if self._kept is not None:
            self._kept.place.leave()
        if self._leaving is not None:
            self._leaving.cancel()

    async def _listen(self) -> None:
        while not self._hung_up:
            message = await self._receive()
            self._hung_up = message["type"] == "http.disconnect"


class _Watch:
    """Looks at the end of each span whether enough has come in it, and cancels the reading task when not. One timer for a whole body: a
    timer and a task for each message would cost more than reading it."""

    def __init__(self, span_seconds: float) -> None:
        task = asyncio.current_task()
        assert task is not None, "bodies are read in tasks"
        self.task = task
        self.in_span = 0
        self.stalled = False
        self._span_seconds = span_seconds
        self._loop = asyncio.get_running_loop()
        self.timer = self._loop.call_later(span_seconds, self._look)

    def _look(self) -> None:
        if self.in_span < LEAST_IN_SPAN:
            self.stalled = True
            self.task.cancel()
            return
        self.in_span = 0
        self.timer = self._loop.call_later(self._span_seconds, self._look)


def too_large(limit: int) -> Refusal:
    """The refusal of a body over its limit."""
    size = f"{limit // (1024 * 1024)} MiB" if limit >= 1024 * 1024 else f"{max(1, limit // 1024)} KiB"
    return Refusal(
        413, f"The request is too large; at most {size} are taken here." if limit else "No body is taken here."
    )


class _Place:
    """What one body holds of the room."""

    def __init__(self, room: Room, whose: str) -> None:
        self._room = room
        self._whose = whose
        self.in_memory = 0
        self._in_file = 0

    def take(self, size: int) -> None:
        self._room.take(size, self._whose)
        self.in_memory += size

    def into_file(self) -> None:
        self._room.into_file(self.in_memory)
        self._in_file += self.in_memory
        self.in_memory = 0

    def leave(self) -> None:
        self._room.give_back(self.in_memory, self._in_file, self._whose)
        self.in_memory = self._in_file = 0


class _Kept:
    """What has arrived so far: chunks in memory, then a temporary file written outside the loop."""

    def __init__(self, limit: int, spool: bool, executor: Executor, place: _Place) -> None:
        self._limit = limit
        self.place = place
        self._spool = spool
        self._executor = executor
        self._chunks: list[bytes] = []
        self._file: BinaryIO | None = None
        self._size = 0

    def takes_whole(self, chunk: bytes) -> bool:
        """Whether this is a small body, all of it: then its room is taken and nothing has to be kept here."""
        if self._size or len(chunk) > min(self._limit, IN_MEMORY):
            return False
        self.place.take(len(chunk))
        return True

    async def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._limit:
            await self.drop()
            raise too_large(self._limit)
        self.place.take(len(chunk))
        self._chunks.append(chunk)
        if self._spool and self.place.in_memory > IN_MEMORY:
            await self._into_file()

    async def finish(self) -> Body:
        if self._file is None:
            return Body(b"".join(self._chunks), None, self._size)
        await self._into_file()
        await self._outside(lambda: self._file.seek(0) if self._file else 0)
        return Body(b"", self._file, self._size)

    async def _into_file(self) -> None:
        self.place.into_file()
        await self._outside(self._flush)

    async def drop(self) -> None:
        self._chunks.clear()
        self.place.leave()
        if self._file is not None:
            await self._outside(self._file.close)

    async def _outside(self, work: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _flush(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by whoever takes the body
        self._file.write(b"".join(self._chunks))
        self._chunks.clear()
