"""A package on its way to the server: packed where it is a folder, hashed, sent in parts, then read there.

Theory of operation. The talk runs on the link's loop; whatever touches the disk runs in a thread, so neither the window nor the link waits
for it. Parts are sent one after another, each as soon as the one before is on the server's disk; where the server says that it has more or
less than thought, sending goes on from there, so a talk that broke off is taken up again by asking for the same file once more. `stop` is
looked at before each part and each piece of packing; once the server reads the package it cannot be taken back.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.console.client import LONG_SECONDS, AdminClient
from app.console.words import tr as _
from app.core.errors import Fault, Refusal

PART_BYTES = 4 << 20
_PIECE = 1 << 20
_MOST_FILES = 200_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a package is: phase "packing", "hashing", "sending" or "reading"; `done` of `total` bytes, total 0: not known."""

    phase: str
    done: int = 0
    total: int = 0


Say = Callable[[Progress], None]


@dataclass(slots=True)
class Upload:
    """One package, a zip or a folder. `here`: the server runs on this machine, so a folder is named instead of sent.

    `problem` "" makes a problem of it; else it goes on trial as another version of that problem.
    """

    source: Path
    contest_id: str
    here: bool
    problem: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Ends it as soon as possible."""
        self._stop.set()

    async def go(self, client: AdminClient, say: Say) -> Any:
        """The server's answer: Imported, or Trial. Refusal where it was stopped, or of the server."""
        contest = {"contest_id": self.contest_id} if self.contest_id else {}
        if self.source.is_dir() and self.here:
            say(Progress("reading"))
            path = f"/admin/v1/problems/{self.problem}/trial" if self.problem else "/admin/v1/problems/import"
            return await client.post(path, {"path": str(self.source.absolute()), **contest}, LONG_SECONDS)
        with tempfile.TemporaryDirectory(prefix="contestbox-") as folder:
            archive = self.source
            if archive.is_dir():
                archive = await asyncio.to_thread(self._pack, Path(folder), say)
            digest, size = await asyncio.to_thread(self._hash, archive, say)
            await self._send(client, archive, digest, size, say)
        say(Progress("reading"))
        body: Mapping[str, str] = {**contest, **({"problem": self.problem} if self.problem else {})}
        verb = "trial" if self.problem else "import"
        return await client.post(f"/admin/v1/uploads/{digest}/{verb}", body, LONG_SECONDS)

    async def _send(self, client: AdminClient, archive: Path, digest: str, size: int, say: Say) -> None:
        promise = {"name": self.source.name[:200], "size": size, "sha256": digest}
        have = int((await client.post("/admin/v1/uploads", promise))["have"])
        with archive.open("rb") as file:
            while have < size:
                say(Progress("sending", have, size))
                self._go_on()
                part = await asyncio.to_thread(_part, file, have)
                try:
                    answer = await client.put(f"/admin/v1/uploads/{digest}", part, offset=have)
                    have = int(answer["have"])
                except Refusal as refusal:
                    if "have" not in refusal.fields:
                        raise
                    have = int(refusal.fields["have"])

    def _pack(self, folder: Path, say: Say) -> Path:
        """The folder as a zip without compression: it travels once, and reading it again is quicker."""
        root = self.source.resolve()
        files = [one for one in sorted(self.source.rglob("*")) if one.is_file()][:_MOST_FILES]
        strays = [one for one in files if not one.resolve().is_relative_to(root)]
        if strays:
            raise Refusal(422, _("{name} leads out of the package's folder; it is not sent.", name=strays[0].name))
        target, done = folder / "package.zip", 0
        total = sum(one.stat().st_size for one in files)
        try:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
                for one in files:
                    self._go_on()
                    archive.write(one, f"{self.source.name}/{one.relative_to(self.source).as_posix()}")
                    done += one.stat().st_size
                    say(Progress("packing", done, total))
        except OSError as error:
            raise _unreadable(self.source, error) from error
        return target

    def _hash(self, archive: Path, say: Say) -> tuple[str, int]:
        digest, done = hashlib.sha256(), 0
        try:
            total = archive.stat().st_size
            with archive.open("rb") as file:
                while piece := file.read(_PIECE):
                    self._go_on()
                    digest.update(piece)
                    done += len(piece)
                    if done % (16 * _PIECE) == 0:
                        say(Progress("hashing", done, total))
        except OSError as error:
            raise _unreadable(archive, error) from error
        return digest.hexdigest(), done

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Refusal(409, _("Stopped; nothing was imported."))


def _part(file: Any, offset: int) -> bytes:
    try:
        file.seek(offset)
        data: bytes = file.read(PART_BYTES)
    except OSError as error:
        raise Fault("disk", _("It could not be read: {reason}.", reason=error.strerror or error)) from error
    return data


def _unreadable(path: Path, error: OSError) -> Fault:
    return Fault("disk", _("{name} could not be read: {reason}.", name=path.name, reason=error.strerror or error))
