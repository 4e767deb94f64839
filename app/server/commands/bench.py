"""`contestbox bench`: what this machine carries, measured with the real server on this machine alone (DESIGN 9)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.server.bench import ingest, reads, standings, wake

Measure = Callable[[Path, int, int], dict[str, Any]]

_WORDS = {
    "accepted_per_second": "submissions accepted a second, each on disk",
    "empty_page_per_second": "Flask's empty page under waitress alone, a second",
    "empty_page_p99_ms": "… slowest of a hundred, ms",
    "ratio": "times the empty page",
    "p50_ms": "half of them answered within, ms",
    "p99_ms": "99 of 100 within, ms",
    "p999_ms": "999 of 1000 within, ms",
    "half_rate": "at half of that rate",
    "client_core_share": "part of a core that the measuring itself took",
    "tls_client_core_share": "… over TLS",
    "waiters": "waiting browsers",
    "all_ms": "all of them know of an event within, ms",
    "page_p99_ms": "a page asked meanwhile, slowest of a hundred, ms",
    "pages": "… pages asked",
    "waiting_bytes": "memory that the waiting takes, bytes",
    "waiting_core_share": "part of a core that the waiting takes",
    "per_second": "rendered boards a second",
    "tls_per_second": "… over TLS",
    "drawn_pages_per_second": "pages that Flask draws for each visitor, a second",
    "bytes_each": "bytes of one board, packed",
    "update_ms": "a verdict until it is on the board, ms",
    "render_ms": "a new board until it is drawn, ms",
    "served_per_second": "drawn boards a second",
    "teams": "teams",
    "verdicts": "verdicts before",
    "submissions": "submissions a round",
    "rounds": "rounds (the figures are their medians)",
}


@click.group("bench", short_help="Measures what this machine carries.")
def command() -> None:
    """Measures this machine: a server with a contest of its own in a temporary folder, on this machine's loopback only.

    Run it while nothing else works on the machine; client and server share its cores.

    Example: contestbox bench ingest
    """


def _measurement(name: str, measure: Measure, size: str, default: int, most: int, text: str, example: str) -> None:
    @click.option("--rounds", type=click.IntRange(1, 50), default=5, show_default=True, help="The figures are medians.")
    @click.option(f"--{size}", "size", type=click.IntRange(100, most), default=default, show_default=True)
    @click.option("--json", "as_json", is_flag=True, help="Only the line of JSON.")
    def run(rounds: int, size: int, as_json: bool) -> None:
        with tempfile.TemporaryDirectory(prefix="contestbox-bench-") as folder:
            figures = measure(Path(folder), rounds, size)
        if not as_json:
            click.echo(table(figures))
        click.echo(json.dumps(figures))

    command.command(name, help=f"{text}\n\nExample: {example}", short_help=text)(run)


def table(figures: dict[str, Any]) -> str:
    """The figures for people, one a line."""
    lines: list[tuple[str, str]] = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += [(f"{_WORDS[name]}: {_WORDS[part]}", _shown(number)) for part, number in value.items()]
        else:
            lines.append((_WORDS[name], _shown(value)))
    width = max(len(number) for _, number in lines)
    return "\n".join(f"{number:>{width}}  {words}" for words, number in lines)


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


_measurement(
    "ingest", ingest.measure, "submissions", 4000, 50_000,
    "Submissions by REST, each on disk before it is answered.", "contestbox bench ingest --json",
)  # fmt: skip
_measurement(
    "wake", wake.measure, "waiters", 2000, 20_000,
    "A hall of waiting browsers, and when all of them know of an event.", "contestbox bench wake --waiters 5000",
)  # fmt: skip
_measurement(
    "reads", reads.measure, "requests", 12_000, 1_000_000,
    "The board as bytes from memory, over http and TLS.", "contestbox bench reads",
)  # fmt: skip
_measurement(
    "standings", standings.measure, "teams", 300, 5000,
    "The board of a hall: brought up to date, drawn, served.", "contestbox bench standings --teams 2000",
)  # fmt: skip
