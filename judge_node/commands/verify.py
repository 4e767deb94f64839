"""contestbox-judge verify: judges every submission inside a package and compares it with what the package expects."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from app.core.verdict import Verdict
from app.package.reader import OpenedPackage, open_package
from judge_node.commands.plain import plain
from judge_node.commands.timelimit import time_limit
from judge_node.commands.verdictcache import VerdictCache
from judge_node.commands.verifying import Checked, Verification
from judge_node.commands.workplace import Workplace, node_build, open_workplace
from judge_node.pipeline.from_package import language_of


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--jobs", type=click.IntRange(1, 64), help="How many are judged at once; default: one for each core.")
@click.option("--fresh", is_flag=True, help="Judge everything anew, whatever was judged before.")
def command(package: Path, as_json: bool, jobs: int | None, fresh: bool) -> None:
    """Judge every submission inside a problem package; exit 0 only if all do what the package expects.

    Example: contestbox-judge verify problems/crates
    """
    with open_package(package) as opened:
        for warning in opened.package.warnings:
            click.echo(f"warning: {warning}", err=True)
        workplace = open_workplace(make_headers=True)
        _prepare(opened, workplace)
        with workplace.workshop() as workshop:
            cpu_seconds = time_limit(opened, workplace, workshop)
        cache = None if fresh else VerdictCache(workplace.cache / "verify", opened.package.version, node_build())
        verification = Verification(opened, workplace, cache, cpu_seconds, threading.Event())
        checked = _watched(verification.run(jobs or len(os.sched_getaffinity(0))), len(opened.package.submissions))
        failed = _print_json(checked) if as_json else _print_table(checked, opened)
    if failed:
        click.echo(f"contestbox-judge: {failed} of the package's submissions did not do what it expects.", err=True)
        sys.exit(1)


def _prepare(opened: OpenedPackage, workplace: Workplace) -> None:
    """Probes the toolchains before the workers start. Fault where one that the package needs is missing."""
    workplace.prepare_validator(opened)
    for solution in opened.package.submissions:
        language = language_of(solution.program, workplace.languages)
        if language is not None:
            workplace.prepare(language)


def _watched(results: Iterator[Checked], total: int) -> Iterator[Checked]:
    """Shows on a terminal how far it is; the line is gone at the end."""
    shown = sys.stderr.isatty()
    for number, result in enumerate(results, 1):
        if shown:
            click.echo(f"\r\033[K{number}/{total} {result.solution.path}", err=True, nl=False)
        yield result
    if shown:
        click.echo("\r\033[K", err=True, nl=False)


def _print_json(results: Iterator[Checked]) -> int:
    failed = 0
    for result in results:
        failed += not result.ok
        click.echo(json.dumps(_document(result), ensure_ascii=False))
        sys.stdout.flush()
    return failed


def _document(result: Checked) -> dict[str, Any]:
    judged = result.judged
    document: dict[str, Any] = {
        "submission": result.solution.path,
        "language": result.language,
        "expected": sorted(result.solution.expected),
        "verdict": judged.verdict,
        "score": None,
        "ok": result.ok,
        "cpu_seconds": round(judged.cpu_seconds, 6),
        "runs": len(judged.runs),
    }
    if judged.verdict is Verdict.JE:
        document["message"] = judged.message
    return document


def _print_table(results: Iterator[Checked], opened: OpenedPackage) -> int:
    failed = 0
    width = max((len(solution.path) for solution in opened.package.submissions), default=10)
    for result in results:
        judged = result.judged
        failed += not result.ok
        expected = ",".join(sorted(result.solution.expected)) or "-"
        note = judged.message if judged.verdict is Verdict.JE else "(from the cache)" if result.from_cache else ""
        line = (
            f"{'ok   ' if result.ok else 'WRONG'} {result.solution.path:{width}}  {result.language or '-':8} "
            f"expected {expected:8} got {judged.verdict:3} {judged.cpu_seconds:7.3f} s {len(judged.runs):4} runs  {note}"
        )
        click.echo(("\r\033[K" if sys.stderr.isatty() else "") + plain(line.rstrip()))
    return failed
