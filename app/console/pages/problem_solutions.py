"""The jury solutions of a problem: what the package promises of each, what it ended as on which machine, and the limit that follows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.console.board import Board
from app.console.models.problem import SolutionTable
from app.console.widgets.package_cells import solution_delegate
from app.console.widgets.parts import Button, Line, row_of, rule
from app.console.widgets.table import Table
from app.console.words import counted, limit_text, retold
from app.console.words import tr as _
from app.wire.admin_packages_v1 import LimitProposal, ProblemDetail

Act = Callable[[], None]


class SolutionsFace(QWidget):
    """Shows the solutions of the present version."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._detail: ProblemDetail | None = None
        theme = board.theme
        self.model = SolutionTable()
        self.table = Table(
            theme,
            self.model,
            solution_delegate(theme),
            name="solutions",
            settings=board.settings,
            title=_("Jury solutions"),
        )
        self.table.say_when_empty(
            _("No jury solution"), _("The package brings none, so nothing shows that it can be solved.")
        )
        self.said = Line(theme, 13, 400, "muted")
        self.judge = Button(theme, _("Judge them"), lambda: self._judge(everywhere=False), icon="play")
        self.everywhere = Button(theme, _("On every machine"), lambda: self._judge(everywhere=True))
        self.stop = Button(theme, _("Stop"), self._on_stop)
        head = row_of(self.said, self.judge, self.everywhere, self.stop)
        head.setContentsMargins(16, 8, 12, 8)
        head.setStretch(0, 1)
        self.limit = Line(theme, 13)
        self.doubt = Line(theme, 13, 400, "slow")
        self.set_limit = Button(theme, _("Set the limit…"), self._on_limit)
        foot = row_of(self.limit, self.doubt, self.set_limit, spacing=12)
        foot.setContentsMargins(16, 8, 12, 4)
        foot.setStretch(0, 2)
        foot.setStretch(1, 3)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(head)
        box.addWidget(self.table, 1)
        box.addWidget(rule())
        box.addLayout(foot)

    def show_detail(self, detail: ProblemDetail) -> None:
        """Shows what the server told."""
        self._detail = detail
        self.model.take(detail.solutions)
        states = [one.state for one in detail.solutions]
        open_ones = states.count("waiting") + states.count("judging")
        wrong = sum(any(not run.ok for run in one.runs) for one in detail.solutions)
        judged = sum(bool(one.runs) for one in detail.solutions)
        words = [_("{n} of {all} judged", n=judged, all=len(states))] if states else []
        if wrong:
            words.append(_("{n} not as promised", n=wrong))
        if open_ones:
            words.append(_("{n} on the way, after all submissions", n=open_ones))
        elif states and not judged:
            words.append(_("before the start a ready machine judges them by itself; during the contest you say when"))
        self.said.say(" · ".join(words), "bad" if wrong else "muted")
        able = detail.package_state == "ready" and bool(states)
        self.judge.setVisible(not open_ones)
        self.everywhere.setVisible(not open_ones)
        self.stop.setVisible(bool(open_ones))
        for button in (self.judge, self.everywhere):
            button.setEnabled(able)
        self._say_limit(detail.proposal, detail)

    def _say_limit(self, proposal: LimitProposal, detail: ProblemDetail) -> None:
        self.doubt.say(retold(proposal.sentence), "muted" if proposal.seconds is None else "slow")
        other = proposal.seconds is not None and proposal.seconds != detail.cpu_seconds
        self.set_limit.setVisible(other)
        if proposal.seconds is None:
            self.limit.say(_("Time limit {n} s", n=limit_text(detail.cpu_seconds)), "ink")
            return
        self.set_limit.say(_("Set {n} s…", n=limit_text(proposal.seconds)))
        said = _(
            "Slowest accepted {time} s × {factor} asks for {limit} s; the limit is {now} s",
            time=f"{proposal.slowest_seconds:.2f}",
            factor=limit_text(proposal.multiplier),
            limit=limit_text(proposal.seconds),
            now=limit_text(detail.cpu_seconds),
        )
        self.limit.say(said, "slow" if proposal.seconds > detail.cpu_seconds else "ink")

    def _contest(self) -> str:
        return self._board.state.contest.id if self._board.state is not None else ""

    def _judge(self, *, everywhere: bool) -> None:
        if self._detail is not None:
            self._board.packages.judge_solutions(self._detail, self._contest(), everywhere=everywhere)

    def _on_stop(self) -> None:
        if self._detail is not None:
            self._board.packages.stop_solutions(self._detail, self._contest())

    def _on_limit(self) -> None:
        if self._detail is not None and self._detail.proposal.seconds is not None:
            self._board.packages.set_limit(self._detail, self._contest(), self._detail.proposal.seconds)


def solutions_title(detail: ProblemDetail) -> str:
    """The tab's words: how many there are."""
    return _("Jury solutions") + (f" {len(detail.solutions)}" if detail.solutions else "")


def tests_title(detail: ProblemDetail) -> str:
    """The tab's words: how many tests there are."""
    return _("Tests") + (f" {detail.test_count}" if detail.test_count else "")


def groups_text(detail: ProblemDetail) -> str:
    """How many tests there are in how many groups."""
    groups = {one.name.rpartition("/")[0] for one in detail.tests} - {""}
    tests = counted(detail.test_count, "test", "tests")
    return _("{tests} in {groups}", tests=tests, groups=counted(len(groups), "group", "groups")) if groups else tests
