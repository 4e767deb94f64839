"""Letters that press buttons: while Alt is held each visible button of a window underlines its own.

Theory of operation. Which buttons are in sight changes with the page, the contest and the language, so letters are not written into the
words: they are given anew when Alt goes down, each to one button only, so that no letter is ever ambiguous. The first letter of the first
word is tried first, then those of the next ones, then any other letter. When Alt goes up the underlines go. A menu gets its letters when
it opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QTabBar, QWidget

from app.console.widgets.parts import Button


class _Worded(Protocol):
    def text(self) -> str: ...
    def setText(self, text: str) -> None: ...


class Mnemonics(QObject):
    """Gives the buttons of one window their letters."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown: list[tuple[_Worded, str]] = []
        self._tabs: list[tuple[QTabBar, int, str]] = []
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt comes to the window when the widget that has the keyboard does not want it."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Alt and not event.isAutoRepeat():
            if event.type() is QEvent.Type.KeyPress:
                self.show()
            elif event.type() is QEvent.Type.KeyRelease:
                self.hide()
        elif event.type() is QEvent.Type.WindowDeactivate:
            self.hide()
        return False

    def show(self) -> None:
        """Underlines a letter of each button in sight."""
        self.hide()
        taken: set[str] = set()
        for button in _buttons_of(self._window):
            words = _words_of(button)
            marked = marked_text(words, taken)
            if marked != words:
                self._shown.append((button, words))
                button.setText(marked)
        for bar in self._window.findChildren(QTabBar):
            for place in range(bar.count() if bar.isVisible() else 0):
                words = bar.tabText(place)
                self._tabs.append((bar, place, words))
                bar.setTabText(place, marked_text(words, taken))

    def hide(self) -> None:
        """Takes the underlines away; what got other words meanwhile keeps them."""
        for button, words in self._shown:
            if plain_text(_marked_of(button)) == words:
                button.setText(words)
        for bar, place, words in self._tabs:
            if place < bar.count() and plain_text(bar.tabText(place)) == words:
                bar.setTabText(place, words)
        self._shown, self._tabs = [], []


def mark_menu(actions: Sequence[QAction]) -> None:
    """Gives each action of a menu a letter of its own."""
    taken: set[str] = set()
    for action in actions:
        if action.text() and not action.isSeparator():
            action.setText(marked_text(plain_text(action.text()), taken))


def marked_text(words: str, taken: set[str]) -> str:
    """The words with & before a letter that is not taken, which then is; unchanged where there is none."""
    starts = [
        place
        for place, letter in enumerate(words)
        if letter.isalnum() and (place == 0 or not words[place - 1].isalnum())
    ]
    others = [place for place, letter in enumerate(words) if letter.isalpha()]
    for place in (*starts, *others):
        letter = words[place].casefold()
        if letter.isascii() and letter not in taken:
            taken.add(letter)
            return f"{words[:place].replace('&', '&&')}&{words[place:].replace('&', '&&')}"
    return words


def plain_text(words: str) -> str:
    """The words without the mark."""
    return words.replace("&&", "\0").replace("&", "").replace("\0", "&")


def _buttons_of(window: QWidget) -> Iterable[QAbstractButton]:
    """Buttons with words that can be pressed now, in the order in which they are read."""
    kinds = (Button, QCheckBox, QRadioButton)
    found = [one for one in window.findChildren(QAbstractButton) if isinstance(one, kinds)]
    usable = [one for one in found if one.isVisible() and one.isEnabled() and any(map(str.isalpha, one.text()))]

    def place(button: QAbstractButton) -> tuple[int, int]:
        corner = button.mapTo(window, button.rect().topLeft())
        return corner.y(), corner.x()

    return sorted(usable, key=place)


def _words_of(button: QAbstractButton) -> str:
    return plain_text(_marked_of(button))


def _marked_of(button: _Worded) -> str:
    return button.marked if isinstance(button, Button) else button.text()
