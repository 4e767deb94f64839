"""The console's one connection to its server. Qt sees values and sentences; no request ever runs on its thread.

Theory of operation. One thread runs an asyncio loop: `_watch` reads the state and then waits for news (five seconds at most, so
that ages stay fresh), two followers read machines and submissions when news came or two seconds passed, and errands are commands
and details that a page asked for. Each task retries by itself with a growing, jittered pause. Values travel to Qt as signals
(queued, since the sender's thread is another one), answers of errands as a pair (function, value) by one more signal, so that
functions run on Qt's thread. `heard_seconds` is written by the loop and read by Qt: a float, replaced as a whole. `close` cancels
the tasks, which ends even a request that a stopped server never answers.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.console.client import AdminClient, listed, parsed
from app.console.feed import SubmissionFeed
from app.console.place import Access, Place
from app.console.words import tr as _
from app.core.errors import Fault, Refusal
from app.lan.asking import Stranger
from app.wire.admin_v1 import Machine, PendingJoin, State, SubmissionRow

log = logging.getLogger("contestbox.console")

EASE_SECONDS = 0.25
ROUND_SECONDS = 2.0
SILENT_SECONDS = 3.0
_PAUSES = (0.3, 0.6, 1.2, 2.0)

Then = Callable[[Any], None]
Failed = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Room:
    """The judge machines and those that want to join."""

    machines: tuple[Machine, ...]
    pending: tuple[PendingJoin, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """How the connection stands: `live`, or why not in a sentence. `silent_seconds` since the last answer; `startable` when
    no server runs and the organiser may start one, `signed_out` when somebody has to sign in (again)."""

    live: bool
    silent_seconds: float
    sentence: str
    startable: bool = False
    signed_out: bool = False


class Link(QObject):
    """Live values of one server. Start it once; `close` before the application ends."""

    state_came = Signal(object)
    room_came = Signal(object)
    submissions_came = Signal(object)
    server_changed = Signal()
    _deliver = Signal(object, object)

    def __init__(self, place: Place, jitter: random.Random) -> None:
        super().__init__()
        self.place = place
        self.heard_seconds = time.monotonic()
        self._troubles: dict[str, str] = {}
        self._startable = False
        self._seq = -1
        self._jitter = jitter
        self._client: AdminClient | None = None
        self._feed = SubmissionFeed(self._fetch_submissions)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._news: list[asyncio.Event] = []
        self._deliver.connect(self._on_deliver)

    def start(self) -> None:
        """Begins to follow the server."""
        self._loop = asyncio.new_event_loop()
        self._thread.start()

    def close(self) -> None:
        """Ends all requests and the thread, within two seconds even when the server is silent."""
        if self._loop is None or not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._cancel_all)
        self._thread.join(timeout=2)

    def health(self) -> Health:
        """The connection now."""
        silent = time.monotonic() - self.heard_seconds
        trouble = next(iter(self._troubles.copy().values()), "")
        if silent < SILENT_SECONDS and not trouble:
            return Health(True, silent, "")
        said = trouble or _("The server has not answered for {n} s.", n=int(silent))
        return Health(False, silent, said, self._startable, self.place.is_signed_out)

    def start_server(self, failed: Failed) -> None:
        """Starts the server of the folder again, on the organiser's word."""

        async def start() -> None:
            try:
                self.place.attach_or_start()
            except Fault as fault:
                self._deliver.emit(failed, fault.sentence)

        self._startable = False
        self._put(start())

    def get(self, path: str, then: Then, failed: Failed) -> None:
        """Reads something; exactly one of the functions is called, on Qt's thread, unless the link is closed."""
        self._errand(lambda client: client.raw(path), then, failed)

    def content(self, path: str, then: Then, failed: Failed) -> None:
        """Reads a file's bytes, otherwise as `get`."""
        self._errand(lambda client: client.content(path), then, failed)

    def post(self, path: str, body: dict[str, Any], then: Then, failed: Failed) -> None:
        """Sends a command; exactly one of the functions is called, on Qt's thread. What it changed is fetched at once."""
        self.command(path, body, then, lambda error: failed(error.sentence))

    def command(self, path: str, body: dict[str, Any], then: Then, failed: Callable[[Refusal | Fault], None]) -> None:
        """As `post`, for who has to know more of a refusal than its sentence."""

        async def command(client: AdminClient) -> Any:
            answer = await client.post(path, body)
            if path.endswith(("/rejudge", "/again")):
                self._feed.forget()
            self._ring()
            return answer

        self._run_errand(command, then, failed)

    def run(
        self, call: Callable[[AdminClient], Awaitable[Any]], then: Then, failed: Callable[[Refusal | Fault], None]
    ) -> None:
        """Lets a longer talk with the server be held on the link's loop, otherwise as `command`. What it changed is fetched at once."""

        async def talk(client: AdminClient) -> Any:
            answer = await call(client)
            self._ring()
            return answer

        self._run_errand(talk, then, failed)

    def tell(self, function: Callable[[Any], None], value: object) -> None:
        """Calls a function on Qt's thread; from any thread."""
        self._deliver.emit(function, value)

    @Slot(object, object)
    def _on_deliver(self, function: Callable[[Any], None], value: object) -> None:
        function(value)

    def _errand(self, call: Callable[[AdminClient], Awaitable[Any]], then: Then, failed: Failed) -> None:
        self._run_errand(call, then, lambda error: failed(error.sentence))

    def _run_errand(
        self,
        call: Callable[[AdminClient], Awaitable[Any]],
        then: Then,
        failed: Callable[[Refusal | Fault], None],
    ) -> None:
        async def run() -> None:
            try:
                if self._client is None:
                    raise Fault("server", _("The server does not answer."))
                answer = await call(self._client)
                self._hear()
            except (Refusal, Fault) as error:
                self._deliver.emit(failed, error)
            else:
                self._deliver.emit(then, answer)

        self._put(run())

    def _put(self, errand: Coroutine[Any, Any, None]) -> None:
        """Lets the loop do an errand; before the start and after the end nothing is done any more."""
        if self._loop is None or not self._thread.is_alive():
            errand.close()
            return
        asyncio.run_coroutine_threadsafe(errand, self._loop)

    def _run(self) -> None:
        assert self._loop is not None
        try:
            self._loop.run_until_complete(self._all())
        except asyncio.CancelledError:
            log.debug("the link was closed")
        finally:
            self._loop.close()

    def _cancel_all(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    async def _all(self) -> None:
        room, submissions = asyncio.Event(), asyncio.Event()
        self._news = [room, submissions]
        try:
            await asyncio.gather(
                self._keep("watch", self._watch),
                self._keep("room", partial(self._follow, "room", self._read_room, room)),
                self._keep("submissions", partial(self._follow, "submissions", self._read_submissions, submissions)),
            )
        finally:
            if self._client is not None:
                await self._client.aclose()

    async def _keep(self, name: str, duty: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs one duty again and again, with a longer pause after each failure in a row. Its trouble lasts until it succeeds."""
        failures = 0
        while True:
            try:
                await duty()
            except (Fault, Refusal) as error:
                self._say(name, await self._how_it_stands(error))
            except Exception as error:
                log.warning("%s failed and is tried again", name, exc_info=error)
                self._say(name, _("The console could not read the server's news; it tries again."))
            else:
                failures = 0
                continue
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            failures += 1
            await asyncio.sleep(pause * self._jitter.uniform(0.7, 1.3))

    async def _how_it_stands(self, error: Fault | Refusal) -> str:
        """Looks for the server again (it may have another port now) and says what is known."""
        try:
            if isinstance(error, Refusal):
                self.place.refused(error)
            said = self.place.tend()
            self._startable = self.place.is_down
            await self._connect(self.place.access())
        except Fault as trouble:
            return trouble.sentence
        if said:
            return said
        return error.sentence if isinstance(error, Refusal | Stranger) else ""

    async def _connect(self, found: Access | None) -> None:
        known = self._client.access if self._client else None
        if found == known:
            return
        before, self._client = self._client, AdminClient(found) if found else None
        self._feed.forget()
        if before is not None:
            await before.aclose()
        if found is not None:
            self.server_changed.emit()

    def _hear(self, duty: str = "") -> None:
        """The server answered; what was wrong with this duty is over."""
        self.heard_seconds = time.monotonic()
        self._startable = False
        self._troubles.pop(duty, None)

    def _say(self, duty: str, trouble: str) -> None:
        if trouble:
            self._troubles[duty] = trouble
        else:
            self._troubles.pop(duty, None)

    def _ring(self) -> None:
        for event in self._news:
            event.set()

    async def _server(self) -> AdminClient:
        if self._client is None:
            await self._connect(self.place.access())
        if self._client is None:
            raise Fault("server", _("The server does not answer."))
        return self._client

    async def _watch(self) -> None:
        client = await self._server()
        state = await client.get("/admin/v1/state", State)
        self._hear("watch")
        self.state_came.emit(state)
        if state.seq != self._seq:
            self._seq = state.seq
            self._ring()
        await client.wait(state.seq)
        self._hear()
        await asyncio.sleep(EASE_SECONDS)

    async def _follow(self, duty: str, read: Callable[[AdminClient], Awaitable[None]], news: asyncio.Event) -> None:
        await read(await self._server())
        self._hear(duty)
        try:
            await asyncio.wait_for(news.wait(), ROUND_SECONDS)
        except TimeoutError:
            return
        news.clear()
        await asyncio.sleep(EASE_SECONDS / 2)

    async def _read_room(self, client: AdminClient) -> None:
        answer = await client.raw("/admin/v1/machines")
        machines = tuple(parsed(Machine, item) for item in listed(answer, "items"))
        pending = tuple(parsed(PendingJoin, item) for item in listed(answer, "pending"))
        self.room_came.emit(Room(machines, pending))

    async def _read_submissions(self, client: AdminClient) -> None:
        rows = await self._feed.round()
        if rows:
            self.submissions_came.emit(rows)

    async def _fetch_submissions(self, before: int | None, limit: int) -> list[SubmissionRow]:
        client = await self._server()
        return await client.items("/admin/v1/submissions", SubmissionRow, before=before, limit=limit)
