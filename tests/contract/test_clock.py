"""core/clock: the real clock never jumps."""

from __future__ import annotations

import time

import pytest

from app.adapters.anchored_clock import AnchoredClock


def test_a_jump_of_the_wall_clock_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """When somebody sets the laptop's clock an hour back in the middle of the contest, time goes on, and the jump can be told."""
    clock = AnchoredClock()
    before, real = clock.now(), time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 3_600_000_000_000)
    assert before <= clock.now() < before + 60_000
    assert -3_660_000 < clock.wall_drift_ms() <= -3_540_000


def test_the_clock_starts_at_the_wall_clock() -> None:
    """At the start of the server its time is the machine's time."""
    before = time.time_ns() // 1_000_000
    now = AnchoredClock().now()
    assert before <= now <= time.time_ns() // 1_000_000 + 1
    assert abs(AnchoredClock().wall_drift_ms()) < 1000


def test_instants_never_go_back() -> None:
    """Of two moments the later one is never the smaller number."""
    clock = AnchoredClock()
    instants = [clock.now() for _ in range(2000)]
    assert instants == sorted(instants)
    seconds = [clock.monotonic_seconds() for _ in range(2000)]
    assert seconds == sorted(seconds)
