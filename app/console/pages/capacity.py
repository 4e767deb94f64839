"""What this laptop carries: for about how many teams it is good, what each part was measured to do, and measuring it (again)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.console import measured
from app.console.board import Board
from app.console.capacity import BROWSERS_A_TEAM, OPENING_SECONDS, PAGE_MS, SUBMIT_EVERY_SECONDS, Limit
from app.console.dialogs.ask import confirm
from app.console.measured import Measured
from app.console.measuring import ROUNDS, Measuring
from app.console.pages.page import Page
from app.console.widgets.parts import Button, Card, CardHead, Picture, clear, column_of, label, row_of, rule
from app.console.words import counted, number, size_text, span_text
from app.console.words import tr as _
from app.core.errors import Fault

_WIDTH = 800
_BUSY = ("running", "frozen")


class CapacityPage(Page):
    """Good for about N teams. A measurement is a process of its own; the page shows its steps and can stop it."""

    def __init__(self, board: Board) -> None:
        super().__init__(board, _("This laptop"))
        place = board.link.place
        self.data = Path(place.where) if place.is_here else None
        self.measured: Measured | None = None
        self.measuring: Measuring | None = None
        self._step = ""
        theme = board.theme
        self.measure = Button(theme, _("Measure…"), self.ask, kind="primary", icon="activity")
        self.stop = Button(theme, _("Stop measuring"), self._on_stop, icon="ban")
        for button in (self.measure, self.stop):
            self.head.addWidget(button)
        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        column.setMinimumWidth(_WIDTH)
        box = QVBoxLayout(column)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(16)
        box.addWidget(self._verdict())
        box.addWidget(self._figures())
        box.addStretch(1)
        self.body.addWidget(column, 1, Qt.AlignmentFlag.AlignLeft)
        self._ticks = QTimer(self)
        self._ticks.setInterval(500)
        self._ticks.timeout.connect(self._say)
        self.look()

    def look(self) -> None:
        """Reads what was measured before."""
        self.measured = measured.load(self.data) if self.data is not None else None
        self._say()
        self._show_figures()

    def shown(self) -> None:
        if self.measuring is None:
            self.look()
        (self.measure if self.measure.isVisible() else self.stop).setFocus()

    def ask(self) -> None:
        """Measures; while the contest runs only after a warning."""
        moment = self.board.server_time.now()
        busy = moment is not None and moment.phase in _BUSY
        sentence = (
            _("The contest is running. Measuring takes both disk and processor for about two minutes: pages and verdicts become slow.")
            if busy
            else _("A server with a contest of its own is measured for about two minutes. Let nothing else work on this laptop meanwhile.")
        )  # fmt: skip
        act = _("Measure all the same") if busy else _("Measure")
        confirm(self.board.theme, self, _("Measure this laptop"), sentence, act, self.begin, danger=busy)

    def begin(self) -> None:
        """Starts measuring."""
        if self.measuring is not None or self.data is None:
            return
        self.measuring = Measuring(self.data, self)
        self.measuring.step.connect(self._on_step)
        self.measuring.done.connect(self._on_done)
        self.measuring.failed.connect(self._on_failed)
        self.measuring.stopped.connect(lambda: self._on_end(_("Stopped; nothing was changed.")))
        self._ticks.start()
        self.measuring.start()
        self._say()

    def end(self) -> None:
        """The window closes: so does a measurement."""
        if self.measuring is not None:
            self.measuring.end()

    def _verdict(self) -> Card:
        card = Card((18, 16, 18, 16))
        self.sign = Picture(self.board.theme, "activity", "quiet", 28, tinted=True)
        self.headline = label("", 28, 600)
        self.sentence = label("", 14, 400, "muted")
        self.sentence.setWordWrap(True)
        row = row_of(column_of(self.sign, None), column_of(self.headline, self.sentence, spacing=4), spacing=18)
        row.setStretch(1, 1)
        card.body.addLayout(row)
        return card

    def _figures(self) -> Card:
        self.card = Card(spacing=0)
        self.card.body.addWidget(CardHead(_("How it was measured")))
        self.card.body.addSpacing(6)
        self._rows = column_of(spacing=0)
        self.card.body.addLayout(self._rows)
        self.card.body.addSpacing(8)
        said = label(
            _(
                "Medians of {rounds} rounds, the measuring programs on the same processor: "
                "with the teams' browsers on machines of their own it carries rather more.",
                rounds=ROUNDS,
            ),
            13,
            400,
            "muted",
        )  # fmt: skip
        said.setWordWrap(True)
        self.card.body.addWidget(said)
        return self.card

    def _say(self) -> None:
        running = self.measuring is not None
        self.stop.setVisible(running)
        self.measure.setVisible(not running and self.data is not None)
        if running:
            self._say_running()
        elif self.measured is not None:
            self._say_measured(self.measured)
        else:
            self.sign.become("activity", "quiet")
            self.headline.setText(_("Not measured yet"))
            self.sentence.setText(
                _("Measuring takes about two minutes. Do it before the contest, on mains power, with nothing else at work.")
                if self.data is not None
                else _("It is measured in the console on the server's own machine.")
            )  # fmt: skip
        self.card.setVisible(self.measured is not None)

    def _say_running(self) -> None:
        assert self.measuring is not None
        steps = {
            "ingest": _("Step 1 of 3: submissions, each on disk before it is answered"),
            "wake": _("Step 2 of 3: a hall of waiting browsers"),
            "reads": _("Step 3 of 3: pages and boards"),
        }
        self.sign.become("hourglass", "waiting")
        self.headline.setText(_("Measuring …"))
        span = span_text(round(self.measuring.seconds * 1000))
        self.sentence.setText(f"{steps.get(self._step, '')}, {span}" if self._step else span)

    def _say_measured(self, found: Measured) -> None:
        capacity = found.capacity()
        teams = self.board.state.team_count if self.board.state else 0
        enough = capacity.teams >= teams
        self.sign.become("check" if enough else "triangle-alert", "good" if enough else "slow")
        self.headline.setText(_("Good for about {n} teams", n=number(capacity.teams)))
        ends = {
            Limit.NEWS: _("What ends first: telling all browsers of a verdict."),
            Limit.SUBMISSIONS: _("What ends first: taking submissions."),
            Limit.PAGES: _("What ends first: drawing pages when the contest opens."),
            Limit.BOARD: _("What ends first: serving the board."),
        }
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.at_ms / 1000))
        facts = [
            _("Measured {when}", when=when),
            counted(found.cores, "core", "cores"),
            _("{size} of memory", size=size_text(found.memory_bytes)),
        ]
        few = "" if enough else " " + _("This contest has {teams}.", teams=counted(teams, "team", "teams"))
        self.sentence.setText(f"{ends[capacity.narrowest]}{few}\n{' · '.join(facts)}")

    def _show_figures(self) -> None:
        clear(self._rows)
        if self.measured is None:
            return
        for place, line in enumerate(lines_of(self.measured)):
            if place:
                self._rows.addWidget(rule())
            self._rows.addWidget(_figure_row(line))

    def _on_step(self, part: str) -> None:
        self._step = part
        self._say()

    def _on_stop(self) -> None:
        self.stop.setEnabled(False)
        if self.measuring is not None:
            self.measuring.stop()

    def _on_done(self, figures: dict[str, dict[str, Any]]) -> None:
        found = Measured(round(time.time() * 1000), figures)
        try:
            found.capacity()
            if self.data is not None:
                measured.save(self.data, found)
        except ValueError:
            self._on_end(_("The measurement gave no figures."))
            return
        except Fault as fault:
            self._on_end(fault.sentence)
            return
        self.measured = found
        self._on_end("")
        self._show_figures()

    def _on_failed(self, sentence: str) -> None:
        self._on_end(sentence)

    def _on_end(self, sentence: str) -> None:
        if self.measuring is not None:
            self.measuring.deleteLater()
        self.measuring, self._step = None, ""
        self._ticks.stop()
        self.stop.setEnabled(True)
        self.beside.setText(sentence)
        self._say()


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the measurement, for people: what, how it was measured, its figure, for how many teams that is enough."""

    what: str
    how: str
    figure: str
    teams: int


