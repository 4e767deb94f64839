"""Keeps compiled validators, so that a problem's validator is compiled once and not for every submission.

The store is a folder of this node that no container sees as a whole. A program is found by everything that it
depends on: its sources, the language's definition and the toolchain.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from pathlib import Path

from app.core.errors import Fault
from judge_node.pipeline.building import BuildLimits, Built, build
from judge_node.pipeline.job import JobValidator
from judge_node.sandbox.interface import Sandbox

_MAIN_FILE = "main"


class ValidatorBroken(Fault):
    """The package's validator cannot be compiled; the machine is as good as before."""

    def __init__(self, sentence: str) -> None:
        super().__init__("validator", sentence)


class ValidatorStore:
    """Compiled validators below `folder`. `fingerprints` maps language ids to those of this machine's toolchains."""

    def __init__(self, folder: Path, fingerprints: dict[str, str]) -> None:
        self._folder = folder
        self._fingerprints = fingerprints
        self._lock = threading.Lock()

    def get(self, sandbox: Sandbox, validator: JobValidator, limits: BuildLimits) -> Built:
        """The compiled validator. ValidatorBroken with the compiler's words where it cannot be compiled."""
        with self._lock:
            place = self._folder / self._key(validator)
            if not place.is_dir():
                self._make(sandbox, validator, limits, place)
            main = (place / _MAIN_FILE).read_text(encoding="utf-8")
            return Built(place / "program", main, validator.language)

    def forget(self) -> None:
        """Removes every compiled validator; no job may be running."""
        with self._lock:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _key(self, validator: JobValidator) -> str:
        language = validator.language
        digest = hashlib.sha256()
        for part in (language.definition_hash, self._fingerprints.get(language.id, ""), validator.entry_point or ""):
            digest.update(part.encode() + b"\0")
        for file in sorted(validator.files, key=lambda one: one.name):
            digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.data).digest())
        return digest.hexdigest()

    def _make(self, sandbox: Sandbox, validator: JobValidator, limits: BuildLimits, place: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            result, built = build(
                sandbox, validator.language, validator.files, validator.entry_point, limits, fresh / "program", None
            )
            if built is None:
                raise ValidatorBroken(f"The output validator cannot be compiled: {result.output}")
            (fresh / _MAIN_FILE).write_text(built.main, encoding="utf-8")
            _move(fresh, place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _move(fresh: Path, place: Path) -> None:
    """Puts the finished program in place; another process may have been quicker with the same one."""
    try:
        os.rename(fresh, place)
    except OSError:
        if not place.is_dir():
            raise
