"""One submission as it is judged: GET /api/v1/submissions/{id}/stream and …/wait (API.md).

What is sent is always the whole present state, never a difference. So a client that comes back with Last-Event-ID has lost nothing: it
gets the present state unless that is the one it had. The `id:` of an event is the counter of the topic `submission:ID`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from app.core.ids import SubmissionId
from app.services.answers import SubmissionView
from web.api.v1.models import Status, StreamEvent, SubmissionAnswer, status_of
from web.api.v1.query import HIGHEST, LONGEST_WAIT, whole_number
from web.gate.door import Callers
from web.gate.exchange import json_response
from web.gate.intake import submission_of
from web.gate.live import COMMENT_SECONDS, NO_NEWS, SSE_HEADERS, STREAM_SECONDS, followed, still_holds
from web.gate.visit import Answer, Streamed, Visit
from web.gate.waits import Hub

if TYPE_CHECKING:
    from app.services.submissions import Submissions

_OPEN = frozenset({Status.PENDING, Status.IN_PROGRESS})


class SubmissionStreams:
    """The handlers. `executor` runs the reads of the store."""

    def __init__(self, hub: Hub, callers: Callers, submissions: Submissions, executor: Executor) -> None:
        self._hub = hub
        self._callers = callers
        self._submissions = submissions
        self._executor = executor

    async def wait(self, visit: Visit) -> Answer:
        """200 with the submission as soon as it is newer than `after`, 204 after `timeout` seconds."""
        submission_id = submission_of(visit)
        timeout = whole_number(visit.head.query.get("timeout"), "timeout", default=LONGEST_WAIT, most=LONGEST_WAIT)
        after = whole_number(visit.head.query.get("after"), "after", default=None, least=0, most=HIGHEST)
        view = await self._view(visit, submission_id)
        if view.seq != after:
            return json_response(200, SubmissionAnswer.of(view))
        with self._hub.place(visit.caller, "wait"):
            topic = f"submission:{submission_id}"
            holds = still_holds(self._callers, visit)
            news = await self._hub.wait_for((topic,), {topic: view.seq}, timeout, gone=visit.gone(), holds=holds)
        if not news:
            return NO_NEWS
        return json_response(200, SubmissionAnswer.of(await self._view(visit, submission_id)))

    async def stream(self, visit: Visit) -> Answer:
        """Server-sent events from the present state to the final one; 204 tells a client that has the final one to stop asking."""
        submission_id = submission_of(visit)
        view = await self._view(visit, submission_id)
        seen = visit.head.headers.get("last-event-id", "")
        if seen == str(view.seq) and status_of(view) not in _OPEN:
            return NO_NEWS
        place = ExitStack()
        place.enter_context(self._hub.place(visit.caller, "stream"))
        return Streamed(200, SSE_HEADERS, self._events(visit, view, seen), place.close)

    async def _events(self, visit: Visit, view: SubmissionView, seen: str) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + STREAM_SECONDS
        topic = f"submission:{view.id}"
        holds, gone = still_holds(self._callers, visit), visit.gone()
        if seen != str(view.seq):
            yield event(view)
        while status_of(view) in _OPEN and loop.time() < end and not (gone.done() or self._hub.closed) and holds():
            after = {topic: view.seq}
            if await self._hub.wait_for((topic,), after, COMMENT_SECONDS, gone=gone, holds=holds):
                view = await self._view(visit, view.id)
                yield event(view)
            else:
                yield b": still here\n\n"

    async def _view(self, visit: Visit, submission_id: SubmissionId) -> SubmissionView:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, followed, self._submissions, visit.caller, submission_id)


def event(view: SubmissionView) -> bytes:
    """One server-sent event; what isn't known is left out."""
    data = StreamEvent.of(view).model_dump_json(exclude_none=True)
    return f"id: {view.seq}\ndata: {data}\n\n".encode()
