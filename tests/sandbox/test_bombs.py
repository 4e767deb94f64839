"""Bombs of processes: gone soon after their end was decided, and nothing of them is held against the next test."""

from __future__ import annotations

import signal

import pytest

from judge_node.sandbox.outcome import Limit
from sandbox.workbench import Bench, guest, guests_of, limits, python

pytestmark = pytest.mark.root
BOMB = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
RESTLESS = "import os\nwhile True:\n    try:\n        if os.fork():\n            os._exit(0)\n    except OSError:\n        pass"


@pytest.mark.parametrize("line", [BOMB, RESTLESS], ids=["64 at once", "never the same"])
def test_a_bomb_is_gone_and_the_next_test_may_fork(bench: Bench, line: str) -> None:
    """A bomb ends by its CPU limit, all of it; the test after it has as many processes as ever."""
    box = bench.box()
    facts = box.run(python(line), limits(cpu=0.1, wall=20, processes=64))
    assert (facts.limit or Limit.CPU) is Limit.CPU, facts
    assert guests_of(bench.sandbox) == []
    after = box.run(guest("forks", 500), limits(processes=64))
    assert (after.exit_code, int(after.stdout_head)) == (0, 63)


def test_a_bomb_of_512_is_gone(bench: Bench) -> None:
    """Five hundred forking processes end within a moment of the decision, on the busiest machine within three seconds."""
    box = bench.box(memory=512, processes=512)
    facts = box.run(guest("bomb"), limits(cpu=0.1, wall=30, memory=512, processes=512))
    assert (facts.limit, facts.signal) == (Limit.CPU, signal.SIGKILL)
    assert 0 < box.kill_seconds < 3
    assert guests_of(bench.sandbox) == []
