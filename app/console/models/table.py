"""One model for every table: rows are frozen values with a key, columns are functions. It sorts and filters by itself.

Theory of operation. `_rows` holds every row by its key, `_shown` the keys in the order that the view sees. `upsert` and `replace`
work out the new order and tell Qt the smallest truth: rows inserted or removed where the rest kept its order, else a change of
layout with the selection carried along. So a selected row stays selected and nothing that the reader looks at is built again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""The whole row as its value."""
_NOWHERE = QModelIndex()


@dataclass(frozen=True)  # no slots: Python 3.11 cannot make `Column[Row](…)` with both
class Column(Generic[Row]):
    """A column: its name in settings, its head, its text for reading and copying, and the value that it sorts by."""

    key: str
    title: str
    text: Callable[[Row], str]
    width: int
    sort: Callable[[Row], Any] | None = None
    right: bool = False
    stretch: bool = False
    tip: Callable[[Row], str] | None = None
    """More about a row, for whoever rests the pointer on its cell."""


class TableModel(QAbstractTableModel, Generic[Row]):
    """Rows of one kind. `newest_first` is the order where no column is sorted by: by key, falling.

    `changed_rows` tells which keys have a new value, `counted` that the number of rows, all or shown, is another one.
    """

    changed_rows = Signal(object)
    counted = Signal()

    def __init__(
        self, columns: Sequence[Column[Row]], key: Callable[[Row], Any], *, newest_first: bool = False
    ) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._key = key
        self._newest_first = newest_first
        self._rows: dict[Any, Row] = {}
        self._found: dict[Any, str] = {}
        self._shown: list[Any] = []
        self._sorting: tuple[int, bool] | None = None
        self._wanted: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All rows, shown or not."""
        return len(self._rows)

    def row_of(self, key: Hashable) -> Row | None:
        """The row of a key."""
        return self._rows.get(key)

    def rows(self) -> list[Row]:
        """All rows, shown or not."""
        return list(self._rows.values())

    def keys(self) -> list[Any]:
        """The shown keys in their order."""
        return list(self._shown)

    def place_of(self, key: Hashable) -> int:
        """Where a key is shown; -1 when it isn't."""
        return self._shown.index(key) if key in self._shown else -1

    def key_at(self, place: int) -> Any:
        """The key shown at a place."""
        return self._shown[place]

    @property
    def sorting(self) -> tuple[int, bool] | None:
        """The column that sorts, and whether it falls; None for the order of the keys."""
        return self._sorting

    def at(self, place: int) -> Row:
        """The row shown at a place."""
        return self._rows[self._shown[place]]

    def upsert(self, rows: Iterable[Row]) -> None:
        """Takes new and changed rows; others stay."""
        self._take({self._key(row): row for row in rows}, gone=set())

    def replace(self, rows: Iterable[Row]) -> None:
        """Takes rows as the whole truth."""
        fresh = {self._key(row): row for row in rows}
        self._take(fresh, gone=set(self._rows) - set(fresh))

    def filter_by(self, text: str) -> None:
        """Shows only rows in which each word of `text` occurs somewhere."""
        self._wanted = tuple(text.casefold().split())
        self._reorder(set())

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column; -1 gives the order of the keys back."""
        self._sorting = None if column < 0 else (column, order is Qt.SortOrder.DescendingOrder)
        self._reorder(set())

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == ROW_ROLE:
            return self.at(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.columns[index.column()].text(self.at(index.row()))
        tip = self.columns[index.column()].tip
        if role == Qt.ItemDataRole.ToolTipRole and tip is not None:
            return tip(self.at(index.row())) or None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            mark = ""
            if self._sorting is not None and self._sorting[0] == section:
                mark = " ↓" if self._sorting[1] else " ↑"
            return column.title + mark
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _take(self, fresh: dict[Any, Row], gone: set[Any]) -> None:
        changed = {key for key, row in fresh.items() if self._rows.get(key) != row}
        if not changed and not gone:
            return
        if gone:
            # Qt may still ask for rows that are going: they leave the view first and the store after it.
            self._apply_order([key for key in self._shown if key not in gone])
        for key in gone:
            del self._rows[key]
            self._found.pop(key, None)
        known = changed & set(self._rows)
        for key in changed:
            self._rows[key] = fresh[key]
            self._found.pop(key, None)
        self._reorder(known)
        self.changed_rows.emit(changed)

    def _reorder(self, changed: set[Any]) -> None:
        self._apply_order(self._ordered())
        for place in sorted(place for place, key in enumerate(self._shown) if key in changed):
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(self.columns) - 1))
        self.counted.emit()

    def _ordered(self) -> list[Any]:
        keys = [key for key in self._rows if not self._wanted or self._matches(key)]
        keys.sort(reverse=self._newest_first)
        if self._sorting is not None:
            column, falling = self.columns[self._sorting[0]], self._sorting[1]
            value = column.sort or column.text
            keys.sort(key=lambda key: value(self._rows[key]), reverse=falling)
        return keys

    def _matches(self, key: Any) -> bool:
        text = self._found.get(key)
        if text is None:
            row = self._rows[key]
            text = self._found[key] = " ".join(column.text(row) for column in self.columns).casefold()
        return all(word in text for word in self._wanted)

    def _apply_order(self, order: list[Any]) -> None:
        before, after = set(self._shown), set(order)
        if [key for key in self._shown if key in after] != [key for key in order if key in before]:
            self._change_layout(order)
            return
        for first, last in reversed(_runs(self._shown, after)):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._shown[first : last + 1]
            self.endRemoveRows()
        for first, last in _runs(order, before):
            self.beginInsertRows(QModelIndex(), first, last)
            self._shown[first:first] = order[first : last + 1]
            self.endInsertRows()

    def _change_layout(self, order: list[Any]) -> None:
        self.layoutAboutToBeChanged.emit()
        places = {key: place for place, key in enumerate(order)}
        held = self.persistentIndexList()
        keys = [self._shown[index.row()] for index in held]
        self._shown = order
        moved = [
            self.index(places[key], index.column()) if key in places else QModelIndex()
            for index, key in zip(held, keys, strict=True)
        ]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()


def _runs(keys: Sequence[Any], without: set[Any]) -> list[tuple[int, int]]:
    """The spans (first, last) of neighbouring places whose keys are not in `without`."""
    spans: list[tuple[int, int]] = []
    for place, key in enumerate(keys):
        if key in without:
            continue
        if spans and spans[-1][1] == place - 1:
            spans[-1] = (spans[-1][0], place)
        else:
            spans.append((place, place))
    return spans
