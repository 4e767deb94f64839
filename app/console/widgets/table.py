"""The console's table: a QTableView that keeps the reading position, glows once for a changed row, copies TSV and remembers its columns."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from app.console.mnemonics import mark_menu
from app.console.models.table import TableModel
from app.console.theme.theme import Theme
from app.console.theme.tokens import HEAD_HEIGHT, ROW_HEIGHT
from app.console.widgets.cells import CellDelegate, paint_nothing
from app.console.words import tr as _

GLOW_SECONDS = 1.2
_FRAME_MS = 60


class Table(QTableView):
    """Shows one TableModel. `opened` comes with the row that Enter or a click chose, `chosen` when the current row changed.

    `menu_for` gives the actions of a row's context menu.
    """

    opened = Signal(object)
    chosen = Signal(object)

    def __init__(
        self,
        theme: Theme,
        model: TableModel[Any],
        delegate: CellDelegate,
        *,
        name: str,
        settings: QSettings,
        title: str,
        row_height: int = ROW_HEIGHT,
        open_on_click: bool = False,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._table = model
        self._settings = settings
        self._place = f"columns/{name}"
        self._open_on_click = open_on_click
        self._glow: dict[Any, float] = {}
        self.hovered = -1
        self._ticks = QTimer(self)
        self._ticks.setInterval(_FRAME_MS)
        self._ticks.timeout.connect(self._on_tick)
        self._empty: tuple[str, str] = ("", "")
        self.menu_for: Callable[[Any], list[QAction]] = lambda row: []
        self.setAccessibleName(title)
        self.setModel(model)
        self.setItemDelegate(delegate)
        delegate.attach(self)
        self._set_up_view()
        self._set_up_heads(row_height)
        model.rowsInserted.connect(self._on_inserted)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        theme.changed.connect(self._repaint)

    def say_when_empty(self, headline: str, hint: str) -> None:
        """What stands in the table while it has no rows: what will appear, and what to do."""
        self._empty = (headline, hint)
        self._repaint()

    def glow(self, keys: set[Any]) -> None:
        """Lets rows glow once."""
        now = time.monotonic()
        self._glow.update(dict.fromkeys(keys, now))
        if self._glow and not self._ticks.isActive():
            self._ticks.start()

    def glow_of(self, row: int) -> float:
        """How strongly a shown row glows now, from 1 to 0."""
        if not self._glow or row >= self._table.rowCount():
            return 0.0
        began = self._glow.get(self._table.key_at(row))
        return 0.0 if began is None else max(0.0, 1 - (time.monotonic() - began) / GLOW_SECONDS)

    def current_row(self) -> Any:
        """The row under the keyboard's cursor, or None."""
        index = self.currentIndex()
        return self._table.at(index.row()) if index.isValid() else None

    def choose(self, key: Any) -> None:
        """Makes a row the current one, if it is shown."""
        place = self._table.place_of(key)
        if place >= 0:
            self.selectRow(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.current_row())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if self._open_on_click and event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(self._table.at(index.row()))

    def copy(self) -> None:
        """Puts the selected rows into the clipboard as TSV, with the heads."""
        places = sorted({index.row() for index in self.selectionModel().selectedRows()})
        lines = ["\t".join(column.title for column in self._table.columns)]
        lines += ["\t".join(column.text(self._table.at(place)) for column in self._table.columns) for place in places]
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        if self._table.rowCount() == 0 and self._empty[0]:
            paint_nothing(self.viewport(), *self._empty, self._theme)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._repaint()

    def _set_up_view(self) -> None:
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)

    def _set_up_heads(self, row_height: int) -> None:
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setMinimumSectionSize(row_height)
        rows.setDefaultSectionSize(row_height)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        heads = self.horizontalHeader()
        heads.setFixedHeight(HEAD_HEIGHT)
        heads.setHighlightSections(False)
        heads.setSectionsClickable(True)
        heads.setSectionsMovable(True)
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        heads.setMinimumSectionSize(40)
        heads.sectionClicked.connect(self._on_head)
        for place, column in enumerate(self._table.columns):
            mode = QHeaderView.ResizeMode.Stretch if column.stretch else QHeaderView.ResizeMode.Interactive
            heads.setSectionResizeMode(place, mode)
            self.setColumnWidth(place, column.width)
        stored = self._settings.value(self._place)
        if stored is not None:
            heads.restoreState(stored)
        heads.sectionResized.connect(self._remember)
        heads.sectionMoved.connect(self._remember)

    def _remember(self, *_change: int) -> None:
        self._settings.setValue(self._place, self.horizontalHeader().saveState())

    def _on_head(self, section: int) -> None:
        """Rising, falling, and back to the table's own order."""
        turn = {(section, False): 1, (section, True): 2}.get(self._table.sorting or (-1, False), 0)
        if turn == 2:
            self._table.sort(-1)
        else:
            self._table.sort(section, Qt.SortOrder.DescendingOrder if turn else Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().viewport().update()

    def _on_inserted(self, parent: QModelIndex | QPersistentModelIndex, first: int, last: int) -> None:
        """Rows that slide in above what is being read must not move it."""
        bar = self.verticalScrollBar()
        if bar.value() > 0 and first <= bar.value():
            value = bar.value() + last - first + 1
            bar.setMaximum(max(bar.maximum(), value))
            bar.setValue(value)

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._table.at(current.row()))

    def _on_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        actions = self.menu_for(self._table.at(index.row()))
        for action in actions:
            action.setParent(menu)
        menu.addActions(actions)
        if menu.actions():
            menu.addSeparator()
        menu.addAction(_("Copy"), self.copy)
        mark_menu(menu.actions())
        menu.popup(self.viewport().mapToGlobal(at))

    def _on_tick(self) -> None:
        now = time.monotonic()
        self._glow = {key: began for key, began in self._glow.items() if now - began < GLOW_SECONDS}
        if not self._glow:
            self._ticks.stop()
        self._repaint()

    def _hover(self, row: int) -> None:
        if row != self.hovered:
            self.hovered = row
            self._repaint()

    def _repaint(self) -> None:
        self.viewport().update()
