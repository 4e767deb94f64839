"""Where the contest server of a data folder is reached on this machine: what its `server.json` says (DESIGN 7)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path

from app.console.place import Access


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A running server: its process, its addresses, and the key that the console's listener asks for."""

    pid: int
    started_ms: int
    server_id: str
    people_url: str
    node_url: str
    console_url: str
    admin_key: str

    @property
    def access(self) -> Access:
        """The console's listener and its key."""
        return Access(self.console_url, (("Authorization", f"Bearer {self.admin_key}"),))


def find(data: Path) -> FoundServer | None:
    """The server that serves this folder now; None when there is none or its file isn't whole."""
    try:
        stored = json.loads((data / "server.json").read_text(encoding="utf-8"))
        found = FoundServer(**{field.name: stored[field.name] for field in fields(FoundServer)})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if _lives(found.pid) else None


def _lives(pid: int) -> bool:
    if os.name == "nt":
        return True  # os.kill would end the process there; the connection tells
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
