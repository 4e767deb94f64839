"""contestbox-judge bench: what judging costs on this machine."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

_CYCLES, _QUICK_CYCLES = 2000, 100
_SHARED = "Another judge has this core as well: numbers are worse than on a machine of its own."


@click.command()
@click.argument("what", type=click.Choice(["judge", "languages"]), default="judge")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line instead of the table.")
@click.option("--quick", is_flag=True, help="Fewer repetitions: a minute instead of five, and rougher numbers.")
@click.option(
    "--cycles",
    type=click.IntRange(0),
    help="How many containers are made and ended to see what grows [2000; quick: 100].",
)
def command(what: str, as_json: bool, quick: bool, cycles: int | None) -> None:
    """Measure this machine: one more test, a new container, 150 tests, how repeatable times are; or each language.

    Example: sudo contestbox-judge bench --json
    """
    many = (_QUICK_CYCLES if quick else _CYCLES) if cycles is None else cycles
    found = _languages(quick) if what == "languages" else _judge(quick, many)
    if as_json:
        click.echo(json.dumps(found))
        return
    for line in _language_table(found) if what == "languages" else _judge_table(found):
        click.echo(line)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="contestbox-bench-") as name:
        Path(name).chmod(0o755)  # for guests
        yield Path(name)


def _judge(quick: bool, cycles: int) -> dict[str, Any]:
    from judge_node.bench import ends, one_more, pool, programs, repeatability, whole
    from judge_node.commands.workplace import open_workplace
    from judge_node.sandbox.linux.box import open_sandbox

    workplace = open_workplace(make_headers=False)
    with _folder() as folder:
        (folder / "programs").mkdir(mode=0o755)
        empty = programs.compile_static(folder / "programs", "empty", programs.EMPTY)
        ending = programs.compile_static(folder / "programs", "ends", ends.PROGRAM)
        loop = programs.compile_static(folder / "programs", "loop", programs.LOOP)
        with open_sandbox() as sandbox:
            if sandbox.shared_core:
                click.echo(_SHARED, err=True)
            more = one_more.one_more_test(sandbox, folder, empty, 100 if quick else 400)
            times = pool.pool_times(sandbox, 30 if quick else 100)
            grown = pool.growth(sandbox, cycles) if cycles else None
            exact = ends.ends(sandbox, folder, ending, 20 if quick else 100)
            again = repeatability.repeatability(sandbox, loop, 4 if quick else 50)
        workplace.prepare(workplace.languages["cpp"])
        with workplace.workshop() as workshop:
            many = whole.tests_150_s(workshop, workplace.languages["cpp"], folder)
        return {
            "posix_spawn_us": round(more.posix_spawn_us, 1),
            "one_more_test": {
                "median_ratio": round(more.median_ratio, 3),
                "p95_ratio": round(more.p95_ratio, 3),
                "idle_median_ratio": round(more.idle_median_ratio, 3),
                "idle_p95_ratio": round(more.idle_p95_ratio, 3),
            },
            "bwrap_ratio": None if more.bwrap_ratio is None else round(more.bwrap_ratio, 3),
            "container_setup_ms": round(times.take_ms, 3),
            "tests_150_s": round(many, 3),
            "loop_spread": round(again.loop_spread, 4),
            "loop_spread_bare": round(again.loop_spread_bare, 4),
            "one_more_us": round(more.one_more_us, 1),
            "idle_one_more_us": round(more.idle_one_more_us, 1),
            "idle_posix_spawn_us": round(more.idle_posix_spawn_us, 1),
            "container_setup_p95_ms": round(times.take_p95_ms, 3),
            "container_refill_ms": round(times.refill_ms, 2),
            "container_refill_p95_ms": round(times.refill_p95_ms, 2),
            "growth": None if grown is None else asdict(grown),
            "counter_error_us": round(exact.counter_error_us, 1),
            "short_runs_spread": round(again.short_spread, 4),
            "memory_end_ms": round(exact.memory_ms, 2),
            "memory_end_p95_ms": round(exact.memory_p95_ms, 2),
            "memory_end_error": round(exact.memory_error, 4),
            "bomb_end_ms": round(exact.bomb_ms, 2),
            "bomb_end_p95_ms": round(exact.bomb_p95_ms, 2),
            "loop_runs": again.runs,
            "disturbed_batches": again.disturbed_batches,
            "shared_core": sandbox.shared_core,
            "load": round(one_more.machine_load(), 2),
        }


def _judge_table(found: dict[str, Any]) -> list[str]:
    more = found["one_more_test"]
    bwrap = "bwrap is not installed" if found["bwrap_ratio"] is None else f"{found['bwrap_ratio']:.2f} x bwrap"
    disturbed = f", {found['disturbed_batches']} disturbed batches repeated" if found["disturbed_batches"] else ""
    return [
        f"{'posix_spawn of an empty program':34} {found['posix_spawn_us']:9.0f} us",
        f"{'one more test, in a loop':34} {found['one_more_us']:9.0f} us   {more['median_ratio']:.2f} x spawn,"
        f" p95 {more['p95_ratio']:.2f} x; {bwrap}",
        f"{'one more test, after 30 ms idle':34} {found['idle_one_more_us']:9.0f} us"
        f"   {more['idle_median_ratio']:.2f} x spawn, p95 {more['idle_p95_ratio']:.2f} x",
        f"{'a container out of the pool':34} {found['container_setup_ms']:9.2f} ms   p95 {found['container_setup_p95_ms']:.2f} ms",
        f"{'the pool full again':34} {found['container_refill_ms']:9.2f} ms   p95 {found['container_refill_p95_ms']:.2f} ms",
        *_growth(found["growth"]),
        f"{'150 tests of 1 ms with validator':34} {found['tests_150_s']:9.3f} s",
        f"{'CPU time of a loop, spread':34} {found['loop_spread'] * 100:9.2f} %"
        f"   bare {found['loop_spread_bare'] * 100:.2f} %, {found['loop_runs']} runs each{disturbed}",
        f"{'CPU time of 10 ms, spread':34} {found['short_runs_spread'] * 100:9.2f} %",
        f"{'CPU counter against the kernel':34} {found['counter_error_us']:9.1f} us",
        f"{'memory at its limit, known after':34} {found['memory_end_ms']:9.2f} ms   p95 {found['memory_end_p95_ms']:.2f} ms,"
        f" {found['memory_end_error'] * 100:.2f} % off",
        f"{'64 forking processes, gone after':34} {found['bomb_end_ms']:9.2f} ms   p95 {found['bomb_end_p95_ms']:.2f} ms",
        f"{'load of this machine':34} {found['load']:9.2f}",
    ]


def _growth(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    kernel = ", ".join(f"{name} {count:+}" for name, count in found["kernel"].items())
    return [
        f"{'grown after ' + str(found['cycles']) + ' containers':34} {found['cycle_ratio']:9.2f} x time   {found['memory_bytes']:+}"
        f" bytes, {found['descriptors']:+} descriptors, {found['mounts']:+} mounts, {found['groups']:+} groups; {kernel}"
    ]


def _languages(quick: bool) -> dict[str, Any]:
    from judge_node.bench import whole
    from judge_node.commands.workplace import open_workplace
    from judge_node.toolchains.find import probe

    workplace = open_workplace(make_headers=True)
    able = {name: language for name, language in workplace.languages.items() if not probe(language).missing}
    for language in able.values():
        workplace.prepare(language)
    with _folder() as folder, workplace.workshop() as workshop:
        return {"languages": whole.languages(workshop, able, folder, 3 if quick else 9)}


def _language_table(found: dict[str, Any]) -> list[str]:
    lines = [f"{'language':12} {'compile':>10} {'x plain':>9} {'start':>10} {'memory':>10}"]
    for one in found["languages"]:
        lines.append(
            f"{one['language']:12} {one['compile_ms']:7.1f} ms {one['compile_ratio_to_plain']:9.2f} {one['start_ms']:7.2f} ms"
            f" {one['start_bytes'] / 2**20:6.1f} MiB"
        )
    return lines
