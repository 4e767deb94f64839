"""The doctor's screen: what this machine can judge, and what mends each lack."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from app.languages.loader import load_languages
from judge_node.commands.doctor import command
from judge_node.doctor import as_document, as_screen, diagnose
from judge_node.sandbox.facts import Fact, State
from judge_node.toolchains.find import Toolchain

LANGUAGES = load_languages()
FINE = Fact("rights", State.OK, "root")
WEAK = Fact("swap", State.WEAK, "times get longer", "swapoff -a")
LACK = Fact("core", State.MISSING, "it is not built", "sh installers/core.sh .venv")


def toolchains(*here: str) -> dict[str, Toolchain]:
    return {
        one: Toolchain(one, f"{one} 1.0", "f") if one in here else Toolchain(one, missing="javac is missing.")
        for one in LANGUAGES
    }


@pytest.mark.parametrize(
    ("facts", "here", "able"),
    [
        ([FINE], ("c",), True),
        ([FINE, WEAK], ("c", "cpp", "java", "python3"), True),
        ([FINE, LACK], ("c",), False),
        ([FINE], (), False),
    ],
)
def test_machine_is_able_with_nothing_missing_and_one_language(
    facts: list[Fact], here: tuple[str, ...], able: bool
) -> None:
    """What is weak does not stop it; what is missing, or no compiler at all, does."""
    assert diagnose(facts, LANGUAGES, toolchains(*here)).able is able


def test_each_lack_comes_with_the_command_that_mends_it() -> None:
    """The owner reads one line a lack, and below it one command to copy; what is fine takes no command."""
    found = diagnose([FINE, WEAK, LACK], LANGUAGES, toolchains("c", "cpp", "python3"))
    screen = as_screen(found)
    for command_line in ("swapoff -a", "sh installers/core.sh .venv", "apt-get install default-jdk-headless"):
        assert f"mend it: {command_line}" in screen
    assert screen.count("mend it:") == 3
    assert "cannot judge yet: 2 missing" in screen
    document = as_document(found)
    assert document["able"] is False
    assert document["facts"][1] == {
        "facility": "swap", "state": "weak", "consequence": "times get longer", "command": "swapoff -a",
    }  # fmt: skip


def test_doctor_looks_at_this_machine() -> None:
    """The real command: a screen or one JSON object, exit code 0 exactly where it can judge."""
    screen = CliRunner().invoke(command, [])
    answer = CliRunner().invoke(command, ["--json"])
    document = json.loads(answer.output)
    assert {one["facility"] for one in document["languages"]} == {one.name for one in LANGUAGES.values()}
    assert answer.exit_code == screen.exit_code == (0 if document["able"] else 1)
    assert "This machine" in screen.output
