"""What the machine may do to a judge: no room, no group, no init. Each is a Fault with a sentence and never a verdict."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import Fault
from judge_node.sandbox.interface import View
from judge_node.sandbox.linux import cgroup, slots
from judge_node.sandbox.linux.box import open_sandbox
from judge_node.sandbox.linux.container import LinuxContainer
from sandbox.workbench import Bench, guest, limits, shell

pytestmark = pytest.mark.root


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "full"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "contestbox-test", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def init_of(box: LinuxContainer) -> int:
    """The host's pid of a container's init."""
    starter = box._starter.pid
    return int(Path(f"/proc/{starter}/task/{starter}/children").read_text())


def test_no_room_for_the_output(bench: Bench, full: Path) -> None:
    """Where the node's disk is full the output is not cut short in silence: nothing is judged by it."""
    box = bench.box()
    with pytest.raises(Fault, match="No space left"):
        box.run(shell("head -c 1000000 /dev/zero"), limits(), stdout=full / "out")
    with pytest.raises(Fault, match="No space left"):
        box.run(guest("exit", 0), limits())


def test_no_room_for_a_slot(full: Path) -> None:
    """A judge whose run folder is full says so when it starts, and leaves nothing: no group either."""
    (full / "filler").write_bytes(bytes(64 * 1024))
    for _ in range(2):
        with pytest.raises(Fault, match="No space left"), open_sandbox(run_folder=full / "run"):
            pass
    name = slots.take(full / "run").name
    assert not list(Path("/sys/fs/cgroup").glob(f"**/contestbox/{name}"))


def test_no_place_for_a_slot() -> None:
    """A run folder that cannot be made is named."""
    with pytest.raises(Fault, match="/proc/contestbox"), open_sandbox(run_folder=Path("/proc/contestbox")):
        pass


def test_no_control_group() -> None:
    """A group that the kernel refuses is named, with what to do."""
    with pytest.raises(Fault, match=r"cannot be made.*doctor"):
        cgroup.make(Path("/proc/contestbox"))


def test_no_folder_to_show(bench: Bench, tmp_path: Path) -> None:
    """A program folder that is gone or closed to guests is a Fault before anything runs; the next container is there."""
    for _ in range(2):
        with pytest.raises(Fault, match="missing"):
            bench.sandbox.container(View(program=tmp_path / "gone"), memory_bytes=64 << 20, processes=8)
    assert bench.guest("exit", 7).exit_code == 7


def test_init_dies_between_two_runs(bench: Bench) -> None:
    """An init that was ended from outside is noticed by the next run."""
    box = bench.box()
    assert box.run(guest("exit", 0), limits()).exit_code == 0
    os.kill(init_of(box), signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(Fault, match="container"):
            box.run(guest("exit", 0), limits())


def test_init_dies_during_a_run(bench: Bench) -> None:
    """An init that dies with its guests is no end of the program."""
    box = bench.box()
    timer = threading.Timer(0.2, os.kill, (init_of(box), signal.SIGKILL))
    timer.start()
    with pytest.raises(Fault, match="died"):
        box.run(guest("sleep", 30), limits(wall=60))
    timer.join()


def test_what_died_in_the_pool_is_not_lent(bench: Bench) -> None:
    """Prepared containers whose processes were ended are replaced before anybody gets them."""
    bench.box().close()
    bench.sandbox.wait_until_prepared()
    waiting = [future.result() for future in bench.sandbox._spare._futures()]
    for box in waiting:
        os.kill(box._starter.pid, signal.SIGKILL)
        box._starter._ended(5)
    assert bench.guest("exit", 5).exit_code == 5
    assert all(
        box._closed or box in [one.result() for one in bench.sandbox._spare._futures() if one.done()] for box in waiting
    )
