"""One submission: what it is, its runs, what compiler and program said, its judgements, its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QGridLayout, QTabBar, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.client import parsed
from app.console.models.submissions import language_name
from app.console.pages.run_card import RunCard
from app.console.theme.tokens import GAP, MARGIN
from app.console.widgets.chip import ChipLabel, chip_of
from app.console.widgets.code_view import CodeView
from app.console.widgets.fact_strip import FactStrip
from app.console.widgets.parts import Button, Card, CardHead, label, row_of
from app.console.words import clock_text, counted, size_text
from app.console.words import tr as _
from app.core.errors import Fault
from app.wire.admin_v1 import GroupRow, RunRow, SubmissionDetail, SubmissionRow

_TELLING = {"WA": 1, "NO": 3, "OLE": 1, "RTE": 2, "MLE": 2, "TLE": 1}
"""The tab that tells most about a verdict."""
_OUTPUT = 1


class Facts(FactStrip):
    """The strip of facts below the title."""

    def __init__(self) -> None:
        super().__init__(
            {
                "problem": _("Problem"),
                "team": _("Team"),
                "language": _("Language"),
                "time": _("Submitted"),
                "machine": _("Judged"),
                "cpu": _("CPU, most"),
                "memory": _("Memory, most"),
                "score": _("Score"),
                "source": _("Source"),
            }
        )


class SubmissionPage(QWidget):
    """Shows one submission and follows it. Alt+Up and Alt+Down go to its neighbours in the list."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._id = 0
        self._detail: SubmissionDetail | None = None
        self.title = label("", 20, 600)
        self.chip = ChipLabel(board.theme)
        self._meaning = label("", 14, 500)
        theme = board.theme
        self.crumb = Button(theme, _("Submissions"), lambda: board.news.show_page.emit("submissions"), kind="link")
        self.newer = Button(
            theme, "", lambda: self.step(-1), kind="icon", icon="chevron-up", name=_("Newer submission, Alt+Up")
        )
        self.older = Button(
            theme, "", lambda: self.step(1), kind="icon", icon="chevron-down", name=_("Older submission, Alt+Down")
        )
        self.again = Button(theme, _("Rejudge…"), lambda: board.commands.rejudge(self._id), icon="rotate-cw")
        self.facts = Facts()
        self.runs = RunCard(board)
        self.runs.squares.chosen.connect(self._on_run)
        self.neighbours: list[int] = []
        self._make_said()
        self._make_source()
        head = row_of(self.crumb, label("›", 14, 400, "muted"), self.title, self.chip, self._meaning, None, spacing=8)
        for button in (self.newer, self.older, self.again):
            head.addWidget(button)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        left = QVBoxLayout()
        left.setSpacing(GAP)
        left.addWidget(self.runs)
        left.addWidget(self.said, 1)
        grid.addLayout(left, 0, 0)
        grid.addWidget(self.source, 0, 1)
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 4)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        box.setSpacing(GAP)
        box.addLayout(head)
        box.addWidget(self.facts)
        box.addLayout(grid, 1)
        board.news.submissions.connect(self._on_rows)

    @property
    def shown_id(self) -> int:
        """The submission that is shown; 0 for none."""
        return self._id

    def show_submission(self, submission_id: int, neighbours: list[int]) -> None:
        """Opens another submission; `neighbours` are the ids of the list that it was opened from."""
        if neighbours:
            self.neighbours = neighbours
        if submission_id != self._id:
            self._id = submission_id
            self._detail = None
            self.runs.forget()
            row = self._board.submissions.row_of(submission_id)
            if row is not None:
                self._say_row(row)
        self._say_neighbours()
        self._fetch()

    def step(self, by: int) -> None:
        """Opens a neighbour."""
        if self._id in self.neighbours:
            place = self.neighbours.index(self._id) + by
            if 0 <= place < len(self.neighbours):
                self.show_submission(self.neighbours[place], [])

    def show_detail(self, detail: SubmissionDetail) -> None:
        """Shows what the server told; an answer about another submission came too late and is dropped."""
        if detail.row.id != self._id:
            return
        first = self._detail is None
        self._detail = detail
        self._say_row(detail.row)
        self.runs.show_detail(detail)
        self._say_judgements(detail)
        if first:
            self._show_files(detail)
            self._tabs.setCurrentIndex(_TELLING.get(detail.row.verdict or "", 0))
        self._on_tab(self._tabs.currentIndex())

    def _make_said(self) -> None:
        self.said = Card((1, 1, 1, 6))
        self._tabs = _tab_bar(_("Compiler"), _("Output"), _("Errors"), _("Validator"), _("Judgements"))
        self._tabs.currentChanged.connect(self._on_tab)
        self._words = CodeView(self._board.theme, _("What compiler and program said"))
        self._note = label("", 12, 400, "muted")
        self.output = Button(self._board.theme, _("Save…"), self._save_output, kind="link")
        self.output.hide()
        head = row_of(self._tabs, None, self._note, self.output)
        head.setContentsMargins(10, 6, 16, 2)
        self.said.body.addLayout(head)
        self.said.body.addWidget(self._words, 1)

    def _make_source(self) -> None:
        self.source = Card((1, 1, 1, 6))
        copy = Button(self._board.theme, "", self._copy, kind="bare", icon="copy", name=_("Copy the source"))
        self._files = _tab_bar()
        self._files.currentChanged.connect(self._on_file)
        head = CardHead("", copy)
        head.row.setContentsMargins(16, 10, 10, 8)
        self._file_head = head
        self._code = CodeView(self._board.theme, _("Source"))
        self.source.body.addWidget(head)
        self.source.body.addWidget(self._files)
        self.source.body.addWidget(self._code, 1)

    def _fetch(self) -> None:
        wanted = self._id

        def came(answer: Any) -> None:
            try:
                self.show_detail(parsed(SubmissionDetail, answer))
            except Fault as fault:
                self._say_failed(fault.sentence)

        if wanted:
            self._board.link.get(f"/admin/v1/submissions/{wanted}", came, self._say_failed)

    def _say_failed(self, sentence: str) -> None:
        self._meaning.setText(sentence)

    def _on_rows(self, rows: list[SubmissionRow]) -> None:
        if not self.isVisible():
            return
        known = self._detail.row if self._detail else None
        if any(row.id == self._id and row != known for row in rows):
            self._fetch()

    def _say_neighbours(self) -> None:
        place = self.neighbours.index(self._id) if self._id in self.neighbours else -1
        self.newer.setEnabled(place > 0)
        self.older.setEnabled(0 <= place < len(self.neighbours) - 1)

    def _say_row(self, row: SubmissionRow) -> None:
        self.title.setText(f"#{row.id}")
        chip = chip_of(row.status, row.verdict, row.tests_passed, row.test_count)
        self.chip.show_chip(chip)
        self._meaning.setText(chip.meaning)
        self.again.setEnabled(row.status in ("DONE", "DESK"))
        self.facts.say(
            problem=f"{row.problem} {self._board.problems.title(row.problem)}",
            team=row.team or _("Jury"),
            language=language_name(row.language),
            time=clock_text(row.contest_time_ms),
            machine=row.machine,
            cpu=f"{row.cpu_seconds:.2f} s" if row.cpu_seconds else "",
            memory=size_text(row.memory_bytes) if row.memory_bytes else "",
            score=row.score or "",
        )

    def _show_files(self, detail: SubmissionDetail) -> None:
        while self._files.count():
            self._files.removeTab(0)
        for file in detail.files:
            self._files.addTab(file.get("name", ""))
        self._files.setVisible(len(detail.files) > 1)
        size = sum(len(file.get("text", "").encode()) for file in detail.files)
        self.facts.say(source=size_text(size) + (f", {len(detail.files)} files" if len(detail.files) > 1 else ""))
        self._on_file(0)

    def _on_file(self, place: int) -> None:
        if self._detail is None or not 0 <= place < len(self._detail.files):
            return
        file = self._detail.files[place]
        text = file.get("text", "")
        self._file_head.title.setText(file.get("name", ""))
        lines = counted(text.count("\n") + (not text.endswith("\n")), "line", "lines")
        self._file_head.beside.setText(f"{lines}, {size_text(len(text.encode()))}")
        self._code.show_code(text, self._detail.row.language)

    def _on_run(self, _number: int) -> None:
        self._on_tab(self._tabs.currentIndex())

    def _on_tab(self, place: int) -> None:
        if self._detail is None:
            return
        run = self._chosen_run()
        text, note = _words_of(place, self._detail, run)
        self._note.setText(note)
        self.output.setVisible(place == _OUTPUT and run is not None and run.output_bytes is not None)
        self._words.show_code(text, "")

    def _chosen_run(self) -> RunRow | None:
        if self._detail is None:
            return None
        return next((one for one in self._detail.runs if one.counted and one.number == self.runs.squares.current), None)

    def _save_output(self) -> None:
        """Asks where to, then fetches all that the run printed and writes it there."""
        run = self._chosen_run()
        if run is None or run.output_bytes is None:
            return
        place = f"/admin/v1/submissions/{self._id}/outputs/{run.number}?attempt={run.attempt}"
        picker = QFileDialog(self.window(), _("Save what the program printed"))
        picker.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        picker.selectFile(f"submission-{self._id}-test-{run.number}.out")
        picker.fileSelected.connect(lambda path: self.fetch_output(place, Path(path)))
        picker.open()

    def fetch_output(self, address: str, target: Path) -> None:
        """Fetches an output and writes it into the file."""

        def came(data: bytes) -> None:
            try:
                target.write_bytes(data)
            except OSError as error:
                self._note.setText(_("It could not be written: {reason}.", reason=error.strerror))
            else:
                self._note.setText(_("Saved as {name}.", name=target.name))

        self._board.link.content(address, came, self._note.setText)

    def _say_judgements(self, detail: SubmissionDetail) -> None:
        count = len(detail.judgements)
        self._tabs.setTabText(4, _("Judgements") + (f" {count}" if count > 1 else ""))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code.text)


