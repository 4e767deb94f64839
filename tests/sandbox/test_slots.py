"""Several judges on one machine, and what a killed one leaves."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE
from judge_node.sandbox.linux import hierarchies, rootless, slots
from judge_node.sandbox.linux.box import LinuxSandbox, open_sandbox
from sandbox.workbench import Bench, guest, limits

pytestmark = pytest.mark.root


@pytest.fixture
def whole_machine(programs: Path) -> None:
    """Skips where this process is root of its own namespace only: there it cannot start another judge, which would have to be vouched
    for before."""
    if rootless.here():
        pytest.skip("a second judge cannot be started from inside the first one's user namespace")


VICTIM = """
import sys
from pathlib import Path
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux.box import open_sandbox
sandbox = open_sandbox(run_folder=Path(sys.argv[1]))
box = sandbox.container(View(program=Path(sys.argv[2])), memory_bytes=64 * MEBIBYTE, processes=32)
idle = sandbox.container(View(), memory_bytes=64 * MEBIBYTE, processes=32)
print(box._starter.pid, idle._starter.pid, sandbox._undertaker._pid, *sandbox._tree.folders, flush=True)
box.run(Command(["/program/guest", "threads"]), RunLimits(100, 100, 64 * MEBIBYTE, processes=32))
"""


@pytest.mark.usefixtures("whole_machine")
def test_two_judges_take_different_slots(tmp_path: Path) -> None:
    """Two judges of one machine have their own slots, ids and cores; beyond the cores they share and say so."""
    cores = len(os.sched_getaffinity(0))
    opened = [open_sandbox(run_folder=tmp_path) for _ in range(cores + 1)]
    try:
        assert [each.slot_number for each in opened] == list(range(cores + 1))
        assert len({each.core for each in opened[:cores]}) == cores
        assert [each.shared_core for each in opened] == [False] * cores + [True]
        assert len({each._slot.first_id(0) for each in opened}) == cores + 1
    finally:
        for each in opened:
            each.close()


def test_a_slot_given_back_is_taken_again(tmp_path: Path) -> None:
    """Closing gives the slot back and removes its control groups."""
    first = open_sandbox(run_folder=tmp_path)
    box = first.container(View(), memory_bytes=64 * MEBIBYTE, processes=8)
    folders = first._tree.folders
    first.close()
    first.close()
    assert not any(folder.exists() for folder in folders)
    assert not box._starter.alive
    with open_sandbox(run_folder=tmp_path) as second:
        assert second.slot_number == first.slot_number


def _gone(pids: list[int], seconds: float) -> bool:
    """Waits for the ends of processes that are not ours."""
    waiting = select.poll()
    left = set()
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        left.add(handle)
        waiting.register(handle, select.POLLIN)
    while left:
        ready = waiting.poll(seconds * 1000)
        if not ready:
            return False
        for handle, _ in ready:
            waiting.unregister(handle)
            left.discard(handle)
            os.close(handle)
    return True


def _killed_judge(run_folder: Path, programs: Path, *, undertaker: bool) -> tuple[list[int], list[Path]]:
    """Kills a judge in mid-run, its undertaker before it where that is asked for: what lived below it, its groups."""
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(run_folder), str(programs)], stdout=subprocess.PIPE, text=True
    ) as judge:
        assert judge.stdout is not None
        words = judge.stdout.readline().split()
        starters, folders = [int(word) for word in words[:2]], [Path(word) for word in words[3:]]
        members = _wait_for_members(folders)
        if not undertaker:
            os.kill(int(words[2]), signal.SIGKILL)
            assert _gone([int(words[2])], 1.0)
        os.kill(judge.pid, signal.SIGKILL)
        judge.wait()
    return [*starters, *members], folders


@pytest.mark.usefixtures("whole_machine")
def test_sigkill_of_the_judge_leaves_nothing(tmp_path: Path, programs: Path) -> None:
    """When a judge is killed in mid-run, its processes and its control groups are gone within a second, before any restart."""
    lived, folders = _killed_judge(tmp_path / "run", programs, undertaker=True)
    killed = time.monotonic()
    assert _gone(lived, 1.0), "a process outlived its judge"
    while any(folder.exists() for folder in folders) and time.monotonic() < killed + 1.0:
        select.select([], [], [], 0.005)  # the kernel has no event for a directory that goes
    assert not any(folder.exists() for folder in folders), "a control group was left"
    with open(tmp_path / "run/slots/0") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    with open_sandbox(run_folder=tmp_path / "run") as next_judge:
        assert next_judge.slot_number == 0


@pytest.mark.usefixtures("whole_machine")
def test_the_next_judge_sweeps_where_nobody_buried(tmp_path: Path, programs: Path) -> None:
    """When everything was killed at once, the next judge removes what is left."""
    lived, folders = _killed_judge(tmp_path / "run", programs, undertaker=False)
    assert _gone(lived, 1.0), "a process outlived its judge"
    assert all(folder.exists() for folder in folders)
    with open_sandbox(run_folder=tmp_path / "run") as next_judge:
        assert next_judge.slot_number == 0
        assert not [inner for folder in folders for inner in folder.glob("c-[3-9]")], "the leftovers were not swept"


def _wait_for_members(folders: list[Path]) -> list[int]:
    """The processes in the groups once the guest's threads are there (starters, inits and the guest)."""
    for _ in range(500):
        files = [file for folder in folders for file in folder.rglob("cgroup.procs")]
        found = {int(pid) for file in files for pid in file.read_text().split()}
        if len(found) >= 6:
            return sorted(found)
        select.select([], [], [], 0.01)  # the kernel has no event for a process that joins a group
    raise AssertionError("the guest did not start")


