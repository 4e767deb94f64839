"""Nothing of one run reaches the next, nothing of a container outlives it."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

import pytest

from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.outcome import Limit
from sandbox.workbench import Bench, guest, guests_of, limits, shell

pytestmark = pytest.mark.root


def test_the_scratch_is_fresh_for_each_run(bench: Bench) -> None:
    """Files, and even changed modes of the folder itself, are gone in the next test."""
    box = bench.box()
    assert box.run(shell("echo secret > note; touch /tmp/x; chmod 0555 /work"), limits()).exit_code == 0
    facts = box.run(shell("ls -A /work /tmp/; echo fresh > note"), limits())
    assert facts.exit_code == 0
    assert b"note" not in facts.stdout_head.replace(b"fresh", b"")
    assert b"x" not in facts.stdout_head.split()


def test_the_scratch_can_be_kept(bench: Bench) -> None:
    """A compiler's steps see each other's files where the judge asks for it."""
    box = bench.box()
    box.put("src/a.txt", b"hello")
    facts = box.run(shell("cat src/a.txt; echo more > b"), limits(), keep_scratch=True)
    assert facts.stdout_head == b"hello"
    assert box.run(shell("cat b"), limits(), keep_scratch=True).stdout_head == b"more\n"
    assert box.run(shell("cat b"), limits()).exit_code != 0


def test_daemons_die_with_their_run(bench: Bench) -> None:
    """A double-forked daemon that ignores signals does not live into the next test."""
    box = bench.box()
    assert box.run(guest("daemon"), limits()).stdout_head == b"left\n"
    assert guests_of(bench.sandbox).count("guest") == 0
    assert box.run(shell("ls -d /proc/[0-9]* | wc -l"), limits()).stdout_head in {b"1\n", b"2\n", b"3\n"}


def test_memory_of_an_old_scratch_is_not_the_next_runs(bench: Bench) -> None:
    """Thirty megabytes left in files are not charged to the run after."""
    box = bench.box()
    big = RunLimits(5, 10, 64 * MEBIBYTE, file_bytes=40 * MEBIBYTE, output_bytes=64 * MEBIBYTE)
    assert box.run(guest("file", 30 << 20), big).exit_code == 0
    assert box.run(guest("exit", 0), limits()).memory_bytes < 6 << 20


@pytest.mark.parametrize("scratch_done", [False, True])
def test_page_tables_of_an_old_run_are_not_the_next_runs(bench: Bench, scratch_done: bool) -> None:
    """What the kernel gives back late, tables of a huge sparse memory, is not held against the next test."""
    box = bench.box(memory=64)
    for _ in range(3):
        crowded = box.run(guest("tables", 40 << 30), limits(memory=64), scratch_done=scratch_done)
        assert crowded.limit is Limit.MEMORY
        assert box.run(guest("exit", 0), limits(memory=64)).memory_bytes < 8 << 20


@pytest.mark.parametrize("written", ["x", "x" * 3_000_000], ids=["little", "much"])
def test_a_scratch_renewed_behind_the_answer_is_as_fresh(bench: Bench, written: str) -> None:
    """A run into whose scratch nobody looks leaves nothing for the next one, whether there was little in it or much."""
    box = bench.box(memory=64)
    line = f"ls -A /work /tmp; head -c {len(written)} /dev/zero > kept; echo x > /tmp/kept"
    for _ in range(3):
        facts = box.run(shell(line), limits(memory=64), scratch_done=True)
        assert facts.exit_code == 0
        assert b"kept" not in facts.stdout_head
        assert box.run(guest("exit", 0), limits(memory=64), scratch_done=True).memory_bytes < 2_500_000
        box.put("given", b"1")
        assert box.run(shell("cat given"), limits(), keep_scratch=True, scratch_done=True).stdout_head == b"1"
        assert box.take("given", 10) is None


REALTIME_COARSE = 5  # as the kernel numbers its clocks; no name in Python
TRACES = {
    "a file that is gone again": "echo > x; rm x",
    "one in the other folder": "echo > /tmp/x; rm /tmp/x",
    "a mode that is back": "chmod 711 /work; chmod 700 /work",
    "the same mode": "chmod 700 /work/.tmp",
    "times that were set back": 'python3 -c \'import os; s = os.stat("/work"); os.mkdir("d"); os.rmdir("d");'
    ' os.utime("/work", ns=(s.st_atime_ns, s.st_mtime_ns))\'',
    "the other folder made again": "rmdir /work/.tmp; mkdir -m 700 /work/.tmp",
    "a flag": 'python3 -c \'import fcntl, os, struct; f = os.open("/work", os.O_RDONLY);'
    ' fcntl.ioctl(f, 0x40086602, struct.pack("l", 0x40))\' || chmod 700 .',
}


@pytest.mark.parametrize("line", TRACES.values(), ids=TRACES)
def test_a_scratch_with_any_trace_is_replaced(bench: Bench, line: str) -> None:
    """What a run changed in its scratch, even if it changed it back, is never met by the next run: that has another scratch."""
    box, born = bench.box(), shell("stat -c '%w %z' /work /work/.tmp")
    first = box.run(born, limits(), scratch_done=True).stdout_head
    if first.startswith(b"-"):
        pytest.skip("this kernel does not tell when a folder was born")
    left = box.run(shell(line), limits(), scratch_done=True)
    assert left.exit_code == 0, left
    second = box.run(born, limits(), scratch_done=True).stdout_head
    assert not set(first.split(b"\n")[:2]) & set(second.split(b"\n")[:2])


def test_a_scratch_without_a_trace_is_kept(bench: Bench) -> None:
    """Reading, computing and being killed leave nothing in the scratch, so the next run has the same one as good as new."""
    box, born = bench.box(), shell("stat -c '%w %z %y %x %a %h' /work /work/.tmp")
    made = time.clock_gettime(REALTIME_COARSE)
    while (
        time.clock_gettime(REALTIME_COARSE) == made
    ):  # before 6.13 what happens in one tick has one time: nothing is proved
        select.select([], [], [], 0.001)
    first = box.run(born, limits(), scratch_done=True).stdout_head
    for command in (shell("ls -lR /work /tmp/; cat /work/none"), guest("signal", 11), guest("calls", 39)):
        box.run(command, limits(), scratch_done=True)
    assert box.run(born, limits(), scratch_done=True).stdout_head == first


def test_cold_files_hold_up_nobody(bench: Bench, tmp_path: Path) -> None:
    """A toolchain that was read from the disk for the first time stays in the cache; the tests after it do not wait for it."""
    tmp_path.chmod(0o755)
    with (tmp_path / "cold").open("wb") as file:
        file.write(bytes(30 << 20))
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    box = bench.box(folders={"/data": tmp_path})
    assert box.run(shell("cat /data/cold >/dev/null"), limits()).exit_code == 0
    box.run(guest("exit", 0), limits())
    began = time.monotonic()
    for _ in range(5):
        assert box.run(guest("exit", 0), limits()).limit is None
    assert time.monotonic() - began < 1


def test_ipc_objects_cannot_be_left(bench: Bench) -> None:
    """System V objects, which would outlive their maker, cannot be made."""
    box = bench.box()
    facts = box.run(shell("ipcmk -M 1000 || exit 4"), limits())
    assert facts.exit_code == 4


def test_the_program_folder_is_read_only(bench: Bench) -> None:
    """No run can replace the program that the next test runs."""
    facts = bench.box().run(shell("rm /program/guest; echo > /program/guest; touch /program/x; ls /program"), limits())
    assert facts.stdout_head == b"guest\n"


def test_a_container_leaves_nothing(bench: Bench) -> None:
    """After close no process and no control group of it is left."""
    box = bench.box()
    box.run(guest("daemon"), limits())
    folders = [inner for folder in bench.sandbox._tree.folders for inner in folder.glob(box.name)]
    assert folders
    box.close()
    assert not any(folder.exists() for folder in folders)
