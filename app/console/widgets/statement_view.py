"""A statement to read: the server's clean HTML in a browser that opens nothing by itself.

Theory of operation. The HTML was cleaned by the server; this widget is the second wall. It loads no resource but pictures whose address is
one of the statement's own, fetched over the link; a link is only shown, never followed. Formulas are MathML, which Qt does not draw;
formula_text writes them in what it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QTextBrowser

from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.formula_text import readable

PICTURE = re.compile(r"/blobs/statement/([0-9a-f]{64})/([0-9a-f]{64})\Z")
_WIDEST = 640
_COLUMN = 720

Fetch = Callable[[str, Callable[[bytes], None]], None]
"""(address below /admin/v1, what to do with the bytes)."""


class StatementView(QTextBrowser):
    """Shows one statement."""

    def __init__(self, theme: Theme, fetch: Fetch, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._fetch = fetch
        self._page = ""
        self._pictures: dict[str, QImage] = {}
        self._asked: set[str] = set()
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFont(ui_font(16))
        self.document().setDocumentMargin(18)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.setLineWrapColumnOrWidth(_COLUMN)
        theme.changed.connect(self._draw)

    def show_page(self, page: str) -> None:
        """Shows another statement; the reading position stays where it is the same one."""
        if page != self._page:
            self._page = page
            self._pictures, self._asked = {}, set()
            self._draw()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Only pictures of the statement itself; nothing of this machine or of the network."""
        address = name.toString() if isinstance(name, QUrl) else name
        found = PICTURE.match(address)
        if kind != QTextDocument.ResourceType.ImageResource.value or found is None:
            return QByteArray()
        if address in self._pictures:
            return self._pictures[address]
        if address not in self._asked:
            self._asked.add(address)
            self._fetch(f"/admin/v1/pictures/{found.group(1)}/{found.group(2)}", lambda data: self._came(address, data))
        return QImage(1, 1, QImage.Format.Format_ARGB32)

    def _came(self, address: str, data: bytes) -> None:
        picture = QImage.fromData(QByteArray(data))
        if picture.isNull() or address not in self._asked:
            return
        self._pictures[address] = picture.scaledToWidth(_WIDEST) if picture.width() > _WIDEST else picture
        self._draw()

    def _draw(self) -> None:
        place = self.verticalScrollBar().value()
        tokens = self._theme.tokens
        self.document().setDefaultStyleSheet(
            f"body {{ color: {tokens.ink}; }} a {{ color: {tokens.accent}; }}"
            f" pre, code, tt {{ font-family: 'JetBrains Mono'; font-size: 13px; background: {tokens.sunken}; }}"
            f" td, th {{ padding: 3px 12px; border: 1px solid {tokens.line}; }}"
            f" h1, h2, h3 {{ font-weight: 600; }} .math {{ font-style: italic; color: {tokens.ink}; }}"
        )
        self.setHtml(f"<body>{readable(self._page)}</body>")
        self.verticalScrollBar().setValue(place)