def test_leftovers_of_a_live_judge_are_not_swept(tmp_path: Path) -> None:
    """A slot whose lock is held is never touched, whatever its file says."""
    with open_sandbox(run_folder=tmp_path) as one:
        box = one.container(View(), memory_bytes=64 * MEBIBYTE, processes=32)
        with open_sandbox(run_folder=tmp_path) as two:
            assert two.slot_number == 1
            empty = two._tree.folders
        assert not any(folder.exists() for folder in empty)
        assert all(folder.exists() for folder in one._tree.folders)
        assert box.run(Command(["/bin/true"]), limits()).exit_code == 0


def test_a_judge_that_leaves_removes_only_its_own_groups(tmp_path: Path) -> None:
    """While one judge has no container at all, another one ends; the first goes on as before."""
    with open_sandbox(run_folder=tmp_path) as one:
        for _ in range(2):
            one._spare.take(None)[0].close()
        open_sandbox(run_folder=tmp_path).close()
        assert all(folder.exists() for folder in one._tree.folders)
        box = one.container(View(), memory_bytes=64 * MEBIBYTE, processes=32)
        assert box.run(Command(["/bin/true"]), limits()).exit_code == 0


def test_a_record_cannot_point_elsewhere(tmp_path: Path) -> None:
    """A slot's file that names other directories makes nobody remove them."""
    (tmp_path / "slots").mkdir(parents=True)
    precious = tmp_path / "precious" / "slot-0"
    precious.mkdir(parents=True)
    (tmp_path / "slots" / "0").write_text(f'{{"folders": ["{precious}", "/sys/fs/cgroup"]}}')
    slot = slots.take(tmp_path)
    assert precious.exists()
    slot.release()


def test_the_groups_are_below_our_own(sandbox: LinuxSandbox) -> None:
    """The slot's groups lie where this process was put by the machine, so its limits hold for the guests too."""
    seen = hierarchies.read()
    if "memory" not in seen.v1:
        pytest.skip("version 2: see test_own_place")
    assert any(folder.is_relative_to(seen.v1["memory"]) for folder in sandbox._tree.folders)


def test_a_dead_container_is_a_fault(bench: Bench) -> None:
    """When a container's init is killed from outside, the run is a fault, not a verdict, and close still works."""
    box = bench.box()
    os.kill(box._starter.pid, signal.SIGKILL)
    with pytest.raises(Exception, match="container") as caught:
        box.run(guest("sleep", 5), limits())
    assert type(caught.value).__name__ == "Fault"
    box.close()
