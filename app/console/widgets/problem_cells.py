"""How the cells of the problem tables are painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.console.models.lists import package_word, solutions_text
from app.console.theme.theme import Theme
from app.console.theme.type import ui_font
from app.console.widgets.cells import CellDelegate
from app.console.widgets.chip import HEIGHT, Chip, paint_chip
from app.console.widgets.shapes import paint_balloon, paint_text
from app.wire.admin_v1 import ProblemState

PACKAGE_LOOKS = {"ready": ("good", "check"), "unchecked": ("waiting", "ellipsis"), "refused": ("bad", "x")}


def problem_delegate(theme: Theme) -> CellDelegate:
    """The delegate of a problem table."""

    def problem(painter: QPainter, rect: QRectF, row: ProblemState) -> None:
        paint_balloon(painter, QPointF(rect.x() + 9, rect.center().y()), row.label, row.rgb, theme.tokens)
        paint_text(painter, rect.adjusted(26, 0, 0, 0), row.title, ui_font(14), theme.tokens.ink)

    def package(painter: QPainter, rect: QRectF, row: ProblemState) -> None:
        role, icon = PACKAGE_LOOKS.get(row.package_state, ("quiet", "circle-dashed"))
        chip = Chip(role, icon, package_word(row.package_state))
        drawn = paint_chip(painter, QPointF(rect.x(), round(rect.center().y() - HEIGHT / 2)), chip, theme)
        if row.package_notes:
            rest = rect.adjusted(drawn.width() + 8, 0, 0, 0)
            paint_text(painter, rest, row.package_notes[0], ui_font(12), theme.tokens.muted)

    def solutions(painter: QPainter, rect: QRectF, row: ProblemState) -> None:
        good = bool(row.solutions) and row.solutions_judged >= row.solutions and not row.solutions_wrong
        role = "bad" if row.solutions_wrong else "good" if good else "muted"
        colour = theme.tokens.colour(role)
        if row.solutions_wrong or good:
            icon = "x" if row.solutions_wrong else "check"
            theme.icons.paint(painter, icon, colour, QRectF(rect.x(), rect.center().y() - 7, 14, 14))
            rect = rect.adjusted(20, 0, 0, 0)
        paint_text(painter, rect, solutions_text(row), ui_font(13), colour)

    return CellDelegate(theme, {"problem": problem, "package": package, "solutions": solutions}, muted=("id",))
