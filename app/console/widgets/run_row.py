"""The run squares of one submission: hover or arrow keys choose a test."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.console.theme.theme import Theme
from app.console.widgets.squares import paint_square
from app.console.words import tr as _

SIDE, GAP = 14, 6
_STEP = SIDE + GAP


class RunRow(QWidget):
    """One square for each test, in as many lines as needed. `chosen` comes with a test's number, from 1."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tests = ""
        self._longest = 0
        self._current = 0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Tests"))
        theme.changed.connect(self.update)

    @property
    def current(self) -> int:
        """The chosen test, 0 for none."""
        return self._current

    def show_tests(self, tests: str, longest: int) -> None:
        """Shows the wire's letters; `longest` is the number of the longest accepted run, 0 for none."""
        self._tests, self._longest = tests, longest
        self.updateGeometry()
        self.update()

    def choose(self, number: int) -> None:
        """Chooses a test."""
        if 1 <= number <= len(self._tests) and number != self._current:
            self._current = number
            self.setAccessibleDescription(_("Test {n} of {all}", n=number, all=len(self._tests)))
            self.update()
            self.chosen.emit(number)

    def forget(self) -> None:
        """No test is chosen."""
        self._current = 0
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(self.width()))

    def heightForWidth(self, width: int) -> int:
        lines = -(-len(self._tests) // self._columns(width)) if self._tests else 1
        return 8 + lines * _STEP

    def _columns(self, width: int) -> int:
        return max(1, (width - 8 + GAP) // _STEP)

    def _rect(self, number: int) -> QRectF:
        line, column = divmod(number - 1, self._columns(self.width()))
        return QRectF(4 + column * _STEP, 4 + line * _STEP, SIDE, SIDE)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        column, line = int((at.x() - 4) // _STEP), int((at.y() - 4) // _STEP)
        columns = self._columns(self.width())
        if 0 <= column < columns and line >= 0:
            number = line * columns + column + 1
            if number <= len(self._tests) and self._tests[number - 1] not in "->":
                self.choose(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._columns(self.width())
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        step = steps.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() is Qt.KeyboardModifier.NoModifier:
            self.choose(self._current + step)
        elif event.key() == Qt.Key.Key_Home:
            self.choose(1)
        elif event.key() == Qt.Key.Key_End:
            self.choose(len(self._tests))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for number, letter in enumerate(self._tests, start=1):
            paint_square(
                painter,
                self._rect(number),
                letter,
                self._theme,
                longest=number == self._longest,
                focused=number == self._current,
            )
        painter.end()
