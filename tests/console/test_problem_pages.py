"""The pages of problems and packages as an organiser uses them: by keyboard, by dropping a file, with all that a server may tell."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path
from typing import Any

import contest_values as values
import package_values as packages
import pytest
from conftest import Hall, has_state
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from running import Server

from app.console.dialogs.ask import Ask
from app.console.dialogs.bring_in import BringIn
from app.console.pages.problem_page import dropped_paths
from app.console.upload import Progress, Upload
from app.console.widgets.formula_text import rich_text
from app.console.widgets.parts import Button
from app.console.window import Window
from app.core.errors import Fault, Refusal
from app.typeset.formula import to_mathml

KEY = Qt.Key
CRATES = Path(__file__).resolve().parents[2] / "problems" / "crates"


def opened(window: Window, **changes: object) -> Window:
    """The window with problem A in sight."""
    window.show_page("problems")
    window.problems.open("p-a")
    window.problems.detail.show_detail(packages.detail(**changes))
    return window


def texts_of(dialog: Ask) -> str:
    """All that a question says."""
    return " ".join(one.text() for one in dialog.findChildren(QLabel))


def test_by_keyboard_from_the_list_to_a_problem(full: Window, qtbot: QtBot) -> None:
    """Ctrl+4, Enter: the chosen problem; arrows change the tab; Escape leads back to its row."""
    qtbot.keyClick(full, KEY.Key_4, Qt.KeyboardModifier.ControlModifier)
    table = full.problems.table
    assert table.hasFocus()
    table.selectRow(2)
    qtbot.keyClick(table, KEY.Key_Return)
    page = full.problems.detail
    assert full.problems.in_detail
    assert page.shown_id == "p-c"
    assert page.tabs.hasFocus()
    qtbot.keyClick(page.tabs, KEY.Key_Right)
    assert page.tabs.currentIndex() == 1
    assert page.solutions.isVisible()
    qtbot.keyClick(full, KEY.Key_Escape)
    assert not full.problems.in_detail
    assert table.current_row().id == "p-c"


def test_what_a_problem_is(full: Window) -> None:
    """Limits, tests, report and solutions are told; a late answer about another problem is dropped."""
    page = opened(full).problems.detail
    assert [page.tabs.tabText(place) for place in range(5)] == [
        "Statement", "Jury solutions 4", "Tests 10", "1 error", "New version",
    ]  # fmt: skip
    assert page.tests.rowCount() == 10
    assert "1 not as promised" in page.solutions.said.accessibleName()
    assert page.solutions.stop.isVisibleTo(page.solutions)
    assert not page.solutions.judge.isVisibleTo(page.solutions)
    assert "asks for 3 s; the limit is 2 s" in page.solutions.limit.accessibleName()
    page.show_detail(packages.detail("p-b", title="Another"))
    assert page.detail is not None
    assert page.detail.title == "Avalanche Airlift"
    assert page.report_view.sentence.text().startswith("data/secret/03.in: the validator refuses")


def test_the_limit_is_set_after_a_question(full: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """The button says the number, the question what it means for what is judged; only then is it sent."""
    sent: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(full.board.link, "post", lambda path, body, then, failed: sent.append((path, body)))
    page = opened(full).problems.detail
    assert page.solutions.set_limit.text() == "Set 3 s…"
    page.solutions.set_limit.click()
    asked = next(one for one in full.findChildren(Ask))
    assert "instead of 2 s" in texts_of(asked)
    assert sent == []
    asked.act_button.click()
    assert sent == [("/admin/v1/problems/p-a/limit", {"contest_id": "alpine", "cpu_seconds": 3.0})]


def test_no_limit_without_measurements(full: Window) -> None:
    """Where nothing follows from the solutions, the reason stands there and no button."""
    nothing = packages.detail().proposal.model_copy(update={"seconds": None, "sentence": "Not measured yet: a.cpp."})
    page = opened(full, proposal=nothing).problems.detail
    assert not page.solutions.set_limit.isVisibleTo(page.solutions)
    assert page.solutions.doubt.accessibleName() == "Not measured yet: a.cpp."


def test_a_trial_from_none_to_the_switch(full: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the page says what it is for; with one it says how far, what would change, and asks before the switch."""
    page = opened(full).problems.detail
    page.tabs.setCurrentIndex(4)
    assert page.trial.offer.isVisible()
    page.show_detail(packages.detail(has_trial=True))
    page.trial.show_trial(packages.trial())
    assert page.trial.switch.isVisible()
    assert "150 of 214" in page.trial.progress.accessibleName()
    assert "2 verdicts would change" in page.trial.changes.text()
    assert "from 2 s to 3 s" in page.trial.changes.text()
    sent: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(full.board.link, "command", lambda path, body, then, failed: sent.append((path, body)))
    page.trial.switch.click()
    asked = next(one for one in full.findChildren(Ask))
    assert "2 verdicts change at once" in texts_of(asked)
    assert "64 submissions are not compared yet" in texts_of(asked)
    assert asked.harmless.isDefault()
    asked.act_button.click()
    assert sent == [("/admin/v1/problems/p-a/switch", {"contest_id": "alpine", "anyway": True})]


