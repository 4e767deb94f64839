"""Pages of signed-in teams: what all teams see comes from memory, what is a team's own is put into its holes (DESIGN 3, rendered bytes).

Theory of operation. Flask draws such a page once for all teams of the people's contest, as somebody who may what each of them may and to
whom nothing belongs, with a hole wherever something is a team's own. The mark of the holes is a random word of this start, so that no
statement and no team's name can look like one. What belongs into the holes comes from the team's own sheet (own_sheets.py), which
Flask draws for this visitor by their own cookie. Both are as new as the news at the moment of asking. Whenever something does not fit (a
problem that only one of both knows, a session that ended meanwhile) Flask draws the page for the visitor alone.

Pages are kept by nobody outside, so that going back after signing out shows nothing; fragments have ETags.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core import visibility
from app.core.contest import Contest
from app.core.errors import Refusal
from web.gate.accept import accepts_gzip, choose_language, etag_matches
from web.gate.cut import Cut, Part, part, put_together
from web.gate.exchange import GateResponse
from web.gate.kept import Bytes
from web.gate.own_sheets import LONGEST_NAME, OwnSheet, OwnSheets
from web.gate.rendered import Rendered
from web.gate.views import Paging, View, paging_of
from web.gate.visit import Answer, Visit

KEY = "key"
"""The hole for the word that makes sending a form twice harmless: another one in each page."""
TRIES = "tries"
_TRIES = "/fragments/submissions"
SUMMARY = "summary"
"""How the team stands among the others: old as soon as the board is."""
UNTOUCHED = "untouched"
"""Is in the sheets of teams only that have submitted nothing: other teams' first page is drawn for each alone."""
HTML = "text/html; charset=utf-8"
_ALL_OWN = Cut((part(b""), part(b"")), ("own",))
_VARY = "Accept-Encoding, Accept-Language, Cookie"


def new_mark() -> str:
    """The mark of the holes, for one start of the server."""
    return "own-" + secrets.token_hex(12)


@dataclass(frozen=True, slots=True)
class Composed:
    """Answers views of which teams get their own pages."""

    rendered: Rendered
    sheets: OwnSheets
    spoken: tuple[str, ...]
    mark: str

    def handler(self, view: View) -> Callable[[Visit], Awaitable[Answer]]:
        """The handler of a view: composed for teams, else as the cache answers."""
        shared = self.rendered.handler(view)

        async def handle(visit: Visit) -> Answer:
            contest = self._contest_of(visit)
            paging = paging_of(view, visit.head.query)
            if contest is None or paging is None:
                return await shared(visit)
            composed = await self._composed(view, visit, contest, paging)
            return composed if composed is not None else await self.rendered.alone(visit)

        return handle

    def _contest_of(self, visit: Visit) -> Contest | None:
        """The people's contest, where the visitor is one of its teams and came by cookie, as Flask knows people."""
        if visit.caller.account_id is None or visit.head.bearer:
            return None
        try:
            contest = self.rendered.contests.contest(None)
        except Refusal:
            return None
        return contest if visibility.is_one_of_the_teams(visit.caller, contest) else None

    async def _composed(self, view: View, visit: Visit, contest: Contest, paging: Paging) -> GateResponse | None:
        kept = await self.rendered.for_teams(view, visit, contest.id, paging, self.mark)
        if not isinstance(kept, Bytes) or kept.cut is None:
            return None
        language = choose_language(visit.head.headers.get("accept-language", ""), self.spoken)
        holes = kept.cut.holes
        if UNTOUCHED in holes and self.sheets.knows_touched(visit, contest.id, language):
            return None
        sheets = [await self.sheets.of(visit, contest.id, language, by_board=SUMMARY in holes)]
        if TRIES in holes and sheets[0] is not None and not sheets[0].untouched:
            of_this = {"problem": visit.params.get("id", "")}
            sheets.append(await self.sheets.fragment(visit, contest.id, language, _TRIES, of_this))
        fillings = _fillings(kept.cut, sheets)
        if fillings is None:
            return None
        return _answer(kept.cut, kept.kind, fillings, visit, page=view.strangers_only)

    async def own_fragment(self, visit: Visit) -> Answer:
        """The handler of a team's own lists: kept for its browsers until there is news for them."""
        contest, query = self._contest_of(visit), visit.head.query
        usual = query == {"page": "1"} or set(query) <= {"problem"}
        if contest is None or not usual or len(query.get("problem", "")) > LONGEST_NAME:
            return await self.rendered.alone(visit)
        language, path = choose_language(visit.head.headers.get("accept-language", ""), self.spoken), visit.head.path
        sheet = await self.sheets.fragment(visit, contest.id, language, path, query)
        if sheet is None:
            return await self.rendered.alone(visit)
        return _answer(_ALL_OWN, HTML, [sheet.pieces[path]], visit, page=False)


def _fillings(cut: Cut, sheets: list[OwnSheet | None]) -> list[Part] | None:
    """What belongs into the holes, in their order; None where something is missing."""
    pieces: dict[str, Part] = {KEY: part(secrets.token_urlsafe(18).encode())}
    for sheet in sheets:
        if sheet is None:
            return None
        pieces.update(sheet.pieces)
        if _TRIES in sheet.pieces:
            pieces[TRIES] = sheet.pieces[_TRIES]
    return None if any(name not in pieces for name in cut.holes) else [pieces[name] for name in cut.holes]


def _answer(cut: Cut, kind: str, fillings: list[Part], visit: Visit, *, page: bool) -> GateResponse:
    headers = [("vary", _VARY), ("cache-control", "private, no-store" if page else "private, no-cache")]
    given = visit.head.headers
    if not page:
        own = hashlib.sha256(put_together(cut, fillings, packed=False)).hexdigest()[:24]
        headers.append(("etag", f'"{own}"'))
        known = given.get("if-none-match", "")
        if known and etag_matches(known, own):
            return GateResponse(304, tuple(headers))
    packed = accepts_gzip(given.get("accept-encoding", ""))
    headers.append(("content-type", kind))
    if packed:
        headers.append(("content-encoding", "gzip"))
    return GateResponse(200, tuple(headers), put_together(cut, fillings, packed=packed))
