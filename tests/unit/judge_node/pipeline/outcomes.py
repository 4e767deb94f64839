"""Facts of runs for the tests: an ordinary one, to be changed where a test wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from judge_node.sandbox.outcome import Outcome

ORDINARY = Outcome(
    cpu_seconds=0.1,
    wall_seconds=0.12,
    memory_bytes=1 << 20,
    exit_code=0,
    signal=None,
    limit=None,
    processes=1,
    stdout_bytes=5,
    stderr_bytes=0,
    stdout_head=b"done\n",
    stderr_head=b"",
)


def outcome(**changes: Any) -> Outcome:
    """The ordinary run with changes."""
    if "signal" in changes:
        changes.setdefault("exit_code", None)
    return replace(ORDINARY, **changes)
