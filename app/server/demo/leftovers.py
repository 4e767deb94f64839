"""What is still there of a run that should have ended: processes and control groups of ours."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import psutil

MARK = "CONTESTBOX_RUN"


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


def control_groups() -> set[str]:
    """All control groups of this machine that carry our name; who compares before and after sees what was left."""
    if sys.platform != "linux":
        return set()
    return {str(path) for path in Path("/sys/fs/cgroup").glob("**/contestbox*/**") if path.is_dir()}
