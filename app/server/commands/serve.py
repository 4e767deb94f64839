"""`contestbox serve`: the contest server of one data folder, alone."""

from __future__ import annotations

from pathlib import Path

import click

from app.server.folder import Folder, check_contest
from app.server.serve import end_process, serve
from app.server.settings import load


@click.command("serve", short_help="Runs the contest server of one data folder.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder.")
@click.option("--host", help="Address to listen on; 0.0.0.0 opens it to the room. Default 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Web port, default 8080; 0 picks a free one.")
@click.option(
    "--tls",
    is_flag=True,
    default=None,
    help="People come by https; the web port only tells how to trust its certificate.",
)
@click.option("--tls-port", type=click.IntRange(0, 65535), help="Port of https, default 8444; 0 picks a free one.")
@click.option(
    "--behind",
    multiple=True,
    metavar="ADDRESS",
    help="A reverse proxy before this server: its X-Forwarded headers are believed, nobody else's. May be given again.",
)
@click.option(
    "--node-port", type=click.IntRange(0, 65535), help="Judge machines' port, default 8443; 0 picks a free one."
)
@click.option("--backup", type=click.Path(path_type=Path), help="Where a copy goes every minute; best another disk.")
@click.option("--backup-sync", is_flag=True, default=None, help="Also copy each commit there before it is answered.")
def command(
    data: Path,
    host: str | None,
    port: int | None,
    tls: bool | None,
    tls_port: int | None,
    behind: tuple[str, ...],
    node_port: int | None,
    backup: Path | None,
    backup_sync: bool | None,
) -> None:
    """Serves a contest until Ctrl-C; started again, it goes on where it was.

    Example: contestbox serve --data spring-regional --host 0.0.0.0 --backup /media/stick/contest
    """
    overrides: dict[str, object] = {
        "host": host,
        "port": port,
        "tls": tls,
        "tls_port": tls_port,
        "behind": behind or None,
        "node_port": node_port,
        "backup": str(backup) if backup else None,
    }
    overrides["backup_sync"] = backup_sync
    settings = load(data / "config.toml", overrides)
    check_contest(data)
    code = serve(Folder(data), settings, lambda sentence: click.echo(sentence, err=True))
    end_process(code)
