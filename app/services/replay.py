"""The start: what the log holds already is read once, for all that is kept in memory of it.

With fifty thousand submissions the log has hundreds of thousands of entries, most of them about single runs and leases, which no table
in memory needs: they are not even parsed.
"""

from __future__ import annotations

from app.core.events import Kind
from app.ports.store import Store
from app.services.judging_book import JudgingBook
from app.services.standings import Standings

_BATCH = 5000
_KINDS = frozenset(
    {
        Kind.CONTEST,
        Kind.PROBLEM,
        Kind.TEAM,
        Kind.SUBMISSION,
        Kind.JUDGEMENT,
        Kind.VERDICT,
        Kind.DESK,
        Kind.DIFFERENCE,
    },
)


def replay_log(store: Store, judging: JudgingBook, standings: Standings) -> None:
    """Brings both to the log's end and makes the first boards. Blocks; call once, before anybody is served."""
    seen = 0
    while True:
        with store.read() as view:
            events = view.events_after(seq=seen, limit=_BATCH, kinds=_KINDS)
        if not events:
            break
        seen = events[-1].seq
        judging.catch_up(events)
        standings.catch_up(events)
    standings.tick()
