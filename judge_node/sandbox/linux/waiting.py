"""How long a run has waited for its core: time that no program can help, so that it is no part of its wall limit.

Two kinds of waiting are seen from outside. The kernel counts for each thread how long it was ready to run and did not
(the second number of schedstat). A machine below ours may take the whole core away, which /proc/stat counts as steal in
ticks. The longest wait of one thread counts, not the sum: threads of one run wait for each other as well, and a sum
would let a crowd of them buy time to sleep in. Threads that have ended are no longer seen; what they waited is lost,
never invented.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

_PROC = Path("/proc")
_STEAL_FIELD = 8
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Waiting:
    """The waiting of one run's processes. `members` gives the host pids of its groups, `guest_id` tells its guests among them;
    `patience` gives what its caller adds: in a dialogue, what the other side has computed.
    """

    def __init__(
        self,
        members: Callable[[], list[int]],
        guest_id: int,
        core: int,
        patience: Callable[[], float] | None = None,
    ) -> None:
        self._members, self._guest_id, self._core, self._patience = members, guest_id, core, patience
        self._stolen_before: float | None = None

    def begin(self) -> None:
        """Notes the steal so far. Called a moment after the start: most runs are over by then and need not pay for it."""
        if self._stolen_before is None:
            self._stolen_before = stolen_seconds(self._core)

    def seconds(self) -> float:
        """How long the run has waited so far."""
        stolen = stolen_seconds(self._core) - self._stolen_before if self._stolen_before is not None else 0.0
        granted = self._patience() if self._patience is not None else 0.0
        return longest_wait_seconds(self._members(), self._guest_id) + max(0.0, stolen) + granted


def longest_wait_seconds(pids: Iterable[int], owner: int, proc: Path = _PROC) -> float:
    """The longest that one thread of the processes that belong to `owner` was ready and did not run."""
    longest = 0
    for pid in pids:
        folder = proc / str(pid)
        try:
            if folder.stat().st_uid != owner:
                continue
            for task in (folder / "task").iterdir():
                longest = max(longest, int((task / "schedstat").read_text().split()[1]))
        except (OSError, IndexError):  # it ended in between, or the kernel does not count
            continue
    return longest / 1e9


def stolen_seconds(core: int, proc: Path = _PROC) -> float:
    """What the machine below has taken of a core since the start; 0 where it is not told."""
    for line in (proc / "stat").read_text().splitlines():
        words = line.split()
        if words[0] == f"cpu{core}" and len(words) > _STEAL_FIELD:
            return int(words[_STEAL_FIELD]) / _TICKS_PER_SECOND
    return 0.0
