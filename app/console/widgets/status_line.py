"""The line at the bottom: server, store, backup, queue, machines, and the address that contestants type (with its QR code)."""

from __future__ import annotations

from collections.abc import Callable

import segno
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QWidget

from app.console.link import Health
from app.console.theme.theme import Theme
from app.console.widgets.parts import Line, Picture
from app.console.widgets.rail import WIDTH as RAIL_WIDTH
from app.console.words import counted, size_text, span_text
from app.console.words import tr as _
from app.wire.admin_v1 import ServerState

OLD_BACKUP_MS = 180_000
LITTLE_DISK = 2 * 1024**3
DRIFT_MS = 2_000


class Item(QWidget):
    """An icon and a few words; one that gives way ends in … where the window is narrow, the others keep all of theirs."""

    def __init__(self, theme: Theme, icon: str, *, gives_way: bool = False) -> None:
        super().__init__()
        self._icon = icon
        self._gives_way = gives_way
        self._picture = Picture(theme, icon, "muted", 14)
        self._words = Line(theme, 13, 400, "muted", tabular=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(7)
        box.addWidget(self._picture)
        box.addWidget(self._words)

    @property
    def text(self) -> str:
        """What it says now."""
        return self._words.text

    def say(self, text: str, *, alarm: bool = False) -> None:
        """Shows a text; an alarm is amber and carries the warning sign. "" hides the item."""
        self._words.say(text, "slow" if alarm else "muted")
        if not self._gives_way:
            self._words.setMinimumWidth(self._words.sizeHint().width())
        self._picture.become("triangle-alert" if alarm else self._icon, "slow" if alarm else "muted")
        self.setVisible(bool(text))


class QrButton(QAbstractButton):
    """A QR code, small in the line; pressing it asks for the large one."""

    def __init__(self, theme: Theme, act: Callable[[], None]) -> None:
        super().__init__()
        self._theme = theme
        self._rows: tuple[bytes, ...] = ()
        self.setFixedSize(20, 20)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(_("Show the address as a large QR code"))
        self.setToolTip(self.accessibleName())
        self.clicked.connect(act)
        theme.changed.connect(self.update)

    def show_address(self, address: str) -> None:
        """Another address."""
        self._rows = qr_rows(address)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(20, 20)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = self._theme.tokens
        if self.hasFocus():
            painter.fillRect(self.rect(), QColor(tokens.accent))
        paint_qr(painter, QRectF(1, 1, 18, 18), self._rows, tokens.ink, tokens.surface)
        painter.end()


def qr_rows(address: str) -> tuple[bytes, ...]:
    """The modules of an address's QR code; nothing for no address."""
    return tuple(bytes(row) for row in segno.make(address, error="m", micro=False).matrix) if address else ()


def paint_qr(painter: QPainter, rect: QRectF, rows: tuple[bytes, ...], dark: str, light: str) -> None:
    """Draws a QR code into a square."""
    painter.fillRect(rect, QColor(light))
    if not rows:
        return
    side = rect.width() / len(rows)
    painter.save()
    painter.translate(rect.topLeft())
    painter.scale(side, side)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            if module:
                painter.fillRect(QRectF(x, y, 1.03, 1.03), QColor(dark))
    painter.restore()


class StatusLine(QFrame):
    """How the server is, in words. `show_address` opens the large QR code."""

    def __init__(self, theme: Theme, show_address: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setFixedHeight(27)
        self.server = Item(theme, "circle-check", gives_way=True)
        self.store = Item(theme, "database")
        self.backup = Item(theme, "archive")
        self.queue = Item(theme, "list-ordered")
        self.machines = Item(theme, "server")
        self.disk = Item(theme, "hard-drive")
        self.drift = Item(theme, "clock")
        self.address = Item(theme, "globe")
        self.qr = QrButton(theme, show_address)
        self._health = Health(True, 0.0, "")
        self._uptime = _("Looking for the server")
        self._box = box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 20, 0)
        box.setSpacing(20)
        for item in (self.server, self.store, self.backup, self.queue, self.machines, self.disk, self.drift):
            box.addWidget(item)
            item.hide()
        box.addStretch(1)
        box.addWidget(self.address)
        box.addWidget(self.qr)
        self.address.hide()
        self.qr.hide()

    def layout_first(self, widget: QWidget) -> None:
        """Puts the product's version below the rail, as wide as the rail."""
        widget.setFixedWidth(RAIL_WIDTH)
        widget.setContentsMargins(15, 0, 0, 0)
        self._box.insertWidget(0, widget)

    def layout_last(self, widget: QWidget) -> None:
        """Puts a widget behind what is said of the server."""
        self._box.insertWidget(2, widget)

    def show_health(self, health: Health) -> None:
        """Says at once when the server is silent."""
        self._health = health
        self._say_server()

    def show_state(self, server: ServerState, now_ms: int) -> None:
        """What the server told about itself; `now_ms` is its time."""
        self._uptime = _("Server running {span}", span=span_text(now_ms - server.started_ms))
        self._say_server()
        store = _("Store {size}", size=size_text(server.store_bytes))
        if server.commit_ms is not None:
            store += _(", commit {n} ms", n=f"{server.commit_ms:.0f}" if server.commit_ms >= 1 else "<1")
        self.store.say(store)
        age = server.backup_age_ms
        if age is None:
            self.backup.say(_("No backup"))
        else:
            self.backup.say(_("Backup {span} ago", span=span_text(age)), alarm=age > OLD_BACKUP_MS)
        self.queue.say(_("Queue {n}", n=server.queue))
        self.machines.say(
            _("{machines} ready", machines=counted(server.machines_ready, "machine", "machines")),
            alarm=server.machines_ready == 0 and server.queue > 0,
        )
        little = server.free_bytes < LITTLE_DISK
        self.disk.say(_("{size} free", size=size_text(server.free_bytes)) if little else "", alarm=little)
        drifted = abs(server.wall_drift_ms) > DRIFT_MS
        self.drift.say(_("Clock {n:+.1f} s", n=server.wall_drift_ms / 1000) if drifted else "", alarm=True)
        self.address.say(server.people_url)
        self.qr.show_address(server.people_url)
        self.qr.setVisible(bool(server.people_url))

    def _say_server(self) -> None:
        if self._health.live:
            self.server.say(self._uptime)
        else:
            self.server.say(self._health.sentence, alarm=True)
