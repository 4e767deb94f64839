"""Problems back as 2025-09 packages, made for whoever fetches them over the console's API.

An archive is kept under its version's name, since versions never change, until some newer ones are made.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Fault, Refusal
from app.core.ids import ContestId, ProblemId
from app.ports.blobs import Blobs
from app.ports.store import Store
from app.services.package_export import export_package

_KEPT = 3


@dataclass(frozen=True, slots=True)
class Export:
    """A finished archive; `notes` say what 2025-09 cannot say."""

    path: Path
    name: str
    size: int
    notes: tuple[str, ...]


class Exports:
    """Makes one archive at a time. Any thread; blocks."""

    def __init__(self, folder: Path, store: Store, blobs: Blobs) -> None:
        """`folder` is made at the first use."""
        self._folder = folder
        self._store = store
        self._blobs = blobs
        self._lock = threading.Lock()
        self._notes: dict[str, tuple[str, ...]] = {}

    def made(self, contest_id: ContestId, problem_id: ProblemId) -> Export:
        """The present version of a problem. Refusal 404, 409, 422 of package_export."""
        with self._store.read() as view:
            problem = view.problem(contest_id, problem_id)
            record = view.package(problem.package_version) if problem is not None else None
        if record is None:
            raise Refusal(404, "There is no such problem in this contest.")
        with self._lock:
            path = self._folder / f"{record.version}.zip"
            if record.version not in self._notes or not path.exists():
                self._clear(path)
                self._notes[record.version] = export_package(record.manifest, self._blobs, path)
            return Export(path, f"{record.short_name}.zip", path.stat().st_size, self._notes[record.version])

    def _clear(self, path: Path) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.unlink(missing_ok=True)
            others = sorted(self._folder.glob("*.zip"), key=lambda one: one.stat().st_mtime)
        except OSError as error:
            raise Fault("storage", f"The disk could not keep an export: {error.strerror or error}.") from error
        for one in others[: -_KEPT + 1]:
            # One that is being fetched on Windows stays until the next time.
            with contextlib.suppress(OSError):
                one.unlink()
