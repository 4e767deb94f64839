"""What this machine is and what it has left: facts for the organiser, memory for the lender."""

from __future__ import annotations

import os
import platform
import threading
from typing import Any

import psutil

from judge_node.sandbox import audit
from judge_node.sandbox.linux import rootless
from judge_node.settings import cores


class Memory:
    """Memory that new work may count on. Running jobs have reserved theirs even while they don't use it yet. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reserved: dict[str, int] = {}
        self._at_start = psutil.virtual_memory().available

    @property
    def most_bytes(self) -> int:
        """What was available at the start: more than this the node never has."""
        return self._at_start

    def reserve(self, lease_id: str, size_bytes: int) -> None:
        """A job may use this much from now on."""
        with self._lock:
            self._reserved[lease_id] = size_bytes

    def release(self, lease_id: str) -> None:
        """It is over."""
        with self._lock:
            self._reserved.pop(lease_id, None)

    def free_bytes(self) -> int:
        """What is available now, and never more than what was at the start less all that is promised."""
        with self._lock:
            promised = sum(self._reserved.values())
        return max(0, min(psutil.virtual_memory().available, self._at_start - promised))


def facts() -> dict[str, Any]:
    """This machine in words and whole numbers, for the console."""
    return {
        "host": platform.node(),
        "system": _system(),
        "kernel": platform.release(),
        "arch": platform.machine(),
        "cpu": _cpu_model(),
        "cores": cores(),
        "memory_bytes": psutil.virtual_memory().total,
        "user": "user" if rootless.here() or os.geteuid() != 0 else "root",
        "weaker": list(rootless.weaker()),
        "attacks": [[row.attack, *row.layers] for row in audit.table(audit.seen())],
    }


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return platform.system()


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() in ("model name", "Processor"):
                    return value.strip()
    except OSError:
        return platform.processor()
    return platform.processor()
