"""Numbers, times and sizes as the organiser reads them."""

from __future__ import annotations

import pytest

from app.console.models.lists import natural
from app.console.words import clock_text, counted, limit_text, size_text, span_text, tr


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0:00:00"), (999, "0:00:00"), (9_677_000, "2:41:17"), (-61_000, "−0:01:01"), (100 * 3_600_000, "100:00:00")],
)
def test_clock(milliseconds: int, text: str) -> None:
    """The clock's figures, with a sign before the start."""
    assert clock_text(milliseconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (-5, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_600_000, "1 h"),
        (15_120_000, "4 h 12 min"),
        (260_000_000, "3 days"),
    ],
)
def test_span(milliseconds: int, text: str) -> None:
    """How long ago something was, no more exact than needed."""
    assert span_text(milliseconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1500, "1.5 KB"),
        (412 * 1024**2, "412 MB"),
        (118 * 1024**3, "118 GB"),
        (3 * 1024**4, "3.0 TB"),
    ],
)
def test_size(size: int, text: str) -> None:
    """Sizes of files and disks."""
    assert size_text(size) == text


def test_counting() -> None:
    """One machine, two machines, thousands with a comma."""
    assert counted(1, "machine", "machines") == "1 machine"
    assert counted(1497, "submission", "submissions") == "1,497 submissions"
    assert limit_text(2.0) == "2"
    assert limit_text(0.25) == "0.25"


def test_names_are_filled_in() -> None:
    """A text without a catalogue stays English, braces in a team's name change nothing."""
    assert tr("{name} may judge now.", name="judge-{1}") == "judge-{1} may judge now."


def test_team_nine_before_team_ten() -> None:
    """Names with numbers sort as people count, and names that begin with digits stand beside the others."""
    names = ["Team 10", "Team 9", "42 Goats", "team 9b", "Ünder"]
    assert sorted(names, key=natural) == ["Team 9", "team 9b", "Team 10", "Ünder", "42 Goats"]
