"""Who is killed from outside: members of a group, and nobody who only has a member's former number."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge_node.sandbox.linux.cgroup import field, kill_still_in


@pytest.fixture
def sleepers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two processes that wait."""
    started = [subprocess.Popen(["sleep", "60"]) for _ in range(2)]
    yield started
    for each in started:
        each.kill()
        each.wait()


def test_only_members_are_killed(tmp_path: Path, sleepers: list[subprocess.Popen[bytes]]) -> None:
    """A number that the group no longer names belongs to somebody else by now, and one that nobody has is no trouble."""
    member, stranger = sleepers
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / "cgroup.procs").write_text(f"{member.pid}\n{gone.pid}\n")
    kill_still_in(tmp_path, [stranger.pid, member.pid, gone.pid])
    assert member.wait(10) == -signal.SIGKILL
    assert stranger.poll() is None
    kill_still_in(tmp_path / "gone", [stranger.pid])
    assert stranger.poll() is None


def test_no_handle_is_left(tmp_path: Path) -> None:
    """Killing hundreds takes a few descriptors at a time and gives them back."""
    before = len(os.listdir("/proc/self/fd"))
    kill_still_in(tmp_path, [os.getpid()] * 300)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_word_is_not_another_that_begins_like_it() -> None:
    """The kernel's words are whole: oom_kill_disable is not oom_kill."""
    text = b"oom_kill_disable 1\nunder_oom 0\noom_kill 7\n"
    assert (field(text, b"oom_kill"), field(text, b"under_oom"), field(text, b"peak")) == (7, 0, 0)
