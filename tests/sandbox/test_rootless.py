"""A judge without root: right verdicts in a weaker sandbox, and never without a word about what is weaker.

Each test starts processes of an unused user, who has no rights but its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge_node.sandbox.audit import KernelLayers, as_screen
from judge_node.sandbox.linux import rootless
from sandbox.nobody import environment, home_of_nobody, words

ROOT = Path(__file__).resolve().parents[2]
SAID = "without root"
MAIN = "from judge_node.main import main; main()"
READS_LATE = """
import os
from judge_node.sandbox.linux import rootless
user, group = os.getuid(), os.getgid()
assert not rootless.here() and rootless.weaker() == ()
rootless.enter()
rootless.enter()
assert rootless.here() and rootless.user() == user and os.geteuid() == 0
assert len(rootless.weaker()) >= 3
from judge_node.sandbox.linux.box import open_sandbox
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import RunLimits
with open_sandbox() as sandbox:
    box = sandbox.container(View(), memory_bytes=64 << 20, processes=8)
    limits = RunLimits(5, 20, 64 << 20, processes=8)
    def shell(line):
        return box.run(Command(["/bin/sh", "-c", line]), limits)
    hoards = shell("x=y; while :; do x=$x$x; done")
    assert hoards.limit is not None and hoards.limit.value == "memory", hoards
    assert shell(f"kill -9 {os.getpid()} 2>/dev/null").exit_code != 0
    assert shell("ls /root /home /var 2>/dev/null").stdout_head == b""
    assert shell("cat /proc/1/environ 2>/dev/null").exit_code != 0
    left = shell("while :; do :; done & while :; do :; done & exit 3")
    assert left.exit_code == 3, left
    short = RunLimits(0.2, 20, 64 << 20, processes=8)
    spins = box.run(Command(["/bin/sh", "-c", "while :; do :; done & while :; do :; done & wait"]), short)
    assert spins.limit is not None and spins.limit.value == "cpu", spins
    forks = shell("for n in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 9 & done")
    assert forks.processes <= 9, forks
print("right")
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the unused user's, where its way is open."""
    with home_of_nobody() as folder:
        yield folder


def as_nobody(home: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Runs our Python as the unused user."""
    line = words([sys.executable, *argv])
    return subprocess.run(
        line, env=environment(home), cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )


def judged(home: Path, *words: str) -> tuple[dict[str, object], str]:
    """What `contestbox-judge once` says to programs, and what to people."""
    ended = as_nobody(home, "-c", MAIN, "once", "problems/crates", *words, "--json")
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    assert isinstance(document, dict)
    return document, ended.stderr


def require_a_user() -> None:
    """Skips where this machine cannot start a process of another user that may make a namespace."""
    if os.geteuid() != 0 or rootless.here() or shutil.which("setpriv") is None:
        pytest.skip("needs root, who gives itself up, and setpriv")


pytestmark = pytest.mark.root


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("accepted/crates.c", "AC"),
        ("wrong_answer/int32.c", "WA"),
        ("memory_limit/names_every_crate.cpp", "MLE"),
    ],
)
def test_verdicts_without_root(home: Path, source: str, verdict: str) -> None:
    """A sample problem's solutions get their verdicts, and the result tells what was weaker, to people and to programs."""
    require_a_user()
    document, said = judged(home, f"problems/crates/submissions/{source}")
    assert document["verdict"] == verdict
    runs = document["runs"]
    assert isinstance(runs, list)
    assert any("sampling" in run["message"] for run in runs), "each result says so where nothing else is to be said"
    weaker = document["weaker"]
    assert isinstance(weaker, list)
    assert any("sampling" in str(one) for one in weaker)
    assert said.count(SAID) == len(weaker)


def test_what_holds_without_root(home: Path) -> None:
    """Memory, time and processes are bounded by looking; the host's files and processes are out of sight all the same."""
    require_a_user()
    ended = as_nobody(home, "-c", READS_LATE)
    assert (ended.stdout, ended.returncode) == ("right\n", 0), ended.stderr[-2000:]


def test_doctor_without_root(home: Path) -> None:
    """The doctor names each weaker guarantee, and its table claims no layer that is not there."""
    require_a_user()
    ended = as_nobody(home, "-c", MAIN, "doctor", "--explain", "--json")
    document = json.loads(ended.stdout)
    states = {fact["facility"]: fact["state"] for fact in document["facts"]}
    assert (states["rights"], states["control groups"], states["trial run"]) == ("weak", "weak", "ok"), document
    layers = [layer for row in document["explain"]["attacks"] for layer in row["stopped_by"]]
    assert not any("control group" in layer or "own user" in layer for layer in layers)


def test_root_is_told_nothing_of_this() -> None:
    """With root nothing is weaker, and the table has groups and ids of their own."""
    require_a_user()
    assert rootless.weaker() == ()
    full = KernelLayers(True, 7, 2, True, True, frozenset({"user", "pid"}), "x86_64")
    assert "sampled" not in as_screen(full)
