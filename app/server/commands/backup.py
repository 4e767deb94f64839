"""`contestbox backup`: a checked copy of a contest's data now, also while its server runs."""

from __future__ import annotations

from pathlib import Path

import click

from app.adapters.anchored_clock import AnchoredClock
from app.core.clock import iso
from app.server.backups import DatabaseFile, write_backup
from app.server.folder import Folder, check_contest


@click.command("backup", short_help="Writes a checked copy of a contest's data.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder.")
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="Where the copy goes.")
def command(data: Path, target: Path) -> None:
    """Copies everything that a contest needs, checks the copy, and names its moment.

    Example: contestbox backup --data spring-regional --to /media/stick/contest
    """
    check_contest(data)
    folder = Folder(data)
    at = write_backup(folder, DatabaseFile(folder.database), AnchoredClock(), target)
    click.echo(f"The backup of {iso(at)} is in {target}.")
