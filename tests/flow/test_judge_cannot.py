"""A machine that cannot judge says so in one sentence, at once, and is no judge."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from running import JUDGE

PACKAGE = Path(__file__).resolve().parents[2] / "problems" / "crates"

pytestmark = pytest.mark.root


def bereft(prepare: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One of the judge's commands in a mount namespace of its own, where `prepare` (a line of shell) has taken something away."""
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{prepare} && exec "$@"', "sh", *JUDGE, *words],
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip


WITHOUT_GROUPS = "umount --recursive /sys/fs/cgroup"


def test_no_control_groups(tmp_path: Path) -> None:
    """Where no control group can be had the node ends with what is missing and who tells more, before it knocks at any server."""
    node = bereft(WITHOUT_GROUPS, "run", "--server", "https://127.0.0.1:9", "--data", str(tmp_path / "node"))
    assert node.returncode == 1
    assert "control group" in node.stderr
    assert "contestbox-judge doctor" in node.stderr
    assert node.stderr.count("\n") == 1, node.stderr
    assert node.stdout == "", "no pairing code was shown"
    doctor = bereft(WITHOUT_GROUPS, "doctor")
    assert doctor.returncode == 1
    assert "MISSING  control groups" in doctor.stdout
    assert "This machine cannot judge yet: 1 missing." in doctor.stdout


def test_missing_compiler() -> None:
    """A language without its compiler is named with what to install, and judged as nobody's fault but the machine's."""
    once = bereft(
        'mount --bind /dev/null "$(readlink -f "$(command -v gcc)")"',
        "once", str(PACKAGE), str(PACKAGE / "submissions" / "accepted" / "crates.c"),
    )  # fmt: skip
    assert once.returncode == 1
    assert "gcc is missing; install gcc" in once.stderr
    assert "Traceback" not in once.stderr
