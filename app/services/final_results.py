"""What stands between a click and results that are final already: the organiser's explicit word."""

from __future__ import annotations

from app.core.errors import Refusal
from app.core.ids import ContestId
from app.ports.store import View


def check_not_final(view: View, contest_id: ContestId, final_too: bool) -> None:
    """Refusal 409, with the field final_too, where the contest's results are final and nobody said that they may change."""
    contest = view.contest(contest_id)
    if contest is not None and contest.finalized is not None and not final_too:
        raise Refusal(
            409,
            "The results are final, and this may change them: it needs your word that it shall.",
            fields={"final_too": "missing"},
        )
