"""contestbox-judge pair: only the pairing, for whoever prepares machines before they judge."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from judge_node.commands.run import node_settings, start_log


@click.command()
@click.option(
    "--server", default="", metavar="URL", help="The server's node port, https://host:port; else it is looked for."
)
@click.option("--expect", default="", metavar="ID", help="Take no server but the one with this id.")
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Where the pairing is kept.")
@click.option("--name", default="", metavar="NAME", help="How the organiser sees this machine; else its host name.")
@click.option("--forget", is_flag=True, help="Forget the present pairing and its test data, and end.")
def command(server: str, expect: str, data: Path | None, name: str, forget: bool) -> None:
    """Pair this machine with a server and end. A pairing that there was is replaced once the new one is made.

    Example: contestbox-judge pair --server https://192.0.2.1:8443
    """
    settings = node_settings(server=server, expect=expect, data=data, slots=1, share=1, name=name)
    start_log(verbose=False)
    from app.lan import membership
    from judge_node.cache import BlobCache
    from judge_node.finding import pair
    from judge_node.settings import DataFolder

    folder = DataFolder(settings.data)
    try:
        if forget:
            membership.forget(folder.membership)
            BlobCache(folder.cache, settings.cache_bytes).clear()
            click.echo("This machine belongs to no server now.")
            return
        found = pair(settings, _show, threading.Event())
        if found is not None:
            # Test data of another server's contest has no business here.
            BlobCache(folder.cache, settings.cache_bytes).clear()
            membership.save(folder.membership, found)
            click.echo(f"paired with server {found.server_id} at {found.url}")
    finally:
        folder.close()


def _show(code: str, server_id: str) -> None:
    click.echo(f"pairing code {code} for server {server_id}")
