"""The contest's truth: rows and the event log, written by one writer and read by many.

Every change is ONE function given to `Store.write`. Functions that arrive together share one commit; each stands in a savepoint of its
own, so that a Refusal undoes only its own function. The future is resolved after the commit is on disk, never before, and events leave
(`on_commit`) after it too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.events import Event, Kind
from app.core.ids import (
    AccountId,
    ContestId,
    JudgementId,
    NodeId,
    PackageVersion,
    ProblemId,
    SessionId,
    SubmissionId,
    TeamId,
)
from app.core.judgement import Judgement, Run
from app.core.people import Account, Session, Team
from app.core.problem import PackageRecord, Problem
from app.core.submission import SourceFile, Submission
from app.ports.intake import Intake
from app.ports.leases import Leases

T = TypeVar("T")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A machine that asked to join. `token_hash` is the SHA-256 hex of its token; state: approved, paused, unpaired.

    `kind`: "node" for a judge machine, "console" for the organiser's console on another machine.
    """

    id: NodeId
    name: str
    state: str
    token_hash: str
    facts: dict[str, Any]
    address: str
    created_ms: int
    kind: str = "node"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as reported. counted: the first accepted one of its test; others are evidence."""

    judgement_id: JudgementId
    attempt: int
    counted: bool
    at_ms: int
    run: Run


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """The whole stdout of a run (test `number` in `attempt`) as a blob of `size` bytes; or `note` says why there is none (`sha256` "").

    Number 0 is the compiler: `note` says where a machine's late word contradicts the verdict.
    """

    judgement_id: JudgementId
    number: int
    attempt: int
    sha256: str
    size: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The server's signature over (seq, hash) of the log at a moment."""

    seq: int
    hash: bytes
    at: Instant
    signature: bytes


@dataclass(frozen=True, slots=True)
class ComparedVersions:
    """Submissions of a problem that have a verdict by another version of its package too: how many, and the pairs (the judgement that
    counts, the newest one by that version) whose verdict or score differs, newest submission first."""

    judged: int
    differing: Sequence[tuple[Judgement, Judgement]]


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An entry for the log, before it has a number."""

    contest_id: ContestId
    kind: Kind
    at: Instant
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SubmissionFilter:
    """Which submissions a list wants; None means any. Newest first."""

    contest_id: ContestId
    team_id: TeamId | None = None
    account_id: AccountId | None = None
    problem_id: ProblemId | None = None
    before_id: SubmissionId | None = None
    limit: int = 100
    offset: int = 0


class View(Protocol):
    """What can be read, from one consistent state."""

    def contests(self) -> Sequence[Contest]: ...
    def contest(self, contest_id: ContestId) -> Contest | None: ...
    def account(self, account_id: AccountId) -> Account | None: ...
    def accounts_of(self, account_ids: Collection[AccountId]) -> Mapping[AccountId, Account]:
        """Many accounts at once; unknown ones are left out."""
        ...

    def account_by_name(self, username: str) -> Account | None: ...
    def accounts(self, contest_id: ContestId | None) -> Sequence[Account]: ...
    def team(self, team_id: TeamId) -> Team | None: ...
    def teams(self, contest_id: ContestId) -> Sequence[Team]: ...
    def session_by_token(self, token_hash: str) -> Session | None: ...
    def session(self, session_id: SessionId) -> Session | None: ...
    def problems(self, contest_id: ContestId) -> Sequence[Problem]: ...
    def problem(self, contest_id: ContestId, problem_id: ProblemId) -> Problem | None: ...
    def package(self, version: PackageVersion) -> PackageRecord | None: ...
    def submission(self, submission_id: SubmissionId) -> Submission | None: ...
    def submissions(self, wanted: SubmissionFilter) -> Sequence[Submission]: ...
    def count_submissions(self, wanted: SubmissionFilter) -> int: ...
    def sources(self, submission_id: SubmissionId) -> Sequence[SourceFile]: ...
    def judgement(self, judgement_id: JudgementId) -> Judgement | None: ...
    def judgements(self, submission_id: SubmissionId) -> Sequence[Judgement]: ...
    def valid_judgements(self, submission_ids: Sequence[SubmissionId]) -> dict[SubmissionId, Judgement]: ...
    def judged_beside(
        self, submission_ids: Sequence[SubmissionId], version: PackageVersion
    ) -> dict[SubmissionId, Judgement]:
        """The newest judgement of each by that version that does not count: judged, or on its way; those set aside unjudged are none."""
        ...

    def compare_versions(
        self, contest_id: ContestId, problem_id: ProblemId, version: PackageVersion
    ) -> ComparedVersions:
        """What the problem's judgements that count are beside those by another version. One pass, also over 50,000 submissions."""
        ...

    def runs(self, judgement_id: JudgementId) -> Sequence[StoredRun]: ...
    def outputs(self, judgement_id: JudgementId) -> Sequence[StoredOutput]: ...
    def nodes(self) -> Sequence[NodeRecord]: ...
    def node(self, node_id: NodeId) -> NodeRecord | None: ...
    def node_by_token(self, token_hash: str) -> NodeRecord | None: ...
    def setting(self, name: str) -> str | None: ...
    def events_after(self, seq: int, limit: int, kinds: Collection[Kind] | None = None) -> Sequence[Event]:
        """The next entries of the log after a number, at most so many; of these kinds only, where they are given."""
        ...

    def last_event(self) -> tuple[int, bytes]:
        """(seq, hash) of the newest entry; (0, GENESIS) for an empty log."""
        ...

    def heads(self, limit: int) -> Sequence[SignedHead]: ...
    @property
    def intake(self) -> Intake: ...
    @property
    def leases(self) -> Leases: ...


