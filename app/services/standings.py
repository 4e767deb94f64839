"""The boards: two folds of the same events, the public one behind the curtain of the freeze, and the jury's.

Theory of operation. The writer's thread only lays each commit's events into a queue; `tick`, called by the server's ticker a few times a
second, takes them out, folds them into the tables (core/scoring) and, at most twice a second and only when something that the board
shows has changed, makes a new board and rings. So the writer is never held up by a table of two thousand teams. A board is
immutable and swapped whole; who reads takes the newest one, without a lock. What the last moments before the pause brought
is made into a board by a later tick: nothing is lost. The lock is held by whoever folds, the ticker or `catch_up`.

Versions begin at the clock's milliseconds, so they rise over a restart too.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.core.clock import Clock
from app.core.contest import Contest
from app.core.events import Event
from app.core.ids import ContestId, ProblemId, TeamId
from app.core.people import Caller
from app.core.scoring.icpc import IcpcTable, TableRow
from app.core.visibility import board_class
from app.ports.bell import Bell
from app.ports.store import Store
from app.services.answers import Board, BoardProblem, BoardRow
from app.services.contest_book import ContestBook

_PAUSE_SECONDS = 0.5
_CLASSES = ("public", "jury")


@dataclass(frozen=True, slots=True)
class _Made:
    """A finished board with what is looked up in it."""

    board: Board
    shown: bool
    rows: Mapping[TeamId, tuple[TableRow, BoardRow]]
    """Each team's line with the row of the table that it was made of."""
    counts: Mapping[ProblemId, tuple[int, int]]


@dataclass(slots=True)
class _Tables:
    """One contest's two tables; `stale` names the classes whose board is older than its table."""

    tables: dict[str, IcpcTable]
    stale: set[str] = field(default_factory=lambda: set(_CLASSES))
    begun: bool = False
    frozen: bool = False


class Standings:
    """Boards from memory, for any thread; `catch_up` once at the start, `tick` from one ticker."""

    def __init__(self, *, store: Store, bell: Bell, clock: Clock, book: ContestBook) -> None:
        self._bell = bell
        self._clock = clock
        self._book = book
        self._lock = threading.Lock()
        self._queue: deque[Event] = deque()
        self._folded = 0
        self._contests: dict[ContestId, _Tables] = {}
        self._made: dict[tuple[ContestId, str], _Made] = {}
        self._version = int(clock.now())
        self._rang_at: float | None = None
        store.on_commit(self._committed)

    def catch_up(self, events: Sequence[Event]) -> None:
        """Takes in what the log holds already, in its order, batch by batch; then `tick` makes the first boards."""
        with self._lock:
            for event in events:
                self._fold(event)

    def board(self, caller: Caller, contest_id: ContestId) -> Board:
        """The board that the caller may see. Refusal 404 for an unknown contest."""
        return self._of(caller, contest_id).board

    def row_of(self, caller: Caller, team_id: TeamId) -> BoardRow | None:
        """A team's line on the board that the caller may see; None where it has none."""
        team = self._book.team(team_id)
        if team is None:
            return None
        made = self._made.get((team.contest_id, board_class(caller)))
        found = made.rows.get(team_id) if made is not None else None
        return found[1] if found is not None else None

    def counts(self, caller: Caller, contest_id: ContestId, problem_id: ProblemId) -> tuple[int, int]:
        """How many teams solved a problem and how many tried it, by the board that the caller may see."""
        made = self._made.get((contest_id, board_class(caller)))
        return made.counts.get(problem_id, (0, 0)) if made is not None else (0, 0)

    def tick(self) -> None:
        """Folds what came; makes new boards and rings `board` and `jury`, at most twice a second."""
        with self._lock:
            while self._queue:
                self._fold(self._queue.popleft())
            now = self._clock.monotonic_seconds()
            if self._rang_at is not None and now - self._rang_at < _PAUSE_SECONDS:
                return
            changed = self._make_all()
            if changed:
                self._rang_at = now
        topics = {"board" if name == "public" else "jury" for name in changed}
        if topics:
            self._bell.ring(topics)

    def _committed(self, events: Sequence[Event]) -> None:
        self._queue.extend(events)

    def _fold(self, event: Event) -> None:
        if event.seq <= self._folded:
            return
        self._folded = event.seq
        if not event.contest_id:
            return
        entry = self._contests.get(event.contest_id)
        if entry is None:
            tables = {name: IcpcTable(event.contest_id, public=name == "public") for name in _CLASSES}
            entry = self._contests[event.contest_id] = _Tables(tables)
        for table in entry.tables.values():
            table.note(event)

    def _make_all(self) -> set[str]:
        """Makes the boards that are stale; the classes of those that are new."""
        now = self._clock.now()
        new: set[str] = set()
        for contest_id, entry in self._contests.items():
            contest = entry.tables["jury"].contest
            if contest is None:
                continue
            entry.stale.update(name for name in _CLASSES if entry.tables[name].settle())
            begun, frozen = contest.phase(now).begun, contest.board_is_frozen(now)
            if (begun, frozen) != (entry.begun, entry.frozen):
                entry.begun, entry.frozen = begun, frozen
                entry.stale.update(_CLASSES)
            for name in sorted(entry.stale):
                shown = begun or name == "jury"
                self._version += 1
                before = self._made.get((contest_id, name))
                known = before.rows if before is not None and before.shown == shown else {}
                self._made[contest_id, name] = _make(entry.tables[name], contest, self._version, frozen, shown, known)
                new.add(name)
            entry.stale.clear()
        return new

    def _of(self, caller: Caller, contest_id: ContestId) -> _Made:
        made = self._made.get((contest_id, board_class(caller)))
        if made is not None:
            return made
        contest = self._book.contest(contest_id)
        return _Made(Board(0, contest.id, False, (), ()), False, {}, {})


def _make(
    table: IcpcTable,
    contest: Contest,
    version: int,
    frozen: bool,
    shown: bool,
    known: Mapping[TeamId, tuple[TableRow, BoardRow]],
) -> _Made:
    """The board of a table; before the start the public sees teams only, no problems. `known` lines are taken where the row is the same."""
    columns = table.columns() if shown else ()
    rows: dict[TeamId, tuple[TableRow, BoardRow]] = {}
    for row in table.rows():
        before = known.get(row.team.id)
        rows[row.team.id] = before if before is not None and before[0] is row else (row, _row(row, shown))
    board = Board(
        version=version,
        contest_id=contest.id,
        frozen=frozen,
        problems=tuple(BoardProblem(one.id, one.label, one.rgb, one.title) for one in columns),
        rows=tuple(line for _, line in rows.values()),
    )
    return _Made(board, shown, rows, {one.id: table.counts(one.id) for one in columns})


def _row(row: TableRow, shown: bool) -> BoardRow:
    return BoardRow(
        rank=row.rank,
        team_id=row.team.id,
        team=row.team.name,
        organization=row.team.organization,
        solved=row.solved,
        penalty_minutes=row.penalty_minutes,
        cells=row.cells if shown else (),
    )
