"""Lucide icons in any colour: the SVG's currentColor is replaced, the result kept by (name, colour, size)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_FOLDER = Path(__file__).parent / "icons"
_SCALE = 4


class Icons:
    """Rendered icons. `clear` forgets them when the theme changes."""

    def __init__(self) -> None:
        self._pixmaps: dict[tuple[str, str, int], QPixmap] = {}

    def clear(self) -> None:
        """Forgets everything rendered."""
        self._pixmaps.clear()

    def pixmap(self, name: str, colour: str, size: int = 16) -> QPixmap:
        """An icon as a pixmap of `size` points, sharp up to four device pixels a point. Raises FileNotFoundError for an unknown name."""
        key = (name, colour, size)
        found = self._pixmaps.get(key)
        if found is None:
            found = self._pixmaps[key] = self._render(name, colour, size)
        return found

    def icon(self, name: str, colour: str, size: int = 16) -> QIcon:
        """The same as an icon for buttons and menus."""
        return QIcon(self.pixmap(name, colour, size))

    def paint(self, painter: QPainter, name: str, colour: str, rect: QRectF) -> None:
        """Draws an icon into `rect`."""
        pixmap = self.pixmap(name, colour, round(rect.width()))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))

    def _render(self, name: str, colour: str, size: int) -> QPixmap:
        svg = (_FOLDER / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
        renderer = QSvgRenderer(QByteArray(svg.encode()))
        pixmap = QPixmap(size * _SCALE, size * _SCALE)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        pixmap.setDevicePixelRatio(_SCALE)
        return pixmap
