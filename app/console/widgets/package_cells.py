"""How the cells of a problem's tables are painted: chips for verdicts and kinds, a limit bar beside the slowest time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.console.models.problem import ReportRow, SolutionRow, actual_chip, agreement_text, level_chip, result_text
from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.cells import CellDelegate
from app.console.widgets.chip import HEIGHT, Chip, paint_chip, verdict_chip
from app.console.widgets.limit_bar import paint_limit_bar
from app.console.widgets.shapes import RIGHT, paint_text
from app.wire.admin_packages_v1 import TrialDifference

_BAR = 72


def _chip(theme: Theme, chip_for: Callable[[Any], Chip]) -> Callable[[QPainter, QRectF, Any], None]:
    def draw(painter: QPainter, rect: QRectF, row: Any) -> None:
        painter.setClipRect(rect)
        paint_chip(painter, QPointF(rect.x(), round(rect.center().y() - HEIGHT / 2)), chip_for(row), theme)

    return draw


def solution_delegate(theme: Theme) -> CellDelegate:
    """The delegate of jury solutions."""

    def time(painter: QPainter, rect: QRectF, row: SolutionRow) -> None:
        if row.run is None:
            return
        words = rect.adjusted(0, 0, -(_BAR + 12), 0)
        paint_text(painter, words, f"{row.run.cpu_seconds:.2f}", ui_font(14, tabular=True), theme.tokens.ink, RIGHT)
        if row.run.limit_seconds:
            bar = QRectF(rect.right() - _BAR, rect.y(), _BAR, rect.height())
            paint_limit_bar(painter, bar, row.run.cpu_seconds / row.run.limit_seconds, theme.tokens)

    def agrees(painter: QPainter, rect: QRectF, row: SolutionRow) -> None:
        if row.run is None:
            return
        role, icon = ("good", "check") if row.run.ok else ("bad", "x")
        colour = theme.tokens.colour(role)
        theme.icons.paint(painter, icon, colour, QRectF(rect.x(), rect.center().y() - 7, 14, 14))
        ink = theme.tokens.muted if row.run.ok else colour
        paint_text(painter, rect.adjusted(20, 0, 0, 0), agreement_text(row), ui_font(13), ink)

    draws = {"actual": _chip(theme, actual_chip), "time": time, "agrees": agrees}
    return CellDelegate(theme, draws, muted=("machine", "expected"))


def report_delegate(theme: Theme) -> CellDelegate:
    """The delegate of an import's report."""

    def chip_for(row: ReportRow) -> Chip:
        return level_chip(row.line.level)

    return CellDelegate(theme, {"level": _chip(theme, chip_for)}, muted=("advice", "file"))


def difference_delegate(theme: Theme, team_name: Callable[[str], str]) -> CellDelegate:
    """The delegate of what another version would change; `team_name` gives a team's name by its id."""

    def result(verdict: str | None, score: int | None, painter: QPainter, rect: QRectF) -> None:
        if verdict is None:
            paint_text(painter, rect, result_text(verdict, score), ui_font(13), theme.tokens.muted)
            return
        drawn = paint_chip(
            painter, QPointF(rect.x(), round(rect.center().y() - HEIGHT / 2)), verdict_chip(verdict), theme
        )
        if score is not None:
            rest = rect.adjusted(drawn.width() + 8, 0, 0, 0)
            paint_text(painter, rest, f"{score / 1_000_000:g}", ui_font(13, tabular=True), theme.tokens.muted)

    def before(painter: QPainter, rect: QRectF, row: TrialDifference) -> None:
        result(row.before, row.score_before, painter, rect)

    def after(painter: QPainter, rect: QRectF, row: TrialDifference) -> None:
        result(row.after, row.score_after, painter, rect)

    def team(painter: QPainter, rect: QRectF, row: TrialDifference) -> None:
        paint_text(painter, rect, team_name(row.team_id or ""), ui_font(14), theme.tokens.ink)

    return CellDelegate(theme, {"before": before, "after": after, "team": team})


def plain_delegate(theme: Theme) -> CellDelegate:
    """The delegate of the tests."""
    return CellDelegate(theme, {}, muted=("number", "sample"))
