"""The console's API (wire/admin_v1): each route is a few lines between the wire and a service.

The loopback listener takes the admin key of DATA/server.json as bearer token; remote_admin.py says who may come by the nodes' listener.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.core.errors import Refusal
from app.core.ids import NodeId, ProblemId, Sha256, SubmissionId, TeamId, parse_submission_id
from app.services import roster
from app.services.catalog import Services
from app.services.desk import TOPICS
from app.services.outputs import WholeOutput
from app.services.uploads import PART_BYTES
from app.wire import admin_v1
from web.api.v1.query import HIGHEST, whole_number
from web.gate.admin_contest import ContestRoutes, read_wish
from web.gate.admin_packages import PackageRoutes
from web.gate.admin_problems import ProblemRoutes
from web.gate.door import Door
from web.gate.exchange import FilePart, GateResponse, json_response
from web.gate.hosts import is_loopback
from web.gate.routes import Route, Table
from web.gate.sending import MACHINE_HEADERS
from web.gate.visit import Answer, Handler, Head, Visit
from web.gate.waits import Hub

T = TypeVar("T")

BODY_LIMIT = 64 * 1024
LONGEST_WAIT = 25
BASE = "/admin/v1"

Guard = Callable[[Handler], Handler]


def _not_here(_: bool) -> None:
    raise Refusal(403, "This server has no settings that last.")


@dataclass(frozen=True, slots=True)
class HouseKeeping:
    """What the console may ask of the server itself. `stop` returns at once; `backup` blocks until the copy in the folder is checked;
    `https` writes into the settings whether people come by TLS from the next start on; `broken` ends a server whose doors are dead."""

    stop: Callable[[], None]
    backup: Callable[[Path], None]
    https: Callable[[bool], None] = _not_here
    broken: Callable[[], None] | None = None


class Admin:
    """The handlers. `executor` runs the services' reads, `blob_path` finds the file of a blob."""

    def __init__(
        self,
        services: Services,
        hub: Hub,
        executor: Executor,
        house: HouseKeeping,
        key: str,
        blob_path: Callable[[Sha256], Path | None],
    ) -> None:
        self._services = services
        self._hub = hub
        self._executor = executor
        self._house = house
        self._blob_path = blob_path
        self._key = key.encode()
        self._packages = PackageRoutes(services)
        self._problems = ProblemRoutes(services)
        self._contest = ContestRoutes(services)

    def door(self) -> Door:
        """The ASGI application of the console's listener."""
        return Door(
            table=Table(self.routes(self._guarded, BODY_LIMIT)),
            clock=self._services.clock,
            executor=self._executor,
            host_is_ours=is_loopback,
            standing=MACHINE_HEADERS,
            stopping=lambda: self._hub.closed,
        )

    def routes(
        self,
        guard: Guard,
        limit: int | Callable[[Head], int],
        part_limit: int | Callable[[Head], int] = PART_BYTES,
        refused: Collection[str] = (),
    ) -> list[Route]:
        """Every route of wire/admin_v1 that a service stands behind, behind `guard`; bodies up to `limit`, parts of uploads up to
        `part_limit`. Paths in `refused`: 403.
        """
        reads = {
            "/state": self._state,
            "/wait": self._wait,
            "/submissions": self._submissions,
            "/submissions/{id}": self._submission,
            "/submissions/{id}/outputs/{test}": self._output,
            "/machines": self._machines,
            "/events": self._events,
            "/teams": self._teams,
            **self._packages.reads(),
            **self._problems.reads(),
        }
        commands: dict[str, Handler] = {
            "/joins/{id}/approve": self._approve,
            "/joins/{id}/refuse": self._refuse,
            "/machines/{id}/{verb}": self._machine,
            **self._contest.commands(),
            "/desk/{id}/again": self._again,
            "/submissions/{id}/rejudge": self._rejudge,
            "/teams/passwords": self._passwords,
            "/server/stop": self._stop,
            "/server/backup": self._backup,
            "/server/https": self._https,
            **self._packages.commands(),
            **self._problems.commands(),
        }
        commands.update(dict.fromkeys(refused, _not_from_there))
        return [
            *(Route(("GET",), BASE + path, guard(handler)) for path, handler in reads.items()),
            Route(("PUT",), f"{BASE}/uploads/{{id}}", guard(self._packages.part), limit=part_limit, spool=True),
            *(Route(("POST",), BASE + path, guard(handler), limit=limit) for path, handler in commands.items()),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def check(visit: Visit) -> Answer:
            if not hmac.compare_digest(visit.head.bearer.encode(), self._key):
                raise Refusal(
                    401, "The admin key is missing or old; the running server's key stands in its data folder."
                )
            return await handler(visit)

        return check

    async def _read(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    async def _state(self, visit: Visit) -> Answer:
        return json_response(200, await self._read(self._services.desk.state))

    async def _wait(self, visit: Visit) -> Answer:
        timeout = whole_number(visit.head.query.get("timeout"), "timeout", default=LONGEST_WAIT, most=LONGEST_WAIT)
        after = {topic: self._services.bell.counter(topic) for topic in TOPICS}
        if sum(after.values()) == _number(visit, "after"):
            await self._hub.wait_for(TOPICS, after, timeout, gone=visit.gone())
        return json_response(200, {"seq": self._services.desk.seq()})

    async def _submissions(self, visit: Visit) -> Answer:
        query = visit.head.query
        before = _number(visit, "before")
        limit = whole_number(query.get("limit"), "limit", default=100, most=1000)
        problem, team = query.get("problem"), query.get("team")
        rows = await self._read(
            lambda: self._services.submissions.admin_rows(
                SubmissionId(before) if before else None,
                limit,
                ProblemId(problem) if problem else None,
                TeamId(team) if team else None,
            )
        )
        return _items(rows)

    async def _submission(self, visit: Visit) -> Answer:
        submission_id = _submission_id(visit)
        return json_response(200, await self._read(lambda: self._services.submissions.admin_detail(submission_id)))

    async def _output(self, visit: Visit) -> Answer:
        submission_id = _submission_id(visit)
        test = whole_number(visit.params["test"], "test", default=None, least=1, most=HIGHEST)
        attempt, services = _number(visit, "attempt"), self._services
        if test is None:
            raise Refusal(404, "There is no such output.")
        return await self._read(lambda: self._whole(services.submissions.admin_output(submission_id, test, attempt)))

    def _whole(self, output: WholeOutput) -> GateResponse:
        headers = (
            ("content-type", "application/octet-stream"),
            ("content-disposition", f'attachment; filename="{output.name}"'),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        )
        if not output.sha256:
            return GateResponse(200, headers, output.data)
        path = self._blob_path(Sha256(output.sha256))
        if path is None:
            raise Refusal(404, "The server has lost this output.")
        return GateResponse(200, headers, file=FilePart(path, 0, output.size))

    async def _machines(self, visit: Visit) -> Answer:
        machines = self._services.machines
        found, pending = await self._read(lambda: (machines.list(), machines.pending()))
        return json_response(200, {"items": _dumped(found), "pending": _dumped(pending)})

    async def _events(self, visit: Visit) -> Answer:
        limit = whole_number(visit.head.query.get("limit"), "limit", default=200, most=1000)
        after = _number(visit, "after") or 0
        return _items(await self._read(lambda: self._services.audit.log_lines(after, limit)))

    async def _teams(self, visit: Visit) -> Answer:
        services = self._services
        found = await self._read(lambda: roster.teams_with_accounts(services.store, services.control.contest(None).id))
        rows = [
            admin_v1.TeamRow(
                id=team.id,
                name=team.name,
                organization=team.organization,
                username=account.username if account else "",
                enabled=account.enabled if account else False,
            )
            for team, account in found
        ]
        return _items(rows)

    async def _passwords(self, visit: Visit) -> Answer:
        services = self._services
        found = await self._read(
            lambda: roster.slips(services.store, services.accounts, services.control.contest(None).id)
        )
        return json_response(200, {"items": found})

    async def _approve(self, visit: Visit) -> Answer:
        code = read_wish(admin_v1.Approve, visit).code
        machine = await asyncio.wrap_future(self._services.machines.approve(visit.params["id"], code))
        return json_response(200, machine)

    async def _refuse(self, visit: Visit) -> Answer:
        self._services.machines.refuse(visit.params["id"])
        return json_response(200, {})

    async def _machine(self, visit: Visit) -> Answer:
        machines, node_id = self._services.machines, NodeId(visit.params["id"])
        verb = visit.params["verb"]
        if verb == "rename":
            future = machines.rename(node_id, read_wish(admin_v1.Rename, visit).name)
        elif verb in ("pause", "resume", "unpair"):
            future = {"pause": machines.pause, "resume": machines.resume, "unpair": machines.unpair}[verb](node_id)
        else:
            raise Refusal(404, "There is no such command for a machine.")
        machine = await asyncio.wrap_future(future)
        return json_response(200, machine)

    async def _again(self, visit: Visit) -> Answer:
        judgement_id = await asyncio.wrap_future(self._services.desk.again(visit.params["id"]))
        return json_response(200, {"judgement_id": judgement_id})

    async def _rejudge(self, visit: Visit) -> Answer:
        final_too = read_wish(admin_v1.Rejudge, visit, may_be_empty=True).final_too
        rejudged = self._services.desk.rejudge(_submission_id(visit), final_too=final_too)
        judgement_id = await asyncio.wrap_future(rejudged)
        return json_response(200, {"judgement_id": judgement_id})

    async def _stop(self, visit: Visit) -> Answer:
        # The answer goes out first; the server's main thread then ends everything.
        asyncio.get_running_loop().call_later(0.05, self._house.stop)
        return json_response(202, {})

    async def _backup(self, visit: Visit) -> Answer:
        directory = Path(read_wish(admin_v1.Backup, visit).directory)
        await asyncio.to_thread(self._house.backup, directory)
        return json_response(200, {"directory": str(directory)})

    async def _https(self, visit: Visit) -> Answer:
        wanted = read_wish(admin_v1.Https, visit)
        await asyncio.to_thread(self._house.https, wanted.on)
        return json_response(200, {"on": wanted.on, "from": "the next start"})


async def _not_from_there(visit: Visit) -> Answer:
    raise Refusal(
        403, "This names a folder of the server's own machine: do it in the console there, or by contestbox's commands."
    )


def _submission_id(visit: Visit) -> SubmissionId:
    submission_id = parse_submission_id(visit.params["id"])
    if submission_id is None:
        raise Refusal(404, "There is no such submission.")
    return submission_id


def _number(visit: Visit, name: str) -> int | None:
    return whole_number(visit.head.query.get(name), name, default=None, least=0, most=HIGHEST)


def _dumped(items: Any) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in items]


def _items(items: Any) -> GateResponse:
    return json_response(200, {"items": _dumped(items)})
