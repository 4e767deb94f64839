"""What is a team's own on shared pages, as Flask says it for one visitor, kept until there is news for them.

Theory of operation. A sheet is of one account in one language. It stands on the counters of the team's topic and of `public`, and on the
team's line of the board, each read before Flask is asked; who asks gets a sheet that is not older than those were when they asked.
Nobody but its account ever gets it: the key names the account and the team as the door found them for this very request. Most pieces look
alike for most teams, and are kept once for all of them as bytes; that is no way from one sheet to another, since each names its own.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode
from weakref import WeakValueDictionary

from app.core.ids import ContestId
from app.ports.bell import Bell
from web.gate.cut import Part, part
from web.gate.exchange import GateResponse
from web.gate.visit import Body, Visit

if TYPE_CHECKING:
    from app.services.standings import Standings

ADDRESS = "/fragments/own.json"
FRAGMENTS = {"/fragments/submissions": False, "/fragments/summary": True}
"""What a team's live regions ask for, and whether it is old as soon as the board is."""
BY_BOARD_SECONDS = 5.0
"""The queue that the summary tells of moves without the board in the freeze."""
LONGEST_NAME = 80
MOST_KEPT = 20_000
MOST_BYTES = 24 * 1024 * 1024
_EACH = 2048
"""What a sheet costs beside its pieces that nobody shares, about."""
_QUICK = 1

Ask = Callable[[Visit], Awaitable[GateResponse]]
Read = Callable[[bytes], tuple[dict[str, str], bool]]
Key = tuple[str, str, str, str, str]
Stand = tuple[int, int, object]
Board = tuple[int, float]


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """The pieces by their names; `untouched`: nothing was submitted yet; `stand`: what it stands on; `board`: that topic's counter and
    the time, for what needs them."""

    stand: Stand
    board: Board
    pieces: Mapping[str, Part]
    untouched: bool
    cost: int


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A sheet that is being drawn, and of which stand and board."""

    of: tuple[Stand, Board]
    task: asyncio.Task[OwnSheet | None]


class OwnSheets:
    """All that are kept. `ask` gets Flask's answer for the visitor alone. Belongs to the loop's thread."""

    def __init__(self, ask: Ask, bell: Bell, standings: Standings, executor: Executor) -> None:
        self._ask = ask
        self._bell = bell
        self._standings = standings
        self._executor = executor
        self._kept: OrderedDict[Key, OwnSheet] = OrderedDict()
        self._drawing: dict[Key, _Drawing] = {}
        self._taken = 0
        self._alike: WeakValueDictionary[bytes, Part] = WeakValueDictionary()

    async def of(
        self, visit: Visit, contest_id: ContestId, language: str, *, by_board: bool = False
    ) -> OwnSheet | None:
        """The visitor's sheet; None where Flask has none for them. `by_board`: not older than the board, whosever line has changed."""
        return await self._fetched(visit, contest_id, language, ADDRESS, _read_sheet, by_board=by_board)

    def knows_touched(self, visit: Visit, contest_id: ContestId, language: str) -> bool:
        """Whether a sheet, old as it may be, tells that the visitor's team has submitted something."""
        kept = self._kept.get(_key(visit, contest_id, language, ADDRESS))
        return kept is not None and not kept.untouched

    async def fragment(
        self, visit: Visit, contest_id: ContestId, language: str, path: str, query: Mapping[str, str]
    ) -> OwnSheet | None:
        """One of FRAGMENTS, as the one piece that is named by its path."""
        target = f"{path}?{urlencode(query)}" if query else path
        read = partial(_read_fragment, path)
        return await self._fetched(visit, contest_id, language, target, read, by_board=FRAGMENTS[path])

    async def _fetched(
        self,
        visit: Visit,
        contest_id: ContestId,
        language: str,
        target: str,
        read: Read,
        *,
        by_board: bool = False,
    ) -> OwnSheet | None:
        key = _key(visit, contest_id, language, target)
        now = asyncio.get_running_loop().time()
        stand, board = self._stand(visit), (self._bell.counter("board"), now // BY_BOARD_SECONDS)
        kept = self._kept.get(key)
        if kept is not None and kept.stand == stand and (kept.board == board or not by_board):
            self._kept.move_to_end(key)
            return kept
        drawing = self._drawing.get(key)
        if drawing is None or drawing.of != (stand, board):
            work = self._drawn(key, stand, board, _asking(visit, target, language), read)
            drawing = _Drawing((stand, board), asyncio.ensure_future(work))
            self._drawing[key] = drawing
            drawing.task.add_done_callback(partial(self._noticed, key, drawing))
        # The first browser of the team may leave; its others still want the sheet.
        return await asyncio.shield(drawing.task)

    def _noticed(self, key: Key, drawing: _Drawing, task: asyncio.Task[OwnSheet | None]) -> None:
        if self._drawing.get(key) is drawing:
            del self._drawing[key]
        if not task.cancelled():
            task.exception()  # whoever still waits hears of it

    async def _drawn(self, key: Key, stand: Stand, board: Board, asking: Visit, read: Read) -> OwnSheet | None:
        answer = await self._ask(asking)
        if answer.status != 200:
            return None
        pieces, untouched = read(answer.body)
        made, cost = await asyncio.get_running_loop().run_in_executor(self._executor, self._made, pieces)
        sheet = OwnSheet(stand, board, made, untouched, cost)
        self._keep(key, sheet)
        return sheet

    def _stand(self, visit: Visit) -> Stand:
        caller = visit.caller
        row = None if caller.team_id is None else self._standings.row_of(caller, caller.team_id)
        return self._bell.counter(f"team:{caller.team_id}"), self._bell.counter("public"), row

    def _keep(self, key: Key, sheet: OwnSheet) -> None:
        before = self._kept.pop(key, None)
        self._kept[key] = sheet
        self._taken += sheet.cost - (before.cost if before is not None else 0)
        while len(self._kept) > MOST_KEPT or (self._taken > MOST_BYTES and len(self._kept) > 1):
            _, oldest = self._kept.popitem(last=False)
            self._taken -= oldest.cost

    def _made(self, pieces: Mapping[str, str]) -> tuple[dict[str, Part], int]:
        cost, made = _EACH, {}
        for name, text in pieces.items():
            plain = text.encode()
            there = self._alike.get(plain)
            if there is None:
                there = part(plain, _QUICK)
                self._alike[plain] = there
                cost += 2 * len(plain) + len(there.deflated)
            made[name] = there
        return made, cost


def _read_sheet(body: bytes) -> tuple[dict[str, str], bool]:
    told = json.loads(body)
    return dict(told["pieces"]), bool(told["untouched"])


def _read_fragment(path: str, body: bytes) -> tuple[dict[str, str], bool]:
    return {path: body.decode()}, False


def _key(visit: Visit, contest_id: ContestId, language: str, target: str) -> Key:
    return (str(visit.caller.account_id), str(visit.caller.team_id), contest_id, language, target)


def _asking(visit: Visit, target: str, language: str) -> Visit:
    """The question to Flask: the visitor's own cookie, and nothing else of what they sent."""
    head = visit.head
    cookie = (("cookie", head.headers["cookie"]),) if "cookie" in head.headers else ()
    path, _, query = target.partition("?")
    asked = replace(
        head,
        method="GET",
        path=path,
        target=target,
        query=dict(parse_qsl(query)),
        headers={"accept-language": language, **dict(cookie)},
        pairs=(("host", head.host), ("accept", "text/html"), ("accept-language", language), *cookie),
    )
    return replace(visit, head=asked, body=Body())
