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


@pytest.mark.parametrize(
    "name", ["ingest", "wake", *(pytest.param(name, marks=pytest.mark.full) for name in ("reads", "standings"))]
)
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


def test_the_spike_loses_nothing() -> None:
    """A hundredth of 50,000 submissions in five minutes: each is acknowledged and kept once, in order, and teams see the queue."""
    argv = [*PROGRAM, "bench", "ingest", "--spike", "--scale", "0.01", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["submissions"], figures["accounts"], figures["lost"]) == (500, 32, 0)
    assert figures["queue_is_shown"] == 1
    assert figures["pages"] > 0


def test_a_full_store_is_compared_with_an_empty_one() -> None:
    """Both rates and their ratio, from one run."""
    argv = [*PROGRAM, "bench", "ingest", "--stored", "1500", "--rounds", "1", "--submissions", "100", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["stored"] == 1500
    assert all(figures[name] > 0 for name in ("few_per_second", "accepted_per_second", "flatness"))


def test_a_measurement_says_what_it_does_not_take() -> None:
    """A size out of bounds is wrong usage and starts nothing."""
    argv = [*PROGRAM, "bench", "wake", "--waiters", "7"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "--waiters" in done.stderr
