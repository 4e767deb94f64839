"""Where the judge's groups go on cgroup version 2, and what may be swept."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.core.errors import Fault
from judge_node.sandbox.linux import slots
from judge_node.sandbox.linux.cgroup_v2 import enable, own_place


def test_an_undelegated_group_is_left_alone(tmp_path: Path) -> None:
    """Outside of a delegated unit nothing is changed in our own group: the tree goes below the root."""
    own = tmp_path / "user.slice"
    own.mkdir()
    assert own_place(own, tmp_path) == tmp_path
    assert own_place(tmp_path, tmp_path) == tmp_path
    assert list(own.iterdir()) == []


def test_a_controller_that_cannot_be_had_says_what_to_do(tmp_path: Path) -> None:
    """The sentence holds the command that starts the node with delegation."""
    (tmp_path / "cgroup.controllers").write_text("cpu\n")
    (tmp_path / "cgroup.subtree_control").mkdir()
    with pytest.raises(Fault, match="cannot be read"):
        enable(tmp_path)


def test_slots_are_taken_in_order_and_given_back(tmp_path: Path) -> None:
    """The first free slot is taken; its name differs from the machine's own slots, its ids from its neighbours'."""
    one, two = slots.take(tmp_path), slots.take(tmp_path)
    assert (one.number, two.number) == (0, 1)
    assert one.name.startswith("slot-0-")
    ids = {slot.first_id(box) for slot in (one, two) for box in range(slots.BOXES_PER_SLOT)}
    assert len(ids) == 2 * slots.BOXES_PER_SLOT
    assert max(ids) + slots.IDS_PER_BOX < 2**31
    one.release()
    again = slots.take(tmp_path)
    assert again.number == 0
    again.release()
    two.release()


@pytest.mark.parametrize("text", ["", "[]", "no json", '{"folders": ["/"]}', '{"folders": 7}'])
def test_a_damaged_record_does_no_harm(tmp_path: Path, text: str) -> None:
    """Whatever stands in a slot's file, taking it works and nothing foreign is removed."""
    (tmp_path / "slots").mkdir(parents=True)
    (tmp_path / "slots" / "0").write_text(text)
    slots.take(tmp_path).release()


def test_the_record_names_what_was_made(tmp_path: Path) -> None:
    """The next owner finds the folders; a slot given back has an empty record."""
    slot = slots.take(tmp_path)
    slot.record([Path("/sys/fs/cgroup/contestbox/slot-0")])
    assert json.loads((tmp_path / "slots" / "0").read_text()) == {
        "pid": os.getpid(), "folders": ["/sys/fs/cgroup/contestbox/slot-0"],
    }  # fmt: skip
    slot.release()
    assert (tmp_path / "slots" / "0").read_text() == ""
