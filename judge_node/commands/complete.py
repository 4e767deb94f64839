"""contestbox-judge complete: makes the tests that a package of Polygon or CMS names but does not hold."""

from __future__ import annotations

from pathlib import Path

import click

from judge_node.commands.completing import complete
from judge_node.commands.workplace import open_workplace


@click.command()
@click.argument("package", type=click.Path(path_type=Path, exists=True))
@click.argument("folder", type=click.Path(path_type=Path))
def command(package: Path, folder: Path) -> None:
    """Write a package of Polygon or CMS with all its tests to a new folder: generators and main solution run in the sandbox.

    Example: contestbox-judge complete plus-3.zip plus
    """
    made: list[str] = []
    complete(package, folder, open_workplace(make_headers=False), made.append)
    click.echo(f"{folder}: {len(made)} files made.")
