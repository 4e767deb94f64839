"""Rendered bytes: what looks the same for a whole visibility class is drawn by Flask once and served from memory (DESIGN 3).

The key is (path, query, contest, class, language, version). The version is made of the bell's counters of the topics behind the view, read
before Flask draws: bytes under it are at least as new as the counters say. When many ask for bytes that are not there, one request draws
and the others wait for it. Nothing personal is in them: the request that draws carries no cookie, only the class.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

from app.core.ids import ContestId
from app.core.people import Caller
from app.ports.bell import Bell
from web.gate.accept import choose_language
from web.gate.exchange import GateResponse
from web.gate.kept import Bytes, answer_from, pack
from web.gate.visit import Answer, Visit

MOST_KEPT = 256
_KEEPING = "private, no-cache"
_VARY = "Accept-Encoding, Accept-Language, Cookie"

Draw = Callable[[Visit, tuple[tuple[str, str], ...]], Awaitable[GateResponse]]
Key = tuple[str, tuple[tuple[str, str], ...], str, str, str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class View:
    """A view that can be kept.

    `topics` are those whose news change it; `strangers_only`: signed-in visitors get a page of their own; `milliseconds` is how long it is
    kept where it shows the time. `parameters` are the names in the query that change it; a request with any other is drawn for itself, so
    that nobody fills the memory with invented queries.
    """

    topics: tuple[str, ...]
    strangers_only: bool = False
    milliseconds: int = 0
    parameters: frozenset[str] = frozenset()


VIEWS: Mapping[str, View] = {
    "/fragments/board": View(("board", "public")),
    "/board": View(("board", "public"), strangers_only=True, milliseconds=5000),
}
"""Paths that Flask draws alike for everybody of a class."""


class Rendered:
    """The cache. `newest_contest` names the contest that Flask draws for whoever names none."""

    def __init__(
        self,
        draw: Draw,
        otherwise: Callable[[Visit], Awaitable[Answer]],
        bell: Bell,
        newest_contest: Callable[[], ContestId | None],
        executor: Executor,
        languages: tuple[str, ...],
    ) -> None:
        self._draw = draw
        self._otherwise = otherwise
        self._bell = bell
        self._newest_contest = newest_contest
        self._executor = executor
        self._languages = languages
        self._kept: OrderedDict[Key, asyncio.Future[Bytes | GateResponse]] = OrderedDict()

    async def __call__(self, visit: Visit) -> Answer:
        """The handler: from memory where the view can be shared with this visitor, else from Flask for them alone."""
        view = VIEWS[visit.head.path]
        contest = self._newest_contest()
        if not _shareable(view, visit, contest):
            return await self._otherwise(visit)
        found = await self._bytes_for(view, visit, contest or ContestId(""))
        return found if isinstance(found, GateResponse) else answer_from(found, visit.head, _KEEPING, _VARY)

    async def _bytes_for(self, view: View, visit: Visit, contest: ContestId) -> Bytes | GateResponse:
        shown = visibility_class(visit.caller)
        language = choose_language(visit.head.headers.get("accept-language", ""), self._languages)
        topics = (*view.topics, "jury") if shown == "jury" else view.topics
        span = int(visit.arrived) // view.milliseconds if view.milliseconds else 0
        version = (span, *(self._bell.counter(topic) for topic in topics))
        key = (visit.head.path, tuple(sorted(visit.head.query.items())), contest, shown, language, version)
        there = self._kept.get(key)
        if there is not None:
            self._kept.move_to_end(key)
        else:
            there = asyncio.ensure_future(self._drawn(visit, shown, language))
            self._kept[key] = there
            there.add_done_callback(lambda done: self._judge(key, done))
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        # Whoever asked first may leave; the others still want the bytes.
        return there.result() if there.done() else await asyncio.shield(there)

    def _judge(self, key: Key, done: asyncio.Future[Bytes | GateResponse]) -> None:
        failed = done.cancelled() or done.exception() is not None or isinstance(done.result(), GateResponse)
        if failed and self._kept.get(key) is done:
            del self._kept[key]

    async def _drawn(self, visit: Visit, shown: str, language: str) -> Bytes | GateResponse:
        answer = await self._draw(visit, (("X-Contestbox-Class", shown), ("Accept-Language", language)))
        if answer.status != 200 or answer.file is not None:
            return answer
        kind = next((value for name, value in answer.headers if name == "content-type"), "text/html; charset=utf-8")
        return await asyncio.get_running_loop().run_in_executor(self._executor, pack, kind, answer.body)


def visibility_class(caller: Caller) -> str:
    """ "jury" for who may see hidden data, else "public"."""
    return "jury" if caller.role.is_jury else "public"


def _shareable(view: View, visit: Visit, contest: ContestId | None) -> bool:
    if not view.parameters.issuperset(visit.head.query):
        return False
    if view.strangers_only and visit.caller.account_id is not None:
        return False
    return not visit.caller.contest_id or visit.caller.contest_id == contest
