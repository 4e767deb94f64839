"""Contest time and phases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import Instant, contest_time_text, iso
from app.core.contest import Contest, Phase, RemovedInterval
from app.core.contest_data import contest_data, contest_from_data
from app.core.events import canonical
from app.core.ids import ContestId

HOUR = 3_600_000
CONTEST = Contest(ContestId("c"), "C", Instant(HOUR), 5 * HOUR, freeze_ms=HOUR)


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        (0, Phase.BEFORE),
        (HOUR - 1, Phase.BEFORE),
        (HOUR, Phase.RUNNING),
        (5 * HOUR - 1, Phase.RUNNING),
        (5 * HOUR, Phase.FROZEN),
        (6 * HOUR - 1, Phase.FROZEN),
        (6 * HOUR, Phase.OVER),
        (8 * HOUR, Phase.FINAL),
    ],
)
def test_phases(at: int, phase: Phase) -> None:
    """A contest goes from before over running and frozen to over and final, each from its first millisecond on."""
    assert replace(CONTEST, finalized=Instant(8 * HOUR)).phase(Instant(at)) is phase


def test_without_a_start() -> None:
    """A contest without a time has no contest time and no end."""
    unplanned = replace(CONTEST, start=None)
    assert unplanned.phase(Instant(0)) is Phase.NOT_SCHEDULED
    assert unplanned.end is None
    with pytest.raises(ValueError, match="not scheduled"):
        unplanned.contest_time_ms(Instant(0))


def test_a_fire_drill_moves_the_end() -> None:
    """While an interval is removed contest time stands still, and the end comes later by its length."""
    drill = replace(CONTEST, removed=(RemovedInterval(Instant(2 * HOUR), Instant(2 * HOUR + 600_000)),))
    times = [drill.contest_time_ms(Instant(2 * HOUR + ms)) for ms in (0, 300_000, 600_000, 600_001)]
    assert times == [HOUR, HOUR, HOUR, HOUR + 1]
    assert drill.end == 6 * HOUR + 600_000
    assert drill.phase(Instant(6 * HOUR + 599_999)) is Phase.FROZEN


GAPS = st.lists(st.tuples(st.integers(0, 6 * HOUR), st.integers(0, HOUR)), max_size=4)


@given(GAPS)
def test_the_end_is_where_contest_time_is_used_up(gaps: list[tuple[int, int]]) -> None:
    """However many drills there were, at the end the contest time is exactly the duration, and a millisecond earlier less."""
    removed, free_from = [], 0
    for begin, length in sorted(gaps):
        begin = max(begin, free_from)
        removed.append(RemovedInterval(Instant(begin), Instant(begin + length)))
        free_from = begin + length
    contest = replace(CONTEST, removed=tuple(removed))
    end = contest.end
    assert end is not None
    assert contest.contest_time_ms(end) == contest.duration_ms
    assert contest.contest_time_ms(Instant(end - 1)) < contest.duration_ms


@given(GAPS, st.one_of(st.none(), st.integers(0, HOUR)), st.booleans(), st.lists(st.text(max_size=5), max_size=3))
def test_settings_survive_the_log(
    gaps: list[tuple[int, int]], freeze: int | None, flag: bool, languages: list[str]
) -> None:
    """A contest written into the log and read back is the same contest."""
    removed = tuple(RemovedInterval(Instant(begin), Instant(begin + length)) for begin, length in gaps)
    contest = replace(
        CONTEST,
        removed=removed,
        freeze_ms=freeze,
        all_tests=flag,
        languages=tuple(languages),
        thawed=Instant(5) if flag else None,
    )
    data = contest_data(contest)
    canonical(data)
    assert contest_from_data(data) == contest


def test_times_as_clics_writes_them() -> None:
    """Instants and contest times are written with three digits after the second, and a sign before the start."""
    assert iso(Instant(1_764_000_000_007)) == "2025-11-24T16:00:00.007Z"
    assert contest_time_text(3_723_004) == "1:02:03.004"
    assert contest_time_text(-61_000) == "-0:01:01.000"
