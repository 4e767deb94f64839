"""What a run may use. Units stand in the names."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Limits of one run in a container (DESIGN 6).

    CPU time counts all processes and threads of the run; the run is stopped at 1.1 x cpu_seconds + 0.1 s. `output_bytes` is the
    budget of stdout, stderr and files together: beyond it the run goes on and what it writes is counted and thrown
    away. `file_bytes` is RLIMIT_FSIZE of a single file.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int = 8 * MEBIBYTE
    file_bytes: int = 8 * MEBIBYTE
    processes: int = 64

    @property
    def cpu_stop_seconds(self) -> float:
        """When a run over its CPU limit is stopped; the verdict is decided on the measured number."""
        return 1.1 * self.cpu_seconds + 0.1


def wall_limit_seconds(cpu_seconds: float) -> float:
    """The wide net for sleepers: 2 x CPU limit + 2 s (DESIGN 6); waiting for a core comes on top, see linux/waiting.py."""
    return 2.0 * cpu_seconds + 2.0
