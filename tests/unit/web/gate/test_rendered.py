"""What is drawn once for a hall: how much ahead, what counts as one page, whose wishes the drawing sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast

from clocks import FakeClock

from app.adapters.memory.bell import MemoryBell
from app.core.clock import Instant
from app.core.contest import Contest
from app.core.ids import AccountId, ContestId
from app.core.people import ANONYMOUS, Caller, Role
from app.services.control import Control
from web.gate.exchange import GateResponse
from web.gate.rendered import AHEAD_TOGETHER, MOST_AHEAD, PAGE_LAG_SECONDS, Rendered
from web.gate.views import VIEWS
from web.gate.visit import Answer, Head, Visit

BOARD = "/api/v1/leaderboard"


class _OneContest:
    """The part of the control that the cache asks: one contest for everybody."""

    only = Contest(ContestId("spring"), "Spring", Instant(0), 1)

    def contest(self, named: ContestId | None) -> Contest:
        """The contest."""
        return self.only

    def meant(self, caller: Caller, named: ContestId | None) -> Contest:
        """The contest."""
        return self.only


@dataclass
class Painter:
    """Stands where Flask stands: counts what it is asked to draw; `gate` holds every drawing while it is closed."""

    status: int = 200
    drawn: list[str] = field(default_factory=list)
    asked: list[Head] = field(default_factory=list)
    together: int = 0
    most_together: int = 0
    alone: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def draw(self, visit: Visit, extra: tuple[tuple[str, str], ...]) -> GateResponse:
        """One drawing."""
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        async with self.news:
            self.news.notify_all()
        await self.gate.wait()
        self.together -= 1
        self.drawn.append(visit.head.target)
        self.asked.append(visit.head)
        async with self.news:
            self.news.notify_all()
        return GateResponse(self.status, (("content-type", "text/plain"),), str(len(self.drawn)).encode())

    async def otherwise(self, visit: Visit) -> Answer:
        """A visitor who is answered for themselves."""
        self.alone.append(visit.head.target)
        return GateResponse(200, (), b"alone")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for something that a drawing brings about."""
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(condition), 20)


def visit(path: str, query: Mapping[str, str], caller: Caller = ANONYMOUS, **headers: str) -> Visit:
    """Somebody asks."""
    target = path + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")
    pairs = (("host", "evil.example"), *headers.items())
    return Visit(Head("GET", path, target, query, headers, pairs, "evil.example", "10.1.1.9", "https"), caller)


def with_cache(work: Callable[[Rendered, Painter, MemoryBell], Awaitable[None]]) -> None:
    """Runs the work with a cache in a loop of its own."""

    async def main() -> None:
        bell, painter = MemoryBell(FakeClock()), Painter()
        painter.gate.set()
        with ThreadPoolExecutor(1) as executor:
            control = cast(Control, _OneContest())
            rendered = Rendered(painter.draw, painter.otherwise, bell, control, executor, ("en", "de"))
            await asyncio.wait_for(work(rendered, painter, bell), 60)

    asyncio.run(main())


def test_a_stranger_who_asks_for_many_pages_of_the_board_does_not_keep_flask_busy() -> None:
    """A hundred made-up pages and thirty tasks were asked for; after news only the few that were asked for last are drawn ahead, two at a
    time, and no made-up page."""

    async def work(rendered: Rendered, painter: Painter, bell: MemoryBell) -> None:
        board, task = rendered.handler(VIEWS[BOARD]), rendered.handler(VIEWS["/problems/{id}"])
        for number in range(30):
            await task(visit(f"/problems/{number}", {}))
        for number in range(2, 102):
            await board(visit(BOARD, {"page": str(number)}))
        before = len(painter.drawn)
        painter.most_together = 0
        painter.gate.clear()
        bell.ring(["board"])
        await painter.until(lambda: painter.together == AHEAD_TOGETHER)
        painter.gate.set()
        expected = {f"/problems/{number}" for number in range(30 - MOST_AHEAD, 30)}
        await painter.until(lambda: expected <= set(painter.drawn[before:]))
        # A visitor who comes now has their page drawn after everything that was begun ahead.
        await task(visit("/problems/0", {}))
        await painter.until(lambda: "/problems/0" in painter.drawn[before:])
        assert set(painter.drawn[before:]) == {"/problems/0", *expected}
        assert painter.most_together <= AHEAD_TOGETHER + 1

    with_cache(work)


