"""SIGKILL at a named point: strace holds a process and kills it as it enters the n-th call of a kind, on certain files only.

The call itself does not happen any more. Killed at the first write to the WAL a commit is not there, at its sync it is.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


def traced(call: str, *files: Path, when: int = 1) -> list[str]:
    """The beginning of a command line that runs what follows and kills it at that call."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    paths = [word for file in files for word in ("-P", str(file))]
    return [
        strace,
        "-f",
        *paths,
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:signal=KILL:when={when}",
        "-o",
        "/dev/null",
    ]


@contextmanager
def killed_at(pid: int, call: str, *files: Path, when: int = 1) -> Iterator[None]:
    """Inside, the running process dies at that call; afterwards it has died, or the test has asked for something that never calls it."""
    holder = subprocess.Popen(
        [*_held(traced(call, *files, when=when)), "-p", str(pid)], stderr=subprocess.PIPE, text=True
    )
    assert holder.stderr is not None
    said = _first_line(holder.stderr)
    if "attach" not in said or "Operation not permitted" in said:
        holder.kill()
        holder.wait()
        pytest.skip(f"strace may not trace here: {said}")
    rest = threading.Thread(target=holder.stderr.read, daemon=True)
    rest.start()
    try:
        yield
        holder.wait(30)
    finally:
        if holder.poll() is None:
            holder.terminate()
            holder.wait(10)
        rest.join(10)
        holder.stderr.close()


def _held(line: Sequence[str]) -> list[str]:
    """The same for a process that runs already, whose calls can't be picked by the kernel any more."""
    return [word for word in line if word != "--seccomp-bpf"]


def _first_line(stream: Sequence[str] | object) -> str:
    return str(next(iter(stream), ""))  # type: ignore[call-overload]
