"""A small client of /admin/v1 for the demo: it plays the organiser on this machine."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import httpx2

from app.core.errors import Fault, Refusal
from app.server.folder import RunningServer
from app.wire.admin_v1 import Machine, PendingJoin, State


class Organiser:
    """Speaks to the console's listener of a running server with its admin key."""

    def __init__(self, running: RunningServer) -> None:
        self._client = httpx2.Client(
            base_url=running.console_url,
            headers={"Authorization": f"Bearer {running.admin_key}"},
            timeout=10,
            trust_env=False,
        )

    def __enter__(self) -> Organiser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def state(self) -> State:
        """The first page's state."""
        return State.model_validate(self._call("GET", "/admin/v1/state"))

    def machines(self) -> tuple[list[Machine], list[PendingJoin]]:
        """Paired machines, and those that want to join."""
        answer = self._call("GET", "/admin/v1/machines")
        return (
            [Machine.model_validate(item) for item in answer["items"]],
            [PendingJoin.model_validate(item) for item in answer["pending"]],
        )

    def approve(self, request_id: str, code: str) -> Machine:
        """Approves exactly one request with the code that was read on its machine."""
        answer = self._call("POST", f"/admin/v1/joins/{request_id}/approve", {"code": code})
        return Machine.model_validate(answer)

    def resume(self, machine_id: str) -> None:
        """Lets a machine that is paused work."""
        self._call("POST", f"/admin/v1/machines/{machine_id}/resume")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx2.HTTPError as error:
            raise Fault("server", f"The contest server does not answer: {error}.") from error
        if answer.status_code >= 400:
            raise Refusal(answer.status_code, str(answer.json().get("message", answer.text)))
        return answer.json() if answer.content else None
