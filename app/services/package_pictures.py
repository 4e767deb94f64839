"""Pictures of statements: which files are pictures, and where each is fetched from."""

from __future__ import annotations

from app.core.ids import PackageVersion, Sha256

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}


def statement_address(version: PackageVersion, sha256: Sha256) -> str:
    """Where a file of a statement is fetched from."""
    return f"/blobs/statement/{version}/{sha256}"
