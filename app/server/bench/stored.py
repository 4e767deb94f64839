"""`bench ingest --stored N`: whether taking submissions in is as fast in a full store as in an almost empty one.

Two servers stand beside each other, one over a store with FEW submissions, one over a store with N. Rounds ask them in turn, so that both
meet the same machine. The stored submissions are written by the store itself, with sources, judgements and log, as if from an hour ago.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Instant
from app.core.events import Kind
from app.core.ids import LanguageId
from app.core.people import Account, Role
from app.core.submission import NewSubmission, SourceFile
from app.ports.store import NewEvent, Store, Transaction
from app.server.bench.crowd import Crowd, Measured
from app.server.bench.figures import median_of
from app.server.bench.ingest import A_MINUTE, LANES, requests_of
from app.server.bench.place import CONTEST, PROBLEM, Visitor, open_contest, served
from app.server.folder import Folder
from app.services.taking import judgement_data, submission_data

FEW = 1000
_LOT = 500
_SOURCE_BYTES = 600
_HOUR_MS = 3600_000


def measure(root: Path, rounds: int, submissions: int, stored: int) -> dict[str, Any]:
    """The rates of both stores and how much of the first is left. `submissions` in each round; `root` is an empty folder."""
    teams = -(-(submissions * (rounds + 1)) // A_MINUTE)
    few, visitors = _filled(root / "few", teams, FEW)
    many, others = _filled(root / "many", teams, stored)
    rates: dict[str, list[Measured]] = {"few": [], "many": []}
    with (
        served(few) as small,
        served(many) as large,
        Crowd(small.target, LANES) as calm,
        Crowd(large.target, LANES) as full,
    ):
        for number in range(rounds + 1):
            first = submissions * number
            for name, crowd, server, asked in (("few", calm, small, visitors), ("many", full, large, others)):
                measured = crowd.run(requests_of(server, asked, submissions, first)).only(202, "A submission")
                if number:  # the first round warms both
                    rates[name].append(measured)
    rate = {name: median_of([one.per_second for one in runs]) for name, runs in rates.items()}
    return {
        "accepted_per_second": rate["many"],
        "few_per_second": rate["few"],
        "flatness": round(rate["many"] / rate["few"], 2),
        "stored": stored,
        "submissions": submissions,
        "rounds": rounds,
    }


def _filled(root: Path, teams: int, stored: int) -> tuple[Folder, Sequence[Visitor]]:
    root.mkdir()
    folder, visitors = open_contest(root, teams)
    # The store alone: services would keep a million submissions in memory that nobody asks for.
    store = SqliteStore.open(folder.database)
    try:
        with store.read() as view:
            accounts = [one for one in view.accounts(CONTEST) if one.role is Role.TEAM]
        then = Instant(time.time_ns() // 1_000_000 - _HOUR_MS)
        for first in range(0, stored, _LOT):
            _write(store, accounts, range(first, min(stored, first + _LOT)), then)
    finally:
        store.close()
    return folder, visitors


def _write(store: Store, accounts: Sequence[Account], numbers: range, then: Instant) -> None:
    store.write(lambda tx: _append(tx, [_new(accounts, number, then) for number in numbers], then)).result(60)


def _new(accounts: Sequence[Account], number: int, then: Instant) -> NewSubmission:
    account = accounts[number % len(accounts)]
    files = (SourceFile("main.py", secrets.token_bytes(_SOURCE_BYTES)),)
    return NewSubmission(CONTEST, account.id, account.team_id, PROBLEM, LanguageId("python3"), files, then)


def _append(tx: Transaction, new: Sequence[NewSubmission], then: Instant) -> None:
    problem = tx.problem(CONTEST, PROBLEM)
    assert problem is not None, "the contest has been opened with it"
    taken = tx.intake.append_all(new, then)
    judgements = tx.add_judgements([(one, problem.package_version, problem.test_count) for one in taken])
    events = []
    for submission, judgement, one in zip(taken, judgements, new, strict=True):
        events.append(NewEvent(CONTEST, Kind.SUBMISSION, then, submission_data(submission, one.files)))
        events.append(NewEvent(CONTEST, Kind.JUDGEMENT, then, judgement_data(judgement)))
    tx.append_events(events)
