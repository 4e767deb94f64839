"""The console speaks the organiser's language: every text can be translated, German is complete, nothing is cut off in it.

To add a text: `pybabel extract -F app/console/translations/babel.cfg -k "counted:2,3" -k tr -o
app/console/translations/contestbox-console.pot app/console`, then `pybabel update` and `compile` with the domain `contestbox-console`.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from conftest import tell
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLabel, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from app.console import words
from app.console.link import Health, Link
from app.console.main import Windows
from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.tongue import Tongue
from app.console.widgets.rail import RailButton
from app.console.widgets.table import Table
from app.console.window import Window

CONSOLE = Path(words.__file__).parent
CATALOGUES = sorted(words.FOLDER.glob(f"*/LC_MESSAGES/{words.DOMAIN}.po"))
KEYWORDS = {"_": None, "tr": None, "counted": (2, 3)}
_WIDGETS = {"label", "Button", "QCheckBox", "QRadioButton", "CardHead", "setAccessibleName", "setToolTip", "setText"}


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """German for one test."""
    words.speak("de")
    yield
    words.speak("en")


def texts_in_the_code() -> set[str]:
    found = extract_from_dir(str(CONSOLE), [("**.py", "python")], keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found} - {""}


def texts_of(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    """First form of each text and all forms of its translation."""
    return {
        (one.id if isinstance(one.id, str) else one.id[0]): (
            (one.string,) if isinstance(one.string, str) else tuple(one.string)
        )
        for one in catalogue
        if one.id
    }


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_catalogue_is_complete_and_compiled(path: Path) -> None:
    """Nothing is left in English, {names} are kept, and the compiled file is that of the text."""
    with path.open("rb") as file:
        found = texts_of(read_po(file, locale=path.parts[-3]))
    missing = texts_in_the_code() - {text for text, forms in found.items() if all(forms)}
    assert not missing, f"not in {path}: {missing}"
    for text, forms in found.items():
        assert all(re.findall(r"\{\w+", form) == re.findall(r"\{\w+", form) for form in forms), text
        assert all(set(re.findall(r"\{\w+", form)) == set(re.findall(r"\{\w+", text)) for form in forms), text
    assert texts_of(read_mo(io.BytesIO(path.with_suffix(".mo").read_bytes()))) == found


def test_template_is_complete() -> None:
    """A translator into another language starts from a template that lacks nothing."""
    with (words.FOLDER / f"{words.DOMAIN}.pot").open("rb") as file:
        assert set(texts_of(read_po(file))) >= texts_in_the_code()


def test_every_text_can_be_translated() -> None:
    """No widget is given words that did not pass gettext."""
    bare = []
    for path in sorted(CONSOLE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for said in node.args if name in _WIDGETS else ():
                if isinstance(said, ast.Constant) and re.search(r"[a-z]{2,} [a-z]{2,}", str(said.value)):
                    bare.append(f"{path.name}:{node.lineno}: {said.value}")
    assert bare == []


@pytest.mark.parametrize(
    ("wanted", "language"),
    [(["de-AT", "en"], "de"), (["de_DE.UTF-8"], "de"), (["en-GB", "de"], "en"), (["tlh", "de"], "de"), ([], "en")],
)
def test_system_language(wanted: list[str], language: str) -> None:
    """The first language of the system that the console speaks; English when it speaks none."""
    assert words.best_of(wanted) == language


def test_numbers_and_sentences_in_german(german: None) -> None:
    """Digits are grouped as in German, what the server refused is German, what nobody translated stays."""
    assert words.counted(1497, "submission", "submissions") == "1.497 Einsendungen"
    assert words.retold("There is no such file.") == "Diese Datei gibt es nicht."
    assert words.retold("Something new.") == "Something new."


def test_german_window(german: None, theme: Theme, link: Link, settings: QSettings, qtbot: QtBot) -> None:
    """At 1280 x 800 every word on buttons, choices and the rail has room on each page, and none of them is English."""
    window = Window(theme, link, settings)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    tell(window)
    english = {text for text in texts_in_the_code() if words.tr(text) != text}
    for key in window.pages:
        window.show_page(key)
        qtbot.wait(1)
        for button in window.findChildren(QAbstractButton):
            if button.isVisible():
                assert button.text().strip() not in english, (key, button.text())
                assert room_of(button) >= -1, (key, button.text())
        # A text that has just changed (seconds without an answer) has its room with the next layout.
        qtbot.waitUntil(lambda: not cut_labels(window))
        for table in window.findChildren(Table):
            if table.isVisible():
                assert cut_heads(table) == [], key
        said = [one.text() for one in window.findChildren(QLabel) if one.isVisible()]
        assert not english & set(said), (key, english & set(said))
    window.close()


def cut_labels(window: Window) -> list[str]:
    """What stands in a label that is narrower than its words."""
    labels = [one for one in window.findChildren(QLabel) if one.isVisible() and not one.wordWrap()]
    return [one.text() for one in labels if one.width() < one.sizeHint().width() - 1]


def room_of(button: QAbstractButton) -> int:
    """Pixels that are left beside a button's words."""
    if isinstance(button, QPushButton | QCheckBox | QRadioButton):
        return button.width() - button.minimumSizeHint().width()
    if isinstance(button, RailButton):
        return button.width() - 74 - QFontMetrics(button.font()).horizontalAdvance(button.text())
    return 0


def cut_heads(table: Table) -> list[str]:
    """The heads of columns that are narrower than their words."""
    font, model = ui_font(13, 500), table.model()
    heads = [str(model.headerData(place, Qt.Orientation.Horizontal)) for place in range(model.columnCount())]
    wide = QFontMetrics(font).horizontalAdvance
    return [head for place, head in enumerate(heads) if wide(head) + 14 > table.columnWidth(place)]


def test_language_is_chosen_in_the_settings(
    qapp: QApplication, theme: Theme, link: Link, settings: QSettings, qtbot: QtBot
) -> None:
    """A choice shows the same contest in another language at once, on the same page, and is remembered."""
    tongue = Tongue(qapp, settings)
    tongue.choose("en")
    windows = Windows(theme, link, settings, tongue)
    first = windows.open()
    tell(first)
    first.show_page("settings")
    german = next(one for one in first.findChildren(QRadioButton) if one.text() == "Deutsch")
    german.click()
    qtbot.waitUntil(lambda: windows.window is not first)
    second = windows.window
    assert second is not None
    qtbot.addWidget(second)
    try:
        assert second.pages["settings"].isVisible()
        assert "Einstellungen" in [one.text() for one in second.findChildren(QLabel)]
        assert second.board.submissions.total == 1500
        assert second.board.machines.rowCount() == 21
        assert settings.value("language") == "de"
    finally:
        windows.close()
        tongue.choose("en")


def test_silent_server_fits_a_narrow_window(german: None, window: Window) -> None:
    """The long sentence about a silent server ends in … rather than make the window wider than a small laptop's screen."""
    tell(window)
    sentence = " ".join([words.tr("The server does not answer.")] * 4)
    window.status.show_health(Health(live=False, silent_seconds=40.0, sentence=sentence))
    assert window.status.server.text == sentence
    assert window.minimumSizeHint().width() <= 1280
