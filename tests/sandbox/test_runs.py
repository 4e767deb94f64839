"""What a run gives back when nothing is wrong with the limits."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from app.core.errors import Fault
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.linux import rootless
from sandbox.workbench import Bench, guest, limits, shell

pytestmark = pytest.mark.root


@pytest.mark.parametrize("code", [0, 1, 3, 42, 43, 125, 255])
def test_exit_codes_are_the_programs_own(bench: Bench, code: int) -> None:
    """Whatever number a solution ends with is reported as it is, also the numbers that validators and shells use."""
    facts = bench.guest("exit", code)
    assert (facts.exit_code, facts.signal, facts.limit) == (code, None, None)


@pytest.mark.parametrize("number", [4, 6, 8, 9, 11])
def test_signals_are_told_apart_from_exit_codes(bench: Bench, number: int) -> None:
    """A crash is reported as its signal; a solution that kills itself is not taken for one that we killed."""
    facts = bench.guest("signal", number)
    assert (facts.exit_code, facts.signal, facts.limit, facts.stopped) == (None, number, None, False)


def test_input_and_output_are_files_of_the_host(bench: Bench, tmp_path: Path) -> None:
    """A test's input reaches the solution and its output the judge, byte for byte, also binary and without a last newline."""
    data = bytes(range(256)) * 500 + b"end"
    (tmp_path / "in").write_bytes(data)
    facts = bench.box().run(guest("cat"), limits(), stdin=tmp_path / "in", stdout=tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data
    assert (facts.stdout_bytes, facts.stdout_head) == (len(data), data[:8192])


def test_without_input_there_is_nothing_to_read(bench: Bench) -> None:
    """A solution that reads without input sees the end of the file at once."""
    facts = bench.guest("cat")
    assert (facts.exit_code, facts.stdout_bytes) == (0, 0)


def test_streams_are_kept_apart(bench: Bench) -> None:
    """What is written to stderr never counts as output of the solution."""
    facts = bench.box().run(shell("echo out; echo err >&2"), limits())
    assert (facts.stdout_head, facts.stderr_head) == (b"out\n", b"err\n")


def test_arguments_and_environment_arrive_and_nothing_else(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guest sees the command's words and variables; nothing of the judge's own environment."""
    monkeypatch.setenv("CONTESTBOX_SECRET", "hidden")
    box = bench.box()
    facts = box.run(guest("args", "", "a b", "-x", "é"), limits())
    assert facts.stdout_head.decode() == "\na b\n-x\né\n"
    facts = box.run(Command(["/program/guest", "env"], {"COLOUR": "blue"}), limits())
    names = {line.split("=")[0] for line in facts.stdout_head.decode().splitlines()}
    assert names == {"COLOUR", "PATH", "HOME", "TMPDIR", "LANG"}


def test_a_program_that_cannot_start_is_a_fault_and_no_verdict(bench: Bench) -> None:
    """A missing program is the judge's trouble; the container still runs the next one."""
    box = bench.box()
    with pytest.raises(Fault, match="could not be started") as caught:
        box.run(Command(["/program/missing"]), limits())
    assert caught.value.kind == "sandbox"
    assert box.run(guest("exit", 5), limits()).exit_code == 5


def test_cpu_time_is_what_was_used(bench: Bench) -> None:
    """A solution that computes for 0.3 s is charged 0.3 s, give or take a few milliseconds, however long it took."""
    facts = bench.guest("spin_for", 300)
    assert 0.295 <= facts.cpu_seconds <= 0.33
    assert facts.wall_seconds >= facts.cpu_seconds * 0.95


def test_sleeping_costs_no_cpu_time(bench: Bench) -> None:
    """Waiting is not computing."""
    facts = bench.guest("sleep", 1)
    assert facts.cpu_seconds < 0.05
    assert 1.0 <= facts.wall_seconds < 2.0


def test_memory_is_the_peak_of_the_run(bench: Bench) -> None:
    """The reported memory is the solution's highest use, and a small run after a big one is small again."""
    box = bench.box()
    big = box.run(guest("malloc", 40 << 20), limits())
    small = box.run(guest("exit", 0), limits())
    assert 40 << 20 <= big.memory_bytes < 48 << 20
    assert small.memory_bytes < 8 << 20


def test_containers_of_one_slot_do_not_mix(bench: Bench) -> None:
    """A submission's and its validator's containers live side by side under different identities."""
    one, two = bench.box(), bench.box()
    facts = [box.run(shell("echo $$; echo x > /work/mine; ls /work"), limits()) for box in (one, two)]
    assert [each.exit_code for each in facts] == [0, 0]
    assert rootless.here() or one._place.ids.first != two._place.ids.first, "without root there is but one id"


def test_a_closed_container_refuses(bench: Bench) -> None:
    """Closing twice is safe; running afterwards is a fault."""
    box = bench.box()
    box.close()
    box.close()
    with pytest.raises(Fault, match="closed"):
        box.run(guest("exit", 0), limits())


def test_a_run_may_not_exceed_its_container(bench: Bench) -> None:
    """A run asking for more memory than its container has is refused before it starts."""
    with pytest.raises(Fault, match="more memory"):
        bench.box(memory=64).run(guest("exit", 0), limits(memory=128))


def test_a_folder_mounted_noexec_is_no_hindrance(bench: Bench, tmp_path: Path) -> None:
    """On machines whose /tmp may not execute anything, compiled programs run all the same."""
    folder = tmp_path / "noexec"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec,mode=0755", "contestbox-test", folder], check=True)
    try:
        shutil.copy(bench.programs / "guest", folder / "guest")
        box = bench.sandbox.container(View(program=folder, profile="native"), memory_bytes=64 << 20, processes=8)
        try:
            assert box.run(guest("exit", 6), limits(processes=8)).exit_code == 6
        finally:
            box.close()
    finally:
        subprocess.run(["umount", folder], check=True)
