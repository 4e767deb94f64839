"""Where our control groups are, on machines of every kind."""

from __future__ import annotations

from pathlib import Path

from judge_node.sandbox.linux.hierarchies import read

V2 = "30 25 0:26 / {root}/cg rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
V1 = "31 25 0:27 / {root}/memory rw - cgroup cgroup rw,memory\n32 25 0:28 / {root}/both rw - cgroup cgroup rw,cpu,cpuacct"


def machine(tmp_path: Path, groups: str, mounts: str) -> Path:
    proc = tmp_path / "self"
    proc.mkdir()
    (proc / "cgroup").write_text(groups)
    (proc / "mountinfo").write_text(mounts.format(root=tmp_path))
    return proc


def test_a_stock_debian_has_version_2(tmp_path: Path) -> None:
    """One unified tree with all controllers; our group is where systemd put us."""
    (tmp_path / "cg").mkdir()
    (tmp_path / "cg" / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    seen = read(machine(tmp_path, "0::/system.slice/judge.service\n", V2))
    assert seen.v2 == tmp_path / "cg/system.slice/judge.service"
    assert seen.v2_root == tmp_path / "cg"
    assert {"memory", "pids"} <= seen.v2_controllers
    assert seen.v1 == {}


def test_a_hybrid_machine_has_both(tmp_path: Path) -> None:
    """Controllers on version 1, each with its own path; a unified tree without any beside them."""
    groups = "4:memory:/jobs/7\n3:cpu,cpuacct:/\n0::/\n"
    seen = read(machine(tmp_path, groups, f"{V1}\n{V2}"))
    assert seen.v1["memory"] == tmp_path / "memory/jobs/7"
    assert seen.v1["cpuacct"] == seen.v1["cpu"] == tmp_path / "both"
    assert seen.v2_controllers == frozenset()


def test_a_container_that_sees_only_its_own_part(tmp_path: Path) -> None:
    """Where the mount shows the hierarchy from our group on, its root is our place."""
    mounts = "31 25 0:27 /docker/abc {root}/memory rw - cgroup cgroup rw,memory"
    seen = read(machine(tmp_path, "4:memory:/docker/abc/inner\n", mounts))
    assert seen.v1["memory"] == tmp_path / "memory/inner"
    (tmp_path / "other").mkdir()
    seen = read(machine(tmp_path / "other", "4:memory:/elsewhere\n", mounts))
    assert seen.v1["memory"] == tmp_path / "other/memory"
