"""What one more test costs beside the program itself."""

from __future__ import annotations

import os
import resource
import statistics
import threading
import time

import pytest

from sandbox.workbench import Bench, guest, limits

pytestmark = pytest.mark.root
MOST_SECONDS = 0.005


@pytest.mark.parametrize("profile", ["runtime", "native"])
def test_one_more_test_costs_little(bench: Bench, profile: str) -> None:
    """Fresh scratch, fresh counters, pipes and messages together take less than 5 ms beside the program's own time."""
    box = bench.box(profile)
    beside = []
    for _ in range(60):
        began = time.perf_counter()
        facts = box.run(guest("exit", 0), limits())
        beside.append(time.perf_counter() - began - facts.wall_seconds)
    assert statistics.median(beside) < MOST_SECONDS


def test_a_hundred_and_fifty_small_tests_take_under_two_seconds(bench: Bench) -> None:
    """A problem with many tiny tests is judged at once, also on a busy machine."""
    box = bench.box("native")
    began = time.perf_counter()
    for _ in range(150):
        assert box.run(guest("exit", 0), limits()).exit_code == 0
    assert time.perf_counter() - began < 2


def test_descriptors_do_not_grow(bench: Bench) -> None:
    """Runs and containers give everything back."""

    def used() -> int:
        bench.sandbox._spare.wait()
        return len(os.listdir("/proc/self/fd"))

    for many in [
        bench.box() for _ in range(4)
    ]:  # more at once than the pool ever keeps: it is at its full size from now on
        many.close()
    box = bench.box()
    box.run(guest("exit", 0), limits())
    before = used()
    for _ in range(20):
        box.run(guest("exit", 0), limits())
        bench.box().close()
    assert used() == before


def test_a_second_container_is_ready_as_well(bench: Bench) -> None:
    """The validator's container, taken right after the submission's, waits for nothing: both were built before."""
    spare, go_on = bench.sandbox._spare, threading.Event()
    for many in [bench.box() for _ in range(4)]:
        many.close()
    spare.wait()
    held = spare._thread.submit(go_on.wait, 5)
    boxes = bench.box(), bench.box()
    assert not held.done(), "a container had to wait until the preparing thread was free"
    go_on.set()
    assert [box.run(guest("exit", 3), limits()).exit_code for box in boxes] == [3, 3]


def test_a_judge_with_many_descriptors_goes_on(bench: Bench) -> None:
    """A busy judge that holds more than 1,024 descriptors gets its containers as before."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
    try:
        for _ in range(3):
            assert bench.box().run(guest("exit", 4), limits()).exit_code == 4
    finally:
        for fd in held:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
