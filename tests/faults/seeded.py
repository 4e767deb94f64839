"""A contest folder for fault tests: the demo's contest, with a rate limit that a load test does not meet, and no package that a machine
would have to look at first.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from app.core.contest_data import contest_data
from app.core.events import Kind
from app.ports.leases import TaskKind, TaskState
from app.ports.store import Transaction
from app.server.demo.seed import DemoContest, seed
from app.server.folder import Folder
from app.server.settings import Settings
from app.server.wiring import build


def make_seeded(root: Path, teams: int = 6) -> DemoContest:
    """Writes the demo contest into `root`, where a team may submit as often as it can."""
    folder = Folder(root)
    contest = seed(folder, teams, lambda _: None)
    with build(folder, Settings()) as house:
        loose = replace(house.services.control.contest(), submissions_per_minute=100_000)

        def work(tx: Transaction) -> None:
            tx.put_contest(loose)
            tx.append_event(loose.id, Kind.CONTEST, house.services.clock.now(), contest_data(loose))
            for task in tx.leases.queued(TaskKind.PACKAGE):
                tx.leases.change(replace(task, state=TaskState.DONE))

        house.services.store.write(work).result(10)
    return contest


def copy_of(seeded: Path, target: Path) -> Path:
    """A copy to break."""
    shutil.copytree(seeded, target)
    return target
