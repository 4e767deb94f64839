"""`contestbox console`: the organiser's window. Qt is imported only when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from app.core.errors import Refusal
from app.server.screen import check_screen


@click.command("console", short_help="Opens the organiser's console.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Contest's data folder; by default in your data directory."
)
@click.option(
    "--server",
    metavar="URL",
    is_flag=False,
    flag_value="",
    help="A server on another machine, https://host:port as its console shows it; without URL those of this network are listed.",
)
def command(data: Path | None, server: str | None) -> None:
    """Opens the console of a contest; on this machine its server is started when none runs. Closing the window stops nothing.

    From another machine it pairs first, by eight letters that are compared in the console of the server's machine, and an admin signs in.

    Example: contestbox console --data spring-regional

    Example: contestbox console --server https://192.0.2.1:8443
    """
    if server is not None and data is not None:
        raise click.UsageError("Take --data for a contest on this machine or --server for one on another, not both.")
    try:
        from app.console.main import run
        from app.lan.asking import server_url
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("app", "web", "judge_node"):
            raise
        raise click.UsageError(
            f"«console» needs {error.name}, which is not installed here: pip install 'contestbox[console]'."
        ) from error
    check_screen()
    if server:
        try:
            server = server_url(server)
        except Refusal as refusal:
            raise click.UsageError(refusal.sentence) from refusal
    raise SystemExit(run(data, server))
