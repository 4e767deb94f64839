"""Static files from memory: /static/VERSION/PATH, for ever fresh under the version of their content."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Refusal
from web.gate.kept import Bytes, answer_from, pack
from web.gate.visit import Answer, Visit

_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}
_PACKED_ALREADY = frozenset({".woff2", ".png", ".jpg", ".jpeg", ".ico"})


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files of a folder. `version` is the SHA-256 of their names and contents, shortened."""

    version: str
    files: Mapping[str, Bytes]

    async def get(self, visit: Visit) -> Answer:
        """The handler. Another version than ours is served too, but not kept by the browser: an old page asks for it."""
        found = self.files.get(visit.params["rest"])
        if found is None:
            raise Refusal(404, "There is no such file.")
        ours = visit.params["version"] == self.version
        keeping = "public, max-age=31536000, immutable" if ours else "no-cache"
        return answer_from(found, visit.head, keeping)


def load_static(folder: Path) -> StaticFiles:
    """Reads a folder into memory (a few hundred KiB); blocks, so call it before the loop runs. Links are left out."""
    files: dict[str, Bytes] = {}
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in path.parts[-2:]):
            continue
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        whole.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
        files[name] = _packed(path.suffix.lower(), name, data)
    return StaticFiles(whole.hexdigest()[:12], files)


def _packed(suffix: str, name: str, data: bytes) -> Bytes:
    kind = _KINDS.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return pack(kind, data, packable=suffix not in _PACKED_ALREADY)
