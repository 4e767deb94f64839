"""The gate's loop: the fast one where it is installed, Python's own elsewhere."""

from __future__ import annotations

import asyncio
import sys

import pytest

from web.gate.loops import new_loop


def test_the_fast_loop_is_taken_where_it_is_installed() -> None:
    """A server set up by the lock files runs in uvloop's loop."""
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not made for Windows")
    loop = new_loop()
    loop.close()
    assert isinstance(loop, uvloop.Loop)


def test_without_it_the_gate_runs_in_pythons_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop without uvloop serves all the same."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert type(runner.get_loop()).__module__.startswith("asyncio.")
        assert runner.run(asyncio.sleep(0, "served")) == "served"
