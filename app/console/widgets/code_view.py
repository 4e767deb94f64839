"""Source code with line numbers and quiet colours; read only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.console.theme.theme import Theme
from app.console.theme.type import code_font
from app.console.widgets.shapes import RIGHT, paint_text

_C_WORDS = (
    "alignas auto bool break case catch char class concept const constexpr continue default delete do double else enum explicit extern "
    "false final float for friend goto if inline int long mutable namespace new noexcept nullptr operator override private protected "
    "public register requires return short signed sizeof static struct switch template this throw true try typedef typename union "
    "unsigned using virtual void volatile while abstract boolean byte extends finally implements import instanceof interface native "
    "null package super synchronized throws transient var record fun val when object is in let mut fn impl pub match use mod trait "
    "where loop func chan defer go map range select type"
)
_PYTHON_WORDS = (
    "False None True and as assert async await break case class continue def del elif else except finally for from global if import in "
    "is lambda match nonlocal not or pass raise return try while with yield"
)
_TYPES = (
    "string vector map set pair array queue deque stack priority_queue unordered_map unordered_set bitset tuple size_t int32_t int64_t "
    "uint32_t uint64_t String Integer Long List ArrayList Map HashMap Set HashSet Scanner BufferedReader StringBuilder System Math str "
    "int float list dict set tuple bool bytes range i32 i64 u32 u64 usize Vec Option"
)
_LONG_LINE = 2_000


def _pattern(words: str, comment: str, *, preprocessor: bool) -> re.Pattern[str]:
    parts = [
        rf"(?P<comment>{comment}.*)",
        r"""(?P<good>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)""",
        *([r"(?P<broken>^\s*#\s*\w+(?:\s*<[^>]*>)?)"] if preprocessor else []),
        r"(?P<slow>\b(?:0[xX][0-9a-fA-F]+|\d[\d_']*(?:\.\d+)?(?:[eE][+-]?\d+)?)[a-zA-Z]*\b)",
        rf"(?P<heavy>\b(?:{'|'.join(words.split())})\b)",
        rf"(?P<frozen>\b(?:{'|'.join(_TYPES.split())})\b)",
    ]
    return re.compile("|".join(parts))


class _Colours(QSyntaxHighlighter):
    """Keyword, string, number, type, preprocessor, comment by LOOK 3; names stay in ink."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._rules: re.Pattern[str] | None = None
        self._blocks = False

    def use(self, language: str) -> None:
        """Another language by its id; an unknown one stays without colours."""
        python = language in ("python3", "pypy3")
        self._blocks = not python
        if python:
            self._rules = _pattern(_PYTHON_WORDS, "#", preprocessor=False)
        else:
            self._rules = _pattern(_C_WORDS, r"//|/\*", preprocessor=language in ("c", "cpp"))

    def highlightBlock(self, text: str) -> None:
        self.setCurrentBlockState(0)
        if self._rules is None or len(text) > _LONG_LINE:
            return
        begin = self._rest_of_comment(text) if self._blocks and self.previousBlockState() == 1 else 0
        for role, first, length in self._spans(text, begin):
            look = QTextCharFormat()
            look.setForeground(QColor(self._theme.tokens.colour(role)))
            self.setFormat(first, length, look)

    def _rest_of_comment(self, text: str) -> int:
        end = text.find("*/")
        length = len(text) if end < 0 else end + 2
        if end < 0:
            self.setCurrentBlockState(1)
        look = QTextCharFormat()
        look.setForeground(QColor(self._theme.tokens.muted))
        self.setFormat(0, length, look)
        return length

    def _spans(self, text: str, begin: int) -> Iterator[tuple[str, int, int]]:
        assert self._rules is not None
        place = begin
        while (found := self._rules.search(text, place)) is not None:
            role = found.lastgroup or ""
            end = found.end()
            if role == "comment" and found.group().startswith("/*"):
                closing = text.find("*/", found.start() + 2)
                end = len(text) if closing < 0 else closing + 2
                self.setCurrentBlockState(1 if closing < 0 else 0)
            yield ("muted" if role == "comment" else role), found.start(), end - found.start()
            place = max(end, found.start() + 1)


class _Numbers(QWidget):
    """The margin with the line numbers."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.margin, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_numbers(self, event.rect())


class CodeView(QPlainTextEdit):
    """A file to read."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.margin = 52
        self.setFont(code_font(12))
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(name)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.document().setDocumentMargin(6)
        self._numbers = _Numbers(self)
        self._colours = _Colours(self.document(), theme)
        self.setViewportMargins(self.margin, 0, 0, 0)
        self.updateRequest.connect(self._on_update)
        theme.changed.connect(self._on_theme)

    def show_code(self, text: str, language: str) -> None:
        """Shows a source; "" as language shows it without colours."""
        if language:
            self._colours.use(language)
        self.setPlainText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inner = self.contentsRect()
        self._numbers.setGeometry(QRect(inner.left(), inner.top(), self.margin, inner.height()))

    def paint_numbers(self, margin: QWidget, area: QRect) -> None:
        """Draws the numbers of the lines in sight."""
        painter = QPainter(margin)
        tokens = self._theme.tokens
        painter.fillRect(area, QColor(tokens.surface))
        block = self.firstVisibleBlock()
        while block.isValid():
            line = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if line.top() > area.bottom():
                break
            where = QRectF(0, line.top(), self.margin - 14, line.height())
            paint_text(painter, where, str(block.blockNumber() + 1), self.font(), tokens.faint, RIGHT)
            block = block.next()
        painter.end()

    def _on_update(self, rect: QRect, dy: int) -> None:
        if dy:
            self._numbers.scroll(0, dy)
        else:
            self._numbers.update(0, rect.y(), self.margin, rect.height())

    def _on_theme(self) -> None:
        self._colours.rehighlight()
        self._numbers.update()
