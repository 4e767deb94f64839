"""What a paired machine keeps: which server it belongs to, that server's CA, and the token that nobody else is shown."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from app.core.errors import Fault


@dataclass(frozen=True, slots=True)
class Membership:
    """A pairing. `url` is where the server was last reached; `ca_pem` says who it is, wherever it is."""

    url: str
    server_id: str
    node_id: str
    token: str
    ca_pem: str


def load(path: Path) -> Membership | None:
    """The pairing of a file; None where there is none, or one that cannot be read (the machine pairs anew then)."""
    try:
        return Membership(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        return None


def save(path: Path, membership: Membership) -> None:
    """Writes the pairing, 0600, whole or not at all. Fault("storage") when that fails."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(membership), file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as wrong:
        raise Fault("storage", f"{path} cannot be written ({wrong.strerror}); make room or mend the folder.") from wrong


def forget(path: Path) -> None:
    """The pairing is over."""
    path.unlink(missing_ok=True)
