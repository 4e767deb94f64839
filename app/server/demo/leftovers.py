"""What is still there of a run that should have ended: processes and control groups of ours."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import psutil

MARK = "CONTESTBOX_RUN"
SLOTS = Path("/run/contestbox/slots")


def new_mark() -> str:
    """A word for the environment of everything that a run starts; children inherit it."""
    return uuid.uuid4().hex


def processes_with(mark: str) -> list[str]:
    """Processes that carry the mark in their environment, but for this one: «pid name»."""
    found = []
    for process in psutil.process_iter(["pid", "name"]):
        if process.pid == psutil.Process().pid:
            continue
        try:
            if process.environ().get(MARK) == mark:
                found.append(f"{process.pid} {process.name()}")
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def control_groups(pids: Collection[int | None]) -> dict[Path, list[Path]]:
    """The control groups that these judge nodes hold now, by the locked file of each slot (DESIGN 9)."""
    held: dict[Path, list[Path]] = {}
    for slot in SLOTS.glob("*") if sys.platform == "linux" else ():
        try:
            record = json.loads(slot.read_bytes())
        except (OSError, ValueError):
            continue
        if record.get("pid") in pids:
            held[slot] = [Path(folder) for folder in record.get("folders", ())]
    return held


def left_of(held: Mapping[Path, Sequence[Path]]) -> list[str]:
    """Which of these groups are still there; a slot that another judge of this machine has taken since is that one's."""
    return [str(group) for slot, groups in held.items() if _is_free(slot) for group in groups if group.exists()]


def _is_free(slot: Path) -> bool:
    import fcntl

    with slot.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
