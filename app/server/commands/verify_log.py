"""`contestbox verify-log`: the event log's hash chain and signatures, checked from the stored bytes."""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.adapters.sqlite.store import SqliteStore
from app.core.errors import Refusal
from app.server.folder import Folder, check_contest
from app.services.audit import verify


@click.command("verify-log", short_help="Checks the event log's hash chain and signatures.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder.")
def command(data: Path) -> None:
    """Checks every entry of the log and every signed head; exit 0 only if nothing was changed, cut or put in between.

    Example: contestbox verify-log --data spring-regional
    """
    check_contest(data)
    folder = Folder(data)
    key = Ed25519PrivateKey.from_private_bytes(folder.secret("log_signature"))
    store = SqliteStore.open(folder.database)
    try:
        wrong = verify(store, key.public_key().public_bytes_raw())
        with store.read() as view:
            count, _ = view.last_event()
    finally:
        store.close()
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        raise Refusal(409, f"The log of {data} is not what the server wrote.")
    click.echo(f"All {count} entries of the log stand as they were written.")
