"""Taking submissions in by API: POST /api/v1/submissions, and reading them back (API.md, "Submissions").

The 202 goes out only after the service's future, which resolves after the commit.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from app.core.errors import Refusal
from app.core.ids import ContestId, LanguageId, ProblemId, SubmissionId, parse_submission_id, submission_public_id
from app.core.submission import SourceFile
from app.languages.definition import Language
from app.languages.detect import suggest_file_name
from app.services.answers import SubmitRequest
from web.api.v1.models import BY_VERDICT, Status, SubmissionAnswer, SubmissionRequest, SubmissionTaken, submission_list
from web.api.v1.query import page_wanted
from web.gate.exchange import GateResponse, json_response
from web.gate.landing import Landing
from web.gate.visit import Answer, Body, Visit

if TYPE_CHECKING:
    from app.services.control import Control
    from app.services.submissions import Submissions
    from app.services.submit import Submit

M = TypeVar("M", bound=BaseModel)

_SMALL = 64 * 1024
_JSON = (("content-type", "application/json"), ("cache-control", "no-store"))
_NUMBER = b"sub_number"
_TAKEN = SubmissionTaken(submission_id=_NUMBER.decode()).model_dump_json().encode()
_STATES: Mapping[str, frozenset[str]] = {
    **{status.value: frozenset({verdict.value}) for verdict, status in BY_VERDICT.items()},
    Status.PENDING.value: frozenset({"PENDING", "DESK"}),
    Status.IN_PROGRESS.value: frozenset({"COMPILING", "RUNNING"}),
}


class Intake:
    """The handlers of /api/v1/submissions that answer at once. `executor` runs what is not in memory."""

    def __init__(
        self,
        submit: Submit,
        submissions: Submissions,
        contests: Control,
        languages: Mapping[str, Language],
        executor: Executor,
    ) -> None:
        self._submit = submit
        self._contests = contests
        self._languages = languages
        self._submissions = submissions
        self._executor = executor
        self._landing = Landing()

    async def post(self, visit: Visit) -> Answer:
        """202 with Location, once the submission is on disk."""
        key = idempotency_key(visit)
        if visit.body.file is None and visit.body.size <= _SMALL:
            request = self._read(visit.body, visit.head.headers.get("content-type", ""), key)
        else:
            kind = visit.head.headers.get("content-type", "")
            loop = asyncio.get_running_loop()
            request = await loop.run_in_executor(self._executor, self._read, visit.body, kind, key)
        if contest := visit.head.query.get("contest_id"):
            request = replace(request, contest_id=ContestId(contest))
        accepted = await self._landing.of(self._submit.accept(visit.caller, request, visit.arrived))
        public_id = submission_public_id(accepted.submission_id)
        headers = (*_JSON, ("location", f"/api/v1/submissions/{public_id}"))
        return GateResponse(202, headers, _TAKEN.replace(_NUMBER, public_id.encode()))

    def _read(self, body: Body, content_type: str, key: str) -> SubmitRequest:
        return read_submission(body, content_type, key, self._languages)

    async def get(self, visit: Visit) -> Answer:
        """One submission as the caller may see it."""
        submission_id = submission_of(visit)
        loop = asyncio.get_running_loop()
        view = await loop.run_in_executor(self._executor, self._submissions.view, visit.caller, submission_id)
        return json_response(200, SubmissionAnswer.of(view))

    async def page(self, visit: Visit) -> Answer:
        """The caller's own submissions (all for the jury), newest first."""
        query = visit.head.query
        states = wanted_states(query.get("status"))
        number, per_page = page_wanted(query)
        problem, contest = query.get("problem_id"), query.get("contest_id")

        def read() -> GateResponse:
            page = self._submissions.page(
                visit.caller,
                problem_id=ProblemId(problem) if problem else None,
                states=states,
                contest_id=self._contests.meant(visit.caller, ContestId(contest) if contest else None).id,
                page=number,
                per_page=per_page,
            )
            return json_response(200, submission_list(page))

        return await asyncio.get_running_loop().run_in_executor(self._executor, read)


def wanted_states(text: str | None) -> frozenset[str]:
    """What the service looks for: the verdict's id of a final status, else the states; nothing for any. Raises Refusal 400."""
    if text is None:
        return frozenset()
    if text not in _STATES:
        raise Refusal(400, f"A status is one of {', '.join(sorted(_STATES))}.", fields={"status": "unknown"})
    return _STATES[text]


def submission_of(visit: Visit) -> SubmissionId:
    """The submission that a path names. Raises Refusal 404 for what cannot be one."""
    submission_id = parse_submission_id(visit.params["id"])
    if submission_id is None:
        raise Refusal(404, "There is no such submission.")
    return submission_id


def read_submission(body: Body, content_type: str, key: str, languages: Mapping[str, Language]) -> SubmitRequest:
    """A request from its JSON body; bare code gets a name after its language. Raises Refusal 400, 415, 422; the service checks the rest."""
    command = read_json(SubmissionRequest, body, content_type)
    if (command.code is None) == (command.files is None):
        raise Refusal(400, "Send either code or files.", fields={"code": "either this or files"})
    if command.code is not None:
        language = languages.get(command.language)
        if language is None:
            raise Refusal(422, f"There is no language {command.language!r} here.", fields={"language": "unknown"})
        files: tuple[SourceFile, ...] = (
            SourceFile(suggest_file_name(language, command.code), command.code.encode("utf-8", "surrogatepass")),
        )
    else:
        files = tuple(SourceFile(one.name, _decoded(one.name, one.data)) for one in command.files or ())
    return SubmitRequest(
        problem_id=ProblemId(str(command.problem_id)),
        language=LanguageId(command.language),
        files=files,
        entry_point=command.entry_point,
        idempotency_key=key,
    )


def read_json(model: type[M], body: Body, content_type: str) -> M:
    """A command from a JSON body, by its model. Raises Refusal 415 for another media type, 400 with the fields that are wrong."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "Send the body as application/json.")
    data = body.file.read() if body.file is not None else body.data
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        fields = {".".join(str(part) for part in one["loc"]) or "body": one["msg"] for one in error.errors()[:10]}
        raise Refusal(400, "The body is not what this address takes.", fields=fields) from error


def _decoded(name: str, data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(400, f"The data of {name[:60]} are not base64.", fields={"files": "not base64"}) from error


def idempotency_key(visit: Visit) -> str:
    """The Idempotency-Key header, "" where there is none; its letters are checked by the service. Raises Refusal 400 when it is empty."""
    key = visit.head.headers.get("idempotency-key")
    if key == "":
        raise Refusal(400, "An Idempotency-Key has 1 to 128 printable characters.")
    return key or ""
