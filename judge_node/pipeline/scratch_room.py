"""How large a scratch must be that takes files before a run: they lie in it beside what the guest writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.core.errors import Fault
from judge_node.pipeline.job import MEBIBYTE

USUAL_BYTES = 64 * MEBIBYTE
MOST_BROUGHT_BYTES = 2048 * MEBIBYTE
"""More than any package may bring: a task that asks for it was not made by a server of ours."""
_HARDLY_ANY_BYTES = 16 * MEBIBYTE


def scratch_for(brought: Iterable[Path]) -> int:
    """Bytes of a scratch that takes these files and leaves the usual room beside them. Raises Fault("task") where they are too large.

    In steps, so that there are few kinds of containers to keep ready.
    """
    total = sum(path.stat().st_size for path in brought)
    if total > MOST_BROUGHT_BYTES:
        raise Fault("task", f"Files of {total >> 20} MiB do not fit into a working directory.")
    if total <= _HARDLY_ANY_BYTES:
        return USUAL_BYTES
    return USUAL_BYTES + -(-total // USUAL_BYTES) * USUAL_BYTES
