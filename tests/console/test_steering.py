"""What the organiser does with a contest, from the click to the server: each command is about what stood in the window."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from conftest import has_state
from gate_house import ADMIN_KEY, CONTEST, House, open_house
from gate_pages import EchoPages
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QMenu, QSpinBox
from pytestqt.qtbot import QtBot

from app.console.dialogs.ask import Ask
from app.console.link import Link
from app.console.mnemonics import plain_text
from app.console.place import Access
from app.console.theme.theme import Choice, Theme
from app.console.window import Window
from app.core.clock import Instant
from app.core.contest import Contest
from app.core.contest_data import contest_data
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import SubmissionId, parse_submission_id
from app.core.judgement import State
from app.core.verdict import Verdict
from app.ports.store import Transaction
from app.wire import admin_v1

MINUTE_MS = 60_000


@dataclass
class Beside:
    """A server of this test that is always there."""

    house: House
    where: str = "beside"
    is_here: bool = True
    is_down: bool = False
    is_signed_out: bool = False

    def access(self) -> Access | None:
        """By its console's listener."""
        headers = (("Authorization", f"Bearer {ADMIN_KEY}"),)
        return Access(f"http://127.0.0.1:{self.house.ports.console}", headers)

    def attach_or_start(self) -> None:
        """It runs."""

    def tend(self) -> str:
        """Nothing to say."""
        return ""

    def refused(self, refusal: Refusal) -> None:
        """Nothing to learn."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A running contest in memory behind a real gate."""
    opened = open_house(tmp_path / "house", EchoPages().app)
    yield opened
    opened.close()


@pytest.fixture
def window(qapp: QApplication, theme: Theme, house: House, settings: QSettings, qtbot: QtBot) -> Iterator[Window]:
    """A window that follows it."""
    theme.choose(Choice.LIGHT)
    link = Link(Beside(house), random.Random(1))
    made = Window(theme, link, settings)
    made.show()
    link.start()
    qtbot.waitUntil(lambda: has_state(made), timeout=20_000)
    yield made
    link.close()
    made.close()
    made.deleteLater()
    qapp.processEvents()


def change(house: House, **changes: object) -> Contest:
    """The contest as if time had passed."""
    changed = replace(house.services.control.contest(CONTEST), **changes)  # type: ignore[arg-type]

    def work(tx: Transaction) -> Contest:
        tx.put_contest(changed)
        tx.append_event(CONTEST, Kind.CONTEST, house.services.clock.now(), contest_data(changed))
        return changed

    return house.services.store.write(work).result(10)


def over(house: House) -> Contest:
    """The contest has ended, and its board is frozen."""
    begun = Instant(house.services.clock.now() - 60 * MINUTE_MS)
    return change(house, start=begun, duration_ms=30 * MINUTE_MS, freeze_ms=10 * MINUTE_MS)


def judged(house: House) -> SubmissionId:
    """A submission that has its verdict."""
    with house.client("team1") as team:
        body = {"problem_id": "crates", "language": "python3", "code": "print(1)"}
        answer = team.post("/api/v1/submissions", json=body).json()
    submission = parse_submission_id(answer["submission_id"])
    assert submission is not None

    def work(tx: Transaction) -> None:
        judgement = tx.valid_judgements([submission])[submission]
        tx.put_judgement(replace(judgement, state=State.DONE, verdict=Verdict.WA))

    house.services.store.write(work).result(10)
    return submission


def seen(window: Window) -> admin_v1.State:
    """What the window knows."""
    state = window.board.state
    assert state is not None
    return state


def question(window: Window, qtbot: QtBot, title: str) -> Ask:
    """The question that is asked now."""

    def asked() -> list[Ask]:
        return [one for one in window.findChildren(Ask) if one.windowTitle() == title and one.isVisible()]

    qtbot.waitUntil(lambda: bool(asked()), timeout=20_000)
    return asked()[0]


def test_two_windows_extend_once(window: Window, house: House, qtbot: QtBot) -> None:
    """While this organiser types, another one has extended: the contest does not get both, and a sentence says so."""
    before = seen(window)
    window.board.commands.extend(before)
    dialog = question(window, qtbot, "Extend the contest")
    house.services.control.extend(5).result(10)
    field = dialog.findChild(QSpinBox)
    assert isinstance(field, QSpinBox)
    field.setValue(5)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: any("changed the contest's length" in one for one in window.toasts.texts), timeout=20_000)
    assert house.services.control.contest().duration_ms == before.contest.duration_ms + 5 * MINUTE_MS


def test_the_contest_that_was_shown_is_extended(window: Window, house: House, qtbot: QtBot) -> None:
    """Another contest begins while the question stands open: its end does not move."""
    before = seen(window)
    window.board.commands.extend(before)
    dialog = question(window, qtbot, "Extend the contest")
    other = replace(house.services.control.contest(CONTEST), id="another", name="Another")  # type: ignore[arg-type]
    other = house.services.control.create(other).result(10)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: any("min longer" in one for one in window.toasts.texts), timeout=20_000)
    control = house.services.control
    assert control.contest(CONTEST).duration_ms == before.contest.duration_ms + 10 * MINUTE_MS
    assert control.contest(other.id).duration_ms == other.duration_ms


def test_the_board_is_thawed_from_the_menu(window: Window, house: House, qtbot: QtBot) -> None:
    """Not offered while the contest runs; after the end it is, asks first, and is gone once it was done."""
    assert "Thaw the board…" not in menu_of(window)
    over(house)
    qtbot.waitUntil(lambda: seen(window).contest.phase == "over", timeout=20_000)
    assert "Thaw the board…" in menu_of(window)
    window.board.commands.thaw(seen(window))
    dialog = question(window, qtbot, "Thaw the board")
    assert dialog.harmless.isDefault()
    assert house.services.control.contest().thawed is None
    dialog.act_button.click()
    qtbot.waitUntil(lambda: seen(window).contest.thawed, timeout=20_000)
    assert house.services.control.contest().thawed is not None
    assert "Thaw the board…" not in menu_of(window)


def menu_of(window: Window) -> list[str]:
    """What the button with the dots offers now."""
    window.head.more.click()
    menu = window.head.findChildren(QMenu)[-1]
    texts = [plain_text(one.text()) for one in menu.actions()]
    menu.close()
    return texts


def test_final_results_are_asked_for_twice(window: Window, house: House, qtbot: QtBot) -> None:
    """Judging again after the end of all things: the first yes changes nothing, the second is the organiser's word."""
    submission = judged(house)
    change(house, start=over(house).start, finalized=house.services.clock.now())
    window.board.commands.rejudge(int(submission))
    question(window, qtbot, f"Rejudge submission {submission}").act_button.click()
    dialog = question(window, qtbot, "Change final results")
    assert dialog.harmless.isDefault()
    with house.services.store.read() as view:
        assert view.valid_judgements([submission])[submission].verdict is Verdict.WA
    dialog.act_button.click()
    qtbot.waitUntil(lambda: any("judged again" in one for one in window.toasts.texts), timeout=20_000)
    with house.services.store.read() as view:
        assert view.valid_judgements([submission])[submission].verdict is None
