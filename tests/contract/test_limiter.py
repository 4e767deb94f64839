"""ports/limiter: how often is too often."""

from __future__ import annotations

from clocks import FakeClock

from app.adapters.memory.limiter import MemoryLimiter


def test_a_moving_window(clock: FakeClock) -> None:
    """Three in ten seconds are taken, the fourth hears how long to wait, and then exactly one more is taken."""
    limiter = MemoryLimiter(clock)

    def hit() -> int:
        return limiter.hit("submit", "a1", limit=3, window_seconds=10)

    assert hit() == 0
    clock.forward(seconds=4)
    assert [hit(), hit(), hit()] == [0, 0, 6]
    clock.forward(seconds=5.5)
    assert hit() == 1
    clock.forward(seconds=0.5)
    assert [hit(), hit()] == [0, 4]


def test_keys_and_rules_are_apart(clock: FakeClock) -> None:
    """One team at its limit slows no other team, nor itself at something else."""
    limiter = MemoryLimiter(clock)
    assert limiter.hit("submit", "a1", limit=1, window_seconds=60) == 0
    assert limiter.hit("submit", "a1", limit=1, window_seconds=60) == 60
    assert limiter.hit("submit", "a2", limit=1, window_seconds=60) == 0
    assert limiter.hit("sign-in", "a1", limit=1, window_seconds=60) == 0


def test_forgetting(clock: FakeClock) -> None:
    """A successful sign-in forgets the failures before it."""
    limiter = MemoryLimiter(clock)
    limiter.hit("sign-in", "x", limit=1, window_seconds=60)
    limiter.clear("sign-in", "x")
    limiter.clear("sign-in", "never seen")
    assert limiter.hit("sign-in", "x", limit=1, window_seconds=60) == 0


def test_a_limit_of_nothing(clock: FakeClock) -> None:
    """Where nothing is allowed, nothing is."""
    assert MemoryLimiter(clock).hit("x", "y", limit=0, window_seconds=5) == 5


def test_memory_stays_bounded(clock: FakeClock) -> None:
    """A flood of invented names leaves nothing behind when its window has passed."""
    limiter = MemoryLimiter(clock)
    for number in range(12_000):
        limiter.hit("sign-in", str(number), limit=1, window_seconds=10)
    clock.forward(seconds=11)
    limiter.hit("sign-in", "last", limit=1, window_seconds=10)
    assert len(limiter._hits) == 1
