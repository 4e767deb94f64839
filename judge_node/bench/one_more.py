"""What one more test costs, beside posix_spawn and bwrap of the same empty program in the same run.

Theory of operation. Everything is taken in turn: a spawn, one test, a spawn, one test; so that whatever else the machine
does meets both alike. It is done in a loop, and again with 30 ms of idleness before each: an idle kernel answers
later, and a judge waits between two tests more often than not. The times are those that the caller sees: input,
output, counters, fresh scratch and clean-up included.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from judge_node.bench.programs import median, p95
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux.box import LinuxSandbox

_IDLE_SECONDS = 0.03
_LIMITS = RunLimits(cpu_seconds=1, wall_seconds=4, memory_bytes=256 * MEBIBYTE)
_BWRAP = ("--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
          "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind")  # fmt: skip  # noqa: S108


@dataclass(frozen=True, slots=True)
class OneMore:
    """Times in microseconds; ratios to the median of posix_spawn beside them. `bwrap_ratio` is None without bwrap."""

    posix_spawn_us: float
    one_more_us: float
    median_ratio: float
    p95_ratio: float
    idle_posix_spawn_us: float
    idle_one_more_us: float
    idle_median_ratio: float
    idle_p95_ratio: float
    bwrap_ratio: float | None


def one_more_test(sandbox: LinuxSandbox, folder: Path, program: Path, rounds: int) -> OneMore:
    """Measures with `program` (static, below `folder`), in `rounds` rounds and half as many with pauses."""
    question, output = folder / "question", folder / "output"
    question.write_bytes(b"1 2\n")
    view = View(program=program.parent, profile="native")
    container = sandbox.container(view, memory_bytes=_LIMITS.memory_bytes, processes=_LIMITS.processes)
    try:
        command, bare = Command([f"/program/{program.name}"]), str(program)

        def one() -> None:
            facts = container.run(command, _LIMITS, stdin=question, stdout=output, scratch_done=True)
            assert facts.exit_code == 0, facts

        def spawn() -> None:
            os.waitpid(os.posix_spawn(bare, ["empty"], {}), 0)

        spawns, tests = _in_turn(spawn, one, rounds, 0.0)
        idle_spawns, idle_tests = _in_turn(spawn, one, rounds // 2, _IDLE_SECONDS)
        bwraps, beside_bwrap = _beside_bwrap(program, one, max(10, rounds // 8))
    finally:
        container.close()
    beside, idle_beside = median(spawns), median(idle_spawns)
    return OneMore(
        posix_spawn_us=beside,
        one_more_us=median(tests),
        median_ratio=median(tests) / beside,
        p95_ratio=p95(tests) / beside,
        idle_posix_spawn_us=idle_beside,
        idle_one_more_us=median(idle_tests),
        idle_median_ratio=median(idle_tests) / idle_beside,
        idle_p95_ratio=p95(idle_tests) / idle_beside,
        bwrap_ratio=median(beside_bwrap) / median(bwraps) if bwraps else None,
    )


def _in_turn(
    first: Callable[[], None], second: Callable[[], None], rounds: int, pause: float
) -> tuple[list[float], list[float]]:
    samples: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for action, seen in zip((first, second), samples, strict=True):
            time.sleep(pause)
            began = time.perf_counter()
            action()
            seen.append((time.perf_counter() - began) * 1e6)
    return samples


def _beside_bwrap(program: Path, one: Callable[[], None], rounds: int) -> tuple[list[float], list[float]]:
    """bwrap with every namespace and a read-only skeleton, in turn with one more test; nothing where there is no bwrap or it may
    do nothing here.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return [], []
    words = [bwrap, *_BWRAP, str(program), "/program", "/program"]
    ends: set[int] = set()

    def wrapped() -> None:
        ends.add(os.waitpid(os.posix_spawn(bwrap, words, {}), 0)[1])

    samples = _in_turn(wrapped, one, rounds, 0.0)
    return samples if ends == {0} else ([], [])


def machine_load() -> float:
    """Runnable processes of the last minute, which is what a reader of these numbers wants to know first."""
    return os.getloadavg()[0]