def test_one_page_has_one_name() -> None:
    """`page=1`, `page=01` and no page at all are one drawing; what is no number is Flask's to refuse."""

    async def work(rendered: Rendered, painter: Painter, _: MemoryBell) -> None:
        board = rendered.handler(VIEWS[BOARD])
        for query in ({}, {"page": "1"}, {"page": "0001", "per_page": "050"}, {"contest_id": "spring"}):
            await board(visit(BOARD, query))
        assert painter.drawn == [f"{BOARD}?contest_id=spring"]
        for query in ({"page": "2"}, {"page": "02"}, {"per_page": "50", "page": "2"}):
            await board(visit(BOARD, query))
        assert painter.drawn[1:] == [f"{BOARD}?page=2&per_page=50&contest_id=spring"]
        for query in ({"page": "x"}, {"page": "0"}, {"per_page": "999"}, {"made": "up"}):
            await board(visit(BOARD, query))
        assert len(painter.drawn) == 2
        assert len(painter.alone) == 4

    with_cache(work)


def test_nothing_of_the_first_asker_is_in_what_all_get() -> None:
    """The first asker's host, address, scheme and wishes do not reach the drawing."""

    async def work(rendered: Rendered, painter: Painter, _: MemoryBell) -> None:
        team = Caller(Role.TEAM, AccountId("a1"))
        await rendered.handler(VIEWS["/fragments/board"])(
            visit("/fragments/board", {}, team, accept="application/json")
        )
        (head,) = painter.asked
        assert (head.host, head.address, head.scheme) == ("", "127.0.0.1", "http")
        assert head.pairs == (("accept", "text/html"),)
        assert head.target == "/fragments/board"

    with_cache(work)


def test_what_went_wrong_is_told_in_the_form_that_each_visitor_reads() -> None:
    """A task that is not there: a browser gets the page that was drawn, a program is answered for itself."""

    async def work(rendered: Rendered, painter: Painter, _: MemoryBell) -> None:
        painter.status = 404
        task = rendered.handler(VIEWS["/problems/{id}"])
        browser = await task(visit("/problems/none", {}, accept="text/html"))
        assert (browser.status, painter.alone) == (404, [])
        await task(visit("/problems/none", {}, accept="application/json"))
        assert painter.alone == ["/problems/none"]

    with_cache(work)


def test_a_whole_page_does_not_wait_for_the_news_but_a_fragment_does() -> None:
    """While news come without pause a page is shown as it stood a moment ago, and drawn anew meanwhile; what a page asks for after
    it has heard of news is never older than those."""

    async def work(rendered: Rendered, painter: Painter, bell: MemoryBell) -> None:
        page, fragment = rendered.handler(VIEWS["/board"]), rendered.handler(VIEWS["/fragments/board"])
        first = cast(GateResponse, await page(visit("/board", {})))
        await fragment(visit("/fragments/board", {}))
        painter.gate.clear()
        bell.ring(["board"])
        assert cast(GateResponse, await page(visit("/board", {}))).body == first.body
        asked = asyncio.ensure_future(fragment(visit("/fragments/board", {})))
        await painter.until(lambda: painter.together == AHEAD_TOGETHER)
        assert not asked.done()
        painter.gate.set()
        assert int(cast(GateResponse, await asked).body) > 2, "it was drawn after the news"
        await painter.until(lambda: painter.drawn.count("/board") == 2)

    with_cache(work)


def test_a_page_that_was_drawn_long_ago_waits_for_the_news() -> None:
    """A page that nobody asked for lately is not shown as it stood then."""

    async def work(rendered: Rendered, painter: Painter, bell: MemoryBell) -> None:
        page = rendered.handler(VIEWS["/board"])
        first = cast(GateResponse, await page(visit("/board", {})))
        loop = asyncio.get_running_loop()
        passed = loop.create_future()
        loop.call_later(PAGE_LAG_SECONDS + 0.05, passed.set_result, None)
        await passed
        bell.ring(["board"])
        assert cast(GateResponse, await page(visit("/board", {}))).body != first.body

    with_cache(work)
