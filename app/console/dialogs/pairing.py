"""The pairing pop-over: does the machine's own screen show these eight letters? It points at the machine's row.

The harmless button has the focus. Approving sends the letters that stood here, so that a request that changed meanwhile is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from app.console.models.machines import facts_line
from app.console.theme.theme import Theme
from app.console.widgets.parts import Button, Line, column_of, label, row_of
from app.console.words import day_time, span_text
from app.console.words import tr as _
from app.wire.admin_v1 import PendingJoin

_ARROW, _SHADOW, _ROUND = 10, 14, 12
WIDTH = 568


@dataclass(frozen=True, slots=True)
class Answers:
    """What the three buttons do."""

    approve: Callable[[PendingJoin], None]
    refuse: Callable[[PendingJoin], None]
    now_ms: Callable[[], int]


class PairingPopover(QFrame):
    """One request to join. `closed` when it goes."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, join: PendingJoin, answers: Answers) -> None:
        super().__init__(parent)
        self._theme = theme
        self.join = join
        self._ground = parent
        self._answers = answers
        self._arrow_x = 120
        self.setFixedWidth(WIDTH)
        asked = (
            _("Does the console on {name} show this code?")
            if join.kind == "console"
            else _("Does {name} show this code?")
        )
        self.setAccessibleName(asked.format(name=join.name))
        self._valid = label("", 13, 400, "muted", tabular=True)
        self.later = Button(theme, _("Later"), self.dismiss)
        self.approve = Button(theme, _("Codes are equal, approve"), self._on_approve, kind="primary", icon="check")
        self.refuse = Button(theme, _("Refuse"), self._on_refuse, kind="danger")
        box = QVBoxLayout(self)
        box.setContentsMargins(_SHADOW + 20, _ARROW + 20, _SHADOW + 20, _SHADOW + 16)
        box.setSpacing(0)
        box.addWidget(label(self.accessibleName(), 16, 600))
        box.addSpacing(4)
        words = (
            _(
                "This is a console: an admin who signs in there commands the contest. Another that calls itself so is refused."
            )
            if join.kind == "console"
            else _(
                "Approving trusts this one machine with your problems' secret tests; another that calls itself so is refused."
            )
        )
        said = label(words, 13, 400, "muted")
        said.setWordWrap(True)
        box.addWidget(said)
        box.addSpacing(12)
        box.addLayout(row_of(self._code_well(), self._facts(), spacing=18))
        box.addSpacing(18)
        box.addLayout(row_of(self.refuse, None, self.later, self.approve, spacing=8))
        self._ticks = QTimer(self)
        self._ticks.setInterval(1000)
        self._ticks.timeout.connect(self._tick)
        self._ticks.start()
        self._tick()

    def point_at(self, tip: QPoint) -> None:
        """Stands below `tip` (in the parent's coordinates), inside the parent."""
        self.adjustSize()
        left = max(0, min(tip.x() - 136, self._ground.width() - WIDTH))
        top = max(0, min(tip.y(), self._ground.height() - self.height()))
        self._arrow_x = max(_SHADOW + 24, min(tip.x() - left, WIDTH - _SHADOW - 24))
        self.move(left, top)
        self.show()
        self.raise_()
        self.later.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Goes without an answer; the request stays."""
        self._ticks.stop()
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _code_well(self) -> QWidget:
        well = QFrame()
        well.setProperty("part", "well")
        code = label(self.join.code, 28, 600, tabular=True)
        code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        code.setAccessibleName(" ".join(self.join.code))
        head = label(_("The screen of {name} must show", name=self.join.name), 13, 400, "muted")
        for one in (head, self._valid):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head.setWordWrap(True)
        well.setFixedWidth(248)
        box = column_of(head, code, self._valid, spacing=6)
        box.setContentsMargins(14, 14, 14, 14)
        well.setLayout(box)
        return well

    def _facts(self) -> QWidget:
        facts = QWidget()
        grid = QGridLayout(facts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(5)
        lines = [(_("Address"), self.join.address), (_("Asked at"), day_time(self.join.since_ms, seconds=True))]
        for part in facts_line(self.join.facts).split(" · "):
            lines.append((_("Machine") if len(lines) == 2 else "", part))
        for place, (head, text) in enumerate(lines):
            value = Line(self._theme, 13)
            value.say(text)
            grid.addWidget(label(head, 13, 400, "muted"), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, place, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(lines), 1)
        return facts

    def _tick(self) -> None:
        left = self.join.expires_ms - self._answers.now_ms()
        if left <= 0:
            self._valid.setText(_("no longer valid; the machine asks again"))
            self.approve.setEnabled(False)
        else:
            self._valid.setText(_("valid for {span} more", span=span_text(left)))

    def _on_approve(self) -> None:
        self._answers.approve(self.join)
        self.dismiss()

    def _on_refuse(self) -> None:
        self._answers.refuse(self.join)
        self.dismiss()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(_SHADOW + 0.5, _ARROW + 0.5, -_SHADOW - 0.5, -_SHADOW - 0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(_SHADOW, 0, -2):
            shade = QColor(0, 0, 0, 5 if not tokens.dark else 26)
            painter.setBrush(shade)
            painter.drawRoundedRect(
                body.adjusted(-step / 2, -step / 4, step / 2, step), _ROUND + step / 2, _ROUND + step / 2
            )
        shape = QPainterPath()
        shape.addRoundedRect(body, _ROUND, _ROUND)
        arrow = QPainterPath()
        arrow.moveTo(self._arrow_x - _ARROW, body.y() + 1)
        arrow.lineTo(self._arrow_x, body.y() - _ARROW + 1)
        arrow.lineTo(self._arrow_x + _ARROW, body.y() + 1)
        arrow.closeSubpath()
        painter.setPen(QPen(QColor(tokens.line_strong), 1))
        painter.setBrush(QColor(tokens.raised))
        painter.drawPath(shape.united(arrow))
        painter.end()
