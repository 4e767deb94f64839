"""What was measured of this laptop, kept beside the contest: the figures of `contestbox bench`, when, and on what."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from app.console.capacity import Capacity, capacity_of
from app.core.errors import Fault

FILE = "capacity.json"
PARTS = ("ingest", "wake", "reads")
"""The measurements of `contestbox bench` that it takes, in their order."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One whole measurement. `at_ms` since 1970; `figures` holds the answer of each part."""

    at_ms: int
    figures: Mapping[str, Mapping[str, Any]]
    cpu: str = field(default_factory=platform.machine)
    cores: int = field(default_factory=lambda: os.cpu_count() or 1)
    memory_bytes: int = field(default_factory=lambda: int(psutil.virtual_memory().total))

    def capacity(self) -> Capacity:
        """For how many teams it is good. Raises ValueError when a figure is missing."""
        return capacity_of(*(self.figures.get(part, {}) for part in PARTS))


def load(data: Path) -> Measured | None:
    """What lies in the data folder; None when nothing was measured there or the file isn't whole."""
    try:
        stored = json.loads((data / FILE).read_text(encoding="utf-8"))
        found = Measured(
            at_ms=int(stored["at_ms"]),
            figures={part: dict(stored["figures"][part]) for part in PARTS},
            cpu=str(stored["cpu"]),
            cores=int(stored["cores"]),
            memory_bytes=int(stored["memory_bytes"]),
        )
        found.capacity()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def save(data: Path, measured: Measured) -> None:
    """Keeps a measurement in the data folder, whole or not at all. Raises Fault("storage")."""
    waiting = data / f".{FILE}.new"
    try:
        waiting.write_text(json.dumps(asdict(measured), indent=1), encoding="utf-8")
        os.replace(waiting, data / FILE)
    except OSError as error:
        raise Fault("storage", f"{data / FILE} cannot be written ({error.strerror}).") from error
