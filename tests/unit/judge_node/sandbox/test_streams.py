"""Output with a budget."""

from __future__ import annotations

import os
from pathlib import Path

from judge_node.sandbox.linux.streams import Budget, Stream


def test_beyond_the_budget_output_is_counted_and_thrown_away(tmp_path: Path) -> None:
    """The file gets the budget's bytes and the count all of them; one budget serves both streams."""
    target = os.open(tmp_path / "out", os.O_CREAT | os.O_WRONLY)
    budget = Budget(10_000)
    out, err = Stream(budget, target), Stream(budget, None)
    os.write(err.theirs, b"e" * 4_000)
    os.write(out.theirs, b"o" * 20_000)
    err.drain()
    out.drain()
    assert (out.count, err.count) == (20_000, 4_000)
    assert (tmp_path / "out").read_bytes() == b"o" * 6_000
    assert (len(out.head), len(err.head)) == (8_192, 4_000)
    for stream in (out, err):
        stream.close()
        stream.close()
    os.close(target)


def test_a_pipe_that_somebody_keeps_open_does_not_hold_the_judge() -> None:
    """Draining takes what is there and ends, although the writing end never closes."""
    stream = Stream(Budget(100), None)
    os.write(stream.theirs, b"x")
    stream.drain()
    stream.drain()
    assert (stream.count, stream.head) == (1, b"x")
    stream.close()
