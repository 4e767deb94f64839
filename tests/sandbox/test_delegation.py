"""Where the judge's control groups go when systemd has delegated a group to it (version 2)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge_node.sandbox.linux import hierarchies
from sandbox.workbench import require_root

pytestmark = pytest.mark.root

JUDGE = """
import os, sys
from pathlib import Path
group = Path(sys.argv[1])
(group / "cgroup.procs").write_text(str(os.getpid()))
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux.box import open_sandbox
for _ in range(2):
    with open_sandbox(run_folder=Path(sys.argv[2])) as sandbox:
        box = sandbox.container(View(), memory_bytes=64 * MEBIBYTE, processes=8)
        facts = box.run(Command(["/bin/true"]), RunLimits(5, 12, 64 * MEBIBYTE, processes=8))
        print(facts.exit_code, *sandbox._tree.folders)
Path(sys.argv[3], "cgroup.procs").write_text(str(os.getpid()))
"""


@pytest.fixture
def group() -> Iterator[Path]:
    """A group as systemd makes it for a unit with Delegate=yes."""
    require_root()
    seen = hierarchies.read()
    if "memory" in seen.v1 or seen.v2_root is None:
        pytest.skip("this machine has its controllers on version 1; the suite runs on version 2 in a guest")
    folder = seen.v2_root / "delegated-test"
    folder.mkdir()
    os.setxattr(folder, "trusted.delegate", b"1")
    yield folder
    for inner in (folder / "node", folder):
        if inner.exists():
            inner.rmdir()


def judge(group: Path, run_folder: Path) -> list[str]:
    """Runs a judge in the group; it goes back to the root at the end."""
    words = [sys.executable, "-c", JUDGE, str(group), str(run_folder), str(group.parent)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_delegated_group_holds_everything(group: Path, tmp_path: Path) -> None:
    """Alone in its unit the judge steps into a leaf and makes its groups beside it, also when it starts again."""
    lines = judge(group, tmp_path)
    assert [line.split()[0] for line in lines] == ["0", "0"]
    assert all(line.split()[1].startswith(f"{group}/contestbox/") for line in lines)


def test_a_group_shared_with_others_is_left_alone(group: Path, tmp_path: Path) -> None:
    """Where other programs live in the same unit nobody is moved: the judge's groups go below the root."""
    with subprocess.Popen(["sleep", "60"]) as other:
        (group / "cgroup.procs").write_text(str(other.pid))
        lines = judge(group, tmp_path)
        assert str(other.pid) in (group / "cgroup.procs").read_text().split()
        other.kill()
    assert all(line.split()[1].startswith(f"{group.parent}/contestbox/") for line in lines)
