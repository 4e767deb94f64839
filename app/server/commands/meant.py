"""Which contest of a folder a command means: the named one, or the only one; where there are several somebody has to say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.adapters.sqlite.store import SqliteStore
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import ContestId
from app.server.folder import Folder

OPTION_HELP = "The contest's id, where the folder holds several."


def contests_in(data: Path) -> Sequence[Contest]:
    """The contests of a folder, also while a server runs on it."""
    store = SqliteStore.open(Folder(data).database)
    try:
        with store.read() as view:
            return view.contests()
    finally:
        store.close()


def meant_contest(contests: Sequence[Contest], named: str | None) -> ContestId:
    """The contest's id. Refusal 404 for an unknown one, 409 where several are there and none is named."""
    known = ", ".join(f"{one.id} ({one.name})" for one in contests) or "none"
    if named is not None:
        if all(one.id != named for one in contests):
            raise Refusal(404, f"There is no contest {named} in this folder; there are: {known}.")
        return ContestId(named)
    if len(contests) != 1:
        raise Refusal(409, f"Name the contest with --contest; this folder holds: {known}.")
    return contests[0].id
