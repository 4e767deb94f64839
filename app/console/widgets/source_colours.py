"""Quiet colours for source code: keyword, string, number, type, preprocessor, comment by LOOK 3; names stay in ink."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from app.console.theme.theme import Theme

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
        rf"(?P<comment>(?:{comment}).*)",
        r"""(?P<good>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)""",
        *([r"(?P<broken>^\s*#\s*\w+(?:\s*<[^>]*>)?)"] if preprocessor else []),
        r"(?P<slow>\b(?:0[xX][0-9a-fA-F]+|\d[\d_']*(?:\.\d+)?(?:[eE][+-]?\d+)?)[a-zA-Z]*\b)",
        rf"(?P<heavy>\b(?:{'|'.join(words.split())})\b)",
        rf"(?P<frozen>\b(?:{'|'.join(_TYPES.split())})\b)",
    ]
    return re.compile("|".join(parts))


class SourceColours(QSyntaxHighlighter):
    """Colours one document, line by line; a comment over several lines is carried by the block's state."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._rules: re.Pattern[str] | None = None
        self._blocks = False

    def use(self, language: str) -> None:
        """Another language by its id; an unknown one stays without colours."""
        if not language:
            self._rules = None
            return
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