def test_a_stopped_trial_says_why_and_cannot_be_switched_to(full: Window) -> None:
    """The reason stands in place of the progress; only ending it or another version are left."""
    page = opened(full, has_trial=True).problems.detail
    page.trial.show_trial(packages.trial(stopped="Submission 7: the validator crashed."))
    assert "has stopped" in page.trial.state.text()
    assert page.trial.progress.accessibleName() == "Submission 7: the validator crashed."
    assert not page.trial.switch.isEnabled()
    assert page.trial.drop.isEnabled()


def test_final_results_need_a_second_word(full: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the switch would change what is final, it is asked again, and only then sent with that word."""
    sent: list[dict[str, Any]] = []

    def command(path: str, body: dict[str, Any], then: Any, failed: Any) -> None:
        sent.append(body)
        if "final_too" not in body:
            failed(Refusal(409, "The results are final.", fields={"final_too": "missing"}))

    monkeypatch.setattr(full.board.link, "command", command)
    full.board.packages.switch(packages.detail(), packages.trial(judged=214), "alpine")
    full.findChildren(Ask)[-1].act_button.click()
    again = full.findChildren(Ask)[-1]
    assert "final" in texts_of(again)
    again.act_button.click()
    assert sent[-1] == {"contest_id": "alpine", "anyway": False, "final_too": True}


def test_the_list_tells_what_is_missing(full: Window) -> None:
    """Unchecked, refused, wrong solutions, trials: each row says its own."""
    state = values.state("running")
    states = [
        {"package_state": "unchecked"},
        {"solutions": 4, "solutions_judged": 4, "solutions_wrong": 1, "solution_note": "b.cpp ended as AC."},
        {"solutions": 4, "solutions_judged": 2, "on_trial": True},
        {"trial_stopped": "Submission 3: it crashed.", "on_trial": True},
    ]
    changed = [one.model_copy(update=each) for one, each in zip(state.problems, states, strict=False)]
    full.board.link.state_came.emit(state.model_copy(update={"problems": changed}))
    model = full.board.problem_table
    column = next(place for place, one in enumerate(model.columns) if one.key == "solutions")
    shown = [model.columns[column].text(row) for row in sorted(model.rows(), key=lambda row: row.label)]
    assert shown == ["none", "1 not as promised", "2 of 4 judged · on trial", "none · trial stopped"]


def drop(window: Window, *paths: Path) -> QDropEvent:
    """Drops files onto the list of problems."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    event.mime = data  # type: ignore[attr-defined]  # the event does not keep it alive
    return event


def test_only_folders_and_zips_are_taken(full: Window, tmp_path: Path) -> None:
    """A picture dropped by mistake is not taken, nor a zip together with one."""
    archive, picture = tmp_path / "a.zip", tmp_path / "b.png"
    archive.write_bytes(b"zip")
    picture.write_bytes(b"png")
    assert dropped_paths(drop(full, archive, tmp_path)) == [archive, tmp_path]
    assert dropped_paths(drop(full, picture)) == []
    assert dropped_paths(drop(full, archive, picture)) == []


def test_progress_report_and_stop(full: Window, tmp_path: Path, qtbot: QtBot) -> None:
    """Sending shows how far it is and can be stopped; while the server reads it cannot; errors come with file and advice."""
    dialog = BringIn(full.board.theme, full, full.board.link, full.board.settings)
    qtbot.addWidget(dialog)
    dialog.show()
    upload = Upload(tmp_path / "a.zip", "alpine", here=True)
    dialog.add([upload])
    assert dialog.busy
    dialog._on_progress(Progress("sending", 220 << 20, 500 << 20))
    assert "220 MB / 500 MB" in dialog.phase.accessibleName()
    assert (dialog.bar.value(), dialog.stop.isEnabled()) == (440, True)
    dialog._on_progress(Progress("reading"))
    assert not dialog.stop.isEnabled()
    dialog._on_failed(Refusal(422, "The package has an error.", fields={"data/secret/1.in": "there is no answer."}))
    row = dialog.report.at(0)
    assert (row.line.level, row.line.file, row.line.sentence) == ("error", "data/secret/1.in", "there is no answer.")
    assert "import the package again" in row.line.advice
    assert not dialog.busy
    assert "1 was not taken" in dialog.headline.text()


def test_formulas_are_read_on_one_line() -> None:
    """Indices, exponents, fractions and roots; what cannot be read is shown by its letters."""
    shown = rich_text(to_mathml(r"x_1^2 \le \frac{10^5}{\sqrt{n}}", block=False).html)
    assert "<i>x</i><sub>1</sub><sup>2</sup>" in shown
    assert "(10<sup>5</sup>)/(√(<i>n</i>))" in shown
    assert rich_text("<math><mi>x</math>") == "<span>x</span>"
    assert "&lt;script" in rich_text("<math><mtext>&lt;script&gt;</mtext></math>")


def test_a_statement_loads_nothing(full: Window, tmp_path: Path) -> None:
    """Pictures by any address but the statement's own are not fetched: no file of this machine, nothing from the network."""
    fetched: list[str] = []
    view = opened(full).problems.detail.statement
    view._fetch = lambda address, then: fetched.append(address)
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    own = f"/blobs/statement/{'a' * 64}/{'b' * 64}"
    view.show_page(
        f'<img src="file://{secret}"><img src="http://192.0.2.1/x.png"><img src="{secret}"><img src="{own}">'
    )
    view.grab()
    assert fetched == [f"/admin/v1/pictures/{'a' * 64}/{'b' * 64}"]


@pytest.mark.timeout(120)
def test_a_package_comes_in_and_goes_out(live: Window, hall: Hall, tmp_path: Path, qtbot: QtBot) -> None:
    """Against a real server: a zip in parts becomes a problem with its report, its page shows it, and it is exported again."""
    archive = tmp_path / "apples.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(CRATES.rglob("*")):
            if path.is_file():
                target.write(path, f"apples/{path.relative_to(CRATES)}")
        target.writestr("apples/attachments/much.bin", threading.__doc__ or "x", zipfile.ZIP_STORED)
    with Server(hall.data):
        qtbot.waitUntil(lambda: has_state(live), timeout=20_000)
        assert live.board.state is not None
        contest = live.board.state.contest.id
        live.show_page("problems")
        live.problems.dropEvent(drop(live, archive))
        bringing = live.board.packages.bringing
        assert bringing is not None
        qtbot.waitUntil(lambda: not bringing.busy, timeout=30_000)
        assert [row.line.level for row in bringing.report.rows() if row.line.level == "error"] == []
        bringing.close()
        qtbot.waitUntil(lambda: any(one.id == "apples" for one in live.board.problem_table.rows()), timeout=10_000)
        live.problems.open("apples")
        page = live.problems.detail
        qtbot.waitUntil(
            lambda: page.detail is not None and "crate" in page.statement.toPlainText().lower(), timeout=10_000
        )
        out = tmp_path / "out.zip"
        live.board.packages.fetch_export("apples", contest, out)
        qtbot.waitUntil(out.exists, timeout=20_000)
        with zipfile.ZipFile(out) as exported:
            assert exported.testzip() is None
            assert any(name.endswith("problem.yaml") for name in exported.namelist())
        gone = Upload(tmp_path / "none.zip", contest, here=True)
        failures: list[Refusal | Fault] = []
        live.board.link.run(
            lambda client: gone.go(client, lambda _progress: None), lambda _answer: None, failures.append
        )
        qtbot.waitUntil(lambda: len(failures) == 1, timeout=10_000)
        stopped = Upload(archive, contest, here=True)
        stopped.stop()
        live.board.link.run(
            lambda client: stopped.go(client, lambda _progress: None), lambda _answer: None, failures.append
        )
        qtbot.waitUntil(lambda: len(failures) == 2, timeout=10_000)
        assert "Stopped" in failures[1].sentence
    assert live.problems.findChild(Button) is not None
