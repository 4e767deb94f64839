"""Speaks `/admin/v1` with one running server, without Qt: answers become the frozen values of `app.wire.admin_v1`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from app.console.place import Access
from app.console.words import retold
from app.console.words import tr as _
from app.core.errors import Fault, Refusal
from app.lan.asking import Stranger
from app.lan.tls import pinned_context

Shape = TypeVar("Shape", bound=BaseModel)

ANSWER_SECONDS = 5.0
COMMAND_SECONDS = 60.0
LONG_SECONDS = 900.0
"""What the server may take to read a large package, or to write one."""
WAIT_SECONDS = 5.0
_PATIENCE = 10.0


class AdminClient:
    """One connection pool to one server. Errors: Refusal with the server's own sentence, Fault("server", …) when it is silent,
    Stranger when another server answers there."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._http = httpx2.AsyncClient(
            base_url=access.url,
            headers=dict(access.headers),
            verify=pinned_context(access.ca_pem) if access.ca_pem else True,
            trust_env=False,
            timeout=ANSWER_SECONDS,
        )

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._http.aclose()

    async def get(self, path: str, shape: type[Shape], **query: Any) -> Shape:
        """One value."""
        return parsed(shape, await self._call("GET", path, query=query))

    async def items(self, path: str, shape: type[Shape], **query: Any) -> list[Shape]:
        """A list's items."""
        return [parsed(shape, item) for item in listed(await self._call("GET", path, query=query), "items")]

    async def raw(self, path: str) -> Any:
        """An answer as plain data."""
        return await self._call("GET", path)

    async def content(self, path: str) -> bytes:
        """A file's bytes. It may take a minute."""
        found = await self._call("GET", path, seconds=COMMAND_SECONDS, as_bytes=True)
        return found if isinstance(found, bytes) else b""

    async def wait(self, after: int) -> int:
        """Waits until something changed; the new number (the same when nothing did in time)."""
        answer = await self._call(
            "GET",
            "/admin/v1/wait",
            query={"after": after, "timeout": int(WAIT_SECONDS)},
            seconds=WAIT_SECONDS + _PATIENCE,
        )
        return int(answer["seq"]) if isinstance(answer, dict) and "seq" in answer else after

    async def post(self, path: str, body: Mapping[str, Any], seconds: float = COMMAND_SECONDS) -> Any:
        """A command; its answer as plain data. It may take a minute, or as many `seconds` as are given."""
        return await self._call("POST", path, body=body, seconds=seconds)

    async def put(self, path: str, data: bytes, **query: Any) -> Any:
        """A part of an upload."""
        return await self._call("PUT", path, query=query, content=data, seconds=COMMAND_SECONDS)

    async def download(self, path: str, target: Path) -> None:
        """A file of any size into `target`, which appears only when it is whole. Fault("disk", …) where it cannot be written."""
        part = target.with_name(target.name + ".part")
        try:
            async with self._http.stream("GET", path, timeout=httpx2.Timeout(LONG_SECONDS, connect=3.0)) as answer:
                if answer.status_code >= 400:
                    await answer.aread()
                    raise _refusal(answer)
                with part.open("wb") as file:
                    async for piece in answer.aiter_bytes():
                        file.write(piece)
            part.replace(target)
        except OSError as error:
            raise Fault("disk", _("It could not be written: {reason}.", reason=error.strerror or error)) from error
        except (httpx2.HTTPError, RuntimeError) as error:
            raise Fault("server", _("The server does not answer.")) from error
        finally:
            part.unlink(missing_ok=True)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        seconds: float = ANSWER_SECONDS,
        as_bytes: bool = False,
    ) -> Any:
        params = {key: value for key, value in (query or {}).items() if value is not None}
        try:
            answer = await self._http.request(
                method,
                path,
                params=params or None,
                json=body,
                content=content,
                timeout=httpx2.Timeout(seconds, connect=3.0),
            )
        except (httpx2.HTTPError, httpx2.InvalidURL, RuntimeError) as error:
            # RuntimeError: another task found a new server and closed this client under the request.
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Stranger from error
            raise Fault("server", _("The server does not answer.")) from error
        if answer.status_code == 204 or not answer.content:
            return None
        if as_bytes and answer.status_code < 400:
            return answer.content
        if answer.status_code >= 400:
            raise _refusal(answer)
        return _json(answer)


def _json(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise Fault("server", _("The server's answer cannot be read.")) from error


def _refusal(answer: httpx2.Response) -> Refusal:
    """The server's own sentence. Raises Fault where it gave none that can be read."""
    data = _json(answer)
    told = data if isinstance(data, dict) else {}
    fields = told.get("fields")
    return Refusal(
        answer.status_code,
        retold(str(told["message"])) if told.get("message") else _("The server refused this."),
        fields=fields if isinstance(fields, dict) else None,
    )


def parsed(shape: type[Shape], data: Any) -> Shape:
    """A value from plain data. Raises Fault when it isn't one: server and console are of different versions."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise Fault("server", _("The server speaks another version than this console: update both.")) from error


def listed(data: Any, key: str) -> list[Any]:
    """The list under `key`. Raises Fault when there is none."""
    found = data.get(key) if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise Fault("server", _("The server speaks another version than this console: update both."))
    return found
