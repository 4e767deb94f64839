"""Rendered bytes: what looks the same for a whole visibility class is drawn by Flask once and served from memory (DESIGN 3).

Theory of operation. A family is one view of one contest with its parameters, for one class and one language. Its bytes have a version, made
of the bell's counters of the topics behind the view, read before Flask draws: bytes under it are at least as new as the counters say. Who
asks gets bytes that are not older than the counters were when they asked. Where the kept ones are older, one drawing begins and all who ask
wait for it; a family is drawn at most twice a second, so that a storm of news costs Flask no more than that. When the bell rings, the few
families that were asked for last are drawn again at once, before the hall that was woken comes for them: MOST_AHEAD of them, two at a time,
and none that somebody made up by page numbers, so that strangers who ask for many addresses cannot keep Flask busy by themselves.

A whole page may be a second older than the news: it says itself which counters it knows, as they were before it was drawn, so its first
wait ends at once and it asks for what has changed. What is asked for after news (fragments, REST) never is. So a page does not wait for a
drawing while news come twice a second.

Nothing personal is in the bytes: the request that draws carries no cookie, no token, no address and no wish of whoever asked first, only
the class and the language. Families are given up from the one that was asked for longest ago, once they hold more than MOST_BYTES together.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.core.errors import Refusal
from app.core.ids import ContestId
from app.core.people import ANONYMOUS
from app.core.visibility import board_class
from app.ports.bell import Bell
from web.gate.accept import choose_language
from web.gate.exchange import GateResponse
from web.gate.kept import Bytes, answer_from, pack, pack_with_holes
from web.gate.views import Paging, View, paging_of
from web.gate.visit import Answer, Body, Head, Visit

if TYPE_CHECKING:
    from app.services.control import Control

MOST_KEPT = 1024
MOST_BYTES = 64 * 1024 * 1024
REDRAW_SECONDS = 0.5
PAGE_LAG_SECONDS = 1.0
LATELY_SECONDS = 30.0
MOST_AHEAD = 16
AHEAD_TOGETHER = 2
_HERE = "127.0.0.1"
_KEEPING = "private, no-cache"
_VARY = {"pages": "Accept-Encoding, Accept-Language, Cookie", "rest": "Accept-Encoding, Authorization, Cookie"}

Draw = Callable[[Visit, tuple[tuple[str, str], ...]], Awaitable[GateResponse]]
Key = tuple[str, Paging, str, str, str]
Version = tuple[int, ...]


@dataclass(eq=False, slots=True)
class _Family:
    """What is kept of one family; `drawing` is under way or waits for its half second."""

    key: Key
    visit: Visit
    topics: tuple[str, ...]
    extra: tuple[tuple[str, str], ...]
    milliseconds: int
    mark: str
    asked: float
    began: float = float("-inf")
    kept_since: float = float("-inf")
    """When the drawing of what is kept began."""
    version: Version = ()
    kept: Bytes | None = None
    drawing: asyncio.Task[tuple[Version, Bytes | GateResponse]] | None = None


@dataclass(slots=True)
class _Memory:
    families: OrderedDict[Key, _Family] = field(default_factory=OrderedDict)
    taken: int = 0


class Rendered:
    """The cache."""

    def __init__(
        self,
        draw: Draw,
        otherwise: Callable[[Visit], Awaitable[Answer]],
        bell: Bell,
        contests: Control,
        executor: Executor,
        languages: tuple[str, ...],
    ) -> None:
        self._draw = draw
        self.alone = otherwise
        self._bell = bell
        self.contests = contests
        self._executor = executor
        self._languages = languages
        self._memory = _Memory()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = False
        self._ahead: dict[Key, asyncio.Task[None]] = {}
        self._pens = asyncio.Semaphore(AHEAD_TOGETHER)

    def handler(self, view: View) -> Callable[[Visit], Awaitable[Answer]]:
        """The handler of one view: from memory where it can be shared with the visitor, else from Flask for them alone."""

        async def handle(visit: Visit) -> Answer:
            head = visit.head
            paging = paging_of(view, head.query)
            if paging is None or (view.strangers_only and visit.caller.account_id is not None):
                return await self.alone(visit)
            if view.by_contest:
                named = head.query.get("contest_id")
                contest: ContestId | None = self.contests.meant(visit.caller, ContestId(named) if named else None).id
            else:
                contest = self._peoples_contest()
                if visit.caller.contest_id and visit.caller.contest_id != contest:
                    return await self.alone(visit)
            family = self._family(view, visit, contest or ContestId(""), paging, "")
            vary = _VARY["rest" if view.by_contest else "pages"]
            answer = await self._answer(family, head, vary, page=view.strangers_only)
            if answer.status >= 400 and family.visit.head.wants_html != head.wants_html:
                return await self.alone(visit)  # what went wrong is told in the form that this visitor reads
            return self._aged(answer, family) if view.tells_age else answer

        return handle

    def _aged(self, answer: GateResponse, family: _Family) -> GateResponse:
        age = int((asyncio.get_running_loop().time() - family.began) * 1000)
        return replace(answer, headers=(*answer.headers, ("contestbox-age-ms", str(max(0, age)))), again=False)

    def _peoples_contest(self) -> ContestId | None:
        """The one that Flask draws for whoever names none."""
        try:
            return self.contests.contest(None).id
        except Refusal:
            return None

    async def for_teams(
        self, view: View, visit: Visit, contest: ContestId, paging: Paging, mark: str
    ) -> Bytes | GateResponse:
        """What all teams of the contest share of a view, with holes under this mark; Flask's answer where it is no page."""
        return await self._newest(self._family(view, visit, contest, paging, mark), page=view.strangers_only)

    async def _answer(self, family: _Family, head: Head, vary: str, *, page: bool) -> GateResponse:
        found = await self._newest(family, page=page)
        return found if isinstance(found, GateResponse) else answer_from(found, head, _KEEPING, vary)

    async def _newest(self, family: _Family, *, page: bool) -> Bytes | GateResponse:
        version = self._version(family)
        if family.kept is not None:
            if _as_new(family.version, version):
                return family.kept
            if page and self._may_lag(family, version):
                if family.drawing is None:
                    family.drawing = asyncio.ensure_future(self._redraw(family))
                    family.drawing.add_done_callback(_noticed)
                return family.kept
        return await self._drawn(family, version)

    def _may_lag(self, family: _Family, wanted: Version) -> bool:
        """Whether a whole page is good enough as it is. Where only the time went on it may be shown for that much longer."""
        topics = len(family.topics)
        no_news = _as_new(family.version[:topics], wanted[:topics])
        longest = PAGE_LAG_SECONDS + (family.milliseconds / 1000 if no_news else 0.0)
        return asyncio.get_running_loop().time() - family.kept_since < longest

    def _family(self, view: View, visit: Visit, contest: ContestId, paging: Paging, mark: str) -> _Family:
        head, shown = visit.head, "teams" if mark else board_class(visit.caller)
        language = choose_language(head.headers.get("accept-language", ""), self._languages)
        key = (head.path, paging, contest, shown, "" if view.by_contest else language)
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._bell.listen(self._ring)
        families, now = self._memory.families, self._loop.time()
        family = families.get(key)
        if family is None:
            topics = (*view.topics, "jury") if shown == "jury" else view.topics
            marked = (("X-Contestbox-Mark", mark),) if mark else ()
            extra = (("X-Contestbox-Class", shown), ("Accept-Language", language), *marked)
            family = _Family(key, _neutral(view, visit, contest, paging), topics, extra, view.milliseconds, mark, now)
            families[key] = family
            self._make_room()
        else:
            families.move_to_end(key)
        family.asked = now
        return family

    def _version(self, family: _Family) -> Version:
        counters = [self._bell.counter(topic) for topic in family.topics]
        if family.milliseconds:
            counters.append(int(asyncio.get_running_loop().time() * 1000) // family.milliseconds)
        return tuple(counters)

    async def _drawn(self, family: _Family, wanted: Version) -> Bytes | GateResponse:
        while True:
            if family.drawing is None:
                family.drawing = asyncio.ensure_future(self._redraw(family))
            # Whoever asked first may leave; the others still want the bytes.
            version, drawn = await asyncio.shield(family.drawing)
            if _as_new(version, wanted):
                return drawn

    async def _redraw(self, family: _Family) -> tuple[Version, Bytes | GateResponse]:
        loop = asyncio.get_running_loop()
        try:
            await asyncio.sleep(max(0.0, family.began + REDRAW_SECONDS - loop.time()))
            family.began, version = loop.time(), self._version(family)
            drawn = await self._packed(family, await self._draw(family.visit, family.extra))
        finally:
            family.drawing = None
        if self._memory.families.get(family.key) is family:  # else it had to make room meanwhile
            self._keep(family, version, drawn)
            family.kept_since = family.began
        return version, drawn

    async def _packed(self, family: _Family, answer: GateResponse) -> Bytes | GateResponse:
        if answer.status != 200 or answer.file is not None:
            return answer
        kind = next((value for name, value in answer.headers if name == "content-type"), "text/html; charset=utf-8")
        work = partial(pack_with_holes, mark=family.mark) if family.mark else pack
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, kind, answer.body)

    def _keep(self, family: _Family, version: Version, drawn: Bytes | GateResponse) -> None:
        before = 0 if family.kept is None else family.kept.size
        if not isinstance(drawn, Bytes):
            del self._memory.families[family.key]
            self._memory.taken -= before
            return
        if family.kept is None or family.kept.etag != drawn.etag:
            self._memory.taken += drawn.size - before
            family.kept = drawn
        family.version = version
        self._make_room()

    def _make_room(self) -> None:
        families = self._memory.families
        while len(families) > MOST_KEPT or (self._memory.taken > MOST_BYTES and len(families) > 1):
            _, oldest = families.popitem(last=False)
            if oldest.kept is not None:
                self._memory.taken -= oldest.kept.size

    def _ring(self, topics: frozenset[str]) -> None:
        if self._rung or self._loop is None or not topics & {"board", "public"}:
            return
        self._rung = True
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._look_ahead)

    def _look_ahead(self) -> None:
        self._rung = False
        for key, family in reversed(self._memory.families.items()):
            if len(self._ahead) >= MOST_AHEAD:
                return
            if key not in self._ahead and self._expected(family):
                self._ahead[key] = asyncio.ensure_future(self._draw_ahead(family))
                self._ahead[key].add_done_callback(_noticed)

    def _expected(self, family: _Family) -> bool:
        """Whether somebody will probably come for it, and what is kept has grown old."""
        lately = asyncio.get_running_loop().time() - family.asked < LATELY_SECONDS
        paged = family.key[1] != ()
        return lately and not paged and family.kept is not None and not _as_new(family.version, self._version(family))

    async def _draw_ahead(self, family: _Family) -> None:
        """Until it is as new as the news. Who comes for it meanwhile has it drawn at once and does not wait for a pen here."""
        loop = asyncio.get_running_loop()
        try:
            while self._memory.families.get(family.key) is family and self._expected(family):
                await asyncio.sleep(max(0.0, family.began + REDRAW_SECONDS - loop.time()))
                async with self._pens:
                    family.drawing = family.drawing or asyncio.ensure_future(self._redraw(family))
                    await asyncio.shield(family.drawing)
        finally:
            del self._ahead[family.key]


def _as_new(version: Version, wanted: Version) -> bool:
    return len(version) == len(wanted) and all(have >= want for have, want in zip(version, wanted, strict=True))


def _neutral(view: View, visit: Visit, contest: ContestId, paging: Paging) -> Visit:
    """The request that draws for all: nobody's, from nowhere, and of the contest that was meant."""
    query = {**dict(paging), **({"contest_id": contest} if view.by_contest else {})}
    path = visit.head.target.partition("?")[0]
    accept = "application/json" if view.by_contest else "text/html"
    head = replace(
        visit.head,
        method="GET",
        target=f"{path}?{urlencode(query)}" if query else path,
        query=query,
        headers={"accept": accept},
        pairs=(("accept", accept),),
        host="",
        address=_HERE,
        scheme="http",
    )
    never = asyncio.get_running_loop().create_future
    return replace(visit, head=head, caller=ANONYMOUS, token="", body=Body(), gone=never)


def _noticed(drawing: asyncio.Task[object]) -> None:
    """Nobody may be waiting for it; whoever asks next tries again and hears what is wrong."""
    if not drawing.cancelled():
        drawing.exception()
