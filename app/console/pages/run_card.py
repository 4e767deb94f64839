"""The card «Tests» of a submission: its run squares, and the chosen run's verdict, time and memory against their limits."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from app.console.board import Board
from app.console.widgets.chip import ChipLabel, verdict_chip
from app.console.widgets.limit_bar import LimitBar
from app.console.widgets.parts import Card, CardHead, Line, column_of, label, row_of, rule, set_role
from app.console.widgets.run_row import RunRow
from app.console.widgets.squares import verdict_of
from app.console.words import counted, limit_text
from app.console.words import tr as _
from app.wire.admin_v1 import RunRow as Run
from app.wire.admin_v1 import SubmissionDetail, SubmissionRow

_MEBI = 1024 * 1024
_NEAR = 0.9


def wall_limit(cpu_limit_seconds: float) -> float:
    """Wall time allowed for a CPU limit, both in seconds (DESIGN 6)."""
    return 2 * cpu_limit_seconds + 2


class Measure:
    """One line: name, limit bar, value of limit, a remark."""

    def __init__(self, board: Board, name: str, grid: QGridLayout, place: int) -> None:
        self._bar = LimitBar(board.theme)
        self._value = label("", 14, 500, tabular=True)
        self._limit = label("", 13, 400, "muted", tabular=True)
        self._remark = Line(board.theme, 13, 400, "muted")
        grid.addWidget(label(name, 13, 400, "muted"), place, 0)
        grid.addWidget(self._bar, place, 1)
        grid.addWidget(self._value, place, 2)
        grid.addWidget(self._limit, place, 3)
        grid.addWidget(self._remark, place, 4)

    def say(self, share: float, value: str, limit: str, remark: str, *, repeats: tuple[float, ...] = ()) -> None:
        """Shows a measurement; `share` of its limit."""
        self._bar.show_share(share, repeats)
        self._value.setText(value)
        set_role(self._value, "bad" if share > 1 else "slow" if share >= _NEAR else "")
        self._limit.setText(limit)
        self._remark.say(remark, "slow" if share >= _NEAR else "muted")


class RunCard(Card):
    """Follows one submission."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._runs: dict[int, Run] = {}
        self._row: SubmissionRow | None = None
        self._longest = label("", 12, 400, "muted")
        self.head = CardHead(_("Tests"), self._longest)
        self.squares = RunRow(board.theme)
        self.squares.chosen.connect(self._on_chosen)
        self._chip = ChipLabel(board.theme)
        self._name = label("", 14, 600)
        self._message = Line(board.theme, 13, 400, "muted")
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(4, 1)
        self._cpu = Measure(board, _("CPU"), self._grid, 0)
        self._memory = Measure(board, _("Memory"), self._grid, 1)
        self._wall = Measure(board, _("Wall"), self._grid, 2)
        self._run = QWidget()
        line = row_of(self._chip, self._name, self._message, spacing=10)
        self._run.setLayout(column_of(line, self._grid, spacing=9))
        self.body.setSpacing(8)
        self.disagreement = Line(board.theme, 14, 600, "bad")
        self.disagreement.hide()
        for widget in (self.head, self.disagreement, self.squares, rule(), self._run):
            self.body.addWidget(widget)
        self.nothing = label("", 13, 400, "muted")
        self.body.addWidget(self.nothing)

    def forget(self) -> None:
        """Another submission comes."""
        self.squares.forget()
        self._runs = {}
        self._run.hide()
        self.disagreement.hide()

    def show_detail(self, detail: SubmissionDetail) -> None:
        """Shows a submission's runs; the reader's chosen test stays chosen, at first it is the deciding one."""
        self._row = detail.row
        self._runs = {run.number: run for run in detail.runs if run.counted}
        accepted = [run for run in self._runs.values() if run.verdict == "AC"]
        longest = max(accepted, key=lambda run: run.cpu_seconds, default=None)
        self.squares.show_tests(detail.row.tests, longest.number if longest else 0)
        self._longest.setText(
            _("longest accepted run: test {n}, {s} s", n=longest.number, s=f"{longest.cpu_seconds:.2f}")
            if longest
            else ""
        )
        self.head.beside.setText(_ran(detail))
        disagreement = _disagreement(detail)
        self.disagreement.say(disagreement, "bad")
        self.disagreement.setVisible(bool(disagreement))
        self._run.setVisible(bool(self._runs))
        self.nothing.setVisible(not self._runs)
        self.nothing.setText(_("No test has run yet.") if detail.row.status != "DONE" else _("No test was run."))
        if not self.squares.current and self._runs:
            failing = [place for place, letter in enumerate(detail.row.tests, 1) if verdict_of(letter) is not None]
            self.squares.choose(failing[0] if failing else longest.number if longest else min(self._runs))
        elif self.squares.current:
            self._on_chosen(self.squares.current)

    def _on_chosen(self, number: int) -> None:
        run, row = self._runs.get(number), self._row
        if run is None or row is None:
            self._run.hide()
            self.nothing.show()
            self.nothing.setText(_("Test {n} was not run.", n=number))
            return
        self.nothing.hide()
        self._run.show()
        self._chip.show_chip(verdict_chip(run.verdict))
        self._name.setText(_("Test {n}, {name}", n=number, name=run.test))
        self._message.say(" ".join(run.message.split()), "muted" if run.verdict == "AC" else "bad")
        self._say_measures(run, row)

    def _say_measures(self, run: Run, row: SubmissionRow) -> None:
        limit = row.cpu_limit_seconds or 1.0
        repeats = tuple(one / limit for one in run.repeats)
        self._cpu.say(
            run.cpu_seconds / limit,
            f"{run.cpu_seconds:.2f}",
            _("of {limit} s", limit=limit_text(limit)),
            _repeats_text(run),
            repeats=repeats,
        )
        memory = max(1, row.memory_limit_bytes)
        self._memory.say(
            run.memory_bytes / memory,
            f"{run.memory_bytes / _MEBI:.0f}",
            _("of {limit} MB", limit=f"{memory / _MEBI:.0f}"),
            _("limit reached: {limit}", limit=run.limit) if run.limit else _("peak of the run's cgroup"),
        )
        wall = wall_limit(limit)
        self._wall.say(
            run.wall_seconds / wall,
            f"{run.wall_seconds:.2f}",
            _("of {limit} s", limit=limit_text(wall)),
            _end_text(run),
        )


