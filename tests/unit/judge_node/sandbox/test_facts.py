"""What doctor is told about this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from judge_node.sandbox.facts import Fact, State, can_judge, facts


def test_every_fact_says_what_follows() -> None:
    """No fact is a bare word; what is missing keeps the machine from judging."""
    found = facts()
    assert all(fact.facility and fact.consequence for fact in found)
    assert {fact.facility for fact in found} >= {"kernel", "rights", "core", "control groups", "namespaces", "Landlock"}
    assert can_judge(found) == (State.MISSING not in {fact.state for fact in found})


def test_a_core_that_is_not_built_is_missing_and_mended_by_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor names the command that builds the core."""
    monkeypatch.setenv("CONTESTBOX_LIBEXEC", str(tmp_path))
    core: Fact = next(fact for fact in facts() if fact.facility == "core")
    assert core.state is State.MISSING
    script, prefix = core.command.removeprefix("sh ").split()
    assert Path(script).is_file()
    assert prefix == sys.prefix
