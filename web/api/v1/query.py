"""Numbers in the query of a request, with one sentence for whatever is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from app.core.errors import Refusal

MOST_PER_PAGE = 200
HIGHEST_PAGE = 1_000_000
LONGEST_WAIT = 25
"""Seconds that a program may wait in one request."""
HIGHEST = 2**63 - 1
"""The highest counter or sequence number that anybody may name."""

D = TypeVar("D", int, None)


def whole_number(text: str | None, name: str, *, default: D, most: int, least: int = 1) -> int | D:
    """A number between `least` and `most`; `default` where none is named. Raises Refusal 400 for anything else, "" too."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and least <= int(text) <= most):
        raise Refusal(400, f"{name} is a whole number from {least} to {most}.", fields={name: "not such a number"})
    return int(text)


def page_wanted(query: Mapping[str, str]) -> tuple[int, int]:
    """`page` (from 1) and `per_page` (50 where it isn't named). Raises Refusal 400."""
    number = whole_number(query.get("page"), "page", default=1, most=HIGHEST_PAGE)
    return number, whole_number(query.get("per_page"), "per_page", default=50, most=MOST_PER_PAGE)
