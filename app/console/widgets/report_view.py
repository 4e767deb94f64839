"""An import's report to read: the lines in a table, and the whole of the chosen one below it."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.console.models.problem import ReportRow, ReportTable
from app.console.theme.theme import Theme
from app.console.widgets.package_cells import report_delegate
from app.console.widgets.parts import column_of, label, rule
from app.console.widgets.table import Table
from app.console.words import retold
from app.console.words import tr as _


class ReportView(QWidget):
    """Shows a ReportTable; long sentences are read in full below."""

    def __init__(self, theme: Theme, model: ReportTable, settings: QSettings, name: str) -> None:
        super().__init__()
        self._model = model
        self.table = Table(theme, model, report_delegate(theme), name=name, settings=settings, title=_("Report"))
        self.sentence = label("", 13)
        self.advice = label("", 13, 400, "muted")
        for words in (self.sentence, self.advice):
            words.setWordWrap(True)
        said = column_of(self.sentence, self.advice, spacing=4)
        said.setContentsMargins(16, 10, 16, 6)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.table, 1)
        self._line = rule()
        box.addWidget(self._line)
        box.addLayout(said)
        self.setFocusProxy(self.table)
        self.table.chosen.connect(self._say)
        model.counted.connect(self._on_counted)
        self._on_counted()

    def _on_counted(self) -> None:
        current = self.table.current_row()
        if current is None and self._model.rowCount():
            self.table.selectRow(0)
            return
        self._say(current)

    def _say(self, row: ReportRow | None) -> None:
        for widget in (self._line, self.sentence, self.advice):
            widget.setVisible(row is not None)
        if row is not None:
            file = f"{row.line.file}: " if row.line.file else ""
            self.sentence.setText(file + retold(row.line.sentence))
            self.advice.setText(retold(row.line.advice))
