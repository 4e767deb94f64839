"""Test data by hash on this machine: fetched once, checked, bounded, and out of every guest's sight.

Theory of operation. A blob is a file named by its SHA-256 in a folder that only we may enter (0700); files are 0444 so that a job can show
one to a validator by a hard link without copying it. A download goes to a file beside, is hashed on the way, and gets its name only when
the hash is right. What lies here from earlier runs is hashed once before its first use. `hold` keeps the blobs of a job from being
evicted while it lasts; the others leave in the order of their last use when the bound is passed. Two jobs that need the same blob fetch
it once: each hash has a lock of its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import Fault

Fetch = Callable[[str], Iterator[bytes]]
"""All bytes of a blob in pieces; going on after a broken connection is its own affair."""
_PIECE = 1 << 20


class BlobCache:
    """All blobs of a node. Any thread."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """Fault("storage") where the folder cannot be used."""
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._known: OrderedDict[str, int] = OrderedDict()
        self._checked: set[str] = set()
        self._held: Counter[str] = Counter()
        self._doomed: set[str] = set()
        self._locks: dict[str, threading.Lock] = {}
        try:
            self._prepare()
        except OSError as wrong:
            raise Fault("storage", f"The cache {folder} cannot be used ({wrong.strerror}).") from wrong

    @contextmanager
    def hold(self, sizes: Mapping[str, int], fetch: Fetch, *, transient: bool = False) -> Iterator[dict[str, Path]]:
        """The files of these blobs (hash → size, -1 where it isn't known), fetched where they are missing, for as long as the block lasts.
        Where it is `transient` they are removed after it.

        Fault("cache") when they are more than the cache may hold, or a blob does not have its hash; what `fetch` raises goes through.
        """
        needed = sum(max(0, size) for size in sizes.values())
        if needed > self._limit_bytes:
            raise Fault(
                "cache", f"The tests need {needed >> 20} MiB, this node's cache may hold {self._limit_bytes >> 20}."
            )
        with self._lock:
            self._held.update(sizes.keys())
        try:
            yield {digest: self._present(digest, size, fetch) for digest, size in sizes.items()}
        finally:
            with self._lock:
                self._held.subtract(sizes.keys())
                self._held += Counter()
                if transient:
                    self._doomed |= sizes.keys()
                self._remove_doomed()
                self._evict(0)

    def forget(self) -> None:
        """Empties the cache beside running jobs: what one of them is using goes when nobody uses it any more."""
        with self._lock:
            self._doomed |= self._known.keys() | self._held.keys()
            self._remove_doomed()

    def clear(self) -> None:
        """Empties the cache: the node was unpaired and does nothing."""
        with self._lock:
            self._doomed.clear()
            self._known.clear()
            self._checked.clear()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def size_bytes(self) -> int:
        """How much lies here."""
        with self._lock:
            return sum(self._known.values())

    def _remove_doomed(self) -> None:
        """With the lock."""
        for digest in [one for one in self._doomed if not self._held[one]]:
            self._doomed.discard(digest)
            self._known.pop(digest, None)
            self._checked.discard(digest)
            self._locks.pop(digest, None)
            (self._folder / digest).unlink(missing_ok=True)

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        if self._folder.stat().st_uid != os.geteuid():
            raise PermissionError(1, "it belongs to somebody else")
        found: list[tuple[float, str, int]] = []
        for entry in os.scandir(self._folder):
            about = entry.stat(follow_symlinks=False)
            if len(entry.name) == 64 and entry.is_file(follow_symlinks=False):
                found.append((about.st_mtime, entry.name, about.st_size))
            else:
                # A download that a crash broke off, or nothing of ours.
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
        for _, name, size in sorted(found):
            self._known[name] = size
        self._evict(0)

    def _present(self, digest: str, size: int, fetch: Fetch) -> Path:
        with self._lock:
            own = self._locks.setdefault(digest, threading.Lock())
        with own:
            path = self._folder / digest
            if not self._is_good(digest, path):
                self._download(digest, size, path, fetch)
            with self._lock:
                self._known.move_to_end(digest)
        os.utime(path)
        return path

    def _is_good(self, digest: str, path: Path) -> bool:
        with self._lock:
            known, checked = digest in self._known, digest in self._checked
        if not known or not path.is_file():
            return False
        if not checked and _hash_of(path) != digest:
            with self._lock:
                self._known.pop(digest, None)
            path.unlink()
            return False
        with self._lock:
            self._checked.add(digest)
        return True

    def _download(self, digest: str, size: int, path: Path, fetch: Fetch) -> None:
        with self._lock:
            self._evict(max(0, size))
        part = path.with_name(f"{digest}.part")
        try:
            with open(part, "wb") as file:
                got = _receive(digest, size, fetch, file.write)
                os.fchmod(file.fileno(), 0o444)
            part.replace(path)
        except OSError as wrong:
            raise Fault("cache", f"A test could not be kept in {self._folder} ({wrong.strerror}).") from wrong
        finally:
            part.unlink(missing_ok=True)
        with self._lock:
            self._known[digest] = got
            self._checked.add(digest)

    def _evict(self, room: int) -> None:
        """With the lock: the longest unused ones leave until `room` more bytes fit. Held ones stay, even over the bound."""
        total = sum(self._known.values()) + room
        for digest in list(self._known):
            if total <= self._limit_bytes:
                return
            if not self._held[digest]:
                total -= self._known.pop(digest)
                self._checked.discard(digest)
                (self._folder / digest).unlink(missing_ok=True)


def _receive(digest: str, size: int, fetch: Fetch, keep: Callable[[bytes], object]) -> int:
    """Takes a blob in; its length. Fault("cache") when it is not the blob."""
    running, got = hashlib.sha256(), 0
    for piece in fetch(digest):
        got += len(piece)
        if 0 <= size < got:
            break
        running.update(piece)
        keep(piece)
    if running.hexdigest() != digest:
        raise Fault("cache", f"The server sent other bytes than those of {digest[:12]}….")
    return got


def _hash_of(path: Path) -> str:
    running = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            running.update(piece)
    return running.hexdigest()
