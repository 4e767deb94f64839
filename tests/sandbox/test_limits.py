"""Each limit, alone and in its order."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.outcome import Limit
from sandbox.workbench import Bench, guest, guests_of, limits, python

pytestmark = pytest.mark.root


@pytest.mark.parametrize("how", ["spin", "threads"])
def test_cpu_limit(bench: Bench, how: str) -> None:
    """An endless loop is stopped at 1.1 x the limit + 0.1 s of CPU time, with one thread or four."""
    facts = bench.guest(how, run=limits(cpu=0.3, wall=5))
    assert (facts.limit, facts.signal) == (Limit.CPU, signal.SIGKILL)
    assert 0.42 <= facts.cpu_seconds < 0.55


def test_wall_limit(bench: Bench) -> None:
    """A solution that sleeps is ended by the wall limit, and no CPU time is held against it."""
    facts = bench.guest("sleep", 30, run=limits(wall=0.3))
    assert facts.limit is Limit.WALL
    assert facts.cpu_seconds < 0.1
    assert 0.3 <= facts.wall_seconds < 1.0


def test_a_stopped_process_meets_the_wall_limit(bench: Bench) -> None:
    """SIGSTOP to itself does not let a solution hang the judge."""
    assert bench.guest("stop", run=limits(wall=0.3)).limit is Limit.WALL


@pytest.mark.parametrize("how", ["malloc", "shared", "recurse", "child_malloc"])
def test_memory_limit(bench: Bench, how: str) -> None:
    """Private and shared memory, the stack and a child's memory all end as MLE, and the next run is well."""
    box = bench.box(memory=64)
    facts = box.run(guest(how, 200 << 20), limits(memory=32))
    assert facts.limit is Limit.MEMORY
    assert facts.memory_bytes <= 33 << 20
    assert box.run(guest("exit", 0), limits(memory=32)).exit_code == 0


@pytest.mark.parametrize(
    "line",
    [
        "f = open('/work/a', 'wb'); [f.write(b'x' * 1048576) and f.flush() for _ in range(100)]",
        "f = open('/dev/shm/a', 'wb'); [f.write(b'x' * 1048576) and f.flush() for _ in range(100)]",
        "import os; m = os.memfd_create('a'); [os.write(m, b'x' * 1048576) for _ in range(100)]",
    ],
    ids=["scratch", "dev-shm", "memfd"],
)
def test_files_in_memory_are_memory(bench: Bench, line: str) -> None:
    """Memory hidden in files of the scratch, of /dev/shm or without a name is charged to the run."""
    run = RunLimits(20, 40, 48 * MEBIBYTE, file_bytes=200 * MEBIBYTE, output_bytes=200 * MEBIBYTE)
    if "memfd" in line and not Path("/proc/sys/vm/memfd_noexec").exists():
        pytest.skip("before Linux 6.3 guests get no files in memory at all")
    facts = bench.box(scratch_bytes=128 * MEBIBYTE).run(python(line), run)
    assert facts.limit is Limit.MEMORY


@pytest.mark.parametrize("stream", ["out", "err"])
def test_output_budget(bench: Bench, tmp_path: Path, stream: str) -> None:
    """Beyond its budget output is counted and thrown away; the solution still ends as itself, marked OUTPUT."""
    facts = bench.box().run(guest(stream, 3 << 20), limits(output=1 << 20), stdout=tmp_path / "out")
    assert (facts.limit, facts.exit_code) == (Limit.OUTPUT, 0)
    assert facts.stdout_bytes + facts.stderr_bytes == 3 << 20
    assert (tmp_path / "out").stat().st_size == (1 << 20 if stream == "out" else 0)


def test_too_much_and_too_long_is_too_long(bench: Bench) -> None:
    """A flood followed by an endless loop keeps the rank of the time limit."""
    facts = bench.guest("out_and_spin", 2 << 20, run=limits(cpu=0.2, output=1 << 20))
    assert (facts.limit, facts.stdout_bytes) == (Limit.CPU, 2 << 20)


def test_file_size_limit(bench: Bench) -> None:
    """One file beyond the size limit ends the solution by SIGXFSZ."""
    facts = bench.guest("file", 20 << 20, run=limits(memory=64))
    assert (facts.limit, facts.signal) == (Limit.FILE_SIZE, signal.SIGXFSZ)


def test_files_count_as_output(bench: Bench) -> None:
    """Files left in the scratch use the same budget as the streams."""
    facts = bench.guest("file", 2 << 20, run=limits(output=1 << 20))
    assert (facts.limit, facts.exit_code) == (Limit.OUTPUT, 0)


def test_process_limit(bench: Bench) -> None:
    """Forks beyond the limit fail inside; nothing of them is left outside."""
    facts = bench.guest("forks", 500, run=limits(processes=16))
    assert facts.exit_code == 0
    assert int(facts.stdout_head) == 15
    assert facts.processes == 16
    assert "guest" not in guests_of(bench.sandbox)


def test_stop_ends_a_run(bench: Bench) -> None:
    """A judgement that is cancelled stops within moments and says so."""
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    facts = bench.box().run(guest("sleep", 30), limits(wall=20), stop=stop)
    assert (facts.stopped, facts.limit) == (True, None)
    assert facts.wall_seconds < 2


@contextmanager
def crowd(core: int, size: int) -> Iterator[None]:
    """Busy processes on one core, each in a session of its own so that the scheduler counts each of them."""
    line = f"import os\nos.sched_setaffinity(0, {{{core}}})\nprint(flush=True)\nwhile True: pass"
    with ExitStack() as stack:
        for _ in range(size):
            one = stack.enter_context(
                subprocess.Popen([sys.executable, "-c", line], stdout=subprocess.PIPE, start_new_session=True)
            )
            stack.callback(one.kill)
            assert one.stdout is not None
            one.stdout.readline()
        yield


def test_waiting_for_the_core_is_no_sleep(bench: Bench) -> None:
    """A solution that only waits for a crowded core keeps its time: the wall limit grows by what it waited."""
    box = bench.box()
    with crowd(bench.sandbox.core, 5):
        # In a group beside the crowd's, as where systemd delegates one, it has half of the core whatever the crowd's size.
        facts = box.run(guest("spin_for", 450), limits(wall=0.7))
    assert (facts.limit, facts.exit_code) == (None, 0)
    assert facts.wall_seconds > 0.7, "the crowd did not crowd"
    assert facts.disturbed


def test_a_sleeper_beside_a_crowd_is_still_a_sleeper(bench: Bench) -> None:
    """A crowded core gives no time to a solution that sleeps, nor to one whose threads crowd each other."""
    box = bench.box()
    with crowd(bench.sandbox.core, 2):
        facts = box.run(guest("sleep", 30), limits(wall=0.6))
    assert facts.limit is Limit.WALL
    assert facts.wall_seconds < 3
    facts = box.run(guest("crowd_then_sleep", 30), limits(wall=0.8))
    assert facts.limit is Limit.WALL
    assert facts.wall_seconds < 4, "the waits of 30 threads for each other were added up"
