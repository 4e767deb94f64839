"""Balloons: the state of one team at one problem, and a letter that can be read on any colour."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.answers import BoardProblem, BoardRow, Cell
from web.pages.speech import translated as _

_RGB = re.compile(r"#[0-9A-Fa-f]{6}")
_NEUTRAL = "#C4CBD2"


@dataclass(frozen=True, slots=True)
class Balloon:
    """One disc. `state` is solved, first, waiting, tried or open; `tries` counts rejected ones; `under` stands below it."""

    problem_id: str
    label: str
    title: str
    rgb: str
    state: str
    tries: int
    under: str
    said: str


def balloons_of(problems: Sequence[BoardProblem], row: BoardRow | None) -> tuple[Balloon, ...]:
    """The discs of a team in the order of the problems; all open where there is no row."""
    cells = {cell.problem_id: cell for cell in row.cells} if row else {}
    return tuple(_balloon(problem, cells.get(problem.id)) for problem in problems)


def letter_colour(rgb: str) -> str:
    """Black or white, whichever contrasts more with the disc."""
    light = luminance(safe_rgb(rgb))
    return "#000000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#FFFFFF"


def safe_rgb(rgb: str) -> str:
    """A colour that may stand in an attribute: `#RRGGBB`, grey for anything else."""
    return rgb if _RGB.fullmatch(rgb) else _NEUTRAL


def luminance(rgb: str) -> float:
    """Relative luminance by WCAG 2, 0 (black) to 1 (white)."""
    linear = []
    for start in (1, 3, 5):
        channel = int(rgb[start : start + 2], 16) / 255
        linear.append(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _balloon(problem: BoardProblem, cell: Cell | None) -> Balloon:
    state, tries, under = "open", 0, ""
    said = _("not tried")
    if cell is not None and cell.solved:
        state, under = ("first" if cell.first else "solved"), "" if cell.minute is None else str(cell.minute)
        said = (
            _("solved first, minute %(minute)s", minute=under)
            if cell.first
            else _("solved, minute %(minute)s", minute=under)
        )
    elif cell is not None and cell.pending:
        state, tries, said = "waiting", cell.attempts, _("waits for a verdict")
    elif cell is not None and cell.attempts:
        state, tries, said = "tried", cell.attempts, _("tried %(tries)s times", tries=cell.attempts)
    return Balloon(problem.id, problem.label, problem.title, safe_rgb(problem.rgb), state, tries, under, said)
