"""A power cut after the answer: the kernel is asked to sync what an answer promises, before the answer (SIGKILL cannot show that)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = 5
SYNCED = re.compile(r"\b(?:fsync|fdatasync)\(\d+<(?P<file>[^>]*)>\)\s*=\s*0")
RESUMED = re.compile(r"^(?P<pid>\d+) .*<\.\.\. (?:fsync|fdatasync) resumed>\)?\s*=\s*0")
BEGUN = re.compile(r"^(?P<pid>\d+) .*\b(?:fsync|fdatasync)\(\d+<(?P<file>[^>]*)> *<unfinished")
WROTE = re.compile(r"\b(?:pwrite64|write)\(\d+<(?P<file>[^>]*-wal)>")
ACK = re.compile(r"\bwrite\(1<[^>]*>, \"(?P<word>ack \d+|blob)\\n\"")


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """What happened in order: ("wrote", wal), ("synced", file) at the sync's end, ("told", answer) at the answer's begin."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    folder = tmp_path_factory.mktemp("synced")
    log = folder / "trace"
    calls = "trace=fsync,fdatasync,write,pwrite64,rename"
    command = [strace, "-f", "-y", "-qq", "-o", str(log), "-e", calls, sys.executable]
    command += [str(Path(__file__).with_name("committing.py")), str(folder), str(COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    if "ptrace" in done.stderr and done.returncode != 0:
        pytest.skip(f"strace may not trace here: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    return happenings(log.read_text(encoding="utf-8", errors="replace").splitlines())


def happenings(lines: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    pending: dict[str, str] = {}
    for line in lines:
        if begun := BEGUN.search(line):
            pending[begun["pid"]] = begun["file"]
        elif resumed := RESUMED.search(line):
            found.append(("synced", pending.pop(resumed["pid"], "")))
        elif synced := SYNCED.search(line):
            found.append(("synced", synced["file"]))
        elif told := ACK.search(line):
            found.append(("told", told["word"]))
        elif wrote := WROTE.search(line):
            found.append(("wrote", wrote["file"]))
        elif "rename(" in line:
            found.append(("renamed", line))
    return found


def test_each_answer_comes_after_its_sync(trace: list[tuple[str, str]]) -> None:
    """Between two answers the second submission is written to the WAL, and after the last of its bytes the WAL is synced."""
    answers = [place for place, (what, word) in enumerate(trace) if what == "told" and word.startswith("ack")]
    assert len(answers) == COUNT
    for before, place in zip([-1, *answers], answers, strict=False):
        kinds = [what for what, file in trace[before + 1 : place] if file.endswith("-wal")]
        assert "wrote" in kinds, "the answer promises what was never written"
        assert kinds[-1] == "synced", f"the WAL was not synced before {trace[place]}"


def test_test_data_are_synced_before_they_have_a_name(trace: list[tuple[str, str]]) -> None:
    """A file of test data is synced, then renamed, then its folder is synced, and only then its hash is given out."""
    last = trace.index(("told", "blob"))
    renamed = max(place for place, (what, line) in enumerate(trace[:last]) if what == "renamed" and "blobs" in line)
    assert any(what == "synced" and "/incoming/" in file for what, file in trace[:renamed])
    assert any(what == "synced" and re.search(r"/blobs/../..$", file) for what, file in trace[renamed:last])
