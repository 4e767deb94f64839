"""`contestbox verify-log`: the event log's hash chain and signatures from the stored bytes, and the tables against the log."""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.errors import Refusal
from app.server.called import called
from app.server.folder import Folder, check_contest
from app.server.opening import open_store
from app.services.audit import verify
from app.services.rows_and_log import rows_against_log


@click.command("verify-log", short_help="Checks the event log, and that results are what it says.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder.")
def command(data: Path) -> None:
    """Checks every entry of the log and every signed head, then every submission, judgement, team, account and problem against the log;
    exit 0 only if nothing was changed, cut or put in between. The contest's server may run meanwhile.

    Example: contestbox verify-log --data spring-regional
    """
    check_contest(data)
    folder = Folder(data)
    key = Ed25519PrivateKey.from_private_bytes(folder.secret("log_signature"))
    store = open_store(folder)
    try:
        wrong = verify(store, key.public_key().public_bytes_raw())
        # A log that was changed itself says nothing about the tables.
        differing = rows_against_log(store) if not wrong else ()
        with store.read() as view:
            count, _ = view.last_event()
    finally:
        store.close()
    for sentence in (*wrong, *differing):
        click.echo(sentence, err=True)
    backup = f"look at a backup from before with «{called('restore', '--from', 'BACKUP', '--data', 'NEW')}»"
    if wrong:
        raise Refusal(409, f"The log of {data} is not what the server wrote: {backup}.")
    if differing:
        raise Refusal(409, f"What is kept in {data} is not what its log says: the log is right; {backup}.")
    click.echo(f"All {count} entries of the log stand as they were written, and all results are what they say.")
