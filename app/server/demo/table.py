"""The table of `demo --check`: every sample solution with what it should get and what it got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One solution as it went through the web: seconds from submitting to the verdict on the page."""

    problem: str
    solution: str
    language: str
    expected: str
    got: str
    seconds: float
    ok: bool


HEAD = ("problem", "solution", "language", "expected", "got", "seconds", "")


def render(rows: Sequence[CheckRow]) -> str:
    """The rows as aligned text, one a line."""
    cells = [HEAD] + [
        (
            row.problem,
            row.solution,
            row.language,
            row.expected,
            row.got,
            f"{row.seconds:.2f}",
            "ok" if row.ok else "DISAGREES",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )
