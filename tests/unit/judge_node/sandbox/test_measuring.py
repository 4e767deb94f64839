"""Which limit a run is said to have passed, and in which order."""

from __future__ import annotations

import signal

import pytest

from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux.cgroup import Readings
from judge_node.sandbox.linux.measuring import base_rlimits, environment_for, outcome
from judge_node.sandbox.linux.reply import Reply
from judge_node.sandbox.linux.streams import Budget, Stream
from judge_node.sandbox.linux.watching import Ending
from judge_node.sandbox.outcome import Limit, Outcome

LIMITS = RunLimits(1.0, 4.0, 64 * MEBIBYTE, output_bytes=1000)


def measured(
    *, status: int = 0, cpu: float = 0.1, oom: int = 0, killed_for: Limit | None = None, written: int = 0, files: int = 0,
    stopped: bool = False, init: float | None = None, peak: int = MEBIBYTE, switches: int = 0,
) -> Outcome:  # fmt: skip
    out, err = Stream(Budget(1000), None), Stream(Budget(1000), None)
    try:
        out.count = written
        reply = Reply(3, status, 0, 0, 0, 500_000_000, round((init or 0) * 1e9), files, switches, 1, 0)
        readings = Readings(round(cpu * 1e9), peak, oom, 1)
        return outcome(
            reply,
            Ending(killed_for, stopped),
            readings,
            LIMITS,
            out,
            err,
            counted_by_init=init is not None,
            file_bytes=files,
        )
    finally:
        out.close()
        err.close()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"cpu": 1.2, "killed_for": Limit.WALL, "oom": 1, "written": 2000}, Limit.CPU),
        ({"cpu": 1.05}, Limit.CPU),
        ({"killed_for": Limit.WALL, "oom": 1, "status": 9}, Limit.WALL),
        ({"oom": 1, "status": 0}, Limit.MEMORY),
        ({"oom": 2, "status": 9, "written": 2000}, Limit.MEMORY),
        ({"status": int(signal.SIGXFSZ), "written": 2000}, Limit.FILE_SIZE),
        ({"written": 1001}, Limit.OUTPUT),
        ({"written": 600, "files": 600}, Limit.OUTPUT),
        ({"written": 1000}, None),
        ({"status": 9}, None),
        ({"status": 11}, None),
    ],
)
def test_the_first_sign_counts(facts: dict[str, int], expected: Limit | None) -> None:
    """Time before wall before memory before files before output, and a crash is none of them."""
    assert measured(**facts).limit is expected  # type: ignore[arg-type]


def test_who_counts_the_cpu_time() -> None:
    """Where init is counted together with its guests, its own reading is the solution's time; else the group's."""
    assert measured(cpu=0.5).cpu_seconds == pytest.approx(0.5)
    assert measured(cpu=0.0, init=0.4).cpu_seconds == pytest.approx(0.4)


def test_exit_and_signal_exclude_each_other() -> None:
    """A status is either an exit code or a signal."""
    assert (measured(status=42 << 8).exit_code, measured(status=42 << 8).signal) == (42, None)
    assert (measured(status=139).exit_code, measured(status=139).signal) == (None, 11)


def test_notes_for_the_jury() -> None:
    """A forbidden call and a crash at the edge of memory are explained."""
    assert "forbidden" in measured(status=int(signal.SIGSYS)).note
    assert "within 2 %" in measured(status=11, peak=64 * MEBIBYTE - 100).note
    assert measured(status=11).note == ""


def test_a_disturbed_run_is_marked() -> None:
    """Many involuntary switches show that something else ran on the core."""
    assert measured(switches=200).disturbed
    assert not measured(switches=5).disturbed


def test_the_environment_is_fixed_words_and_the_commands_own() -> None:
    """A command may replace a word, and the node's own environment never leaks."""
    assert environment_for({"LANG": "C", "X": "1"}) == {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/work", "TMPDIR": "/tmp", "LANG": "C", "X": "1",
    }  # fmt: skip


def test_rlimits_follow_the_limits() -> None:
    """The second wall for CPU time is a whole second beyond the stop, so that the number decides."""
    import resource

    table = dict(base_rlimits(RunLimits(1.0, 4.0, 64 * MEBIBYTE)))
    assert table[resource.RLIMIT_CPU] == 3
    assert table[resource.RLIMIT_CORE] == 0
    assert table[resource.RLIMIT_STACK] == 64 * MEBIBYTE
