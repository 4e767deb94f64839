"""Packages whose missing tests a node has made: read again with them, and put into the place that they were imported for.

Theory of operation. A package that lacks tests is stored as it is, and a node makes what is missing; its report names the pieces, which
are blobs already. Reading a package is too much for the writer's thread, so that a thread of this service does it: it joins the pieces,
checks their hashes, reads the whole like any other package and hands the result to the writer. What waits is found in the store, so a
server that was stopped in between goes on where it was.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from app.core.errors import Fault, Refusal
from app.core.ids import PackageVersion, Sha256
from app.core.problem import PackageRecord
from app.package.reader import open_tree
from app.package.tree import Tree
from app.ports.blobs import Blobs
from app.ports.store import Store, Transaction
from app.services.package_import import ImportedPackage, store_package
from app.services.problems import Problems

log = logging.getLogger("contestbox.completions")

_CHUNK = 1 << 20
_UNREADABLE = "The package with the tests that a judge machine made could not be read; the server's log says why."


class Completions:
    """The thread. `look` may be called from any other."""

    def __init__(self, *, store: Store, blobs: Blobs, problems: Problems) -> None:
        self._store = store
        self._blobs = blobs
        self._problems = problems
        self._due = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="completions", daemon=True)

    def start(self) -> None:
        """Begins, with what an earlier process has left."""
        self._due.set()
        self._thread.start()

    def look(self) -> None:
        """A node has reported about a package."""
        self._due.set()

    @property
    def alive(self) -> bool:
        """Whether it reads what machines make."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Ends the thread; what it is at comes to its end."""
        self._closing = True
        self._due.set()
        if self.alive:
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._closing:
                return
            try:
                for record in self._waiting():
                    self._complete(record)
            except Exception:
                # Also that a package is refused could not be written: the next report, or the next start, finds it again.
                log.exception("packages that a judge machine has made wait")

    def _waiting(self) -> list[PackageRecord]:
        with self._store.read() as view:
            waiting = [view.package(version) for version in _versions(view.setting("packages_made"))]
        return [one for one in waiting if one is not None and _is_made(one)]

    def _complete(self, raw: PackageRecord) -> None:
        try:
            imported = self._read(raw)
            self._write(raw, lambda tx: self._place(tx, raw, imported))
        except Exception as wrong:
            # Whatever it is, trying the same again would end the same way for ever; an import is a new try.
            if not isinstance(wrong, Refusal):
                log.exception("package %s could not be completed", raw.short_name)
            why = wrong.sentence if isinstance(wrong, Refusal | Fault) else _UNREADABLE
            self._write(raw, lambda tx: self._problems.refuse_completed(tx, raw, why))

    def _read(self, raw: PackageRecord) -> ImportedPackage:
        incomplete = raw.manifest["incomplete"]
        # On the store's disk: /tmp may be memory, and the files as large as a contest's tests are.
        with self._blobs.batch() as batch:
            tree = Tree(batch.scratch, self._files(incomplete, batch.scratch))
            with open_tree(tree, incomplete["short_name"], scratch=batch.scratch) as opened:
                return store_package(opened, self._blobs)

    def _place(self, tx: Transaction, raw: PackageRecord, imported: ImportedPackage) -> None:
        # Read again: the package may have been imported for further places since.
        present = tx.package(raw.version)
        if present is not None and present.state == "unchecked":
            tx.put_package(replace(present, state="ready"))
            self._problems.take_completed(tx, present, imported)

    def _write(self, raw: PackageRecord, work: Callable[[Transaction], None]) -> None:
        def change(tx: Transaction) -> None:
            work(tx)
            left = [one for one in _versions(tx.setting("packages_made")) if one != raw.version]
            tx.put_setting("packages_made", " ".join(left))

        self._store.write(change).result()
        self._problems.forget(raw.version)

    def _files(self, incomplete: Mapping[str, Any], folder: Path) -> dict[str, Path]:
        files = {one["name"]: self._path(one["sha256"], folder) for one in incomplete["files"]}
        for number, made in enumerate(incomplete["made"]):
            whole = folder / f"made-{number}"
            with whole.open("wb") as target:
                for piece in made["pieces"]:
                    self._append(piece, target)
            if self._blobs.put_file(whole) != made["sha256"]:
                raise Refusal(
                    422, f"{made['name']} did not arrive as the judge machine made it; import the package again."
                )
            whole.unlink()
            files[made["name"]] = self._path(made["sha256"], folder)
        return dict(sorted(files.items()))

    def _append(self, digest: str, target: BinaryIO) -> None:
        try:
            with self._blobs.open(Sha256(digest)) as piece:
                shutil.copyfileobj(piece, target, _CHUNK)
        except KeyError:
            raise Refusal(422, "A file that a judge machine made did not arrive; import the package again.") from None

    def _path(self, digest: str, folder: Path) -> Path:
        path = self._blobs.path(Sha256(digest))
        if path is not None:
            return path
        copy = folder / digest
        with copy.open("wb") as target:
            self._append(digest, target)
        return copy


def _versions(setting: str | None) -> list[PackageVersion]:
    return [PackageVersion(one) for one in (setting or "").split()]


def _is_made(record: PackageRecord) -> bool:
    """Whether it still waits, with files: the same package may have been imported anew and be with a node again."""
    return record.state == "unchecked" and "made" in record.manifest.get("incomplete", {})