def _ran(detail: SubmissionDetail) -> str:
    row = detail.row
    done = sum(1 for letter in row.tests if letter not in "->")
    if not row.test_count:
        return ""
    said = _("{done} of {all} ran", done=done, all=row.test_count)
    late = sum(1 for run in detail.runs if not run.counted)
    if row.status == "DONE" and done < row.test_count and row.verdict != "AC":
        said += _("; stopped at the first failure")
    if late:
        said += "; " + _("{runs} kept as evidence", runs=counted(late, "late run", "late runs"))
    return said


def _disagreement(detail: SubmissionDetail) -> str:
    """What has to be said plainly where two runs of a test disagree."""
    if not detail.differences:
        return ""
    return _("Judged twice with different results. {first}", first=detail.differences[0])


def _repeats_text(run: Run) -> str:
    if not run.repeats:
        return ""
    text = _(
        "near the limit: {n} repeats {low} to {high}",
        n=len(run.repeats),
        low=f"{min(run.repeats):.2f}",
        high=f"{max(run.repeats):.2f}",
    )
    return text + (_(", not steady") if run.flaky else "")


def _end_text(run: Run) -> str:
    parts = []
    if run.signal:
        parts.append(_("signal {n}", n=run.signal))
    elif run.exit_code is not None:
        parts.append(_("exit {n}", n=run.exit_code))
    if run.machine:
        parts.append(_("on {machine}", machine=run.machine))
    if run.attempt > 1:
        parts.append(_("attempt {n}", n=run.attempt))
    return ", ".join(parts)
