"""What becomes of a container that the kernel does not let go of."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from judge_node.sandbox.linux.container import LinuxContainer, Place
from judge_node.sandbox.linux.starter import Ids


class Ending:
    """A starter and its groups whose processes end at one of the attempts to close it."""

    def __init__(self, attempt: int) -> None:
        self.attempt, self.tried, self.killed = attempt, 0, 0

    def close(self) -> bool:
        self.tried += 1
        return self.tried >= self.attempt

    def kill(self) -> None:
        self.killed += 1


@pytest.mark.parametrize(("attempt", "killed", "free"), [(1, 0, [1]), (2, 1, [1]), (9, 1, [])])
def test_ids_are_free_again_only_when_nobody_has_them(attempt: int, killed: int, free: list[int]) -> None:
    """The ids of a container go to the next one only after its last process has ended."""
    starter, group, given_back = Ending(attempt), Ending(1), []
    place = Place(Ids(2_000_000_000, 65_536), 0, Path("/"))
    box = LinuxContainer("c-1", cast(Any, starter), cast(Any, group), place, lambda: given_back.append(1))
    box.close()
    box.close()
    assert (given_back, group.killed, group.tried) == (free, killed, 1)
