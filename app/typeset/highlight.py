"""Source code with colours: Pygments' short class names, one HTML line for each line of the source.

The colours themselves stand in the style sheet. Lexers are regular expressions, slow on hostile input, so only the first 64 KiB are
coloured, and none beyond half a second: the rest is shown plain.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator

from pygments.lexer import Lexer
from pygments.lexers import CLexer, CppLexer, JavaLexer, PythonLexer
from pygments.token import STANDARD_TYPES, _TokenType

_COLOURED_CHARS = 64 * 1024
_SECONDS = 0.5
_LEXERS: dict[str, type[Lexer]] = {
    "c": CLexer,
    "cpp": CppLexer,
    "java": JavaLexer,
    "python3": PythonLexer,
    "pypy3": PythonLexer,
}


def highlight_lines(source: str, language: str, monotonic_seconds: Callable[[], float]) -> tuple[str, ...]:
    """The lines of a source as HTML, without line ends; `language` is an id, an unknown one gives plain lines."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    lexer = _LEXERS.get(language)
    if lexer is None:
        return tuple(html.escape(line) for line in text.split("\n"))
    head, rest = text[:_COLOURED_CHARS], text[_COLOURED_CHARS:]
    pieces = list(_pieces(lexer(stripnl=False, ensurenl=False), head, monotonic_seconds))
    pieces.append(("", rest))
    lines: list[list[str]] = [[]]
    for style, value in pieces:
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(f'<span class="{style}">{html.escape(part)}</span>' if style else html.escape(part))
    return tuple("".join(line) for line in lines)


def highlight(source: str, language: str, monotonic_seconds: Callable[[], float]) -> str:
    """The whole source as HTML for inside a `<pre>`."""
    return "\n".join(highlight_lines(source, language, monotonic_seconds))


def _pieces(lexer: Lexer, text: str, monotonic_seconds: Callable[[], float]) -> Iterator[tuple[str, str]]:
    deadline = monotonic_seconds() + _SECONDS
    done = 0
    for token, value in lexer.get_tokens(text):
        yield _style(token), value
        done += len(value)
        if monotonic_seconds() > deadline:
            yield "", text[done:]
            return


def _style(token: _TokenType) -> str:
    while token not in STANDARD_TYPES and token.parent is not None:
        token = token.parent
    short = STANDARD_TYPES.get(token, "")
    return "" if short in ("w", "n", "p") else short
