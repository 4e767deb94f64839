"""The console's API for the contest itself: its clock, its settings, its end (wire/admin_v1)."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import ContestId
from app.services.catalog import Services
from app.services.desk import contest_state
from app.wire import admin_v1
from web.gate.exchange import GateResponse, json_response
from web.gate.intake import read_json
from web.gate.visit import Answer, Handler, Visit

M = TypeVar("M", bound=BaseModel)


class ContestRoutes:
    """The handlers. Each command is about the contest that it names, else about the present one, and answers how that is now."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def commands(self) -> dict[str, Handler]:
        """POST."""
        return {
            "/contest/start": self._start,
            "/contest/extend": self._extend,
            "/contest/settings": self._settings,
            "/contest/finalize": self._finalize,
            "/contest/thaw": self._thaw,
        }

    async def _start(self, visit: Visit) -> Answer:
        wish = read_wish(admin_v1.Start, visit)
        at = None if wish.at is None else read_time(wish.at)
        return await self._done(self._services.control.start(at, meant_contest(wish)))

    async def _extend(self, visit: Visit) -> Answer:
        wish = read_wish(admin_v1.Extend, visit)
        return await self._done(
            self._services.control.extend(
                wish.minutes, meant_contest(wish), expected_duration_ms=wish.expected_duration_ms
            )
        )

    async def _settings(self, visit: Visit) -> Answer:
        wish = read_wish(admin_v1.ContestSettings, visit)
        changes = wish.model_dump(exclude_none=True, exclude={"contest_id"})
        return await self._done(self._services.control.settings(**changes, contest_id=meant_contest(wish)))

    async def _finalize(self, visit: Visit) -> Answer:
        wish = read_wish(admin_v1.ForContest, visit, may_be_empty=True)
        return await self._done(self._services.control.finalize(meant_contest(wish)))

    async def _thaw(self, visit: Visit) -> Answer:
        wish = read_wish(admin_v1.ForContest, visit, may_be_empty=True)
        return await self._done(self._services.control.thaw(meant_contest(wish)))

    async def _done(self, future: Future[Contest]) -> GateResponse:
        contest = await asyncio.wrap_future(future)
        return json_response(200, contest_state(contest, self._services.clock.now()))


def read_wish(model: type[M], visit: Visit, *, may_be_empty: bool = False) -> M:
    """A command from its body; `may_be_empty`: without a body it says nothing further. Refusal 400, 415."""
    if may_be_empty and not visit.body.data and visit.body.file is None:
        return model()
    return read_json(model, visit.body, visit.head.headers.get("content-type", ""))


def meant_contest(wish: admin_v1.ForContest) -> ContestId | None:
    """The contest that a command names; None where it names none."""
    return None if wish.contest_id is None else ContestId(wish.contest_id)


def read_time(text: str) -> Instant:
    """An instant from ISO 8601 with a zone. Raises Refusal 400."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(400, "A time is written like 2026-11-24T09:00:00Z.", fields={"at": "not ISO 8601"}) from error
    if moment.tzinfo is None:
        raise Refusal(400, "A time needs its zone, like 2026-11-24T09:00:00Z.", fields={"at": "no zone"})
    return Instant(round(moment.timestamp() * 1000))