class Transaction(View, Protocol):
    """What can be changed, inside one function given to `Store.write`."""

    def put_contest(self, contest: Contest) -> None: ...
    def put_account(self, account: Account) -> None: ...
    def put_team(self, team: Team) -> None: ...
    def put_session(self, session: Session) -> None: ...
    def put_problem(self, problem: Problem) -> None: ...
    def put_package(self, package: PackageRecord) -> None: ...
    def add_judgement(
        self, submission: Submission, package_version: PackageVersion, test_count: int, *, valid: bool
    ) -> Judgement: ...
    def add_judgements(self, new: Sequence[tuple[Submission, PackageVersion, int]]) -> Sequence[Judgement]:
        """The first judgements of submissions that have none yet, each with its number of tests; all valid and queued."""
        ...

    def put_judgement(self, judgement: Judgement) -> None: ...
    def add_run(self, judgement_id: JudgementId, attempt: int, run: Run, at: Instant, *, late: bool = False) -> bool:
        """Keeps a run; True when it is the first of its test and counts, False when it is evidence, as a late one always is."""
        ...

    def put_output(self, output: StoredOutput) -> None:
        """Keeps, or replaces, what is known of a run's whole stdout."""
        ...

    def put_node(self, node: NodeRecord) -> None: ...
    def put_setting(self, name: str, value: str) -> None: ...
    def put_head(self, head: SignedHead) -> None: ...
    def append_event(self, contest_id: ContestId, kind: Kind, at: Instant, data: dict[str, Any]) -> Event:
        """Adds to the hash chain; gives the entry with its seq."""
        ...

    def append_events(self, entries: Sequence[NewEvent]) -> Sequence[Event]:
        """The same for many in their order."""
        ...


class Store(Protocol):
    """One contest folder's database."""

    def write(self, work: Callable[[Transaction], T], *, arrived: Instant | None = None) -> Future[T]:
        """Queues one function for the writer. A batch runs in order of `arrived` (None: as queued). When the disk is full or the queue too
        long the future holds Refusal(503); a broken store is a Fault."""
        ...

    def write_together(
        self, work: Callable[[Transaction, Sequence[A]], Sequence[T | Refusal]], item: A, *, arrived: Instant
    ) -> Future[T]:
        """Queues one item of a work that takes many at once. Items of one work that wait together may be given to it in one call, in order
        of `arrived`; it answers each with a value or a Refusal, and nothing of a refused one is written. When the call raises, all of it
        is undone and each item is tried alone, so that an error reaches the caller of that item only. Otherwise as `write`."""
        ...

    def read(self) -> AbstractContextManager[View]:
        """A read-only view of one consistent state, for the calling thread. Never keep it over a wait."""
        ...

    def on_commit(self, listener: Callable[[Sequence[Event]], None]) -> None:
        """Calls the listener, in the writer's thread, with the events of each commit, after it. It must not block."""
        ...

    def backup(self, target: Path) -> None:
        """Writes a consistent copy to a new file beside the running store and checks it. Blocks the caller, not the writer."""
        ...

    def close(self) -> None:
        """Finishes what is queued, then closes. Later writes are refused."""
        ...
