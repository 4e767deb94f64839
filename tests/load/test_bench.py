"""`contestbox bench`: each measurement runs, on a small scale, and says what DESIGN 9 promises."""

from __future__ import annotations

import json
import subprocess

import pytest
from running import PROGRAM

PROMISED = {
    "ingest": {"accepted_per_second", "empty_page_per_second", "p50_ms", "p99_ms", "p999_ms"},
    "wake": {"waiters", "p50_ms", "p99_ms", "all_ms", "page_p99_ms"},
    "reads": {"per_second", "tls_per_second", "empty_page_per_second"},
    "standings": {"update_ms", "render_ms", "served_per_second"},
}
SMALL = {"ingest": "--submissions", "wake": "--waiters", "reads": "--requests", "standings": "--teams"}


@pytest.mark.parametrize("name", PROMISED)
def test_each_measurement_says_what_was_promised(name: str) -> None:
    """A table first, one JSON object on the last line; every figure is a number above zero."""
    argv = [*PROGRAM, "bench", name, "--rounds", "1", SMALL[name], "100"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    *shown, last = done.stdout.splitlines()
    figures = json.loads(last)
    assert PROMISED[name] <= set(figures)
    assert all(figures[key] > 0 for key in PROMISED[name])
    assert len(shown) >= len(PROMISED[name])


def test_a_measurement_says_what_it_does_not_take() -> None:
    """A size out of bounds is wrong usage and starts nothing."""
    argv = [*PROGRAM, "bench", "wake", "--waiters", "7"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "--waiters" in done.stderr
