"""All files of a package version, kept beside its manifest: what an export writes, and where a solution is found again.

The list is a blob of its own, since a package may have 200,000 files and manifests are read often. Its JSON is [[name, sha256, size]].
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.core.errors import Refusal
from app.core.ids import Sha256
from app.package.tree import Tree
from app.ports.blobs import Blobs

_GONE = "The files of this package are not all there any more; import the package again."


def keep_listing(tree: Tree, short_name: str, blobs: Blobs) -> dict[str, Any]:
    """Stores the list of a tree whose files are blobs; gives what the manifest says of it."""
    refs = [tree.ref(name) for name in tree.files]
    listing = json.dumps([[one.path, one.sha256, one.size] for one in refs]).encode("utf-8", "surrogateescape")
    return {
        "listing": blobs.put(listing),
        "short_name": short_name,
        "files": len(refs),
        "size": sum(one.size for one in refs),
    }


def listed_tree(manifest: Mapping[str, Any], blobs: Blobs, folder: Path) -> tuple[Tree, str]:
    """The files of a version as a tree of stored files, and the package's short name.

    What the store has no file of its own for is written below `folder`. Refusal(409) for a version that was stored without its list.
    """
    source = manifest.get("source")
    if source is None:
        raise Refusal(409, "This version was imported without all its files; import the package again.")
    try:
        with blobs.open(Sha256(source["listing"])) as stream:
            listing = json.loads(stream.read())
        files = {name: _path(Sha256(digest), blobs, folder) for name, digest, _ in listing}
    except (KeyError, ValueError) as wrong:
        raise Refusal(409, _GONE) from wrong
    return Tree(folder, dict(sorted(files.items()))), source["short_name"]


def _path(digest: Sha256, blobs: Blobs, folder: Path) -> Path:
    path = blobs.path(digest)
    if path is not None:
        return path
    copy = folder / digest
    if not copy.exists():
        with blobs.open(digest) as stream, copy.open("wb") as target:
            shutil.copyfileobj(stream, target)
    return copy
