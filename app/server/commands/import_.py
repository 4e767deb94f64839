"""`contestbox import`: a problem package into a contest, by its running server or, without one, into its folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from app.core.errors import Refusal
from app.core.ids import PackageVersion
from app.server.asking import ask
from app.server.commands.meant import OPTION_HELP, contests_in, meant_contest
from app.server.folder import Folder, RunningServer, check_contest, running_in
from app.server.settings import load
from app.server.wiring import build
from app.services.package_report import ReportLine, import_report, refused_report

_NOT_TAKEN = 422


@click.command("import", short_help="Imports a problem package into a contest.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder.")
@click.option("--label", help="The problem's letter; by default the next free one.")
@click.option("--rgb", help="The balloon's colour as #RRGGBB; by default one that is not taken.")
@click.option("--contest", help=OPTION_HELP)
@click.argument("package", type=click.Path(path_type=Path))
def command(data: Path, label: str | None, rgb: str | None, contest: str | None, package: Path) -> None:
    """Reads and checks a package, stores its tests, and adds it to the contest of the folder.

    What was found in it is told in three kinds, errors, warnings and notes, each with the file and what to do, and counted at the end. It
    also works while the server runs. Where the folder holds several contests, --contest names one.

    Example: contestbox import --data spring-regional problems/crates
    """
    check_contest(data)
    running, place = running_in(data), _Place(contest, label or "", rgb or "")
    try:
        done = _by_server(running, data, package, place) if running is not None else _into_folder(data, package, place)
    except Refusal as refusal:
        if refusal.code == _NOT_TAKEN:
            _tell(refused_report(refusal))
        raise
    sentence, report = done
    click.echo(sentence)
    _tell(report)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the problem goes: contest (None: the only one), letter and colour."""

    contest: str | None
    label: str
    rgb: str


def _into_folder(data: Path, package: Path, place: _Place) -> tuple[str, Sequence[ReportLine]]:
    folder = Folder(data)
    with build(folder, load(folder.config, {})) as house:
        services = house.services
        with services.store.read() as view:
            contest_id = meant_contest(view.contests(), place.contest)
        problem = services.problems.import_package(contest_id, package, label=place.label, rgb=place.rgb)
        with services.store.read() as view:
            record = view.package(PackageVersion(problem.package_version))
    report = import_report(record.manifest, record.state) if record is not None else ()
    return f"Problem {problem.label}: {problem.title}, {problem.test_count} tests.", report


def _by_server(running: RunningServer, data: Path, package: Path, place: _Place) -> tuple[str, Sequence[ReportLine]]:
    whole = str(package.expanduser().absolute())
    contest_id = meant_contest(contests_in(data), place.contest)
    wish = {"path": whole, "label": place.label, "rgb": place.rgb, "contest_id": contest_id}
    body = ask(running, "POST", "/problems/import", wish)
    return (
        f"Problem {body['label']}: {body['title']}, {body['test_count']} tests.",
        [ReportLine(**line) for line in body["report"]],
    )


def _tell(report: Sequence[ReportLine]) -> None:
    for line in report:
        where = f"{line.file}: " if line.file else ""
        click.echo(f"{line.level}: {where}{line.sentence} {line.advice}", err=line.level == "error")
    counts = Counter(line.level for line in report)
    told = (_counted(counts[level], level) for level in ("error", "warning", "note"))
    click.echo(f"{', '.join(told)}.", err=bool(counts["error"]))


def _counted(number: int, level: str) -> str:
    return f"{number} {level}" if number == 1 else f"{number} {level}s"
