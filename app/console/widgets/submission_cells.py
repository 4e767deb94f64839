"""How the cells of the submission lists are painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.console.models.submissions import Problems
from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.cells import CellDelegate
from app.console.widgets.chip import HEIGHT, chip_of, paint_chip, role_and_icon
from app.console.widgets.limit_bar import paint_limit_bar
from app.console.widgets.shapes import RIGHT, paint_balloon, paint_text
from app.console.widgets.squares import paint_bars
from app.console.words import limit_text
from app.wire.admin_v1 import SubmissionRow


def submission_delegate(theme: Theme, problems: Problems) -> CellDelegate:
    """The delegate of a submission list."""
    cells = _Cells(theme, problems)
    draws = {"problem": cells.problem, "verdict": cells.verdict, "tests": cells.tests, "cpu": cells.cpu}
    return CellDelegate(theme, draws, muted=("id", "language", "machine"), glow_role=_glow_role)


def _glow_role(row: SubmissionRow) -> str:
    return role_and_icon(row.verdict or "")[0]


class _Cells:
    def __init__(self, theme: Theme, problems: Problems) -> None:
        self._theme = theme
        self._problems = problems

    def problem(self, painter: QPainter, rect: QRectF, row: SubmissionRow) -> None:
        """Disc and title."""
        centre = QPointF(rect.x() + 9, rect.center().y())
        paint_balloon(painter, centre, row.problem, self._problems.rgb(row.problem), self._theme.tokens)
        title = self._problems.title(row.problem)
        paint_text(painter, rect.adjusted(26, 0, 0, 0), title, ui_font(14), self._theme.tokens.ink)

    def verdict(self, painter: QPainter, rect: QRectF, row: SubmissionRow) -> None:
        """The chip."""
        chip = chip_of(row.status, row.verdict, row.tests_passed, row.test_count)
        paint_chip(painter, QPointF(rect.x(), round(rect.center().y() - HEIGHT / 2)), chip, self._theme)

    def tests(self, painter: QPainter, rect: QRectF, row: SubmissionRow) -> None:
        """The run squares as bars."""
        paint_bars(painter, rect, row.tests, self._theme)

    def cpu(self, painter: QPainter, rect: QRectF, row: SubmissionRow) -> None:
        """Seconds, limit, and the limit bar."""
        if not row.cpu_seconds or not row.cpu_limit_seconds:
            return
        tokens, font = self._theme.tokens, ui_font(14, tabular=True)
        number = QRectF(rect.x(), rect.y(), 34, rect.height())
        seconds = f"{row.cpu_seconds:.2f}" if row.cpu_seconds < 9.995 else f"{row.cpu_seconds:.1f}"
        paint_text(painter, number, seconds, font, tokens.ink, RIGHT)
        limit = QRectF(rect.x() + 38, rect.y(), 36, rect.height())
        paint_text(painter, limit, f"/ {limit_text(row.cpu_limit_seconds)}", ui_font(13, tabular=True), tokens.muted)
        bar = QRectF(rect.x() + 78, rect.y(), max(20.0, rect.width() - 80), rect.height())
        paint_limit_bar(painter, bar, row.cpu_seconds / row.cpu_limit_seconds, tokens)
