"""The content hash of a package: it names one immutable version."""

from __future__ import annotations

import hashlib

from app.core.ids import PackageVersion
from app.package.tree import Tree


def content_version(tree: Tree) -> PackageVersion:
    """SHA-256 in hex over the sorted pairs of path and content hash of all files, each written as `path NUL hash
    LF`.
    """
    digest = hashlib.sha256()
    for name in sorted(tree.files):
        digest.update(name.encode("utf-8", "surrogateescape"))
        digest.update(b"\0" + tree.ref(name).sha256.encode() + b"\n")
    return PackageVersion(digest.hexdigest())
