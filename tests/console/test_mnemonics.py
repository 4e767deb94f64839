"""Alt shows a letter on each button in sight, and that letter presses it; menus have theirs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.console.dialogs.ask import confirm
from app.console.mnemonics import marked_text, plain_text
from app.console.theme.theme import Theme
from app.console.widgets.parts import Button
from app.console.window import Window

ALT = Qt.KeyboardModifier.AltModifier


def letters_of(window: Window) -> dict[str, Button]:
    """The letter of each button that has one now."""
    found: dict[str, Button] = {}
    for button in window.findChildren(Button):
        mark = button.marked.replace("&&", "").partition("&")[2]
        if button.isVisible() and mark:
            letter = mark[0].casefold()
            assert letter not in found, f"{button.text()} and {found[letter].text()} have the same letter"
            found[letter] = button
    return found


def test_each_button_has_a_letter_of_its_own(full: Window, qtbot: QtBot) -> None:
    """Held down, Alt underlines; let go, the words are as they were."""
    for page in ("desk", "submissions", "machines", "problems", "settings", "capacity"):
        full.show_page(page)
        before = {id(one): one.text() for one in full.findChildren(Button)}
        qtbot.keyPress(full, Qt.Key.Key_Alt)
        wordy = [
            one for one in full.findChildren(Button) if one.isVisible() and one.isEnabled() and len(one.text()) > 3
        ]
        assert len(letters_of(full)) >= min(len(wordy), 12) > 0, page
        assert {id(one): one.text() for one in full.findChildren(Button)} == before
        qtbot.keyRelease(full, Qt.Key.Key_Alt)
        assert letters_of(full) == {}


def test_the_letter_presses(full: Window, qtbot: QtBot, theme: Theme) -> None:
    """Alt and the letter do what a click does, in a question as well."""
    asked: list[str] = []
    dialog = confirm(
        theme, full, "Unpair judge-01", "It must be compared again.", "Unpair", lambda: asked.append("yes")
    )
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyPress(dialog, Qt.Key.Key_Alt)
    assert dialog.act_button.marked == "&Unpair"
    qtbot.keyClick(dialog, Qt.Key.Key_U, ALT)
    qtbot.waitUntil(lambda: asked == ["yes"])


def test_menus(full: Window) -> None:
    """Every action of the window's menu has a letter of its own."""
    full.head.more.click()
    menu = full.head.findChild(QMenu)
    assert menu is not None
    marks = [one.text().partition("&")[2][:1].casefold() for one in menu.actions() if not one.isSeparator()]
    assert len(set(marks)) == len(marks) > 2
    assert "" not in marks
    menu.close()


def test_letters() -> None:
    """The first letter, then those of other words, then any; a real ampersand stays one."""
    taken: set[str] = set()
    assert marked_text("Switch…", taken) == "&Switch…"
    assert marked_text("Start the server", taken) == "Start &the server"
    assert marked_text("St", taken) == "St"
    assert marked_text("R & D", taken) == "&R && D"
    assert plain_text("&R && D") == "R & D"
