"""What the organiser's window says where runs contradict each other, and how a whole output is saved."""

from __future__ import annotations

import contest_values as values
from pytestqt.qtbot import QtBot

from app.console.pages.desk_items import act_of
from app.console.window import Window
from app.wire.admin_v1 import DeskItem, SubmissionDetail

SENTENCE = "Test 3: AC on judge-02 counts, WA on judge-07 does not."


def contradicted() -> SubmissionDetail:
    """A submission with a late run that says something else."""
    detail = values.detail()
    late = detail.runs[2].model_copy(
        update={"counted": False, "verdict": "WA", "machine": "judge-07", "attempt": 2, "differs": True}
    )
    first = detail.runs[0].model_copy(update={"stdout_bytes": 20_000, "output_bytes": 20_000})
    runs = [first, *detail.runs[1:], late]
    return detail.model_copy(update={"runs": runs, "differences": [SENTENCE]})


def test_contradiction_is_said_plainly(full: Window) -> None:
    """Above the tests, and among the judgements; a submission without one says nothing."""
    full.submissions.open(1491)
    page = full.submissions.detail
    page.show_detail(values.detail())
    assert page.runs.disagreement.isHidden()
    page.show_detail(contradicted())
    assert not page.runs.disagreement.isHidden()
    page._tabs.setCurrentIndex(4)
    assert SENTENCE in page._words.text
    assert "judge-07" in page._words.text
    page.runs.forget()
    assert page.runs.disagreement.isHidden()


def test_whole_output_can_be_saved_where_there_is_one(full: Window) -> None:
    """The button stands beside the output of a run whose whole output the server has, and nowhere else."""
    full.submissions.open(1491)
    page = full.submissions.detail
    page.show_detail(contradicted())
    page._tabs.setCurrentIndex(1)
    page.runs.squares.choose(1)
    assert not page.output.isHidden()
    page.runs.squares.choose(2)
    assert page.output.isHidden()
    page.runs.squares.choose(1)
    page._tabs.setCurrentIndex(2)
    assert page.output.isHidden()


def test_desk_leads_to_the_contradiction(full: Window, qtbot: QtBot) -> None:
    """The item's button opens the submission."""
    item = DeskItem(
        key="difference:7",
        kind="difference",
        urgency=72,
        title="Submission 1491 was judged twice with different results",
        detail=SENTENCE,
        since_ms=values.NOW_MS,
        action="show",
        target="1491",
    )
    act = act_of(full.board, item)
    assert act is not None
    with qtbot.waitSignal(full.board.news.show_submission) as shown:
        act[1]()
    assert shown.args == [1491]
