"""The table of attacks and layers: it follows the kernel, and an open door is called one."""

from __future__ import annotations

import json
from dataclasses import replace

from judge_node.sandbox.audit import KernelLayers, as_document, as_screen, table

FULL = KernelLayers(True, 7, 2, True, True, frozenset({"user", "pid", "mnt", "net", "ipc", "uts", "cgroup"}), "x86_64")


def test_every_attack_is_stopped_twice_on_a_full_kernel() -> None:
    """A kernel with everything has at least one layer for each attack, and two for all but memory, which only groups bound."""
    rows = {row.attack: row.layers for row in table(FULL)}
    assert len(rows) >= 20
    assert all(rows.values())
    assert [attack for attack, layers in rows.items() if len(layers) < 2] == ["memory of every kind"]


def test_what_a_kernel_lacks_is_not_claimed() -> None:
    """Without Landlock no row names it; without control groups memory is an open door, and the screen says so."""
    assert "Landlock" not in as_screen(replace(FULL, landlock=0))
    assert "signals" in as_screen(FULL)
    assert "Landlock 5: signals" not in as_screen(replace(FULL, landlock=5))
    bare = as_screen(replace(FULL, groups=0))
    assert "control group" not in bare
    assert "NOTHING on this kernel" in bare
    assert "network namespace" not in as_screen(replace(FULL, namespaces=frozenset()))


def test_programs_get_the_same() -> None:
    """The document has a row for each attack."""
    document = json.loads(json.dumps(as_document(FULL)))
    assert [row["attack"] for row in document["attacks"]] == [row.attack for row in table(FULL)]
