"""The panel beside the machine table: one machine, what it is, what each of its slots is doing, which languages it has."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.console.board import Board
from app.console.dialogs.holds import Holds, rows_of, weaker_of
from app.console.models.machines import MachineRow, doing_head, doing_rest, facts_line, seen_text
from app.console.models.submissions import language_name
from app.console.widgets.parts import Button, Card, Line, Picture, clear, column_of, label, row_of, rule
from app.console.words import number, retold
from app.console.words import tr as _
from app.wire.admin_v1 import Machine

_HEX = 8


class MachinePanel(Card):
    """Follows the machine that is chosen in the table."""

    def __init__(self, board: Board) -> None:
        super().__init__((20, 16, 20, 16), 8)
        self._board = board
        self._row: MachineRow | None = None
        theme, commands = board.theme, board.commands
        self._name = Line(theme, 16, 600)
        self.pause = Button(theme, _("Pause"), lambda: self._do(commands.pause), icon="pause")
        self.resume = Button(theme, _("Resume"), lambda: self._do(commands.resume), icon="play")
        self.rename = Button(theme, "", lambda: self._do(commands.rename), kind="icon", icon="pencil", name=_("Rename"))
        self.unpair = Button(theme, "", lambda: self._do(commands.unpair), kind="icon", icon="unplug", name=_("Unpair"))
        self.compare = Button(theme, _("Compare code…"), self._compare, kind="primary", icon="handshake")
        head = row_of(self._name, self.compare, self.pause, self.resume, self.rename, self.unpair, spacing=8)
        self._facts = label("", 13, 400, "muted")
        self._facts.setWordWrap(True)
        self._seen = label("", 13, 400, "muted", tabular=True)
        self._seen.setWordWrap(True)
        self._notice = QWidget()
        self._notice_words = label("", 14, 500, "slow")
        self._notice_words.setWordWrap(True)
        notice = row_of(Picture(theme, "triangle-alert", "slow", 16, tinted=True), self._notice_words, spacing=10)
        notice.setStretch(1, 1)
        self._notice.setLayout(notice)
        self.holds = Button(theme, _("What stops which attack…"), self._show_holds, kind="link")
        self._doing = QVBoxLayout()
        self._doing.setSpacing(0)
        self._languages = QGridLayout()
        self._languages.setHorizontalSpacing(16)
        self._languages.setVerticalSpacing(6)
        self._languages.setColumnStretch(1, 1)
        self._shown_languages: list[dict[str, str]] | None = None
        self._shown_doing: object = None
        self.body.addLayout(head)
        self.body.addWidget(self._facts)
        self.body.addWidget(self._seen)
        self.body.addWidget(self._notice)
        self.body.addLayout(row_of(self.holds, None))
        self.body.addSpacing(6)
        self._doing_head = label(_("Doing now"), 13, 400, "muted")
        self._language_head = label(_("Languages"), 13, 400, "muted")
        self._work = QWidget()
        self._work.setLayout(column_of(self._doing_head, rule(), self._doing, spacing=8))
        self._tools = QWidget()
        self._tools.setLayout(column_of(self._language_head, rule(), self._languages, spacing=8))
        self.body.addWidget(self._work)
        self.body.addSpacing(8)
        self.body.addWidget(self._tools)
        self.body.addStretch(1)

    def show_row(self, row: MachineRow) -> None:
        """Shows a machine, or one that wants to join."""
        self._row = row
        machine, join = row.machine, row.join
        self._name.say(row.name)
        self.compare.setVisible(join is not None)
        self.pause.setVisible(machine is not None and machine.state != "paused")
        self.resume.setVisible(machine is not None and machine.state == "paused")
        for button in (self.rename, self.unpair):
            button.setVisible(machine is not None)
        facts = machine.facts if machine else join.facts if join else {}
        self._facts.setText(" · ".join(filter(None, (row.address, facts_line(facts)))))
        self.holds.setVisible(bool(rows_of(facts)))
        if machine is None:
            what = _("This console wants to join.") if row.is_console else _("It wants to join.")
            self._seen.setText(what + " " + _("It gets nothing before you have compared the code."))
            self._notice.setVisible(bool(weaker_of(facts)))
            self._notice_words.setText(" ".join(retold(one) for one in weaker_of(facts)))
            self._show_doing(None)
            self._show_languages([])
            return
        seen = seen_text(machine, self._board.now_ms())
        judged = _("{n} judged, {seen}", n=number(machine.judged), seen=seen)
        self._seen.setText(seen if row.is_console else judged)
        weaker = weaker_of(facts)
        stopped = machine.state in ("held", "away") or (machine.state == "paused" and weaker)
        self._notice.setVisible(bool(stopped or weaker))
        self._notice_words.setText(
            retold(machine.state_sentence) if stopped else " ".join(retold(one) for one in weaker)
        )
        self._show_doing(machine)
        self._show_languages(machine.languages)

    def _show_doing(self, machine: Machine | None) -> None:
        doing = tuple(machine.doing) if machine else ()
        key = (machine.id if machine else "", machine.state if machine else "", doing)
        if key == self._shown_doing:
            return
        self._shown_doing = key
        clear(self._doing)
        self._work.setVisible(machine is not None and machine.state not in ("held", "away"))
        self._doing_head.setVisible(machine is not None and machine.kind == "node")
        if machine is None:
            return
        for one in doing:
            line = QWidget()
            show = partial(self._board.news.show_submission.emit, one.submission_id)
            open_it: QWidget = label(doing_head(one), 14)
            if one.submission_id:
                open_it = Button(self._board.theme, doing_head(one), show, kind="link")
            said = label(f"{doing_rest(one)}", 14, 400, "muted", tabular=True)
            line.setLayout(row_of(open_it, said, None, label(f"{one.seconds:.1f} s", 14, tabular=True)))
            self._doing.addWidget(line)
        if not doing and machine.state not in ("held", "away"):
            self._doing.addWidget(label(retold(machine.state_sentence), 14, 400, "muted"))

    def _show_languages(self, languages: list[dict[str, str]]) -> None:
        if languages == self._shown_languages:
            return
        self._shown_languages = languages
        clear(self._languages)
        self._tools.setVisible(bool(languages))
        for place, one in enumerate(languages):
            fingerprint = one.get("fingerprint", "")
            version = one.get("version", "")
            said = label(version or _("toolchain {hex}", hex=fingerprint[:_HEX]), 13, 400, "muted", tabular=True)
            said.setToolTip(fingerprint)
            self._languages.addWidget(label(language_name(one.get("id", "")), 14), place, 0)
            self._languages.addWidget(said, place, 1)
            self._languages.addWidget(Picture(self._board.theme, "check", "good", 16), place, 2)

    def _do(self, command: object) -> None:
        if self._row is not None and self._row.machine is not None and callable(command):
            command(self._row.machine)

    def _show_holds(self) -> None:
        machine = (self._row.machine or self._row.join) if self._row is not None else None
        if machine is not None:
            Holds(self._board.theme, self, machine.name, machine.facts).open()

    def _compare(self) -> None:
        if self._row is not None and self._row.join is not None:
            self._board.news.compare.emit(self._row.join)
