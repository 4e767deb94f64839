"""What a problem's column says as a whole: how many solved and tried it, and who was first.

Kept in sorted lists, so that one changed cell costs a search in a list and not a walk over all teams.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from app.core.ids import ProblemId, TeamId
from app.core.scoring.cell import CellScore, Order, Score

_Entry = tuple[Order, TeamId]
_NONE = Score(CellScore(ProblemId("")))


class Tally:
    """One problem's column over the teams that count (hidden ones do not)."""

    def __init__(self) -> None:
        self._accepted: list[_Entry] = []
        self._waiting: list[_Entry] = []
        self._tried: set[TeamId] = set()

    def change(self, team: TeamId, before: Score | None, after: Score | None) -> None:
        """Puts a team's new score in the place of its old one; None where it does not count."""
        before, now = before or _NONE, after or _NONE
        _swap(self._accepted, team, before.accepted, now.accepted)
        _swap(self._waiting, team, before.waiting, now.waiting)
        if now.tried:
            self._tried.add(team)
        else:
            self._tried.discard(team)

    @property
    def counts(self) -> tuple[int, int]:
        """How many teams solved the problem, and how many tried it."""
        return len(self._accepted), len(self._tried)

    @property
    def first(self) -> TeamId | None:
        """Who was first to solve it: None while nobody has, or while another team's earlier try still waits."""
        if not self._accepted:
            return None
        order, team = self._accepted[0]
        others = (waits for waits, other in self._waiting[:2] if other != team)
        return None if any(waits < order for waits in others) else team


def _swap(entries: list[_Entry], team: TeamId, before: Order | None, after: Order | None) -> None:
    if before == after:
        return
    if before is not None:
        del entries[bisect_left(entries, (before, team))]
    if after is not None:
        insort(entries, (after, team))
