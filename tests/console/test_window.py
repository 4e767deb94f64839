"""The window as an organiser uses it: by keyboard and by mouse, with the values that a server tells."""

from __future__ import annotations

import contest_values as values
import pytest
from conftest import room, tell
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from app.console.dialogs.ask import Ask
from app.console.mnemonics import plain_text
from app.console.pages.desk import Desk
from app.console.pages.lists import LogPage, TeamsPage
from app.console.widgets.clock import Moment, big_text
from app.console.widgets.parts import Button
from app.console.window import Window

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


def page_of(window: Window) -> str:
    return next(key for key, page in window.pages.items() if page is window.stack.currentWidget())


def desk_of(window: Window) -> Desk:
    page = window.pages["desk"]
    assert isinstance(page, Desk)
    return page


def buttons_of(window: Window) -> list[Button]:
    return [one for one in desk_of(window).items.findChildren(Button) if one.isVisible()]


def test_every_page_by_keyboard(full: Window, qtbot: QtBot) -> None:
    """Ctrl+1 to Ctrl+8 lead to the pages in the order of the rail."""
    seen = []
    for key in (KEY.Key_1, KEY.Key_2, KEY.Key_3, KEY.Key_4, KEY.Key_5, KEY.Key_6, KEY.Key_7, KEY.Key_8):
        qtbot.keyClick(full, key, CONTROL)
        seen.append(page_of(full))
    assert seen == ["desk", "submissions", "machines", "problems", "teams", "log", "capacity", "settings"]


