"""What a judge node is told when it starts, and the folder that it keeps."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Fault, Refusal
from app.lan.asking import server_url

GIBIBYTE = 1024**3
DEFAULT_CACHE_BYTES = 2 * GIBIBYTE
_SYSTEM_DATA = Path("/var/lib/contestbox-judge")


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """`server` is the node port's address ("" to look for one by mDNS), `expect` the only server id to take ("" for any); `slots` how many
    submissions are judged at once."""

    data: Path
    name: str
    slots: int
    server: str = ""
    expect: str = ""
    cache_bytes: int = DEFAULT_CACHE_BYTES


def make_settings(
    *, data: Path | None, server: str, expect: str, slots: int | None, share: int, name: str = ""
) -> NodeSettings:
    """The settings of a command line. Refusal(2) for an address or an id that cannot be one.

    `share` is how many nodes this machine hosts: without `slots` each takes its part of the cores, at least one.
    """
    if expect and not (len(expect) == 16 and set(expect) <= set("0123456789abcdef")):
        raise Refusal(2, "--expect takes the 16 characters that the server's console shows as its id.")
    return NodeSettings(
        data=data if data is not None else default_data(),
        name=name or socket.gethostname(),
        slots=slots if slots is not None else max(1, cores() // max(1, share)),
        server=server_url(server) if server else "",
        expect=expect,
    )


def default_data() -> Path:
    """Where a node keeps its things: the system's place for root, else the user's."""
    if os.geteuid() == 0:
        return _SYSTEM_DATA
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "contestbox-judge"


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


class DataFolder:
    """The node's folder, 0700, held by one node at a time. `jobs` is emptied at each start: whatever lies there was left by a crash."""

    def __init__(self, path: Path) -> None:
        """Fault("storage") when it cannot be made or another node holds it."""
        self.path = path
        self.cache = path / "cache"
        self.jobs = path / "jobs"
        self.headers = path / "headers"
        self.validators = path / "validators"
        self.membership = path / "server.json"
        self.forgotten = path / "forgotten"
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as wrong:
            raise Fault(
                "storage", f"The folder {path} cannot be used ({wrong.strerror}); choose another by --data."
            ) from wrong
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise Fault("storage", f"Another judge node works in {path}; give this one its own by --data.") from None
        shutil.rmtree(self.jobs, ignore_errors=True)
        self.jobs.mkdir(mode=0o700)

    def close(self) -> None:
        """Lets the folder go."""
        os.close(self._lock)
