"""The console's API for one problem: what it is, its statement, its jury solutions, its time limit, and its package to take away."""

from __future__ import annotations

import asyncio

from app.core.ids import ContestId, PackageVersion, ProblemId, Sha256
from app.services.catalog import Services
from app.services.exports import Export
from app.wire import admin_packages_v1 as shapes
from app.wire.admin_v1 import ForContest
from web.gate.admin_contest import meant_contest, read_wish
from web.gate.exchange import FilePart, GateResponse, json_response
from web.gate.visit import Answer, Handler, Visit

_SAFE = (("content-security-policy", "sandbox; default-src 'none'"), ("x-content-type-options", "nosniff"))


class ProblemRoutes:
    """The handlers; those that look into the store run in threads of their own, never on the loop."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def reads(self) -> dict[str, Handler]:
        """GET."""
        return {
            "/problems/{id}": self._detail,
            "/problems/{id}/statement": self._statement,
            "/problems/{id}/export": self._export,
            "/pictures/{version}/{sha256}": self._picture,
        }

    def commands(self) -> dict[str, Handler]:
        """POST."""
        return {
            "/problems/{id}/solutions": self._judge,
            "/problems/{id}/solutions/stop": self._stop,
            "/problems/{id}/limit": self._limit,
        }

    async def _detail(self, visit: Visit) -> Answer:
        details, contest, problem = self._services.details, self._asked(visit), ProblemId(visit.params["id"])
        trial = visit.head.query.get("trial") == "1"
        return json_response(200, await asyncio.to_thread(details.detail, contest, problem, trial=trial))

    async def _statement(self, visit: Visit) -> Answer:
        details, contest, problem = self._services.details, self._asked(visit), ProblemId(visit.params["id"])
        trial, language = visit.head.query.get("trial") == "1", visit.head.query.get("language", "")
        html = await asyncio.to_thread(details.statement, contest, problem, language, trial=trial)
        return json_response(200, {"html": html})

    async def _picture(self, visit: Visit) -> Answer:
        version, sha256 = PackageVersion(visit.params["version"]), Sha256(visit.params["sha256"])
        data, mime = await asyncio.to_thread(self._services.details.picture, version, sha256)
        return GateResponse(200, (("content-type", mime), *_SAFE), data)

    async def _export(self, visit: Visit) -> Answer:
        contest, problem = self._asked(visit), ProblemId(visit.params["id"])
        made: Export = await asyncio.to_thread(self._services.exports.made, contest, problem)
        headers = (
            ("content-type", "application/zip"),
            ("content-disposition", f'attachment; filename="{made.name}"'),
            ("cache-control", "no-store"),
            ("x-contestbox-notes", " ".join(made.notes)[:2000]),
            *_SAFE,
        )
        return GateResponse(200, headers, file=FilePart(made.path, 0, made.size))

    async def _judge(self, visit: Visit) -> Answer:
        wish = read_wish(shapes.JudgeSolutions, visit, may_be_empty=True)
        queued = self._services.solutions.judge(
            self._meant(wish), ProblemId(visit.params["id"]), everywhere=wish.everywhere, trial=wish.trial
        )
        return json_response(200, {"queued": await asyncio.wrap_future(queued)})

    async def _stop(self, visit: Visit) -> Answer:
        wish = read_wish(ForContest, visit, may_be_empty=True)
        stopped = self._services.solutions.stop(self._meant(wish), ProblemId(visit.params["id"]))
        return json_response(200, {"stopped": await asyncio.wrap_future(stopped)})

    async def _limit(self, visit: Visit) -> Answer:
        wish = read_wish(shapes.SetLimit, visit)
        changed = self._services.solutions.set_limit(self._meant(wish), ProblemId(visit.params["id"]), wish.cpu_seconds)
        return json_response(200, {"cpu_seconds": (await asyncio.wrap_future(changed)).cpu_seconds})

    def _asked(self, visit: Visit) -> ContestId:
        named = visit.head.query.get("contest_id")
        return self._services.control.contest(ContestId(named) if named else None).id

    def _meant(self, wish: ForContest) -> ContestId:
        return self._services.control.contest(meant_contest(wish)).id
