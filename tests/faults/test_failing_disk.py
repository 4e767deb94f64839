"""A disk that fails under the running server: the kernel's answers are falsified with strace, the store is the real one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.adapters.sqlite.store import SqliteStore
from app.core.ids import SubmissionId

COUNT = 30


def under(
    tmp_path: Path, injection: str, file: str = "contest.sqlite-wal", child: str = "committing.py"
) -> tuple[list[str], str]:
    """What the child said, line by line, while the kernel lied as told; and its log. The tables are there before: `when` counts the
    writer's own calls on the file."""
    SqliteStore.open(tmp_path / "contest.sqlite", reserve_bytes=0).close()
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    command = [strace, "-f", "-qq", "-o", "/dev/null", "-P", str(tmp_path / file), "-e", injection]
    command += [sys.executable, str(Path(__file__).with_name(child)), str(tmp_path), str(COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    if "ptrace" in done.stderr and not done.stdout:
        pytest.skip(f"strace may not trace here: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line != "blob"], done.stderr


def kept(tmp_path: Path) -> set[str]:
    store = SqliteStore.open(tmp_path / "contest.sqlite", reserve_bytes=0)
    try:
        with store.read() as view:
            every = view.intake.read_after(SubmissionId(0), 1000)
            return {f"ack {one.id}" for one in every if view.sources(one.id)}
    finally:
        store.close()


def test_after_a_lost_sync_nothing_is_promised(tmp_path: Path) -> None:
    """When the disk fails to sync, that submission and all later ones hear a fault, although writing would seem to work again; and
    everything acknowledged before is there after a restart."""
    said, log = under(tmp_path, "inject=fsync,fdatasync:error=EIO:when=10")
    acknowledged = [line for line in said if line.startswith("ack")]
    assert acknowledged, said
    assert said == acknowledged + ["fault storage"] * (COUNT - len(acknowledged))
    assert len(acknowledged) < COUNT
    assert "a sync failed" in log
    assert kept(tmp_path) >= set(acknowledged)


def test_a_sync_that_is_lost_beside_the_writer(tmp_path: Path) -> None:
    """When the database file cannot be synced, submissions hear a fault from then on, though their own commits would seem to work."""
    said, log = under(tmp_path, "inject=fsync,fdatasync:error=EIO", "contest.sqlite", "carrying.py")
    assert said == ["ack", "fault storage"], log
    assert "a sync failed" in log


def test_a_disk_that_is_full_for_a_while(tmp_path: Path) -> None:
    """While the disk is full submissions hear 503; when there is room again they are taken; and exactly the acknowledged ones are kept."""
    said, _ = under(tmp_path, "inject=pwrite64:error=ENOSPC:when=60..70")
    assert {line.split()[0] for line in said} == {"ack", "refused"}
    assert set(said) >= {"refused 503"}
    assert said[-1].startswith("ack"), said
    assert kept(tmp_path) == {line for line in said if line.startswith("ack")}


def test_a_disk_that_fails_to_write(tmp_path: Path) -> None:
    """An error of the disk in the middle of a commit costs that submission alone, which is told; no half of it stays."""
    said, _ = under(tmp_path, "inject=pwrite64:error=EIO:when=70")
    refused = [line for line in said if not line.startswith("ack")]
    assert len(refused) == 1, said
    assert kept(tmp_path) == {line for line in said if line.startswith("ack")}