def lines_of(found: Measured) -> tuple[Line, ...]:
    """What was measured, line by line."""
    teams = found.capacity().by_limit
    ingest, wake, reads = (found.figures[part] for part in measured.PARTS)
    news = _(
        "{n} browsers, two for each team; all of them have to know within 1 s, "
        "pages asked meanwhile take under {ms} ms (99 of 100)",
        n=number(int(wake["waiters"])),
        ms=f"{PAGE_MS:g}",
    )
    stored = _(
        "each on disk before it is answered; good at half of this rate when every team submits each {n} s",
        n=SUBMIT_EVERY_SECONDS,
    )
    drawn = _("drawn for each visitor; the opening asks three for each team within {n} s", n=OPENING_SECONDS)
    kept = _("from memory; {n} browsers of each team ask for it within 2 s of a verdict", n=BROWSERS_A_TEAM)
    times = _("{all} ms, pages {page} ms", all=f"{wake['all_ms']:.0f}", page=f"{wake['page_p99_ms']:.0f}")
    return (
        Line(_("News of a verdict"), news, times, teams[Limit.NEWS]),
        Line(_("Submissions"), stored, _a_second(ingest["accepted_per_second"]), teams[Limit.SUBMISSIONS]),
        Line(_("Pages"), drawn, _a_second(reads["drawn_pages_per_second"]), teams[Limit.PAGES]),
        Line(_("Board"), kept, _a_second(reads["per_second"]), teams[Limit.BOARD]),
    )


def _a_second(rate: float) -> str:
    return _("{n} a second", n=number(round(rate)))


def _figure_row(line: Line) -> QWidget:
    row = QWidget()
    grid = QGridLayout(row)
    grid.setContentsMargins(0, 9, 0, 9)
    grid.setHorizontalSpacing(20)
    said = label(line.how, 13, 400, "muted")
    said.setWordWrap(True)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
    grid.addLayout(column_of(label(line.what, 14, 500), said, spacing=2), 0, 0)
    grid.addWidget(label(line.figure, 14, 400, tabular=True), 0, 1, right)
    grid.addWidget(label(_("{n} teams", n=number(line.teams)), 14, 600, tabular=True), 0, 2, right)
    grid.setColumnStretch(0, 1)
    grid.setColumnMinimumWidth(1, 190)
    grid.setColumnMinimumWidth(2, 110)
    return row
