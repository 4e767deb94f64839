"""Init's answer to a run, laid out as core/contestbox-core.c declares it."""

from __future__ import annotations

import struct
from typing import NamedTuple

LAYOUT = struct.Struct("<Iii2H4Q2I4Q")
STEPS = (
    "clone", "descriptors", "memory", "folder", "limits", "identity", "Landlock", "execve",
)  # fmt: skip


class Reply(NamedTuple):
    """What init saw of a run. `step` is the number of what failed before the program, or 0. `renewed`: the scratch is as new, or
    is renewed behind the answer. `cpu_ns` is what the group's counter rose by without init's own time; without a counter, what
    those had used that init has reaped. `peak_kib` is the most that one process had in memory, files that it mapped included.
    From `counter_ns` on it is what the group's counters say at the end, 0 where init has none: CPU time and most tasks since
    the group was made, the memory's peak of this run, and how many the kernel has ever killed for memory.
    """

    kind: int
    status: int
    failed_errno: int
    step: int
    renewed: int
    wall_ns: int
    cpu_ns: int
    scratch_bytes: int
    switches: int
    reaped: int
    peak_kib: int
    counter_ns: int = 0
    group_peak: int = 0
    oom_kills: int = 0
    most_tasks: int = 0

    @property
    def failed_step(self) -> str:
        """The step's name."""
        return STEPS[self.step - 1] if self.step else ""
