"""The address that contestants type, large, with its QR code: to show to the room."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QWidget

from app.console.theme.theme import Theme
from app.console.widgets.parts import column_of, label
from app.console.widgets.status_line import paint_qr, qr_rows
from app.console.words import tr as _


class _Code(QWidget):
    def __init__(self, address: str) -> None:
        super().__init__()
        self._rows = qr_rows(address)
        self.setFixedSize(320, 320)
        self.setAccessibleName(_("QR code of {address}", address=address))

    def paintEvent(self, event: QPaintEvent) -> None:
        # Black on white in both themes: many phones do not read an inverted code.
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        paint_qr(painter, QRectF(self.rect()).adjusted(20, 20, -20, -20), self._rows, "#000000", "#FFFFFF")
        painter.end()


class AddressDialog(QDialog):
    """Closes by Escape or a click elsewhere."""

    def __init__(self, theme: Theme, parent: QWidget, address: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Contestants' address"))
        words = label(address, 28, 600)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = column_of(_Code(address), words, spacing=16)
        box.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.setContentsMargins(32, 28, 32, 28)
        self.setLayout(box)
        theme.changed.connect(self.update)
