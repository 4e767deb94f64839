"""Which submissions to fetch next: all of the newest once, later only what can have changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from app.wire.admin_v1 import SubmissionRow

PAGE = 200
KEPT = 5_000
"""Rows that the live list keeps; older ones are on the server."""

Fetch = Callable[[int | None, int], Awaitable[list[SubmissionRow]]]
"""(before, limit) → rows, newest first."""


class SubmissionFeed:
    """Follows the list. A round gives rows that are new or may have changed, in any order.

    A finished row changes only by a rejudging, which `forget` (all is fetched again) covers.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._newest = 0
        self._unfinished: set[int] = set()

    def forget(self) -> None:
        """The next round fetches everything."""
        self._newest = 0
        self._unfinished.clear()

    async def round(self) -> list[SubmissionRow]:
        """Fetches pages from the newest down until nothing older can have changed."""
        newest_before, rows = self._newest, list[SubmissionRow]()
        before: int | None = None
        while len(rows) < KEPT:
            page = await self._fetch(before, PAGE)
            rows += page
            if len(page) < PAGE:
                break
            before = min(row.id for row in page)
            oldest_unfinished = min(self._unfinished, default=before)
            if newest_before and before <= newest_before and before <= oldest_unfinished:
                break
        self._newest = max([newest_before, *(row.id for row in rows)])
        self._unfinished = set(_unfinished(rows))
        return rows


def _unfinished(rows: list[SubmissionRow]) -> Iterator[int]:
    return (row.id for row in rows if row.status not in ("DONE", "DESK"))
