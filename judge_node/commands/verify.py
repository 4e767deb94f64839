"""contestbox-judge verify: judges every submission inside a package and compares it with what the package expects."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from app.core.scoring.groups import decimal, plain_number
from app.core.verdict import Verdict
from app.package.problem_yaml import LEGACY_VERSIONS
from app.package.reader import OpenedPackage
from judge_node.commands.completing import open_completed
from judge_node.commands.package_checks import PackageCheck, kept_checks
from judge_node.commands.plain import plain
from judge_node.commands.reasons import reason
from judge_node.commands.timelimit import TimeLimit, measured_limit
from judge_node.commands.times_picture import check_picture_name, write_picture
from judge_node.commands.verdictcache import VerdictCache
from judge_node.commands.verifying import Checked, Verification
from judge_node.commands.workplace import Workplace, node_build, open_workplace
from judge_node.pipeline.from_package import language_of


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--jobs", type=click.IntRange(1, 64), help="How many are judged at once; default: one for each core.")
@click.option("--fresh", is_flag=True, help="Judge everything anew, whatever was judged before.")
@click.option(
    "--times",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Run all tests of all submissions and write their times as a picture (.html or .svg).",
)
def command(package: Path, as_json: bool, jobs: int | None, fresh: bool, times: Path | None) -> None:
    """Judge every submission inside a problem package; exit 0 only if all do what the package expects.

    What is wrong with the package itself (inputs that its own validators refuse, keys without a meaning, a time limit that
    slow solutions keep) is told on stderr and fails it as well.

    Example: contestbox-judge verify problems/crates --times times.html
    """
    if times is not None:
        check_picture_name(times)
    workplace = open_workplace(make_headers=True)
    with open_completed(package, lambda: workplace, _tell_generated) as opened:
        _prepare(opened, workplace)
        cache = None if fresh else VerdictCache(workplace.cache / "verify", opened.package.version, node_build())
        with workplace.workshop() as workshop:
            wrong = _print_checks(kept_checks(opened, workplace, workshop, cache))
            limit = measured_limit(opened, workplace, workshop)
        wrong += _print_limit(limit, legacy=opened.package.format_version in LEGACY_VERSIONS)
        verification = Verification(
            opened, workplace, cache, limit.cpu_seconds, threading.Event(), all_tests=times is not None
        )
        watched = _watched(verification.run(jobs or len(os.sched_getaffinity(0))), len(opened.package.submissions))
        results: list[Checked] = []
        kept = _kept(watched, results)
        failed = _print_json(kept, limit.cpu_seconds) if as_json else _print_table(kept, opened, limit.cpu_seconds)
        if times is not None:
            write_picture(times, opened.package.title, results, limit.cpu_seconds)
    _end(failed, wrong)


def _tell_generated(name: str) -> None:
    click.echo(f"note: {name} is generated", err=True)


def _end(failed: int, wrong: int) -> None:
    if failed:
        click.echo(f"contestbox-judge: {failed} of the package's submissions did not do what it expects.", err=True)
    if wrong:
        click.echo(f"contestbox-judge: the package itself has {wrong} error{'s' if wrong > 1 else ''}.", err=True)
    if failed or wrong:
        sys.exit(1)


def _print_checks(checks: Iterable[PackageCheck]) -> int:
    """Tells what the checks of the package found; how many errors there were."""
    wrong = 0
    for check in checks:
        wrong += check.level == "error"
        click.echo(f"{check.level}: {plain(check.sentence)}", err=True)
    return wrong


def _print_limit(limit: TimeLimit, *, legacy: bool) -> int:
    """In legacy packages a slow solution that is too quick is a warning only: there the limit is the judge's own."""
    level = "warning" if legacy else "error"
    checks = [PackageCheck("note", limit.how)] if limit.how else []
    return _print_checks([*checks, *(PackageCheck(level, sentence) for sentence in limit.problems)])


def _kept(results: Iterator[Checked], into: list[Checked]) -> Iterator[Checked]:
    for one in results:
        into.append(one)
        yield one


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


def _print_json(results: Iterator[Checked], cpu_seconds: float) -> int:
    failed = 0
    for result in results:
        failed += not result.ok
        click.echo(json.dumps(_document(result, cpu_seconds), ensure_ascii=False))
        sys.stdout.flush()
    return failed


def _document(result: Checked, cpu_seconds: float) -> dict[str, Any]:
    judged = result.judged
    document: dict[str, Any] = {
        "submission": result.solution.path,
        "language": result.language,
        "expected": sorted(result.solution.expected),
        "verdict": judged.verdict,
        "score": plain_number(judged.score_millionths),
        "ok": result.ok,
        "cpu_seconds": round(judged.cpu_seconds, 6),
        "runs": len(judged.runs),
    }
    if judged.verdict is Verdict.JE:
        document["message"] = judged.message
    if not result.ok:
        document["reason"] = reason(result, cpu_seconds)
    return document


def _print_table(results: Iterator[Checked], opened: OpenedPackage, cpu_seconds: float) -> int:
    failed = 0
    width = max((len(solution.path) for solution in opened.package.submissions), default=10)
    for result in results:
        judged = result.judged
        failed += not result.ok
        expected = ",".join(sorted(result.solution.expected)) or "-"
        score = "" if judged.score_millionths is None else f" {decimal(judged.score_millionths):>6} points"
        note = judged.message if judged.verdict is Verdict.JE else "(from the cache)" if result.from_cache else ""
        line = (
            f"{'ok   ' if result.ok else 'WRONG'} {result.solution.path:{width}}  {result.language or '-':8} "
            f"expected {expected:8} got {judged.verdict:3}{score} {judged.cpu_seconds:7.3f} s {len(judged.runs):4} runs  {note}"
        )
        click.echo(("\r\033[K" if sys.stderr.isatty() else "") + plain(line.rstrip()))
        if not result.ok and judged.verdict is not Verdict.JE:
            click.echo(f"      {plain(reason(result, cpu_seconds))}")
    return failed
