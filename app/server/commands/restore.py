"""`contestbox restore`: gives a contest's data back from a backup."""

from __future__ import annotations

from pathlib import Path

import click

from app.server.backups import restore


@click.command("restore", short_help="Gives a contest's data back from a backup.")
@click.option("--from", "source", type=click.Path(path_type=Path), required=True, help="The backup's folder.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="A new folder for the contest.")
def command(source: Path, data: Path) -> None:
    """Restores the newest good backup into a new folder and names its moment.

    Example: contestbox restore --from /media/stick/contest --data spring-regional-2
    """
    restore(source, data, click.echo)
