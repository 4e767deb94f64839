"""`contestbox bench`: what this machine carries, measured with the real server on this machine alone (DESIGN 9)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.server.bench import ingest, reads, standings, wake
from app.server.bench import spike as spikes
from app.server.bench import stored as full_store

Measure = Callable[[Path, int, int], dict[str, Any]]

INGEST = "Submissions by REST, each on disk before it is answered."
_WORDS = {
    "few_per_second": "… into a store with 1,000",
    "flatness": "times the rate of the store with 1,000",
    "stored": "submissions in the store before",
    "accounts": "accounts that sent them",
    "lost": "of them lost, doubled or out of order",
    "queue_is_shown": "pages of a team that showed the queue's length and age",
    "accepted_per_second": "submissions accepted a second, each on disk",
    "empty_page_per_second": "Flask's empty page under waitress alone, a second",
    "empty_page_p99_ms": "… slowest of a hundred, ms",
    "ratio": "times the empty page",
    "p50_ms": "half of them answered within, ms",
    "p99_ms": "99 of 100 within, ms",
    "p999_ms": "999 of 1000 within, ms",
    "half_rate": "at half of that rate",
    "client_core_share": "part of a core that the measuring itself took",
    "empty_page_client_core_share": "… and while the empty page was asked",
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
    "pages_behind_per_second": "… asked of their waitress alone",
    "gate_costs": "times the time of waitress alone that a page through the gate takes, 16 at once",
    "gate_costs_one": "… one after the other",
    "bytes_each": "bytes of one board, packed",
    "machines": "judge machines held busy meanwhile",
    "judged": "… verdicts that they gave",
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
        _show(lambda folder: measure(folder, rounds, size), as_json)

    command.command(name, help=f"{text}\n\nExample: {example}", short_help=text)(run)


def _show(run: Callable[[Path], dict[str, Any]], as_json: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="contestbox-bench-") as folder:
        figures = run(Path(folder))
    if not as_json:
        click.echo(table(figures))
    click.echo(json.dumps(figures))


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


@command.command("ingest", short_help=INGEST)
@click.option("--rounds", type=click.IntRange(1, 50), default=5, show_default=True, help="The figures are medians.")
@click.option("--submissions", type=click.IntRange(100, 50_000), default=4000, show_default=True)
@click.option("--stored", type=click.IntRange(1000, 1_000_000), help="Compares a store with so many with one of 1,000.")
@click.option("--spike", is_flag=True, help="50,000 submissions of 3,200 accounts in five minutes.")
@click.option("--scale", type=click.FloatRange(0.001, 1), default=1, show_default=True, help="So much of the spike.")
@click.option("--json", "as_json", is_flag=True, help="Only the line of JSON.")
def ingest_command(rounds: int, submissions: int, stored: int | None, spike: bool, scale: float, as_json: bool) -> None:
    """Submissions by REST, each on disk before it is answered.

    Example: contestbox bench ingest --json
    """

    def run(folder: Path) -> dict[str, Any]:
        if spike:
            return spikes.measure(folder, scale)
        if stored is not None:
            return full_store.measure(folder, rounds, submissions, stored)
        return ingest.measure(folder, rounds, submissions)

    if spike and stored is not None:
        raise click.UsageError("Choose one of --spike and --stored.")
    _show(run, as_json)


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