def test_submission_by_keyboard(full: Window, qtbot: QtBot) -> None:
    """Down, Enter opens a submission; Alt+Down goes to the older one; Escape leads back to its row."""
    qtbot.keyClick(full, KEY.Key_2, CONTROL)
    table = full.submissions.list.table
    assert table.hasFocus()
    table.selectRow(0)
    qtbot.keyClick(table, KEY.Key_Down)
    qtbot.keyClick(table, KEY.Key_Return)
    assert full.submissions.in_detail
    assert full.submissions.detail.title.text() == "#1499"
    qtbot.keyClick(full, KEY.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert full.submissions.detail.title.text() == "#1498"
    qtbot.keyClick(full, KEY.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(full, KEY.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert full.submissions.detail.title.text() == "#1500"
    assert not full.submissions.detail.newer.isEnabled()
    qtbot.keyClick(full, KEY.Key_Escape)
    assert not full.submissions.in_detail
    assert table.current_row().id == 1500


def test_tests_by_arrow_keys(full: Window, qtbot: QtBot) -> None:
    """The deciding test is chosen first; arrows go to its neighbours, and a test that was not run says so."""
    full.submissions.open(1491)
    detail = values.detail()
    full.submissions.detail.show_detail(detail)
    card = full.submissions.detail.runs
    failing = detail.row.tests.index("W") + 1
    assert card.squares.current == failing
    qtbot.keyClick(card.squares, KEY.Key_Left)
    assert card.squares.current == failing - 1
    qtbot.keyClick(card.squares, KEY.Key_End)
    assert card.squares.current == len(detail.row.tests)
    assert "was not run" in card.nothing.text()
    qtbot.keyClick(card.squares, KEY.Key_Home)
    assert card.squares.current == 1


def test_late_answer_about_another_submission_is_dropped(full: Window) -> None:
    """Stepping quickly through the list never shows the source of one submission under the number of another."""
    page = full.submissions.detail
    full.submissions.open(1490)
    page.show_detail(values.detail(1491))
    assert page.title.text() == "#1490"
    assert page._code.text == ""


def test_filter_by_keyboard(full: Window, qtbot: QtBot) -> None:
    """Ctrl+F, a team's name: only its submissions; Escape shows all again."""
    qtbot.keyClick(full, KEY.Key_2, CONTROL)
    qtbot.keyClick(full, KEY.Key_F, CONTROL)
    field = full.submissions.list.filter
    assert field.hasFocus()
    qtbot.keyClicks(field, "heap wa")
    model = full.submissions.list.model
    qtbot.waitUntil(lambda: 0 < model.rowCount() < 400)
    assert all("Heap of Hay" in model.at(place).team for place in range(model.rowCount()))
    assert "of 1,500 shown" in full.submissions.list.head.beside.text()
    qtbot.keyClick(field, KEY.Key_Escape)
    qtbot.waitUntil(lambda: model.rowCount() == 1500)
    assert full.submissions.list.table.hasFocus()


def test_copy_gives_tsv(full: Window, qtbot: QtBot) -> None:
    """Selected rows travel into a spreadsheet with their heads."""
    table = full.submissions.list.table
    full.show_page("submissions")
    table.selectRow(4)
    qtbot.keyClick(table, KEY.Key_C, CONTROL)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].startswith("Id\tTime\tTeam\tProblem\tLanguage\tVerdict\tTests")
    assert lines[1].split("\t")[0] == "1496"
    assert len(lines) == 2


def test_sorting_by_head(full: Window, qtbot: QtBot) -> None:
    """A click sorts rising, the next falling, the third gives the newest first again."""
    full.show_page("submissions")
    table = full.submissions.list.table
    heads = table.horizontalHeader()

    def click() -> list[int]:
        at = QPoint(heads.sectionViewportPosition(7) + 20, heads.height() // 2)
        qtbot.mouseClick(heads.viewport(), Qt.MouseButton.LeftButton, pos=at)
        return list(map(int, full.submissions.list.model.keys()))

    rising = click()
    falling = click()
    assert rising != falling
    assert click() == sorted(rising, reverse=True)


def test_columns_are_remembered(full: Window, qtbot: QtBot, theme: object) -> None:
    """A column that was made wider is wide in the next window."""
    full.submissions.list.table.setColumnWidth(4, 155)
    full.board.settings.sync()
    again = Window(full.board.theme, full.board.link, full.board.settings)
    qtbot.addWidget(again)
    assert again.submissions.list.table.columnWidth(4) == 155


def test_reading_position_stays(full: Window) -> None:
    """New submissions slide in above; the row that is read stays where it is."""
    full.show_page("submissions")
    table = full.submissions.list.table
    table.verticalScrollBar().setValue(300)
    top = full.submissions.list.model.at(table.rowAt(1)).id
    full.board.link.submissions_came.emit([values.row(number) for number in range(1501, 1521)])
    assert full.submissions.list.model.at(table.rowAt(1)).id == top


def test_new_submissions_are_seen_at_the_top(full: Window) -> None:
    """Who looks at the top of the list sees the newest one."""
    full.show_page("submissions")
    table = full.submissions.list.table
    full.board.link.submissions_came.emit([values.row(1501)])
    assert full.submissions.list.model.at(table.rowAt(1)).id == 1501


def test_verdict_glows_once(full: Window) -> None:
    """The row whose verdict came now glows; others do not."""
    running = next(one for one in values.rows(1500) if one.status == "RUNNING")
    full.board.link.submissions_came.emit([values.row(running.id, verdict="AC")])
    table = desk_of(full).list.table
    model = desk_of(full).list.model
    assert table.glow_of(model.place_of(running.id)) > 0.5
    assert table.glow_of(model.place_of(running.id) + 1) == 0


def test_desk_is_ordered_and_only_one_button_is_filled(full: Window) -> None:
    """Five things need the organiser; the most urgent one's button is the filled one."""
    assert [one.text() for one in buttons_of(full)] == ["Compare code…", "Judge again", "Look at it", "Look at it"]
    assert [one.property("kind") for one in buttons_of(full)] == ["primary", "", "", ""]


def test_nothing_needs_you(full: Window, qtbot: QtBot) -> None:
    """An empty desk says so."""
    full.board.link.state_came.emit(values.state(desk=0))

    def said() -> list[str]:
        return [one.text() for one in desk_of(full).items.findChildren(QLabel) if one.isVisible()]

    qtbot.waitUntil(lambda: "Nothing needs you" in said())


def test_same_desk_is_not_built_again(full: Window) -> None:
    """A poll without news leaves the buttons under the pointer alone."""
    before = buttons_of(full)
    full.board.link.state_came.emit(values.state(seq=2))
    assert buttons_of(full) == before


def test_comparing_a_code(full: Window, qtbot: QtBot) -> None:
    """The desk's button opens the pop-over with the eight letters at the machine's row; the harmless button has the focus."""
    qtbot.mouseClick(buttons_of(full)[0], Qt.MouseButton.LeftButton)
    assert page_of(full) == "machines"
    popover = full.machines.popover
    assert popover is not None
    assert popover.later.hasFocus()
    assert popover.join.code == "KWMX-ARTZ"
    assert popover.approve.isEnabled()
    inside = full.machines.rect().contains(popover.geometry())
    assert inside
    qtbot.keyClick(popover, KEY.Key_Escape)
    assert full.machines.popover is None


def test_expired_code_cannot_be_approved(full: Window, qtbot: QtBot) -> None:
    """A request whose time is over has no button to approve it."""
    full.board.news.compare.emit(values.pending(expires_ms=values.NOW_MS - 1))
    popover = full.machines.popover
    assert popover is not None
    assert not popover.approve.isEnabled()
    popover.dismiss()


def test_popover_goes_with_its_request(full: Window) -> None:
    """Another organiser approved the machine: the question goes away."""
    full.board.news.compare.emit(values.pending())
    gone = room(20)
    full.board.link.room_came.emit(type(gone)(gone.machines, ()))
    assert full.machines.popover is None


def test_clock_goes_on_without_the_server() -> None:
    """Remaining time, freeze and end follow from the start that the server told, at their instants."""
    told = values.contest("running")
    assert told.end_ms is not None
    assert told.start_ms is not None
    end = told.end_ms
    assert big_text(Moment(told, end - 9_677_000)) == "2:41:17"
    assert Moment(told, end - values.HOUR_MS - 1).phase == "running"
    assert Moment(told, end - values.HOUR_MS).phase == "frozen"
    assert Moment(told, end).phase == "over"
    assert big_text(Moment(told, end)) == "0:00:00"
    assert Moment(told, told.start_ms - 1).phase == "before"
    assert big_text(Moment(told, told.start_ms - 1)) == "0:00:01"
    assert Moment(values.contest("not_scheduled"), end).phase == "not_scheduled"
    assert Moment(values.contest("final"), end).phase == "final"


@pytest.mark.parametrize(
    ("phase", "shown"),
    [
        ("not_scheduled", ["start"]),
        ("before", ["start"]),
        ("running", ["extend"]),
        ("frozen", ["extend"]),
        ("over", ["finalize"]),
        ("final", []),
    ],
)
def test_only_what_is_possible_has_a_button(window: Window, phase: str, shown: list[str]) -> None:
    """Start before, extend while it runs, make final when it is over."""
    tell(window, phase, submissions=10)
    window.head.tick()
    buttons = {"start": window.head.start, "extend": window.head.extend, "finalize": window.head.finalize}
    assert [name for name, button in buttons.items() if button.isVisible()] == shown


def test_one_clock_on_a_screen(window: Window) -> None:
    """Before the start the large clock stands on the desk, the small one on every other page: never both."""
    tell(window, "before", submissions=0)
    assert not window.head.clock.isVisible()
    assert desk_of(window).readiness.isVisible()
    window.show_page("machines")
    assert window.head.clock.isVisible()


def test_readiness_says_what_is_left(window: Window) -> None:
    """One sentence: ready, or how many things are left."""
    tell(window, "before", submissions=0, desk=2)
    verdict = desk_of(window).readiness.verdict
    assert verdict.headline.text() == "Almost ready: 2 things left"
    tell(window, "before", submissions=0, desk=0)
    assert verdict.headline.text() == "Ready to start"
    window.board.link.state_came.emit(values.state("before", desk=0, machines_ready=0))
    assert verdict.headline.text() == "No judge machine is ready yet"


def test_passwords_only_while_wanted(full: Window) -> None:
    """Passwords are hidden again when the page is left, and no row keeps them."""
    page = full.pages["teams"]
    assert isinstance(page, TeamsPage)
    full.show_page("teams")
    page.take_teams({"items": [team.model_dump() for team in values.teams(4)]})
    assert [row.password for row in full.board.teams.rows()] == ["", "", "", ""]
    page.take_passwords({"items": [{"team_id": "t3", "username": "team003", "password": "kq3f-7xpa"}]})
    assert "kq3f-7xpa" in [row.password for row in full.board.teams.rows()]
    full.show_page("desk")
    assert [row.password for row in full.board.teams.rows()] == ["", "", "", ""]


def test_log_newest_first(full: Window) -> None:
    """The log shows the last entry on top."""
    page = full.pages["log"]
    assert isinstance(page, LogPage)
    page.take_lines({"items": [line.model_dump() for line in values.log_lines(30)]})
    assert full.board.log.at(0).seq == 30


def test_strange_answers_are_sentences(full: Window) -> None:
    """A server of another version gives a sentence, not a traceback."""
    page = full.pages["teams"]
    assert isinstance(page, TeamsPage)
    page.take_teams({"something": []})
    assert "another version" in page.beside.text()
    page.take_teams({"items": [{"id": 3}]})
    assert "another version" in page.beside.text()


def test_everything_is_named_for_screen_readers(full: Window) -> None:
    """No button without a name."""
    nameless = [one for one in full.findChildren(QPushButton) if not (one.accessibleName() or one.text())]
    assert nameless == []


def test_context_menu_equals_the_buttons(full: Window, qtbot: QtBot) -> None:
    """A right click on a submission offers what its page offers, and copying."""
    full.show_page("submissions")
    table = full.submissions.list.table
    table.customContextMenuRequested.emit(QPoint(100, 40))
    menu = table.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert [plain_text(one.text()) for one in menu.actions() if one.text()] == ["Open", "Rejudge…", "Copy"]
    menu.actions()[0].trigger()
    assert full.submissions.in_detail
    menu.close()


def test_extending_by_keyboard(full: Window, qtbot: QtBot) -> None:
    """The question for more minutes shows its number and takes another one by typing."""
    state = full.board.state
    assert state is not None
    full.board.commands.extend(state)
    dialog = full.findChild(Ask)
    assert isinstance(dialog, Ask)
    field = dialog.findChild(QSpinBox)
    assert isinstance(field, QSpinBox)
    assert dialog.focusWidget() in (field, field.lineEdit())
    assert field.text() == "10 min"
    qtbot.keyClicks(field, "25")
    assert field.value() == 25
    assert "84 teams" in " ".join(one.text() for one in dialog.findChildren(QLabel))
    dialog.harmless.click()


def test_toasts(full: Window, qtbot: QtBot) -> None:
    """An answer goes by itself, a refusal stays until it is seen; neither takes the keyboard away."""
    full.show_page("submissions")
    full.toasts.refused("This machine is already paired.")
    assert full.submissions.list.table.hasFocus()
    assert full.toasts.texts == ["This machine is already paired."]
    close = full.toasts._shown[0].findChild(Button)
    assert isinstance(close, Button)
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: full.toasts.texts == [])


def test_harmless_answer_is_the_default(full: Window, qtbot: QtBot) -> None:
    """Enter in a question before a destructive act does nothing; the question says how much it touches."""
    state = full.board.state
    assert state is not None
    full.board.commands.finalize(state)
    dialog = full.findChild(Ask)
    assert isinstance(dialog, Ask)
    assert dialog.harmless.isDefault()
    assert not dialog.act_button.isDefault()
    qtbot.keyClick(dialog, KEY.Key_Return)
    assert not dialog.isVisible()
