"""Text with line numbers, in the code font with lines of 20 px; read only."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from app.console.theme.theme import Theme
from app.console.theme.type import code_font
from app.console.widgets.shapes import RIGHT, paint_text
from app.console.widgets.source_colours import SourceColours

MARGIN = 52
LINE = 20
_LIFT = 2
"""A line of fixed height has its spare room above the letters."""


class _Numbers(QWidget):
    """The margin with the line numbers."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_numbers(self, event.rect())


class CodeView(QTextEdit):
    """A file to read."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setFont(code_font(12))
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.document().setDocumentMargin(4)
        self.document().setUndoRedoEnabled(False)
        self._text = ""
        self._numbers = _Numbers(self)
        self._colours = SourceColours(self.document(), theme)
        self.setViewportMargins(MARGIN, 0, 0, 0)
        self.verticalScrollBar().valueChanged.connect(self._numbers.update)
        theme.changed.connect(self._on_theme)

    @property
    def text(self) -> str:
        """What is shown, exactly as it was given."""
        return self._text

    def show_code(self, text: str, language: str) -> None:
        """Shows a text; "" as language shows it without colours. The same text again changes nothing."""
        if text == self._text and text:
            return
        self._text = text
        self._colours.use(language)
        self.setPlainText(text.removesuffix("\n"))
        lines = QTextBlockFormat()
        lines.setLineHeight(LINE, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(lines)
        self._numbers.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inner = self.contentsRect()
        self._numbers.setGeometry(QRect(inner.left(), inner.top(), MARGIN, inner.height()))

    def paint_numbers(self, margin: QWidget, area: QRect) -> None:
        """Draws the numbers of the lines in sight."""
        painter = QPainter(margin)
        tokens, layout = self._theme.tokens, self.document().documentLayout()
        painter.fillRect(area, QColor(tokens.surface))
        above = self.verticalScrollBar().value()
        block = self.document().findBlockByNumber(max(0, above // LINE - 2))
        while block.isValid():
            line = layout.blockBoundingRect(block).translated(0, -above)
            if line.top() > area.bottom():
                break
            where = QRectF(0, line.top() + _LIFT, MARGIN - 14, LINE)
            paint_text(painter, where, str(block.blockNumber() + 1), self.font(), tokens.faint, RIGHT)
            block = block.next()
        painter.end()

    def _on_theme(self) -> None:
        self._colours.rehighlight()
        self._numbers.update()
