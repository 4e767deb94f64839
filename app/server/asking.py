"""Commands that ask the running server of a folder, by its console's listener."""

from __future__ import annotations

from typing import Any

import httpx2

from app.core.errors import Fault, Refusal
from app.server.folder import RunningServer

_LONGEST_SECONDS = 3600


def ask(running: RunningServer, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One call of /admin/v1, which may take as long as a large package does. Refusal as the server says it, Fault where it is silent."""
    try:
        answer = httpx2.request(
            method,
            f"{running.console_url.rstrip('/')}/admin/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {running.admin_key}"},
            timeout=_LONGEST_SECONDS,
            trust_env=False,
        )
        said: dict[str, Any] = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise Fault("server", f"The contest server of this folder does not answer: {error}.") from error
    if answer.is_error:
        raise Refusal(answer.status_code, str(said.get("message", answer.text)), fields=said.get("fields") or {})
    return said