def _tab_bar(*names: str) -> QTabBar:
    bar = QTabBar()
    bar.setDrawBase(False)
    bar.setExpanding(False)
    bar.setUsesScrollButtons(False)
    bar.setElideMode(Qt.TextElideMode.ElideRight)
    for name in names:
        bar.addTab(name)
    return bar


def _words_of(place: int, detail: SubmissionDetail, run: RunRow | None) -> tuple[str, str]:
    """The text of a tab, and the remark beside it."""
    if place == 0:
        text = detail.compile_output
        return text or _("The compiler said nothing."), _(
            "shown to the team"
        ) if text and detail.row.verdict == "CE" else ""
    if place == 4:
        lines = [_judgement_line(one) for one in detail.judgements]
        evidence = [_evidence_line(one) for one in detail.runs if not one.counted]
        return "\n".join([*detail.differences, *lines, *(_group_line(one) for one in detail.groups), *evidence]), ""
    if run is None:
        return _("Choose a test above that was run."), ""
    said = "\n\n".join(words for words in (run.message, run.transcript) if words)
    text = {1: run.stdout_head, 2: run.stderr_head, 3: said}[place]
    note = _("test {n}, the first 8 KiB", n=run.number) if place < 3 else _("test {n}", n=run.number)
    if place == _OUTPUT and run.stdout_bytes is not None:
        note = " · ".join(filter(None, (_("test {n}", n=run.number), size_text(run.stdout_bytes), run.output_note)))
    return text or _("Nothing."), note


def _evidence_line(run: RunRow) -> str:
    parts = [
        _("Test {n}", n=run.number),
        run.verdict,
        f"{run.cpu_seconds:.2f} s",
        _("on {machine}", machine=run.machine),
    ]
    parts.append(_("attempt {n}", n=run.attempt))
    parts.append(_("evidence, does not count"))
    if run.differs:
        parts.append(_("DIFFERENT RESULT"))
    return "   ".join(parts)


def _group_line(group: GroupRow) -> str:
    score = group.score if group.max_score is None else _("{n} of {all}", n=group.score, all=group.max_score)
    return "   ".join((group.name, group.verdict or _("not run"), _("{score} points", score=score)))


def _judgement_line(judgement: dict[str, Any]) -> str:
    verdict = judgement.get("verdict") or judgement.get("state") or "?"
    parts = [f"{judgement.get('id')}", f"{verdict}"]
    if judgement.get("test_count"):
        parts.append(_("{n} of {all} tests passed", n=judgement.get("tests_passed"), all=judgement.get("test_count")))
    if judgement.get("started"):
        parts.append(str(judgement["started"]))
    parts.append(_("counts") if judgement.get("valid") else _("does not count"))
    return "   ".join(parts)
