"""`contestbox import`: a problem package into the contest of a folder that no server holds now."""

from __future__ import annotations

from pathlib import Path

import click

from app.server.folder import Folder, check_contest
from app.server.settings import load
from app.server.wiring import build


@click.command("import", short_help="Imports a problem package into a contest.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder.")
@click.option("--label", help="The problem's letter; by default the next free one.")
@click.option("--rgb", help="The balloon's colour as #RRGGBB; by default one that is not taken.")
@click.argument("package", type=click.Path(path_type=Path))
def command(data: Path, label: str | None, rgb: str | None, package: Path) -> None:
    """Reads and checks a package, stores its tests, and adds it to the newest contest of the folder.

    While the server runs, the console imports problems.

    Example: contestbox import --data spring-regional problems/crates
    """
    check_contest(data)
    folder = Folder(data)
    with build(folder, load(folder.config, {})) as house:
        services = house.services
        contest = services.control.contest()
        problem = services.problems.import_package(contest.id, package, label=label or "", rgb=rgb or "")
    tests = f"{problem.test_count} tests" if problem.test_count else "its tests are made by the first judge machine"
    click.echo(f"Problem {problem.label}: {problem.title}, {tests}.")
