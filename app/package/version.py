"""The content hash of a package: it names one immutable version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from app.core.ids import PackageVersion
from app.package.tree import Tree

_NOT_JUDGED_BY = frozenset((
    "submissions", "statement", "problem_statement", "solution", "attachments", "generators", "input_visualizer", "output_visualizer",
    "input_validators", "input_format_validators", "answer_validators", "answer_format_validators",
))  # fmt: skip


def content_version(tree: Tree) -> PackageVersion:
    """SHA-256 in hex over the sorted pairs of path and content hash of all files, each written as `path NUL hash
    LF`.
    """
    return PackageVersion(_digest(tree, sorted(tree.files)))


def judging_version(tree: Tree) -> str:
    """The same over what a judgement depends on beside its own sources: tests, settings, validators, include files."""
    return _digest(tree, [name for name in sorted(tree.files) if name.partition("/")[0] not in _NOT_JUDGED_BY])


def _digest(tree: Tree, names: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode("utf-8", "surrogateescape"))
        digest.update(b"\0" + tree.ref(name).sha256.encode() + b"\n")
    return digest.hexdigest()
