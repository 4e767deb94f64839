"""How each store of the suites is opened in an empty folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.adapters.memory.store import MemoryStore
from app.adapters.sqlite.store import SqliteStore
from app.ports.store import Store

OPENERS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(),
    "sqlite": lambda folder: SqliteStore.open(folder / "contest.sqlite", reserve_bytes=0),
}
