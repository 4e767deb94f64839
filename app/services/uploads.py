"""Packages that come in parts: each at most 8 MiB, resumed where it stopped, checked by hash at the end (DESIGN 3).

Theory of operation. An upload is named by the SHA-256 that its sender promises, so whoever begins it again, after a lost line or a
restart of either side, is told how much is here already. Parts are only ever appended, at the place that the sender names. What was
promised counts against the quota and the disk's room from the start; each part asks for its room again, since others fill the disk too.
What nobody moved for a day makes room. Until `whole` has compared length and hash,
nothing looks at the bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.clock import Clock
from app.core.errors import Fault, Refusal

PART_BYTES = 8 << 20
MOST_BYTES = 32 << 30
_MOST_TOGETHER = 64 << 30
_MOST_OPEN = 16
_KEPT_MS = 24 * 3600 * 1000
_CHUNK = 1 << 20
_ID = re.compile(r"[0-9a-f]{64}\Z")
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload under way: `have` of `size` bytes are here."""

    id: str
    name: str
    size: int
    have: int


class Uploads:
    """The uploads of one data folder. Any thread; every method but `whole` is quick."""

    def __init__(self, folder: Path, clock: Clock, has_room: Callable[[int], bool]) -> None:
        """`folder` is made at the first use; `has_room` tells whether the disk takes so many bytes more."""
        self._folder = folder
        self._clock = clock
        self._has_room = has_room
        self._lock = threading.Lock()
        self._used: set[str] = set()

    def begin(self, name: str, size: int, sha256: str) -> Upload:
        """Promises a file, or finds what is here of it. Refusal 400, 413 too large, 429 too many, 503 no room on the disk."""
        if not _ID.match(sha256):
            raise Refusal(400, "An upload is named by its SHA-256 in 64 hexadecimal digits.")
        if not 0 < size <= MOST_BYTES:
            raise Refusal(413, f"A package has between 1 byte and {MOST_BYTES >> 30} GiB.")
        with self._lock:
            self._sweep()
            known = self._find(sha256)
            if known is not None and (known.size == size or sha256 in self._used):
                return known
            others = [one for one in self._all() if one.id != sha256]
            if len(others) >= _MOST_OPEN or sum(one.size for one in others) + size > _MOST_TOGETHER:
                raise Refusal(429, "Too many uploads are under way; end or import one of them first.")
            if not self._has_room(sum(one.size - one.have for one in others) + size):
                raise _full(size)
            place = self._folder / sha256
            with _told():
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir(parents=True, mode=0o700)
                about = {"name": _plain(name), "size": size, "begun_ms": self._clock.now()}
                (place / "about.json").write_text(json.dumps(about), encoding="utf-8")
                (place / "data").touch(mode=0o600)
                self._moved(place)
            return Upload(sha256, _plain(name), size, 0)

    def state(self, upload_id: str) -> Upload:
        """How much is here. Refusal 404."""
        with self._lock:
            return self._known(upload_id)

    def append(self, upload_id: str, offset: int, data: bytes) -> Upload:
        """Adds a part that begins at `offset`; a part that is here already is passed over.

        Refusal 404, 409 naming where to go on (field `have`), 413 past the promised length, 503 no room on the disk.
        """
        with self._lock:
            upload = self._known(upload_id)
            if offset + len(data) > upload.size:
                raise Refusal(413, f"{upload.name} was promised with {upload.size} bytes; this part goes beyond them.")
            if offset > upload.have or offset + len(data) < upload.have:
                raise Refusal(409, f"Go on at byte {upload.have} of {upload.name}.", fields={"have": str(upload.have)})
            new = data[upload.have - offset :]
            if new and not self._has_room(len(new)):
                raise _full(upload.size - upload.have)
            with _told(), (self._folder / upload.id / "data").open("ab") as file:
                file.write(new)
            self._moved(self._folder / upload.id)
            return Upload(upload.id, upload.name, upload.size, offset + len(data))

    @contextmanager
    def whole(self, upload_id: str) -> Iterator[Path]:
        """The finished file under its name, checked; afterwards the upload is gone, unless using it failed by a Fault.

        Blocks while it is hashed. Refusal 404; 409 while a part is missing or somebody uses it; 422, and it is gone, where
        the hash is another one.
        """
        with self._lock:
            upload = self._known(upload_id)
            if upload.have < upload.size:
                raise Refusal(409, f"Go on at byte {upload.have} of {upload.name}.", fields={"have": str(upload.have)})
            if upload.id in self._used:
                raise Refusal(409, f"{upload.name} is being read already; wait for what comes of it.")
            self._used.add(upload.id)
        try:
            with self._checked(upload) as path:
                yield path
        finally:
            with self._lock:
                self._used.discard(upload.id)

    @contextmanager
    def _checked(self, upload: Upload) -> Iterator[Path]:
        place = self._folder / upload.id
        data = place / "data"
        if _digest(data) != upload.id:
            self._drop(upload)
            raise Refusal(422, f"{upload.name} did not arrive as it was promised; send it again.")
        named = place / upload.name
        with _told():
            named.unlink(missing_ok=True)
            named.hardlink_to(data)
        try:
            yield named
        except Fault:
            raise
        except BaseException:
            self._drop(upload)
            raise
        self._drop(upload)

    def _drop(self, upload: Upload) -> None:
        with self._lock:  # else whoever begins it again meanwhile would lose what they bring
            shutil.rmtree(self._folder / upload.id, ignore_errors=True)

    def _known(self, upload_id: str) -> Upload:
        found = self._find(upload_id)
        if found is None:
            raise Refusal(404, "There is no such upload (any more); begin it again.")
        return found

    def _find(self, upload_id: str) -> Upload | None:
        if not _ID.match(upload_id):
            return None
        place = self._folder / upload_id
        try:
            about = json.loads((place / "about.json").read_text(encoding="utf-8"))
            return Upload(upload_id, about["name"], about["size"], (place / "data").stat().st_size)
        except (OSError, ValueError, KeyError):
            return None

    def _all(self) -> list[Upload]:
        names = [one.name for one in self._folder.iterdir()] if self._folder.is_dir() else []
        return [found for name in names if (found := self._find(name)) is not None]

    def _moved(self, place: Path) -> None:
        now = self._clock.now() / 1000
        os.utime(place / "data", (now, now))

    def _sweep(self) -> None:
        oldest = (self._clock.now() - _KEPT_MS) / 1000
        for upload in self._all():
            place = self._folder / upload.id
            if upload.id not in self._used and (place / "data").stat().st_mtime < oldest:
                shutil.rmtree(place, ignore_errors=True)


def _full(size: int) -> Refusal:
    return Refusal(503, f"The server's disk has no room for {max(1, size >> 20)} MiB more.")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Fault("storage", f"The disk could not keep an upload: {error}.") from error


def _plain(name: str) -> str:
    """A file name that ends like a zip's and names nothing else."""
    stem = _NAME.sub("-", name.rpartition("/")[2].removesuffix(".zip")).strip(".-")[:60]
    return f"{stem or 'package'}.zip"


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()
