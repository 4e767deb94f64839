"""Toasts at the bottom right: what a command did. They never take the focus; a refusal stays until it is seen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.console.theme.theme import Theme
from app.console.widgets.parts import Button, Picture, label, row_of
from app.console.words import tr as _

STAY_MS = 5_000
WIDTH = 380


class Toast(QFrame):
    """One message. `closed` when its button is pressed."""

    closed = Signal()

    def __init__(self, theme: Theme, text: str, *, bad: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        words = label(text, 14)
        words.setWordWrap(True)
        picture = Picture(theme, "triangle-alert" if bad else "circle-check", "bad" if bad else "good", 16)
        close = Button(theme, "", self.closed.emit, kind="bare", icon="x", name=_("Close"))
        row = row_of(picture, words, close, spacing=10)
        row.setContentsMargins(14, 10, 8, 10)
        row.setStretch(1, 1)
        self.setLayout(row)
        self.setFixedWidth(WIDTH)
        self.text = text
        self.setAccessibleName(text)


class Toasts(QObject):
    """Stacks toasts in the corner of a window."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._shown: list[Toast] = []
        window.installEventFilter(self)

    @property
    def texts(self) -> list[str]:
        """What is shown now, the oldest first."""
        return [toast.text for toast in self._shown]

    def done(self, text: str) -> None:
        """Says that something was done."""
        self._add(text, bad=False)

    def refused(self, text: str) -> None:
        """Says why something was not done; stays until it is seen."""
        self._add(text, bad=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def _add(self, text: str, *, bad: bool) -> None:
        toast = Toast(self._theme, text, bad=bad, parent=self._window)
        toast.closed.connect(lambda: self._close(toast))
        self._shown.append(toast)
        if not bad:
            QTimer.singleShot(STAY_MS, toast, lambda: self._close(toast))
        toast.show()
        self._place()

    def _close(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        bottom = self._window.height() - 44
        for toast in reversed(self._shown):
            height = max(toast.heightForWidth(WIDTH), toast.sizeHint().height())
            toast.resize(WIDTH, height)
            bottom -= height + 8
            toast.move(self._window.width() - WIDTH - 20, bottom)
            toast.raise_()
