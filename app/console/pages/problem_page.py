"""One problem: its statement as teams read it, limits, jury solutions, tests, report, and another version on trial."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.client import parsed
from app.console.models.lists import package_word
from app.console.models.problem import ReportTable, TestTable
from app.console.pages.problem_solutions import SolutionsFace, groups_text, solutions_title, tests_title
from app.console.pages.problem_trial import TrialFace
from app.console.theme.tokens import GAP, MARGIN
from app.console.widgets.chip import Chip, ChipLabel
from app.console.widgets.fact_strip import FactStrip
from app.console.widgets.package_cells import plain_delegate
from app.console.widgets.parts import Button, Card, Line, label, row_of
from app.console.widgets.problem_cells import PACKAGE_LOOKS
from app.console.widgets.report_view import ReportView
from app.console.widgets.shapes import paint_balloon
from app.console.widgets.statement_view import StatementView
from app.console.widgets.table import Table
from app.console.words import counted, limit_text, size_text
from app.console.words import tr as _
from app.core.errors import Fault
from app.wire.admin_packages_v1 import ProblemDetail

TABS = ("statement", "solutions", "tests", "report", "trial")


class Balloon(QWidget):
    """A problem's balloon beside its title."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._shown = ("", "")
        self.setFixedSize(QSize(26, 26))

    def say(self, label_: str, rgb: str) -> None:
        """Letter and colour."""
        self._shown = (label_, rgb)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_balloon(painter, QRectF(self.rect()).center(), *self._shown, self._board.theme.tokens, 24)
        painter.end()


class ProblemFacts(FactStrip):
    """The strip of facts below the title."""

    def __init__(self) -> None:
        super().__init__(
            {
                "limit": _("CPU limit"),
                "memory": _("Memory limit"),
                "output": _("Output limit"),
                "tests": _("Tests"),
                "kind": _("Kind"),
                "validator": _("Output validator"),
                "version": _("Version"),
            }
        )

    def show_detail(self, detail: ProblemDetail) -> None:
        """Fills the facts in."""
        limit = _("{n} s", n=limit_text(detail.cpu_seconds))
        if detail.package_cpu_seconds != detail.cpu_seconds:
            limit += _(" (package: {n} s)", n=limit_text(detail.package_cpu_seconds))
        self.say(
            limit=limit,
            memory=size_text(detail.memory_bytes),
            output=size_text(detail.output_bytes),
            tests=groups_text(detail),
            kind=detail.kind,
            validator=_("its own") if detail.validator == "custom" else _("the default"),
            version=detail.version[:12],
        )


