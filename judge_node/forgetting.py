"""The server's order to forget test data of closed contests: obeyed once, remembered over restarts (DESIGN 7)."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from judge_node.cache import BlobCache

log = logging.getLogger("contestbox.judge.cache")

_MOST_CHARS = 200


class Forgetting:
    """The last order that was obeyed, kept in a file beside the cache. Any thread."""

    def __init__(self, cache: BlobCache, file: Path) -> None:
        self._cache = cache
        self._file = file
        self._lock = threading.Lock()
        self.validators_due = False
        """Set by an order; cleared by who has removed what was compiled of the packages."""
        try:
            self._stamp = file.read_text(encoding="utf-8")[:_MOST_CHARS]
        except (OSError, UnicodeDecodeError):
            self._stamp = ""  # obeyed once more: an empty cache costs a download

    @property
    def stamp(self) -> str:
        """What the server is told with each wish for work; "" before the first order."""
        with self._lock:
            return self._stamp

    def obey(self, stamp: str) -> None:
        """Empties the cache where this order is a new one; blobs that a job is using go when it ends."""
        with self._lock:
            if stamp in ("", self._stamp):
                return
            self._cache.forget()
            self.validators_due = True
            log.info("contests were closed: their test data is removed from this machine")
            self._stamp = stamp[:_MOST_CHARS]
            self._write()

    def reset(self) -> None:
        """Another server's orders may come now."""
        with self._lock:
            self._stamp = ""
            self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        beside = self._file.with_suffix(".new")
        try:
            beside.write_text(self._stamp, encoding="utf-8")
            os.replace(beside, self._file)
        except OSError as wrong:
            # It holds for this process; the next one empties its cache once more.
            log.warning("what was forgotten could not be noted (%s)", wrong.strerror)
