"""GET /live and /live/stream: a page waits for news of its topics; the data come by small GETs afterwards (DESIGN 3, "Waiting").

Topics and counters stand in the query: `topics=board,team:7` and `after=board:12,team:7:3`, where the number follows the last colon.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from app.core import visibility
from app.core.errors import Refusal
from app.core.ids import SubmissionId, parse_submission_id
from app.core.people import Caller
from app.services.answers import SubmissionView
from web.gate.door import Callers
from web.gate.exchange import GateResponse, json_response
from web.gate.visit import Answer, Streamed, Visit
from web.gate.waits import Hub

if TYPE_CHECKING:
    from app.services.submissions import Submissions

SHORTEST_SECONDS, LONGEST_SECONDS = 20.0, 25.0
STREAM_SECONDS = 300.0
COMMENT_SECONDS = 15.0
MOST_TOPICS = 12
SPREAD_MS_EACH = 3
"""Flask draws some four hundred pages a second."""
LONGEST_SPREAD_MS = 10_000

SSE_HEADERS = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-accel-buffering", "no"),
)
NO_NEWS = GateResponse(204, (("cache-control", "no-store"),), again=True)


class Live:
    """The handlers of the pages' waits. `random` spreads the ends of waits, so that pages do not come back in step."""

    def __init__(
        self, hub: Hub, callers: Callers, submissions: Submissions, executor: Executor, random: Random
    ) -> None:
        self._hub = hub
        self._callers = callers
        self._submissions = submissions
        self._executor = executor
        self._random = random

    async def wait(self, visit: Visit) -> Answer:
        """200 {"news": {topic: counter}, "spread_ms"} as soon as something is new, 204 after 20–25 s or when the server stops.

        Within `spread_ms` each page picks a moment for what the whole hall will ask for now.
        """
        topics, after = await self._asked(visit)
        with self._hub.place(visit.caller, "wait"):
            timeout = self._random.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)
            holds = still_holds(self._callers, visit)
            news = await self._hub.wait_for(topics, after, timeout, gone=visit.gone(), holds=holds)
        if not holds():
            raise Refusal(401, "The session has ended; sign in again.")
        spread = min(LONGEST_SPREAD_MS, self._hub.crowd * SPREAD_MS_EACH)
        return _told(tuple(news.items()), spread) if news else NO_NEWS

    async def ping(self, visit: Visit) -> Answer:
        """204 at once: a page that waits asks now and then whether the server is still there."""
        return NO_NEWS

    async def stream(self, visit: Visit) -> Answer:
        """The same as server-sent events; ends after 5 minutes, the browser comes back by itself."""
        topics, after = await self._asked(visit)
        place = ExitStack()
        place.enter_context(self._hub.place(visit.caller, "stream"))
        return Streamed(200, SSE_HEADERS, self._events(visit, topics, after), place.close)

    async def _events(self, visit: Visit, topics: tuple[str, ...], after: dict[str, int]) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + STREAM_SECONDS
        holds, gone = still_holds(self._callers, visit), visit.gone()
        yield b": open\n\n"
        while loop.time() < end and holds() and not gone.done() and not self._hub.closed:
            news = await self._hub.wait_for(topics, after, COMMENT_SECONDS, gone=gone, holds=holds)
            after.update(news)
            yield f"data: {json.dumps({'news': news})}\n\n".encode() if news else b": still here\n\n"

    async def _asked(self, visit: Visit) -> tuple[tuple[str, ...], dict[str, int]]:
        topics = tuple(dict.fromkeys(filter(None, visit.head.query.get("topics", "").split(","))))
        if not 1 <= len(topics) <= MOST_TOPICS:
            raise Refusal(400, f"Name 1 to {MOST_TOPICS} topics.", fields={"topics": "number"})
        for topic in topics:
            await self._check_topic(visit.caller, topic)
        return topics, read_after(filter(None, visit.head.query.get("after", "").split(",")))

    async def _check_topic(self, caller: Caller, topic: str) -> None:
        kind, _, name = topic.partition(":")
        if kind == "submission":
            submission_id = parse_submission_id(name)
            if submission_id is None or name != str(submission_id):
                raise Refusal(404, "There is no such submission.")
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._executor, followed, self._submissions, caller, submission_id)
        elif not visibility.may_wait(caller, topic):
            raise Refusal(403 if caller.account_id else 401, "You may not wait for news of this topic.")


@lru_cache(maxsize=256)
def _told(news: tuple[tuple[str, int], ...], spread_ms: int) -> GateResponse:
    """The answer with news. Those who wait for the same topics are told by the same bytes."""
    return replace(json_response(200, {"news": dict(news), "spread_ms": spread_ms}), again=True)


def followed(submissions: Submissions, caller: Caller, submission_id: SubmissionId) -> SubmissionView:
    """A submission that the caller may follow: the rhythm of a foreign one's news would tell of verdicts in the freeze.

    Reads the store, so not on the loop. Raises Refusal 404 where the caller may not know of it, 403 for a foreign one (401 for strangers).
    """
    view = submissions.view(caller, submission_id)
    submission = submissions.submission_for_waiting(submission_id)
    if not visibility.may_wait(caller, f"submission:{submission_id}", submission=submission):
        raise Refusal(403 if caller.account_id else 401, "You may only follow your own submissions.")
    return view


def read_after(parts: Iterable[str]) -> dict[str, int]:
    """Counters by topic from `topic:number` parts. Raises Refusal 400."""
    after = {}
    for part in parts:
        topic, _, number = part.rpartition(":")
        if not topic or not (number.isascii() and number.isdigit() and len(number) <= 20):
            raise Refusal(400, "after is a list of topic:number.", fields={"after": "cannot be read"})
        after[topic] = int(number)
    return after


def still_holds(callers: Callers, visit: Visit) -> Callable[[], bool]:
    """Whether the caller of a visit is still who they were; an anonymous one always is."""

    def holds() -> bool:
        if visit.caller.account_id is None:
            return True
        if not visit.head.bearer:
            return callers.caller_of(visit.token) == visit.caller
        try:
            return callers.caller_of_bearer(visit.token) == visit.caller
        except Refusal:
            return False

    return holds
