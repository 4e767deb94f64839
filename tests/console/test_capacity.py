"""«Good for about N teams»: the formula, what is kept, and measuring as a process that can be stopped."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psutil
import pytest
from conftest import tell
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.console import measured
from app.console.capacity import Limit, capacity_of, rounded_down
from app.console.dialogs.ask import Ask
from app.console.measured import Measured
from app.console.measuring import Measuring, bench_command
from app.console.pages.capacity import CapacityPage, lines_of
from app.console.window import Window

INGEST = {"accepted_per_second": 1600.0}
WAKE = {"waiters": 2000, "all_ms": 600.0, "page_p99_ms": 90.0}
READS = {"drawn_pages_per_second": 400.0, "per_second": 12_000.0}
FIGURES = {"ingest": INGEST, "wake": WAKE, "reads": READS}
positive = st.floats(1.0, 1e6)


def test_the_narrowest_part_counts() -> None:
    """2,000 browsers in time are 1,000 teams; 400 pages a second are enough for 1,333 that open three in ten seconds."""
    found = capacity_of(INGEST, WAKE, READS)
    assert found.by_limit == {Limit.NEWS: 1000, Limit.SUBMISSIONS: 12_000, Limit.PAGES: 1300, Limit.BOARD: 12_000}
    assert (found.teams, found.narrowest) == (1000, Limit.NEWS)


def test_slow_news_or_pages_take_teams_away() -> None:
    """Twice the second that is promised, or twice the time of a page, halves the number."""
    assert capacity_of(INGEST, {**WAKE, "all_ms": 2000.0}, READS).teams == 500
    assert capacity_of(INGEST, {**WAKE, "page_p99_ms": 400.0}, READS).teams == 500


@given(positive, positive, positive, positive, positive)
def test_nothing_is_promised_that_was_not_measured(
    rate: float, all_ms: float, page_ms: float, pages: float, boards: float
) -> None:
    """Whatever was measured: never more teams than browsers were there for, and each limit alone would allow the number."""
    wake = {"waiters": 2000, "all_ms": all_ms, "page_p99_ms": page_ms}
    found = capacity_of({"accepted_per_second": rate}, wake, {"drawn_pages_per_second": pages, "per_second": boards})
    assert found.teams <= 1000
    assert found.teams == min(found.by_limit.values())


@given(st.floats(0, 1e7))
def test_rounding_promises_less(teams: float) -> None:
    """About N is never more than N, and never a tenth less."""
    assert 0 <= teams - rounded_down(teams) <= max(1.0, teams / 10)


@pytest.mark.parametrize("lost", ["waiters", "all_ms", "page_p99_ms"])
def test_missing_figures(lost: str) -> None:
    """A bench of another version gives an error, not a number."""
    with pytest.raises(ValueError, match="lacks a figure"):
        capacity_of(INGEST, {key: value for key, value in WAKE.items() if key != lost}, READS)


def test_kept_beside_the_contest(tmp_path: Path) -> None:
    """What was measured is read again as it was written; a file that is not whole counts as none."""
    assert measured.load(tmp_path) is None
    found = Measured(1_795_000_000_000, FIGURES)
    measured.save(tmp_path, found)
    assert measured.load(tmp_path) == found
    path = tmp_path / measured.FILE
    for broken in ("", "[]", json.dumps({"at_ms": 1}), path.read_text()[:-9], path.read_text().replace("2000", '"x"')):
        path.write_text(broken)
        assert measured.load(tmp_path) is None


def capacity_page(window: Window, data: Path) -> CapacityPage:
    page = window.pages["capacity"]
    assert isinstance(page, CapacityPage)
    data.mkdir(exist_ok=True)
    page.data = data
    page.look()
    window.show_page("capacity")
    return page


def test_page_says_what_to_do_and_what_was_measured(full: Window, tmp_path: Path) -> None:
    """Before: that it takes two minutes. After: the number, what ends first, and how each part was measured."""
    page = capacity_page(full, tmp_path / "contest")
    assert page.headline.text() == "Not measured yet"
    assert page.measure.isVisible()
    assert not page.card.isVisible()
    measured.save(tmp_path / "contest", Measured(1_795_000_000_000, FIGURES))
    page.look()
    assert page.headline.text() == "Good for about 1,000 teams"
    assert "telling all browsers" in page.sentence.text()
    shown = [one.text() for one in page.card.findChildren(QLabel)]
    for line in lines_of(page.measured or Measured(0, {})):
        assert line.what in shown
        assert line.figure in shown


def test_too_small_for_this_contest(window: Window, tmp_path: Path) -> None:
    """A laptop that carries fewer teams than the contest has is told so, amber."""
    tell(window)
    (tmp_path / "contest").mkdir()
    measured.save(tmp_path / "contest", Measured(1, {**FIGURES, "wake": {**WAKE, "all_ms": 40_000.0}}))
    page = capacity_page(window, tmp_path / "contest")
    assert page.headline.text() == "Good for about 25 teams"
    assert "This contest has 84 teams." in page.sentence.text()


@pytest.mark.parametrize(("phase", "act"), [("running", "Measure all the same"), ("before", "Measure")])
def test_warns_while_the_contest_runs(window: Window, tmp_path: Path, phase: str, act: str) -> None:
    """Measuring is asked for first; during a contest the question says what it does to it, and Cancel is the default."""
    tell(window, phase, submissions=10)
    page = capacity_page(window, tmp_path / "contest")
    page.ask()
    dialog = page.findChild(Ask)
    assert isinstance(dialog, Ask)
    assert dialog.act_button.text() == act
    assert dialog.harmless.isDefault()
    assert ("contest is running" in " ".join(one.text() for one in dialog.findChildren(QLabel))) is (phase == "running")
    dialog.reject()
    assert page.measuring is None


def test_stopping_leaves_nothing(full: Window, tmp_path: Path, qtbot: QtBot) -> None:
    """Stop ends the measured servers and takes their folder away; what was known before stays."""
    page = capacity_page(full, tmp_path / "contest")
    page.begin()
    assert page.stop.isVisible()
    work = tmp_path / "contest" / "measuring"
    qtbot.waitUntil(lambda: any(work.glob("*/data/server.json")) or any(work.glob("*/data/*.db")), timeout=60_000)
    children = psutil.Process().children(recursive=True)
    page.stop.click()
    qtbot.waitUntil(lambda: page.measuring is None, timeout=20_000)
    assert page.headline.text() == "Not measured yet"
    assert page.beside.text() == "Stopped; nothing was changed."
    assert not work.exists()
    gone, _ = psutil.wait_procs([one for one in children if "bench" in " ".join(_line(one))], timeout=15)
    assert all(not one.is_running() for one in gone)
    assert not [one for one in psutil.Process().children(recursive=True) if "bench" in " ".join(_line(one))]


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("import sys; sys.exit('Too few files: ulimit -n.')", "Too few files: ulimit -n."),
        ("print('no figures')", "The measurement gave no figures."),
    ],
)
def test_failed_measurement_is_a_sentence(tmp_path: Path, qtbot: QtBot, script: str, sentence: str) -> None:
    """A bench that fails says why; one that prints no figures gives a sentence."""
    measuring = Measuring(tmp_path, commands=[[sys.executable, "-c", script]] * 3)
    with qtbot.waitSignal(measuring.failed, timeout=20_000) as told:
        measuring.start()
    assert told.args == [sentence]
    assert not measuring.running
    assert not (tmp_path / "measuring").exists()


@pytest.mark.full
def test_measures_this_machine(tmp_path: Path, qtbot: QtBot) -> None:
    """The real bench, small: its figures are those that the formula needs."""
    small = {"ingest": ("--submissions", "200"), "wake": ("--waiters", "100"), "reads": ("--requests", "600")}
    commands = [[*bench_command(part), *small[part]] for part in measured.PARTS]
    measuring = Measuring(tmp_path, commands=commands)
    with qtbot.waitSignal(measuring.done, timeout=100_000) as told:
        measuring.start()
    assert told.args is not None
    assert Measured(1, told.args[0]).capacity().teams > 0
