"""The organiser reads on a machine's panel what stops which attack there, and what a judge without root cannot promise."""

from __future__ import annotations

from typing import Any

import contest_values as values
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.console.dialogs.holds import Holds, rows_of, weaker_of
from app.console.link import Room
from app.console.window import Window

ATTACKS = [["bombs of processes", "control group", "limit of processes"], ["memory of every kind"]]
WEAKER = ["Memory is measured by sampling, every 10 ms."]


def texts(dialog: Holds) -> list[str]:
    return [one.text() for one in dialog.findChildren(QLabel)]


def show(window: Window, state: str, facts: dict[str, Any]) -> None:
    """A room of one machine with these facts, which is chosen."""
    machine = values.machine(1, state)
    window.board.link.room_came.emit(Room((machine.model_copy(update={"facts": machine.facts | facts}),), ()))
    window.show_page("machines")
    window.machines.table.selectRow(0)


def test_table_of_a_machine(full: Window, qtbot: QtBot) -> None:
    """The panel's link opens the table that the machine sent: each attack with its layers, an open one named as such."""
    show(full, "ready", {"attacks": ATTACKS, "weaker": []})
    panel = full.machines.panel
    assert panel.holds.isVisibleTo(panel)
    assert not panel._notice.isVisibleTo(panel)
    qtbot.mouseClick(panel.holds, Qt.MouseButton.LeftButton)
    dialog = panel.findChild(Holds)
    assert isinstance(dialog, Holds)
    said = texts(dialog)
    assert "control group\nlimit of processes" in said
    assert "Nothing on this machine's kernel" in said
    dialog.close()


@pytest.mark.parametrize("state", ["paused", "ready"])
def test_weaker_machine_says_so(full: Window, state: str) -> None:
    """A judge without root shows what is weaker as long as it is paired, not only until it was accepted."""
    show(full, state, {"weaker": WEAKER})
    panel = full.machines.panel
    assert panel._notice.isVisibleTo(panel)
    assert panel._notice_words.text() == ("You paused it; it gets no new work." if state == "paused" else WEAKER[0])
    assert not panel.holds.isVisibleTo(panel), "an older machine sent no table"


@pytest.mark.parametrize("told", [None, "x", 3, {"a": 1}, [1, "x", [], {}], [["x" * 10_000] * 100] * 1000])
def test_facts_of_strangers_are_bounded(told: object) -> None:
    """Whatever a machine calls its table, the console shows a bounded one or none."""
    rows = rows_of({"attacks": told})
    assert len(rows) <= 60
    assert all(len(attack) <= 200 and len(layers) <= 8 for attack, layers in rows)
    assert all(len(one) <= 400 for one in weaker_of({"weaker": told}))
