"""The traced child of the fault tests: submits one by one and says `ack N` with one write(1) as soon as the future is resolved.

What is refused is said as `refused 503` or `fault KIND`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.adapters.disk.blobs import DiskBlobs
from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Instant
from app.core.contest import Contest
from app.core.errors import Fault, Refusal
from app.core.events import Kind
from app.core.ids import AccountId, ContestId, LanguageId, PackageVersion, ProblemId, TeamId
from app.core.problem import Problem
from app.core.submission import NewSubmission, SourceFile
from app.ports.store import Transaction

CONTEST = Contest(ContestId("c"), "C", Instant(0), 3_600_000)
PROBLEM = Problem(
    ProblemId("p"), CONTEST.id, 1, "A", "P", "#ffffff", "white", PackageVersion("v"), 1.0, 1 << 20, 1 << 20, 1
)


def furnish(tx: Transaction) -> None:
    tx.put_contest(CONTEST)
    tx.put_problem(PROBLEM)


def accept(number: int, tx: Transaction) -> int:
    files = (SourceFile("a.c", b"source %d" % number),)
    new = NewSubmission(CONTEST.id, AccountId("a"), TeamId("t"), PROBLEM.id, LanguageId("c"), files, Instant(number))
    submission = tx.intake.append(new, Instant(number))
    tx.add_judgement(submission, PROBLEM.package_version, 1, valid=True)
    tx.append_event(CONTEST.id, Kind.SUBMISSION, Instant(number), {"id": submission.id})
    return submission.id


def attempt(store: SqliteStore, number: int) -> str:
    future = store.write(lambda tx: accept(number, tx), arrived=Instant(number))
    try:
        return f"ack {future.result(20)}"
    except Refusal as refusal:
        return f"refused {refusal.code}"
    except Fault as fault:
        return f"fault {fault.kind}"


def say(sentence: str) -> None:
    os.write(1, f"{sentence}\n".encode())


def main(folder: Path, count: int) -> None:
    store = SqliteStore.open(folder / "contest.sqlite", reserve_bytes=0)
    store.write(furnish).result(20)
    for number in range(1, count + 1):
        say(attempt(store, number))
    DiskBlobs.open_folder(folder / "blobs").put(b"test data")
    say("blob")
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
