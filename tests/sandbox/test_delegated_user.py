"""What a judge without root says of itself where a control group is its own, held against what the kernel does (version 2).

Run as a user to whom a group was delegated: `PYTHONPATH=tests python -m sandbox.nobody --delegated python -m pytest …`.
"""

from __future__ import annotations

import os

import pytest

from judge_node.sandbox import audit
from judge_node.sandbox.facts import State, facts
from judge_node.sandbox.linux import hierarchies, rootless
from judge_node.sandbox.outcome import Limit
from sandbox.workbench import Bench, guest, limits, shell

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(not os.environ.get("CONTESTBOX_WITHOUT_ROOT"), reason="for a user without root: sandbox.nobody"),
]


@pytest.fixture(autouse=True)
def delegated(bench: Bench) -> None:
    """Skips where no group is ours."""
    if not rootless.delegated():
        pytest.skip("no control group was delegated to this user: sandbox.nobody --delegated, on version 2")


def test_what_is_weaker_is_said_and_nothing_more() -> None:
    """Ids are the judge's own; memory, CPU time and processes are the kernel's affair and no sentence doubts them."""
    told = rootless.weaker()
    assert len(told) == 1
    assert "own user id" in told[0]
    states = {fact.facility: fact.state for fact in facts()}
    assert (states["rights"], states["control groups"]) == (State.WEAK, State.OK), states
    seen = audit.seen()
    assert (seen.identities, seen.groups) == (False, 2)
    layers = [layer for row in audit.table(seen) for layer in row.layers]
    assert not any("sampled" in layer for layer in layers)
    assert any("control group, version 2: memory" in layer for layer in layers)


def test_the_kernel_bounds_and_counts(bench: Bench) -> None:
    """Limits of memory and processes are files of the run's own group, and results do not call themselves sampled."""
    box = bench.box()
    facts = box.run(guest("exit", 0), limits())
    assert not facts.sampled
    files = list(bench.sandbox._tree.folders[0].glob("c-*/memory.max"))
    assert any(one.read_text().strip().isdigit() for one in files), "the container's memory is bounded by the kernel"
    forks = bench.box().run(shell("for n in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 9 & done"), limits(processes=8))
    assert forks.processes == 8, "the kernel counted, to its limit"
    hoards = bench.box().run(shell("x=y; while :; do x=$x$x; done"), limits(memory=32))
    assert hoards.limit is Limit.MEMORY
    assert hoards.memory_bytes <= 33 << 20, "no byte over the limit, which sampling would have seen late"


def test_limits_are_out_of_the_guests_reach(bench: Bench) -> None:
    """Guests have the judge's user id, whose files the group's are: they see none of them, and cannot mount any."""
    look = "cat /sys/fs/cgroup/cgroup.procs; ls /sys; mount -t cgroup2 none /work; echo 0 > /proc/1/cgroup; echo done"
    said = bench.box().run(shell(f"({look}) 2>/dev/null"), limits()).stdout_head
    assert said == b"done\n", said


def test_the_groups_are_below_the_delegated_one(bench: Bench) -> None:
    """Nothing was made outside of what systemd gave."""
    own = hierarchies.read().v2
    assert own is not None
    assert own.name == "node"
    assert all(folder.is_relative_to(own.parent) for folder in bench.sandbox._tree.folders)
