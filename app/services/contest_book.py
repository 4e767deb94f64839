"""Contests, problems and teams from memory, for everything that is asked often.

Theory of operation. A snapshot is immutable and swapped whole, so a reader never sees half of a change and needs no lock. An event of
the kinds contest, problem or team only marks the snapshot as old (that happens in the writer's thread, which must not be
held up); whoever asks next loads a new one from the store. These events are rare: they come while a contest is prepared, and with
an organiser's click. The mark is a counter: a snapshot loaded while the next change committed is still older than the counter and
is loaded again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.core.clock import Clock
from app.core.contest import Contest, Phase
from app.core.errors import Refusal
from app.core.events import Event, Kind
from app.core.ids import ContestId, ProblemId, TeamId
from app.core.people import Caller, Team
from app.core.problem import Problem
from app.ports.store import Store

_KINDS = frozenset({Kind.CONTEST, Kind.PROBLEM, Kind.TEAM})
_ORDER = {Phase.FROZEN: 0, Phase.RUNNING: 0, Phase.BEFORE: 1, Phase.OVER: 2, Phase.NOT_SCHEDULED: 3, Phase.FINAL: 4}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the book knows at one moment; problems by contest and id, teams by id."""

    age: int = -1
    contests: Mapping[ContestId, Contest] = field(default_factory=dict)
    problems: Mapping[tuple[ContestId, ProblemId], Problem] = field(default_factory=dict)
    teams: Mapping[TeamId, Team] = field(default_factory=dict)
    problem_lists: Mapping[ContestId, tuple[Problem, ...]] = field(default_factory=dict)
    team_lists: Mapping[ContestId, tuple[Team, ...]] = field(default_factory=dict)


class ContestBook:
    """Safe from any thread; answers without the store unless something has just changed."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._loading = threading.Lock()
        self._changes = 0
        self._snapshot = Snapshot()
        store.on_commit(self._committed)

    def snapshot(self) -> Snapshot:
        """The present state."""
        if self._snapshot.age != self._changes:
            with self._loading:
                if self._snapshot.age != self._changes:
                    self._snapshot = self._load(self._changes)
        return self._snapshot

    def contest(self, contest_id: ContestId | None = None) -> Contest:
        """A contest by its id, or the running one, else the next, else the newest. Refusal 404 when there is none."""
        contests = self.snapshot().contests
        if contest_id is not None:
            if contest_id not in contests:
                raise Refusal(404, "There is no such contest.")
            return contests[contest_id]
        if not contests:
            raise Refusal(404, "There is no contest yet.")
        now = self._clock.now()
        newest_first = reversed(list(contests.values()))
        return min(newest_first, key=lambda one: _ORDER[one.phase(now)])

    def meant(self, caller: Caller, contest_id: ContestId | None) -> Contest:
        """The contest that a program asks about: its account's own, else the named one, else the one that runs, else as `contest`.

        Refusal 403 when the account belongs to another contest, 404 for an unknown one, 422 when several run and none is named.
        """
        if caller.contest_id and contest_id not in (None, caller.contest_id):
            raise Refusal(403, "This account belongs to another contest.", fields={"contest_id": "another contest"})
        wanted = caller.contest_id or contest_id
        if wanted is not None:
            return self.contest(wanted)
        now = self._clock.now()
        running = [one for one in self.snapshot().contests.values() if one.phase(now).takes_submissions]
        if len(running) > 1:
            names = ", ".join(one.id for one in running)
            sentence = f"Several contests run; name one of them: ?contest_id= {names}."
            raise Refusal(422, sentence, fields={"contest_id": "missing"})
        return self.contest()

    def problem(self, contest_id: ContestId, problem_id: ProblemId) -> Problem | None:
        """A problem by its id in its contest."""
        return self.snapshot().problems.get((contest_id, problem_id))

    def problems(self, contest_id: ContestId) -> Sequence[Problem]:
        """A contest's problems in their order."""
        return self.snapshot().problem_lists.get(contest_id, ())

    def team(self, team_id: TeamId | None) -> Team | None:
        """A team by its id."""
        return self.snapshot().teams.get(team_id) if team_id is not None else None

    def teams(self, contest_id: ContestId) -> Sequence[Team]:
        """A contest's teams, hidden ones too."""
        return self.snapshot().team_lists.get(contest_id, ())

    def _committed(self, events: Sequence[Event]) -> None:
        if any(event.kind in _KINDS for event in events):
            self._changes += 1

    def _load(self, age: int) -> Snapshot:
        with self._store.read() as view:
            contests = view.contests()
            problems = {one.id: tuple(sorted(view.problems(one.id), key=lambda each: each.ordinal)) for one in contests}
            teams = {one.id: tuple(view.teams(one.id)) for one in contests}
        return Snapshot(
            age=age,
            contests={one.id: one for one in contests},
            problems={(problem.contest_id, problem.id): problem for listed in problems.values() for problem in listed},
            teams={team.id: team for listed in teams.values() for team in listed},
            problem_lists=problems,
            team_lists=teams,
        )
