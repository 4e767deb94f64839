"""The filter above a table: Ctrl+F goes there, Escape empties it and gives the keyboard back to the table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.console.models.table import TableModel
from app.console.theme.theme import Theme
from app.console.widgets.table import Table
from app.console.words import tr as _

_REST_MS = 120


class FilterField(QLineEdit):
    """Filters one table as the organiser types."""

    def __init__(self, theme: Theme, model: TableModel[Any], table: Table) -> None:
        super().__init__()
        self._theme = theme
        self._table = table
        self.setPlaceholderText(_("Filter"))
        self.setAccessibleName(_("Filter the table"))
        self.setFixedWidth(194)
        self._sign = QAction(self)
        self.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(lambda: model.filter_by(self.text()))
        self.textChanged.connect(lambda _text: self._rest.start())
        theme.changed.connect(self._colour)
        self._colour()

    def event(self, event: QEvent) -> bool:
        """Escape belongs to the field while it has the keyboard, not to the window's shortcut."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self._table.setFocus()
        elif event.key() == Qt.Key.Key_Down:
            self._table.setFocus()
        else:
            super().keyPressEvent(event)

    def _colour(self) -> None:
        self._sign.setIcon(self._theme.icons.icon("search", self._theme.tokens.muted, 16))
