"""A small contest's rows for the contract suites."""

from __future__ import annotations

from app.core.clock import Instant
from app.core.contest import Contest, RemovedInterval
from app.core.ids import AccountId, ContestId, LanguageId, PackageVersion, ProblemId, TeamId
from app.core.people import Account, Role, Team
from app.core.problem import PackageRecord, Problem
from app.core.submission import NewSubmission, SourceFile, Submission
from app.ports.store import Store, Transaction

CONTEST = Contest(
    ContestId("spring"),
    "Spring contest",
    Instant(1_000_000),
    5 * 3_600_000,
    freeze_ms=3_600_000,
    removed=(RemovedInterval(Instant(2_000_000), Instant(2_060_000)),),
    languages=("c", "python3"),
)
TEAM = Team(TeamId("t1"), CONTEST.id, "The Lanterns", "A school", "north", "12", hidden=True)
ACCOUNT = Account(AccountId("a1"), CONTEST.id, "lanterns", Role.TEAM, TEAM.id, True, 3, "")
PACKAGE = PackageRecord(
    PackageVersion("0" * 64),
    CONTEST.id,
    "ferry",
    "ready",
    {"tests": [{"number": 1, "name": "sample/1"}]},
    "<p>Cross</p>",
    (("1\n", "2\n"),),
    5,
)
PROBLEM = Problem(
    ProblemId("ferry"),
    CONTEST.id,
    2,
    "B",
    "The last ferry",
    "#ff0000",
    "red",
    PACKAGE.version,
    1.5,
    1 << 28,
    1 << 23,
    7,
    ("c",),
)


def furnish(store: Store) -> None:
    """Contest, team, account, package and problem."""

    def work(tx: Transaction) -> None:
        tx.put_contest(CONTEST)
        tx.put_team(TEAM)
        tx.put_account(ACCOUNT)
        tx.put_package(PACKAGE)
        tx.put_problem(PROBLEM)

    store.write(work).result(5)


def new_submission(arrived: int = 1_500_000, *, key: str = "", text: bytes = b"int main;") -> NewSubmission:
    """A try at the ferry by the lanterns."""
    return NewSubmission(
        CONTEST.id,
        ACCOUNT.id,
        TEAM.id,
        PROBLEM.id,
        LanguageId("c"),
        (SourceFile("main.c", text), SourceFile("more.h", b"")),
        Instant(arrived),
        idempotency_key=key,
        command_digest="digest of " + key,
    )


def submit(store: Store, arrived: int = 1_500_000, *, key: str = "") -> Submission:
    """Appends a submission that was committed at once."""
    new = new_submission(arrived, key=key)
    return store.write(lambda tx: tx.intake.append(new, new.arrived), arrived=new.arrived).result(5)
