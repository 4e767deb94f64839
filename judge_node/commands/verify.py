"""contestbox-judge verify: judges every submission inside a package and compares it with what the package expects."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.core.errors import Fault, Refusal
from app.core.scoring.groups import decimal, plain_number
from app.core.verdict import Verdict
from app.package.problem_yaml import LEGACY_VERSIONS
from app.package.reader import OpenedPackage
from app.package.version import judging_version
from judge_node.commands.completing import open_completed
from judge_node.commands.package_checks import PackageCheck, kept_checks
from judge_node.commands.plain import plain
from judge_node.commands.reasons import reason
from judge_node.commands.several import packages_at
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

    A submission in a language that this judge does not have is skipped: that is told, and fails nothing. PACKAGE may hold
    several packages beside each other, as a folder or a zip.

    What is wrong with the package itself (inputs that its own validators refuse, keys without a meaning, a time limit that
    slow solutions keep) is told on stderr and fails it as well.

    Example: contestbox-judge verify problems/crates --times times.html
    """
    if times is not None:
        check_picture_name(times)
    workplace = open_workplace(make_headers=True)
    with packages_at(package) as packages:
        if len(packages) > 1 and times is not None:
            raise click.UsageError("--times is for one package; there are several.")
        call = _Call(as_json, jobs or len(os.sched_getaffinity(0)), fresh, times)
        found = (
            [_verify(packages[0], workplace, call, "")]
            if len(packages) == 1
            else [_one_of(one, workplace, call) for one in packages]
        )
    failed, wrong, skipped = (sum(counts) for counts in zip(*found, strict=True))
    _end(failed, wrong, skipped)


@dataclass(frozen=True, slots=True)
class _Call:
    """How it is to be done, as the call says."""

    as_json: bool
    jobs: int
    fresh: bool
    times: Path | None


def _one_of(package: Path, workplace: Workplace, call: _Call) -> tuple[int, int, int]:
    """One of several packages: what is wrong with it does not keep the others from being judged."""
    if not call.as_json:
        click.echo(f"{plain(package.name)}:")
    try:
        return _verify(package, workplace, call, package.name)
    except (Refusal, Fault) as wrong:
        click.echo(f"error: {plain(package.name)}: {plain(wrong.sentence)}", err=True)
        return 0, 1, 0


def _verify(package: Path, workplace: Workplace, call: _Call, name: str) -> tuple[int, int, int]:
    """How many submissions failed, errors the package has, submissions were skipped."""
    with open_completed(package, lambda: workplace, _tell_generated) as opened:
        _prepare(opened, workplace)
        cache = (
            None if call.fresh else VerdictCache(workplace.cache / "verify", judging_version(opened.tree), node_build())
        )
        with workplace.workshop() as workshop:
            wrong = _print_checks(kept_checks(opened, workplace, workshop, cache))
            limit = measured_limit(opened, workplace, workshop)
        wrong += _print_limit(limit, legacy=opened.package.format_version in LEGACY_VERSIONS)
        verification = Verification(
            opened, workplace, cache, limit.cpu_seconds, threading.Event(), all_tests=call.times is not None
        )
        watched = _watched(verification.run(call.jobs), len(opened.package.submissions))
        results: list[Checked] = []
        kept = _kept(watched, results)
        if call.as_json:
            _print_json(kept, limit.cpu_seconds, name)
        else:
            _print_table(kept, opened, limit.cpu_seconds)
        if call.times is not None:
            write_picture(call.times, opened.package.title, results, limit.cpu_seconds)
    return sum(one.failed for one in results), wrong, sum(bool(one.skipped) for one in results)


def _tell_generated(name: str) -> None:
    click.echo(f"note: {name} is generated", err=True)


def _end(failed: int, wrong: int, skipped: int) -> None:
    if skipped:
        click.echo(f"contestbox-judge: {skipped} skipped: no toolchain, or larger than a submission may be.", err=True)
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
    """Probes the toolchains before the workers start. Fault where the validator's is missing; a solution's worker finds
    its own missing again and says so.
    """
    workplace.prepare_validator(opened)
    for solution in opened.package.submissions:
        language = language_of(solution.program, workplace.languages)
        if language is not None:
            with suppress(Fault):
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


def _print_json(results: Iterator[Checked], cpu_seconds: float, package: str) -> None:
    for result in results:
        document = _document(result, cpu_seconds)
        click.echo(json.dumps({"package": package, **document} if package else document, ensure_ascii=False))
        sys.stdout.flush()


def _document(result: Checked, cpu_seconds: float) -> dict[str, Any]:
    judged = result.judged
    document: dict[str, Any] = {
        "submission": result.solution.path,
        "language": result.language,
        "expected": sorted(result.solution.expected),
        "verdict": None if result.skipped else judged.verdict,
        "score": plain_number(judged.score_millionths),
        "ok": result.ok,
        "cpu_seconds": round(judged.cpu_seconds, 6),
        "runs": len(judged.runs),
    }
    if result.skipped:
        document["skipped"] = result.skipped
        return document
    if judged.verdict is Verdict.JE:
        document["message"] = judged.message
    if not result.ok:
        document["reason"] = reason(result, cpu_seconds)
    return document


def _print_table(results: Iterator[Checked], opened: OpenedPackage, cpu_seconds: float) -> None:
    width = max((len(solution.path) for solution in opened.package.submissions), default=10)
    for result in results:
        judged = result.judged
        expected = ",".join(sorted(result.solution.expected)) or "-"
        score = "" if judged.score_millionths is None else f" {decimal(judged.score_millionths):>6} points"
        note = judged.message if judged.verdict is Verdict.JE else "(from the cache)" if result.from_cache else ""
        state = "skip " if result.skipped else "ok   " if result.ok else "WRONG"
        got = "-" if result.skipped else judged.verdict
        line = (
            f"{state} {result.solution.path:{width}}  {result.language or '-':8} "
            f"expected {expected:8} got {got:3}{score} {judged.cpu_seconds:7.3f} s {len(judged.runs):4} runs  {note}"
        )
        click.echo(("\r\033[K" if sys.stderr.isatty() else "") + plain(line.rstrip()))
        if not result.ok and judged.verdict is not Verdict.JE:
            click.echo(f"      {plain(reason(result, cpu_seconds))}")
