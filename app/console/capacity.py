"""For how many teams this laptop is good, from what `contestbox bench` measured: the formula and what it stands on.

Three limits, each a number of teams, and the least of them counts, rounded down:

* News. A hall of browsers waited; each team has two (the team's own and one more: a coach's, a spectator's). Within a second all of
  them have to know of an event, while a page asked meanwhile takes at most 200 ms for 99 of 100. Where it took longer, the number goes
  down in proportion. More browsers than were measured are never promised.
* Submissions. At half of the rate that the disk took, a team may submit every 15 seconds, all teams at once: the last minutes.
* Pages. Every team signs in, opens the list and a statement within the first 10 seconds: three drawn pages each; the board comes from
  memory, asked by each browser within two seconds of a verdict.

The machine was measured with clients on its own cores, so a laptop whose clients are elsewhere carries rather more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

BROWSERS_A_TEAM = 2
NEWS_MS = 1000.0
PAGE_MS = 200.0
SUBMIT_EVERY_SECONDS = 15
SAFE_SHARE = 0.5
OPENING_PAGES = 3
OPENING_SECONDS = 10
BOARD_SECONDS = 2


class Limit(StrEnum):
    """What ends first."""

    NEWS = "news"
    SUBMISSIONS = "submissions"
    PAGES = "pages"
    BOARD = "board"


@dataclass(frozen=True, slots=True)
class Capacity:
    """For about how many teams each part is good."""

    teams: int
    narrowest: Limit
    by_limit: Mapping[Limit, int]


def capacity_of(ingest: Mapping[str, Any], wake: Mapping[str, Any], reads: Mapping[str, Any]) -> Capacity:
    """The capacity from the three answers of `contestbox bench … --json`. Raises ValueError when one lacks its figures."""
    try:
        limits = {
            Limit.NEWS: _news(float(wake["waiters"]), float(wake["all_ms"]), float(wake["page_p99_ms"])),
            Limit.SUBMISSIONS: float(ingest["accepted_per_second"]) * SAFE_SHARE * SUBMIT_EVERY_SECONDS,
            Limit.PAGES: float(reads["drawn_pages_per_second"]) * OPENING_SECONDS / OPENING_PAGES,
            Limit.BOARD: float(reads["per_second"]) * BOARD_SECONDS / BROWSERS_A_TEAM,
        }
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the measurement lacks a figure: {error}") from error
    whole = {limit: rounded_down(teams) for limit, teams in limits.items()}
    narrowest = min(limits, key=lambda limit: limits[limit])
    return Capacity(whole[narrowest], narrowest, whole)


def rounded_down(teams: float) -> int:
    """Two figures that do not promise more: 1234 is about 1200, 87 is 87."""
    number = max(0, int(teams))
    step = int(10 ** max(0, len(str(number)) - 2))
    return number // step * step


def _news(waiters: float, all_ms: float, page_ms: float) -> float:
    slowness = max(1.0, all_ms / NEWS_MS, page_ms / PAGE_MS)
    return waiters / BROWSERS_A_TEAM / slowness
