"""The console's API for packages: uploads in parts, imports, and versions on trial (wire/admin_v1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.core.errors import Refusal
from app.core.ids import ContestId, ProblemId
from app.services.catalog import Services
from app.services.package_report import imported_answer
from app.services.uploads import Upload
from app.services.versions import Compared
from app.wire import admin_packages_v1 as shapes
from app.wire.admin_v1 import ForContest
from web.api.v1.query import whole_number
from web.gate.admin_contest import meant_contest, read_wish
from web.gate.exchange import json_response
from web.gate.visit import Answer, Handler, Visit

T = TypeVar("T")


class PackageRoutes:
    """The handlers; all of them may block, so none runs on the loop nor among the four readers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def reads(self) -> dict[str, Handler]:
        """GET."""
        return {"/uploads/{id}": self._upload, "/problems/{id}/trial": self._trial}

    def commands(self) -> dict[str, Handler]:
        """POST."""
        return {
            "/uploads": self._begin,
            "/uploads/{id}/import": self._import_upload,
            "/uploads/{id}/trial": self._offer_upload,
            "/problems/import": self._import,
            "/problems/{id}/trial": self._offer,
            "/problems/{id}/switch": self._switch,
            "/problems/{id}/drop": self._drop,
        }

    async def part(self, visit: Visit) -> Answer:
        """PUT /uploads/ID?offset=N."""
        offset = whole_number(visit.head.query.get("offset"), "offset", default=0, least=0, most=1 << 40) or 0
        body = visit.body

        def work() -> Upload:
            data = body.file.read() if body.file is not None else body.data
            return self._services.uploads.append(visit.params["id"], offset, data)

        return json_response(200, _upload(await asyncio.to_thread(work)))

    async def _begin(self, visit: Visit) -> Answer:
        wish = read_wish(shapes.BeginUpload, visit)
        begun = await asyncio.to_thread(self._services.uploads.begin, wish.name, wish.size, wish.sha256)
        return json_response(200, _upload(begun))

    async def _upload(self, visit: Visit) -> Answer:
        return json_response(200, _upload(await asyncio.to_thread(self._services.uploads.state, visit.params["id"])))

    async def _import(self, visit: Visit) -> Answer:
        wish = read_wish(shapes.ImportProblem, visit)
        contest, path = self._meant(wish), _whole_path(wish.path)
        return json_response(200, await asyncio.to_thread(self._imported, contest, path, wish.label, wish.rgb))

    async def _import_upload(self, visit: Visit) -> Answer:
        wish = read_wish(shapes.ImportUpload, visit)
        contest = self._meant(wish)
        answer = await self._with_upload(visit, lambda path: self._imported(contest, path, wish.label, wish.rgb))
        return json_response(200, answer)

    async def _offer(self, visit: Visit) -> Answer:
        wish = read_wish(shapes.ImportProblem, visit)
        contest, path, problem = self._meant(wish), _whole_path(wish.path), ProblemId(visit.params["id"])
        return json_response(200, await asyncio.to_thread(self._offered, contest, problem, path))

    async def _offer_upload(self, visit: Visit) -> Answer:
        wish = read_wish(shapes.OfferUpload, visit)
        contest, problem = self._meant(wish), ProblemId(wish.problem)
        return json_response(200, await self._with_upload(visit, lambda path: self._offered(contest, problem, path)))

    async def _trial(self, visit: Visit) -> Answer:
        named = visit.head.query.get("contest_id")
        contest = self._services.control.contest(ContestId(named) if named else None).id
        return json_response(200, await asyncio.to_thread(self._compared, contest, ProblemId(visit.params["id"])))

    async def _switch(self, visit: Visit) -> Answer:
        wish = read_wish(shapes.SwitchVersion, visit)
        switch = self._services.versions.switch(
            self._meant(wish), ProblemId(visit.params["id"]), anyway=wish.anyway, final_too=wish.final_too
        )
        return json_response(200, {"changed": await asyncio.wrap_future(switch)})

    async def _drop(self, visit: Visit) -> Answer:
        contest = self._meant(read_wish(ForContest, visit, may_be_empty=True))
        await asyncio.wrap_future(self._services.versions.drop(contest, ProblemId(visit.params["id"])))
        return json_response(200, {})

    async def _with_upload(self, visit: Visit, use: Callable[[Path], T]) -> T:
        def work() -> T:
            with self._services.uploads.whole(visit.params["id"]) as path:
                return use(path)

        return await asyncio.to_thread(work)

    def _imported(self, contest: ContestId, path: Path, label: str, rgb: str) -> shapes.Imported:
        problem = self._services.problems.import_package(contest, path, label=label, rgb=rgb)
        return imported_answer(self._services.store, problem)

    def _offered(self, contest: ContestId, problem_id: ProblemId, path: Path) -> shapes.Trial:
        self._services.versions.offer(contest, problem_id, path)
        return self._compared(contest, problem_id)

    def _compared(self, contest: ContestId, problem_id: ProblemId) -> shapes.Trial:
        return _trial(self._services.versions.compared(contest, problem_id))

    def _meant(self, wish: ForContest) -> ContestId:
        return self._services.control.contest(meant_contest(wish)).id


def _whole_path(text: str) -> Path:
    """A path that means the same to whoever sent it. Refusal 422 for one that the server would look for in its own folder."""
    path = Path(text)
    if not path.is_absolute():
        raise Refusal(422, f"Name the package by its whole path, not as {text}.", fields={"path": "relative"})
    return path


def _upload(one: Upload) -> shapes.UploadState:
    return shapes.UploadState(id=one.id, name=one.name, size=one.size, have=one.have)


def _trial(one: Compared) -> shapes.Trial:
    return shapes.Trial(
        present=one.present,
        version=one.version,
        package_state=one.state,
        submissions=one.submissions,
        judged=one.judged,
        differences=[
            shapes.TrialDifference(
                submission_id=each.submission.id,
                team_id=each.submission.team_id,
                before=each.before.verdict.value if each.before.verdict is not None else None,
                after=each.after.verdict.value if each.after.verdict is not None else None,
                score_before=each.before.score_millionths,
                score_after=each.after.score_millionths,
            )
            for each in one.differences
        ],
        stopped=one.stopped,
        changes=list(one.changes),
    )
