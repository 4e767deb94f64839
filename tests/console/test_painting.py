"""Everything that the console draws: in both themes, empty and full, without a warning of Qt and without losing references."""

from __future__ import annotations

import sys
from pathlib import Path

import contest_values as values
import pytest
from conftest import tell
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.console.theme.theme import Choice, Theme
from app.console.theme.tokens import DARK, LIGHT
from app.console.theme.type import code_font, ui_font
from app.console.widgets.chip import Chip, chip_of, chip_width, paint_chip
from app.console.widgets.limit_bar import paint_limit_bar
from app.console.widgets.shapes import paint_balloon, paint_slots, paint_spark
from app.console.widgets.squares import paint_bars, paint_square
from app.console.widgets.trends import percentile
from app.console.window import Window

PAGES = ("desk", "submissions", "machines", "problems", "teams", "log", "settings")


def canvas(width: int = 240, height: int = 40) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    return image


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(image.height())}


def test_pyside_keeps_its_references_to_none(qapp: QApplication) -> None:
    """One release of PySide loses a reference to None in each call and ends the console after some minutes: not this one."""
    colour = QColor()
    before = sys.getrefcount(None)
    for _call in range(500):
        colour.setRed(7)
    assert abs(sys.getrefcount(None) - before) < 100


def test_shipped_fonts_are_used(theme: Theme) -> None:
    """Inter in three cuts and JetBrains Mono come with the console; digits of number cells have one width."""
    from PySide6.QtGui import QFontInfo, QFontMetricsF

    assert QFontInfo(ui_font(14)).family() == "Inter"
    assert QFontInfo(code_font()).family() == "JetBrains Mono"
    tabular = QFontMetricsF(ui_font(14, tabular=True))
    assert tabular.horizontalAdvance("1111") == tabular.horizontalAdvance("0000")
    widths = [QFontMetricsF(ui_font(14, weight)).horizontalAdvance("Submissions") for weight in (400, 500, 600)]
    assert widths == sorted(widths)
    assert len(set(widths)) == 3, "three cuts, not one"


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK])
@pytest.mark.parametrize("verdict", ["AC", "WA", "TLE", "MLE", "OLE", "RTE", "CE", "NO", "JE"])
def test_chip_has_tint_and_sign(theme: Theme, choice: Choice, verdict: str) -> None:
    """Every verdict has its letters, its own tint and a sign in the verdict's colour."""
    theme.choose(choice)
    chip = chip_of("DONE", verdict, 3, 7)
    assert chip.letters == verdict
    image = canvas()
    painter = QPainter(image)
    rect = paint_chip(painter, QPointF(2, 2), chip, theme)
    painter.end()
    assert rect.height() == 22
    sign = image.copy(9, 6, 14, 14)
    assert theme.tokens.tint(chip.role) in colours(image)
    assert len(colours(sign)) > 2, "a sign is drawn, not only letters"


def test_progress_never_shows_more_than_it_knows(theme: Theme) -> None:
    """A running submission shows n/N with a line; a judging error shows JE; everything else that isn't done shows PENDING."""
    assert chip_of("RUNNING", None, 7, 28).progress == 0.25
    assert chip_of("RUNNING", None, 7, 28).letters == "7/28"
    assert chip_of("RUNNING", None, 0, 0).letters == "PENDING"
    assert chip_of("DESK", "AC", 3, 3).letters == "JE"
    assert chip_of("SOMETHING_NEW", None, 0, 0).letters == "PENDING"
    assert chip_width(Chip("good", "check", "AC")) < chip_width(Chip("waiting", "ellipsis", "COMPILING"))


@pytest.mark.parametrize("tests", ["", ".", "....W---", "." * 400, "." * 150 + "T" + "-" * 99, ">", "WTMORCNJ" * 3])
def test_bars_stay_in_their_cell(theme: Theme, tests: str) -> None:
    """However many tests a problem has, their bars fit into the cell."""
    image = canvas(260)
    painter = QPainter(image)
    paint_bars(painter, QRectF(10, 5, 190, 28), tests, theme)
    painter.end()
    outside = image.copy(203, 0, 57, 40)
    assert tests in ("WTMORCNJ" * 3,) or colours(outside) == {"#FFFFFF"}
    assert bool(tests) == (len(colours(image)) > 1)


def test_near_and_beyond_the_limit_look_different(theme: Theme) -> None:
    """The bar is neutral, amber from 90 % and red beyond the limit."""
    theme.choose(Choice.LIGHT)

    def drawn(share: float) -> set[str]:
        image = canvas()
        painter = QPainter(image)
        paint_limit_bar(painter, QRectF(5, 5, 200, 30), share, LIGHT, (0.95, 0.97), 8)
        painter.end()
        return colours(image)

    assert LIGHT.chart in drawn(0.5)
    assert LIGHT.slow in drawn(0.95)
    assert LIGHT.bad not in drawn(0.95)
    assert LIGHT.bad in drawn(1.2)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_small_signs(theme: Theme, tokens: object) -> None:
    """Balloons of any colour, slots of small and huge machines, spark lines with and without values, single squares."""
    image = canvas()
    painter = QPainter(image)
    assert tokens in (LIGHT, DARK)
    used = DARK if tokens is DARK else LIGHT
    for place, rgb in enumerate(("#FFFFFF", "#000000", "red", "not a colour", "")):
        paint_balloon(painter, QPointF(20 + 20 * place, 20), "AB", rgb, used)
    for busy, slots in ((0, 1), (4, 4), (9, 64)):
        paint_slots(painter, QRectF(0, 0, 200, 20), busy, slots, used)
    for line in ([], [3.0], [0.0, 0.0], [1.0, 99.0]):
        paint_spark(painter, QRectF(0, 0, 80, 20), line, 0 if not line else 40, used)
    for letter in ".->WTMORCNJ?":
        paint_square(painter, QRectF(100, 10, 14, 14), letter, theme, longest=True, focused=True)
    painter.end()
    assert len(colours(image)) > 10


def test_percentiles() -> None:
    """p50 and p99 of the time to verdict by nearest rank."""
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([7.0], 0.99) == 7.0


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK])
@pytest.mark.parametrize("phase", ["not_scheduled", "before", "running", "frozen", "over", "final"])
def test_every_page_in_every_phase(window: Window, theme: Theme, choice: Choice, phase: str, tmp_path: Path) -> None:
    """All pages are drawn in all phases of a contest, empty and full, small and large."""
    theme.choose(choice)
    for submissions in (0, 60):
        tell(window, phase, machines=submissions and 6, submissions=submissions, desk=min(5, submissions))
        for page in PAGES:
            window.show_page(page)
            for width, height in ((1280, 720), (1389, 868)):
                window.resize(width, height)
                assert not window.grab().isNull()
    window.submissions.open(3)
    window.submissions.detail.show_detail(values.detail(3))
    assert not window.grab().isNull()


def test_theme_follows_live(full: Window, theme: Theme) -> None:
    """Dark follows at once, in a window that is open, and back."""

    def ground() -> str:
        return full.grab().toImage().pixelColor(700, 838).name().upper()

    assert ground() == LIGHT.bg
    theme.choose(Choice.DARK)
    assert ground() == DARK.bg
    theme.choose(Choice.LIGHT)
    assert ground() == LIGHT.bg
