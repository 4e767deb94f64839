"""`contestbox console`: the organiser's window. Qt is imported only when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from app.server.screen import check_screen


@click.command("console", short_help="Opens the organiser's console.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Contest's data folder; by default in your data directory."
)
@click.option("--server", metavar="URL", hidden=True, help="A server on another machine.")
def command(data: Path | None, server: str | None) -> None:
    """Opens the console of a contest on this machine; starts its server when none runs. Closing the window stops nothing.

    Example: contestbox console --data spring-regional
    """
    if server is not None:
        raise click.UsageError(
            "The console of this version works on the server's own machine only: open it there, "
            "or use the jury's web pages from here."
        )
    try:
        from app.console.main import run
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("app", "web", "judge_node"):
            raise
        raise click.UsageError(
            f"«console» needs {error.name}, which is not installed here: pip install 'contestbox[console]'."
        ) from error
    check_screen()
    raise SystemExit(run(data))
