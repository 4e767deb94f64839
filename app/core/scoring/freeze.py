"""The curtain of the freeze: which verdicts the public board does not show, and for how long.

A submission belongs to the freeze by its own contest time, not by when it was judged. Until the thaw it stands on the public board
as one that waits. Cells, ranks and first solvers of the public board follow from what is in front of the curtain alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.scoring.record import Try
from app.core.visibility import in_freeze


def behind_the_curtain(contest: Contest, arrived: Instant) -> bool:
    """Whether the public may not learn the verdict of a submission that arrived then. `thawed` in the settings lifts the curtain."""
    return contest.thawed is None and in_freeze(contest, arrived)


def as_the_public_sees(contest: Contest, tries: Iterable[Try]) -> list[Try]:
    """The tries with hidden verdicts taken away."""
    return [replace(one, verdict=None) if behind_the_curtain(contest, one.arrived) else one for one in tries]
