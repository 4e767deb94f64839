"""contestbox-judge once: judges one submission by a problem package."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from app.core.errors import Fault, Refusal
from app.core.judgement import CompileResult, Run
from app.core.scoring.groups import GroupResult, decimal, plain_number
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.definition import Language
from app.languages.detect import guess_language
from app.package.reader import OpenedPackage
from judge_node.commands.completing import open_completed
from judge_node.commands.plain import plain
from judge_node.commands.sources import read_sources
from judge_node.commands.timelimit import time_limit
from judge_node.commands.workplace import Workplace, judge_in_folder, open_workplace
from judge_node.pipeline.from_package import job_for
from judge_node.pipeline.job import JudgeResult, Watcher
from judge_node.sandbox.linux import rootless


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE...")
@click.option("--language", "language_id", help="The language's id; without it the file names tell.")
@click.option("--entry-point", help="The main file or class, where it cannot be told.")
@click.option("--all-tests", is_flag=True, help="Run all tests, also after one has failed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    package: Path,
    sources: tuple[Path, ...],
    language_id: str | None,
    entry_point: str | None,
    all_tests: bool,
    as_json: bool,
) -> None:
    """Judge one submission by a problem package; exit 0 whenever it could be judged.

    Example: contestbox-judge once problems/crates crates.cpp
    """
    workplace = open_workplace(make_headers=False)
    with open_completed(
        package, lambda: workplace, lambda name: click.echo(f"note: {name} is generated", err=True)
    ) as opened:
        files = read_sources(sources, opened.package.limits.source_bytes)
        answers = opened.package.ways.submit_answer
        language = next(iter(workplace.languages.values())) if answers else _language(workplace, files, language_id)
        try:
            result = _judge(opened, workplace, files, language, entry_point, all_tests)
        except Fault as fault:
            result = JudgeResult(CompileResult(False), (), Verdict.JE, fault.sentence)
    click.echo(json.dumps(_document(result), ensure_ascii=False) if as_json else plain(_readable(result)))
    if result.verdict is Verdict.JE:
        click.echo(f"contestbox-judge: {plain(result.message)}", err=True)
        sys.exit(1)


def _language(workplace: Workplace, files: tuple[SourceFile, ...], language_id: str | None) -> Language:
    languages = workplace.languages
    if language_id is not None:
        if language_id not in languages:
            raise Refusal(422, f"There is no language {language_id!r}; there are {', '.join(languages)}.")
        return languages[language_id]
    language = guess_language((file.name for file in files), languages)
    if language is None:
        raise Refusal(422, "The file names tell no language; name it with --language.")
    return language


def _judge(
    opened: OpenedPackage,
    workplace: Workplace,
    files: tuple[SourceFile, ...],
    language: Language,
    entry_point: str | None,
    all_tests: bool,
) -> JudgeResult:
    workplace.prepare(language)
    workplace.prepare_validator(opened)
    with workplace.workshop() as workshop:
        limit = time_limit(opened, workplace, workshop)
        for problem in limit.problems:
            click.echo(f"warning: {plain(problem)}", err=True)
        job = job_for(
            opened,
            files,
            language,
            workplace.languages,
            entry_point=entry_point,
            cpu_seconds=limit.cpu_seconds,
            all_tests=all_tests,
        )
        return judge_in_folder(job, workshop, Watcher())


def _document(result: JudgeResult) -> dict[str, Any]:
    compiled = result.compile
    document: dict[str, Any] = {
        "verdict": result.verdict,
        "score": plain_number(result.score_millionths),
        "compile": {
            "ok": compiled.ok,
            "cpu_seconds": round(compiled.cpu_seconds, 6),
            "wall_seconds": round(compiled.wall_seconds, 6),
            "memory_bytes": compiled.memory_bytes,
            "output": compiled.output,
        },
        "runs": [_run_document(run) for run in result.runs],
    }
    if told := rootless.weaker():
        document["weaker"] = list(told)
    if result.groups:
        document["groups"] = groups_document(result.groups)
    if result.message:
        document["message"] = result.message
    return document


def groups_document(groups: tuple[GroupResult, ...]) -> list[dict[str, Any]]:
    """Results of test groups for people's programs: scores as numbers, `max_score` null without a bound."""
    return [
        {
            "group": one.name,
            "verdict": one.verdict,
            "score": plain_number(one.score_millionths),
            "max_score": plain_number(one.most_millionths),
        }
        for one in groups
    ]


def _run_document(run: Run) -> dict[str, Any]:
    document: dict[str, Any] = {
        "test": run.test,
        "verdict": run.verdict,
        "cpu_seconds": round(run.cpu_seconds, 6),
        "wall_seconds": round(run.wall_seconds, 6),
        "memory_bytes": run.memory_bytes,
        "message": run.message,
        "exit_code": run.exit_code,
        "signal": run.signal,
        "limit": run.limit,
    }
    if run.score_millionths is not None:
        document["score"] = plain_number(run.score_millionths)
    if run.transcript:
        document["transcript"] = run.transcript
    if run.near_limit:
        document["near_limit"] = {"repeats": [round(one, 6) for one in run.repeats], "flaky": run.flaky}
    return document


def _readable(result: JudgeResult) -> str:
    lines = [
        f"{run.test:30} {run.verdict:3} {run.cpu_seconds:7.3f} s {run.memory_bytes / 2**20:8.1f} MiB  "
        f"{run.message.partition(chr(10))[0]}".rstrip()
        for run in result.runs
    ]
    if result.compile.output:
        lines.insert(0, result.compile.output)
    lines += [
        f"{group.name:30} {group.verdict or '-':3} {decimal(group.score_millionths)} points" for group in result.groups
    ]
    if result.score_millionths is not None:
        lines.append(f"score: {decimal(result.score_millionths)}")
    return "\n".join([*lines, f"verdict: {result.verdict}"])