class ProblemPage(QWidget):
    """Shows one problem and follows it while it is in sight. A package that is dropped here goes on trial."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._id = ""
        self.detail: ProblemDetail | None = None
        theme = board.theme
        self.crumb = Button(theme, _("Problems"), lambda: board.news.show_page.emit("problems"), kind="link")
        self.balloon = Balloon(board)
        self.title = Line(theme, 20, 600)
        self.chip = ChipLabel(theme)
        self.export = Button(theme, _("Export…"), self._on_export, icon="archive")
        self.offer = Button(theme, _("New version…"), self._on_offer, icon="upload")
        self.trouble = label("", 13, 400, "bad")
        self.trouble.hide()
        self.facts = ProblemFacts()
        self.solutions = SolutionsFace(board)
        self.trial = TrialFace(board)
        self.tests, self.report = TestTable(), ReportTable()
        self.test_table = self._table(self.tests, plain_delegate(theme), "tests", _("Tests"))
        self.test_table.say_when_empty(_("No test yet"), _("A judge machine makes the tests that the package lacks."))
        self.report_view = ReportView(theme, self.report, board.settings, "report")
        self.report_view.table.say_when_empty(_("Nothing to report"), _("The package is in order."))
        self.tabs = QTabBar()
        self._stack = QStackedWidget()
        self._place()
        self.setAcceptDrops(True)
        board.news.state.connect(lambda _state: self._fetch() if self.isVisible() else None)

    @property
    def shown_id(self) -> str:
        """The problem that is shown; "" for none."""
        return self._id

    def show_problem(self, problem_id: str, tab: str = "") -> None:
        """Opens a problem, at one of TABS where it is named."""
        if problem_id != self._id:
            self._id = problem_id
            self.detail = None
            known = next((one for one in self._board.problem_table.rows() if one.id == problem_id), None)
            if known is not None:
                self.title.say(known.title)
                self.balloon.say(known.label, known.rgb)
                self._say_package(known.package_state)
            self.statement.show_page("")
        if tab:
            self.tabs.setCurrentIndex(TABS.index(tab))
        self._fetch()

    def show_detail(self, detail: ProblemDetail) -> None:
        """Shows what the server told; an answer about another problem came too late and is dropped."""
        if detail.id != self._id:
            return
        fresh = self.detail is None or self.detail.version != detail.version
        self.detail = detail
        self.trouble.hide()
        self.title.say(detail.title)
        self.balloon.say(detail.label, detail.rgb)
        self._say_package(detail.package_state)
        self.facts.show_detail(detail)
        self.solutions.show_detail(detail)
        self.trial.show_detail(detail)
        self.tests.replace(detail.tests)
        self.report.take(detail.report)
        self.export.setEnabled(detail.can_export)
        for place, words in ((1, solutions_title(detail)), (2, tests_title(detail)), (3, _report_title(detail))):
            self.tabs.setTabText(place, words)
        if fresh:
            self._show_languages(detail)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_paths(event)
        if paths and self._id:
            event.acceptProposedAction()
            self._board.packages.bring_in(paths[:1], self._contest(), self._id)

    def _place(self) -> None:
        for words in (_("Statement"), _("Jury solutions"), _("Tests"), _("Report"), _("New version")):
            self.tabs.addTab(words)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.currentChanged.connect(self._stack.setCurrentIndex)
        for face in (self._statement_face(), self.solutions, self.test_table, self.report_view, self.trial):
            self._stack.addWidget(face)
        head = row_of(self.crumb, label("›", 14, 400, "muted"), self.balloon, self.title, self.chip, spacing=8)
        head.setStretch(3, 1)
        for button in (self.export, self.offer):
            head.addWidget(button)
        card = Card((1, 1, 1, 6))
        tabs = row_of(self.tabs, None)
        tabs.setContentsMargins(10, 6, 16, 2)
        card.body.addLayout(tabs)
        card.body.addWidget(self._stack, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        box.setSpacing(GAP)
        box.addLayout(head)
        box.addWidget(self.trouble)
        box.addWidget(self.facts)
        box.addWidget(card, 1)

    def _statement_face(self) -> QWidget:
        face = QWidget()
        self.languages = QTabBar()
        self.languages.setDrawBase(False)
        self.languages.setExpanding(False)
        self.languages.setAccessibleName(_("Language of the statement"))
        self.languages.currentChanged.connect(lambda _place: self._ask_statement())
        self.statement = StatementView(self._board.theme, self._fetch_picture, _("Statement"))
        row = row_of(self.languages, None)
        row.setContentsMargins(10, 0, 16, 0)
        box = QVBoxLayout(face)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(row)
        box.addWidget(self.statement, 1)
        return face

    def _table(self, model: Any, delegate: Any, name: str, title: str) -> Table:
        return Table(self._board.theme, model, delegate, name=name, settings=self._board.settings, title=title)

    def _say_package(self, state: str) -> None:
        role, icon = PACKAGE_LOOKS.get(state, ("quiet", "circle-dashed"))
        self.chip.show_chip(Chip(role, icon, package_word(state)))

    def _fetch(self) -> None:
        wanted = self._id

        def came(answer: Any) -> None:
            try:
                self.show_detail(parsed(ProblemDetail, answer))
            except Fault as fault:
                self._say_trouble(fault.sentence)

        if wanted and self._contest():
            address = f"/admin/v1/problems/{wanted}?contest_id={self._contest()}"
            self._board.link.get(address, came, self._say_trouble)

    def _say_trouble(self, sentence: str) -> None:
        self.trouble.setText(sentence)
        self.trouble.show()

    def _show_languages(self, detail: ProblemDetail) -> None:
        self.languages.blockSignals(True)
        while self.languages.count():
            self.languages.removeTab(0)
        for one in detail.statements:
            self.languages.addTab(one.language + (" (PDF)" if one.format == "pdf" else ""))
        self.languages.setVisible(len(detail.statements) > 1)
        english = next((place for place, one in enumerate(detail.statements) if one.language == "en"), 0)
        self.languages.setCurrentIndex(english)
        self.languages.blockSignals(False)
        self._ask_statement()

    def _ask_statement(self) -> None:
        detail, place = self.detail, self.languages.currentIndex()
        if detail is None:
            return
        if not 0 <= place < len(detail.statements):
            self.statement.show_page(f"<p>{html.escape(_('The package has no statement.'))}</p>")
            return
        chosen = detail.statements[place]
        if chosen.format == "pdf":
            words = _("This statement is a PDF; teams open it on the problem's page.")
            self.statement.show_page(f"<p>{html.escape(words)}</p>{_samples(detail)}")
            return
        version = detail.version

        def came(answer: Any) -> None:
            now = self.detail
            if now is not None and now.version == version and isinstance(answer, dict):
                self.statement.show_page(str(answer.get("html", "")) + _samples(now))

        address = f"/admin/v1/problems/{detail.id}/statement?contest_id={self._contest()}&language={chosen.language}"
        self._board.link.get(address, came, self._say_trouble)

    def _fetch_picture(self, address: str, then: Any) -> None:
        self._board.link.content(address, then, lambda _sentence: None)

    def _contest(self) -> str:
        return self._board.state.contest.id if self._board.state is not None else ""

    def _on_export(self) -> None:
        if self.detail is not None:
            self._board.packages.export(self.detail, self._contest())

    def _on_offer(self) -> None:
        self._board.packages.choose(self._contest(), self._id)


def dropped_paths(event: QDropEvent) -> list[Path]:
    """The folders and zip files of this machine that are being dropped; empty where something else is among them."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    fit = all(path.is_dir() or path.suffix.lower() == ".zip" for path in paths)
    return paths if paths and fit and len(paths) == len(event.mimeData().urls()) else []


def _report_title(detail: ProblemDetail) -> str:
    bad = sum(one.level == "error" for one in detail.report)
    return counted(bad, "error", "errors") if bad else _("Report") + (f" {len(detail.report)}" if detail.report else "")


def _samples(detail: ProblemDetail) -> str:
    found = []
    for place, (given, wanted) in enumerate(detail.samples, start=1):
        head = html.escape(_("Sample {n}", n=place))
        found.append(f"<h3>{head}</h3><pre>{html.escape(given)}</pre><pre>{html.escape(wanted)}</pre>")
    return "".join(found)
