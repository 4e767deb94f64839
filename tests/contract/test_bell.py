"""ports/bell: "there is more", for each topic alone."""

from __future__ import annotations

import threading

from clocks import FakeClock

from app.adapters.memory.bell import MemoryBell


def test_only_the_topic_that_rang_rises(clock: FakeClock) -> None:
    """Another team's submission changes nothing for this team's page."""
    bell = MemoryBell(clock)
    mine, others = bell.counter("team:1"), bell.counter("team:2")
    bell.ring(["team:2", "jury"])
    bell.ring(["team:2"])
    assert bell.counter("team:1") == mine
    assert bell.counter("team:2") == others + 2


def test_listeners_hear_until_they_stop(clock: FakeClock) -> None:
    """A page that listens hears each ring once with its topics, and nothing after it has left."""
    bell, heard = MemoryBell(clock), []
    stop = bell.listen(heard.append)
    bell.ring(iter(["board", "public"]))
    bell.ring([])
    stop()
    stop()
    bell.ring(["board"])
    assert heard == [frozenset({"board", "public"})]


def test_counter_has_risen_when_a_listener_hears(clock: FakeClock) -> None:
    """Whoever is woken finds the news."""
    bell = MemoryBell(clock)
    before, seen = bell.counter("board"), []
    bell.listen(lambda topics: seen.append(bell.counter("board")))
    bell.ring(["board"])
    assert seen == [before + 1]


def test_a_restart_never_goes_back(clock: FakeClock) -> None:
    """A browser that waits over a restart of the server is told that there is news, also on topics that have not rung since."""
    bell = MemoryBell(clock)
    for _ in range(999):
        bell.ring(["board"])
    clock.forward(seconds=1)
    again = MemoryBell(clock)
    assert again.counter("board") > bell.counter("board")


def test_rings_from_many_threads_are_all_counted(clock: FakeClock) -> None:
    """Nothing is lost when the writer, the node port and pages ring at once."""
    bell = MemoryBell(clock)
    before = bell.counter("jury")
    threads = [threading.Thread(target=lambda: [bell.ring(["jury"]) for _ in range(200)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert bell.counter("jury") == before + 1200
