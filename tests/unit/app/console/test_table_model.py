"""The table model tells Qt the truth: whatever changes, a view that only listens shows the same rows."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

from app.console.models.table import Column, TableModel


@dataclass(frozen=True, slots=True)
class Row:
    key: int
    team: str
    verdict: str = "AC"


def make(*, newest_first: bool = False) -> TableModel[Row]:
    columns = (
        Column[Row]("key", "Id", lambda row: str(row.key), 50, lambda row: row.key),
        Column[Row]("team", "Team", lambda row: row.team, 50),
        Column[Row]("verdict", "Verdict", lambda row: row.verdict, 50),
    )
    return TableModel(columns, lambda row: row.key, newest_first=newest_first)


class Listener:
    """Does what a view does: keeps its own copy of the rows by the model's signals alone."""

    def __init__(self, model: TableModel[Row]) -> None:
        self.model = model
        self.rows: list[str] = []
        model.rowsInserted.connect(self.inserted)
        model.rowsRemoved.connect(self.removed)
        model.dataChanged.connect(self.changed)
        model.layoutChanged.connect(self.everything)

    def text(self, place: int) -> str:
        return "|".join(str(self.model.data(self.model.index(place, column))) for column in range(3))

    def inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.rows[first:first] = [self.text(place) for place in range(first, last + 1)]

    def removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.rows[first : last + 1]

    def changed(self, top: QModelIndex, bottom: QModelIndex) -> None:
        for place in range(top.row(), bottom.row() + 1):
            self.rows[place] = self.text(place)

    def everything(self) -> None:
        self.rows = [self.text(place) for place in range(self.model.rowCount())]


ROWS = st.lists(
    st.builds(Row, st.integers(1, 12), st.sampled_from(["Goats", "Hay", "Müsli"]), st.sampled_from(["AC", "WA"])),
    max_size=8,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("upsert"), ROWS),
        st.tuples(st.just("replace"), ROWS),
        st.tuples(st.just("filter"), st.sampled_from(["", "goats", "h", "wa", "müsli ac", "nothing"])),
        st.tuples(st.just("sort"), st.sampled_from([-1, 0, 1, 2])),
        st.tuples(st.just("fall"), st.sampled_from([0, 1, 2])),
    ),
    max_size=12,
)


@given(STEPS)
def test_a_view_shows_what_the_model_holds(steps: list[tuple[str, object]]) -> None:
    """Arrivals, verdicts, unpaired machines, filters and sorting in any order: the listener's copy equals the model."""
    model = make(newest_first=True)
    listener = Listener(model)
    for step, value in steps:
        match step, value:
            case "upsert", list():
                model.upsert(value)
            case "replace", list():
                model.replace(value)
            case "filter", str():
                model.filter_by(value)
            case "sort", int():
                model.sort(value)
            case "fall", int():
                model.sort(value, Qt.SortOrder.DescendingOrder)
        assert listener.rows == [listener.text(place) for place in range(model.rowCount())]


def test_newest_first() -> None:
    """The live list shows the last submission on top, whatever order the pages came in."""
    model = make(newest_first=True)
    model.upsert([Row(2, "Hay"), Row(9, "Goats"), Row(5, "Hay")])
    assert model.keys() == [9, 5, 2]


def test_selected_submission_stays_selected() -> None:
    """New submissions, a sort and a verdict later the same submission is the selected one."""
    model = make(newest_first=True)
    model.upsert([Row(1, "Hay"), Row(2, "Goats")])
    held = QPersistentModelIndex(model.index(1, 0))
    model.upsert([Row(3, "Müsli"), Row(4, "Hay")])
    assert model.at(held.row()).key == 1
    model.sort(1)
    assert model.at(held.row()).key == 1
    model.replace([Row(3, "Müsli"), Row(4, "Hay")])
    assert not held.isValid()


def test_filter_finds_every_word_in_any_column() -> None:
    """«goats wa» shows the wrong answers of the Goats."""
    model = make()
    model.upsert([Row(1, "Greedy Goats", "WA"), Row(2, "Greedy Goats", "AC"), Row(3, "Hay", "WA")])
    model.filter_by("GOATS wa")
    assert model.keys() == [1]
    model.upsert([Row(2, "Greedy Goats", "WA")])
    assert model.keys() == [1, 2]
    assert model.total == 3


def test_same_values_change_nothing() -> None:
    """A poll without news lets no view draw anything again."""
    model = make()
    model.upsert([Row(1, "Hay")])
    heard: list[object] = []
    model.dataChanged.connect(heard.append)
    model.layoutChanged.connect(lambda: heard.append("layout"))
    model.upsert([Row(1, "Hay")])
    assert heard == []


def test_head_says_how_it_is_sorted() -> None:
    """The sorted column carries an arrow."""
    model = make()
    model.upsert([Row(1, "Hay")])
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Team ↓"
    assert model.sorting == (1, True)


@pytest.mark.parametrize("newest_first", [False, True])
def test_qt_finds_no_fault(newest_first: bool) -> None:
    """Qt's own rules for models hold for ours."""
    model = make(newest_first=newest_first)
    model.upsert([Row(number, "Hay") for number in range(5)])
    assert isinstance(model, QAbstractItemModel)
    inner = model.index(0, 0)
    assert model.rowCount(inner) == 0
    assert model.columnCount(inner) == 0
    assert not model.index(99, 0).isValid()
    assert model.data(QModelIndex()) is None
