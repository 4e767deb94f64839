"""What one run did, as the sandbox measured it: facts, no verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Limit(StrEnum):
    """Which limit ended a run, or was passed by it."""

    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"
    FILE_SIZE = "file_size"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Facts of one run. Exactly one of exit_code and signal is set.

    `limit` is the first match of SANDBOX.md section 10's table (CPU, wall, memory by the kernel's OOM counter, file size by
    SIGXFSZ, output by the byte budget), or None. `stdout_bytes` and `stderr_bytes` count what the run wrote, also what was
    thrown away. `stdout_head` and `stderr_head` hold at most 8 KiB. `note` is a sentence for the jury or "".
    `stopped` is True where the caller's `stop` event ended it. `sampled`: without root, memory and time are samples.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    exit_code: int | None
    signal: int | None
    limit: Limit | None
    processes: int
    stdout_bytes: int
    stderr_bytes: int
    stdout_head: bytes
    stderr_head: bytes
    disturbed: bool = False
    stopped: bool = False
    note: str = ""
    sampled: bool = False
