"""Inter in three cuts and JetBrains Mono, shipped with the console: sizes in pixels, tabular figures where numbers stand in columns."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

from app.core.errors import Fault

UI_FAMILY = "Inter"
CODE_FAMILY = "JetBrains Mono"
_FOLDER = Path(__file__).parent / "fonts"


def load_fonts() -> None:
    """Makes the shipped fonts known to Qt; once for each application. Raises Fault when a file can't be read."""
    for path in sorted(_FOLDER.glob("*.woff2")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise Fault("console", f"The font {path.name} cannot be loaded; install the console again.")


def ui_font(size: int = 14, weight: int = 400, *, tabular: bool = False) -> QFont:
    """Inter at `size` pixels in one of the cuts 400, 500, 600; `tabular` gives all digits one width."""
    font = QFont(UI_FAMILY)
    font.setPixelSize(size)
    font.setWeight(QFont.Weight(weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    if size >= 20:
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 98.2)
    return font


def code_font(size: int = 12) -> QFont:
    """JetBrains Mono without ligatures: what was submitted is what is seen."""
    font = QFont(CODE_FAMILY)
    font.setPixelSize(size)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFeature(QFont.Tag("calt"), 0)
    return font
