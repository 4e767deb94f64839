"""How table cells are painted: one delegate draws selection, glow and rule, then the cell's content by its column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.console.models.table import ROW_ROLE, TableModel
from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.shapes import CENTRE, LEFT, RIGHT, paint_text

if TYPE_CHECKING:
    from app.console.widgets.table import Table

Draw = Callable[[QPainter, QRectF, Any], None]
PADDING = 8


class CellDelegate(QStyledItemDelegate):
    """Paints the cells of one table. A column without a function of its own is text in ink, or in `muted` where it is named there."""

    def __init__(
        self,
        theme: Theme,
        draws: Mapping[str, Draw],
        *,
        muted: tuple[str, ...] = (),
        glow_role: Callable[[Any], str] | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._draws = draws
        self._muted = muted
        self._glow_role = glow_role
        self._table: Table | None = None
        self._fonts: dict[bool, QFont] = {False: ui_font(14), True: ui_font(14, tabular=True)}

    def attach(self, table: Table) -> None:
        """Tells the table whose cells these are."""
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(40, 28)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        assert isinstance(model, TableModel)
        row = index.data(ROW_ROLE)
        rect = QRectF(option.rect)
        state = option.state
        painter.save()
        self._paint_ground(painter, rect, index, row, bool(state & QStyle.StateFlag.State_Selected))
        column = model.columns[index.column()]
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        if index.column() == 0:
            inner.adjust(PADDING, 0, 0, 0)
        draw = self._draws.get(column.key)
        if draw is not None:
            draw(painter, inner, row)
        else:
            colour = self._theme.tokens.muted if column.key in self._muted else self._theme.tokens.ink
            number = column.right or column.sort is not None
            paint_text(painter, inner, column.text(row), self._fonts[number], colour, RIGHT if column.right else LEFT)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, rect: QRectF, index: QModelIndex | QPersistentModelIndex, row: Any, selected: bool
    ) -> None:
        tokens = self._theme.tokens
        glow = self._table.glow_of(index.row()) if self._table is not None else 0.0
        if selected:
            painter.fillRect(rect, QColor(tokens.accent_tint))
        elif glow > 0 and self._glow_role is not None:
            colour = QColor(tokens.tint(self._glow_role(row)))
            colour.setAlphaF(min(1.0, glow * 1.5))
            painter.fillRect(rect, colour)
        elif self._table is not None and self._table.hovered == index.row():
            painter.fillRect(rect, QColor(tokens.sunken))
        painter.fillRect(QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), QColor(tokens.line))
        if selected and index.column() == 0:
            painter.fillRect(QRectF(rect.x(), rect.y(), 2, rect.height() - 1), QColor(tokens.accent))


def paint_nothing(viewport: QWidget, headline: str, hint: str, theme: Theme) -> None:
    """Says in an empty table what will appear there and what to do."""
    painter = QPainter(viewport)
    middle = viewport.rect().center()
    line = QRectF(24, min(middle.y(), 180) - 26, viewport.width() - 48, 24)
    paint_text(painter, line, headline, ui_font(14, 500), theme.tokens.ink, CENTRE)
    paint_text(painter, line.translated(0, 24), hint, ui_font(13), theme.tokens.muted, CENTRE)
    painter.end()
