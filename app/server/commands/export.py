"""`contestbox export`: a problem of a contest back as a 2025-09 package."""

from __future__ import annotations

from pathlib import Path

import click

from app.adapters.disk.blobs import DiskBlobs
from app.core.errors import Refusal
from app.core.ids import ContestId
from app.core.problem import PackageRecord
from app.ports.store import View
from app.server.commands.meant import OPTION_HELP, meant_contest
from app.server.folder import Folder, check_contest
from app.server.opening import open_store
from app.services.package_export import export_package


@click.command("export", short_help="Writes a problem back as a 2025-09 package.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder.")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), required=True, help="The zip file; it must not be there."
)
@click.option("--contest", help=OPTION_HELP)
@click.argument("problem")
def command(data: Path, target: Path, contest: str | None, problem: str) -> None:
    """Writes the present version of a problem, named by its letter or its id, as a package in the format 2025-09.

    It is read again and compared before it is handed out. This also works while the server runs.

    Example: contestbox export --data spring-regional A --to crates.zip
    """
    check_contest(data)
    folder = Folder(data)
    store = open_store(folder)
    try:
        with store.read() as view:
            record = _record(view, meant_contest(view.contests(), contest), problem)
        notes = export_package(record.manifest, DiskBlobs(folder.blobs), target)
    finally:
        store.close()
    for note in notes:
        click.echo(f"note: {note}")
    click.echo(f"{target} holds {record.short_name} as a 2025-09 package.")


def _record(view: View, contest_id: ContestId, wanted: str) -> PackageRecord:
    problems = view.problems(contest_id)
    found = next((one for one in problems if wanted in (one.label, one.id)), None)
    record = view.package(found.package_version) if found is not None else None
    if record is None:
        known = ", ".join(f"{one.label} ({one.id})" for one in problems) or "none"
        raise Refusal(404, f"There is no problem {wanted} in this contest; there are: {known}.")
    return record
