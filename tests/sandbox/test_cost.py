"""What one more test costs beside the program itself."""

from __future__ import annotations

import os
import resource
import statistics
import threading
import time
from pathlib import Path

import pytest

from sandbox.workbench import Bench, guest, limits, shell

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


def test_the_judge_is_prompt_and_its_guests_are_not(bench: Bench) -> None:
    """Whoever only starts and ends runs asks for short turns of the core; a solution gets the same turns as any program."""
    box, mine = bench.box(), _slice_ns(Path("/proc/self/sched").read_text())
    if mine is None or not bench.sandbox._thread.is_prompt:
        pytest.skip("this kernel has no slices that can be asked for, or does not show them")
    starter = Path(f"/proc/{box._starter.pid}")
    (init,) = (starter / f"task/{box._starter.pid}/children").read_text().split()
    others = _slice_ns((starter / "sched").read_text())
    theirs = _slice_ns(box.run(shell("cat /proc/self/sched"), limits()).stdout_head.decode())
    assert mine == _slice_ns(Path(f"/proc/{init}/sched").read_text()) == 100_000
    assert theirs == others != mine


def test_folders_are_there_only_where_they_are_shown(bench: Bench, tmp_path: Path) -> None:
    """A container out of the pool shows what its view names, as read-only as ever, and no empty folder for what it does not."""
    tmp_path.chmod(0o755)
    (tmp_path / "note").write_text("seen")
    for _ in range(3):
        plain = bench.box().run(shell("ls -d /data || ls /program"), limits())
        assert plain.stdout_head == b"guest\n"
        shown = bench.box(folders={"/data": tmp_path})
        facts = shown.run(shell("cat /data/note; echo x > /data/note; touch /data/y; rm /data/note"), limits())
        assert (facts.stdout_head, (tmp_path / "note").read_text()) == (b"seen", "seen")
        assert bench.guest("exit", 3, box=shown).exit_code == 3
        bench.sandbox._spare.wait()


def _slice_ns(text: str) -> int | None:
    found = [line.split()[-1] for line in text.splitlines() if line.startswith("se.slice")]
    return int(found[0]) if found else None
