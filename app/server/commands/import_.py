"""`contestbox import`: a problem package into a contest, by its running server or, without one, into its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from app.core.errors import Refusal
from app.core.ids import PackageVersion
from app.server.asking import ask
from app.server.folder import Folder, RunningServer, check_contest, running_in
from app.server.settings import load
from app.server.wiring import build
from app.services.package_report import ReportLine, import_report, refused_report


@click.command("import", short_help="Imports a problem package into a contest.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder.")
@click.option("--label", help="The problem's letter; by default the next free one.")
@click.option("--rgb", help="The balloon's colour as #RRGGBB; by default one that is not taken.")
@click.argument("package", type=click.Path(path_type=Path))
def command(data: Path, label: str | None, rgb: str | None, package: Path) -> None:
    """Reads and checks a package, stores its tests, and adds it to the newest contest of the folder.

    What was found in it is told: errors, warnings and notes, each with the file and what to do. It also works while the server runs.

    Example: contestbox import --data spring-regional problems/crates
    """
    check_contest(data)
    running = running_in(data)
    try:
        if running is not None:
            done = _by_server(running, package, label or "", rgb or "")
        else:
            done = _into_folder(data, package, label or "", rgb or "")
    except Refusal as refusal:
        if refusal.fields:
            _tell(refused_report(refusal))
        raise
    sentence, report = done
    click.echo(sentence)
    _tell(report)


def _into_folder(data: Path, package: Path, label: str, rgb: str) -> tuple[str, Sequence[ReportLine]]:
    folder = Folder(data)
    with build(folder, load(folder.config, {})) as house:
        services = house.services
        contest = services.control.contest()
        problem = services.problems.import_package(contest.id, package, label=label, rgb=rgb)
        with services.store.read() as view:
            record = view.package(PackageVersion(problem.package_version))
    report = import_report(record.manifest, record.state) if record is not None else ()
    return f"Problem {problem.label}: {problem.title}, {problem.test_count} tests.", report


def _by_server(running: RunningServer, package: Path, label: str, rgb: str) -> tuple[str, Sequence[ReportLine]]:
    wish = {"path": str(package.expanduser().absolute()), "label": label, "rgb": rgb}
    body = ask(running, "POST", "/problems/import", wish)
    return (
        f"Problem {body['label']}: {body['title']}, {body['test_count']} tests.",
        [ReportLine(**line) for line in body["report"]],
    )


def _tell(report: Sequence[ReportLine]) -> None:
    for line in report:
        where = f"{line.file}: " if line.file else ""
        click.echo(f"{line.level}: {where}{line.sentence} {line.advice}", err=line.level == "error")
