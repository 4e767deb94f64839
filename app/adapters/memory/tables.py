"""Tables of the memory store: dictionaries that can be undone and that give away unchanging snapshots.

Theory of operation. Values are frozen dataclasses or tuples, so a table changes by replacing a value, never inside one. Every change
notes its undoing in the journal of its tables; undoing back to a mark restores what stood there. A snapshot is a copy of each
table's dictionary, made when somebody wants to read and the table has changed since the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.core.contest import Contest
from app.core.events import Event
from app.core.ids import (
    AccountId,
    ContestId,
    JudgementId,
    LeaseId,
    NodeId,
    PackageVersion,
    ProblemId,
    SessionId,
    SubmissionId,
    TaskId,
    TeamId,
)
from app.core.judgement import Judgement
from app.core.people import Account, Session, Team
from app.core.problem import PackageRecord, Problem
from app.core.submission import SourceFile, Submission
from app.ports.leases import Lease, Task
from app.ports.store import NodeRecord, SignedHead, StoredOutput, StoredRun

K = TypeVar("K")
V = TypeVar("V")

Journal = list[Callable[[], None]]


class Table(Generic[K, V]):
    """One dictionary, its journal and its newest snapshot. Iteration is in the order of first insertion."""

    def __init__(self, journal: Journal) -> None:
        self._rows: dict[K, V] = {}
        self._journal = journal
        self._copy: dict[K, V] | None = None

    def get(self, key: K) -> V | None:
        """The value, or None."""
        return self._rows.get(key)

    def values(self) -> Iterator[V]:
        """All values."""
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, key: K, value: V) -> None:
        """Adds or replaces; a replaced value keeps its place."""
        if key in self._rows:
            before = self._rows[key]
            self._journal.append(lambda: self._set(key, before))
        else:
            self._journal.append(lambda: self._drop(key))
        self._set(key, value)

    def remove(self, key: K) -> None:
        """Takes a value out; undone, it stands again (at the end)."""
        before = self._rows[key]
        self._journal.append(lambda: self._set(key, before))
        self._drop(key)

    def frozen(self) -> Table[K, V]:
        """A table with the present rows that later changes do not touch."""
        if self._copy is None:
            self._copy = dict(self._rows)
        still: Table[K, V] = Table([])
        still._rows = self._copy
        return still

    def _set(self, key: K, value: V) -> None:
        self._rows[key] = value
        self._copy = None

    def _drop(self, key: K) -> None:
        del self._rows[key]
        self._copy = None


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that the store holds. `numbers` has the last number given out for each rising id, by its table's name."""

    journal: Journal
    contests: Table[ContestId, Contest]
    accounts: Table[AccountId, Account]
    teams: Table[TeamId, Team]
    sessions: Table[SessionId, Session]
    problems: Table[tuple[ContestId, ProblemId], Problem]
    packages: Table[PackageVersion, PackageRecord]
    submissions: Table[SubmissionId, Submission]
    sources: Table[SubmissionId, tuple[SourceFile, ...]]
    idempotency: Table[tuple[AccountId, str], tuple[str, SubmissionId]]
    judgements: Table[JudgementId, Judgement]
    judged: Table[SubmissionId, tuple[JudgementId, ...]]
    runs: Table[JudgementId, tuple[StoredRun, ...]]
    nodes: Table[NodeId, NodeRecord]
    settings: Table[str, str]
    tasks: Table[TaskId, Task]
    leases: Table[LeaseId, Lease]
    ended: Table[LeaseId, Lease]
    outputs: Table[JudgementId, tuple[StoredOutput, ...]]
    events: Table[int, Event]
    heads: Table[int, SignedHead]
    numbers: Table[str, int]

    @classmethod
    def empty(cls) -> Tables:
        """A store with nothing in it."""
        journal: Journal = []
        return cls(journal, *(Table(journal) for _ in range(21)))

    def frozen(self) -> Tables:
        """The present state; later changes do not touch it."""
        names = [name for name in self.__slots__ if name != "journal"]
        return Tables([], **{name: getattr(self, name).frozen() for name in names})

    def next_number(self, name: str) -> int:
        """The next rising number of a table."""
        number = (self.numbers.get(name) or 0) + 1
        self.numbers.put(name, number)
        return number

    def undo_to(self, mark: int) -> None:
        """Takes back every change since the journal had `mark` entries."""
        while len(self.journal) > mark:
            self.journal.pop()()
