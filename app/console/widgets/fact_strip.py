"""A strip of facts below a page's title: the name of each above its value."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QHBoxLayout

from app.console.widgets.parts import Card, column_of, label


class FactStrip(Card):
    """`names` are the facts in their order, by key."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__((15, 9, 15, 10))
        self._values = {key: label("", 14, 500, tabular=True) for key in names}
        row = QHBoxLayout()
        row.setSpacing(24)
        for key, name in names.items():
            row.addLayout(column_of(label(name, 12, 400, "muted"), self._values[key], spacing=2))
        row.addStretch(1)
        self.body.addLayout(row)

    def say(self, **values: str) -> None:
        """Fills facts in; – stands for one that there is not."""
        for key, value in values.items():
            self._values[key].setText(value or "–")
