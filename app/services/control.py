"""The contest's life: made, scheduled, started, extended, ended, final; and the tick that notices when a phase changes.

Each command is one function for the writer that reads the contest, decides by its phase, writes it whole and says so in the log. The
phase itself is never stored: it follows from the clock (DESIGN 5), so somebody has to notice that it changed; that is `tick`, called
by the server's ticker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from app.core.clock import Clock, Instant
from app.core.contest import Contest, Phase
from app.core.contest_data import contest_data
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import ContestId, TeamId
from app.core.people import Caller, Team
from app.ports.bell import Bell
from app.ports.store import Store, Transaction
from app.services.contest_book import ContestBook
from app.services.futures import failed
from app.services.judging_book import JudgingBook

_MINUTE_MS = 60_000
_UNJUDGED = frozenset({Kind.SUBMISSION, Kind.JUDGEMENT})
_LONGEST_MS = 400 * 24 * 3600 * 1000

PhaseListener = Callable[[Contest, Phase], None]


class Control:
    """Commands of the organiser. Safe from any thread; `tick` from one ticker only."""

    def __init__(self, *, store: Store, bell: Bell, clock: Clock, book: ContestBook, judging: JudgingBook) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._book = book
        self._judging = judging
        self._phases: dict[ContestId, Phase] = {}
        self._lock = threading.Lock()
        self._listeners: list[PhaseListener] = []

    def contest(self, contest_id: ContestId | None = None) -> Contest:
        """A contest by its id; None: the running one, else the next, else the newest. From memory. Refusal 404."""
        return self._book.contest(contest_id)

    def meant(self, caller: Caller, contest_id: ContestId | None) -> Contest:
        """The contest that a program's request is about. From memory. Refusal 403, 404, 422: see ContestBook.meant."""
        return self._book.meant(caller, contest_id)

    def create(self, contest: Contest) -> Future[Contest]:
        """Adds a contest. Refusal 409 when its id is taken, 422 when its times are impossible."""

        def work(tx: Transaction) -> Contest:
            if tx.contest(contest.id) is not None:
                raise Refusal(409, f"There is already a contest with the id {contest.id}.")
            return self._put(tx, contest)

        try:
            _check_times(contest)
        except Refusal as refusal:
            return failed(refusal)
        return self._store.write(work)

    def start(self, at: Instant | None = None, contest_id: ContestId | None = None) -> Future[Contest]:
        """Sets the start; None, or a moment that has passed: now. Refusal 409 when the contest has begun, 422 for one in
        more than a year."""

        def change(tx: Transaction, contest: Contest, now: Instant) -> Contest:
            if contest.phase(now).begun:
                raise Refusal(409, "The contest has begun already.")
            if at is not None and at > now + _LONGEST_MS:
                # Far enough away an end cannot even be written as a date any more, and no page could show it.
                raise Refusal(422, "A contest begins within the next 400 days.", fields={"at": "too far away"})
            return self._put(tx, replace(contest, start=max(at if at is not None else now, now)))

        return self._change(contest_id, change)

    def extend(
        self, minutes: int, contest_id: ContestId | None = None, *, expected_duration_ms: int | None = None
    ) -> Future[Contest]:
        """Makes the contest longer. When it is frozen, the freeze keeps its beginning.

        Refusal 409 when it is final, thawed, or has another length than the expected one: somebody else has extended it already.
        """

        def change(tx: Transaction, contest: Contest, now: Instant) -> Contest:
            phase = contest.phase(now)
            if phase is Phase.FINAL:
                raise Refusal(409, "The contest is final; it cannot be extended.")
            if contest.thawed is not None:
                # Whoever went on would compete with the results in sight, and under no curtain.
                raise Refusal(409, "The board is thawed: everybody knows the results, so the contest cannot go on.")
            if expected_duration_ms not in (None, contest.duration_ms):
                raise Refusal(409, "Somebody has changed the contest's length at this moment; look at its end first.")
            longer = minutes * _MINUTE_MS
            freeze = contest.freeze_ms
            if freeze is not None and contest.start is not None and contest.board_is_frozen(now):
                freeze += longer
            changed = replace(contest, duration_ms=contest.duration_ms + longer, freeze_ms=freeze)
            _check_times(changed)
            tx.append_event(contest.id, Kind.CLOCK, now, {"what": "extended", "minutes": minutes})
            return self._put(tx, changed)

        return self._change(contest_id, change)

    def settings(
        self,
        *,
        show_progress: bool | None = None,
        all_tests: bool | None = None,
        freeze_minutes: int | None = None,
        contest_id: ContestId | None = None,
    ) -> Future[Contest]:
        """Changes what may be changed while a contest runs; None leaves a setting. Refusal 409 for a freeze that has begun."""

        def change(tx: Transaction, contest: Contest, now: Instant) -> Contest:
            changed = contest
            if show_progress is not None:
                changed = replace(changed, show_progress=show_progress)
            if all_tests is not None:
                changed = replace(changed, all_tests=all_tests)
            if freeze_minutes is not None and freeze_minutes * _MINUTE_MS != contest.freeze_ms:
                if contest.phase(now) not in (Phase.NOT_SCHEDULED, Phase.BEFORE, Phase.RUNNING):
                    raise Refusal(409, "The board is frozen already; it can only be thawed after the end.")
                changed = replace(changed, freeze_ms=freeze_minutes * _MINUTE_MS)
            _check_times(changed)
            return self._put(tx, changed)

        return self._change(contest_id, change)

    def finalize(self, contest_id: ContestId | None = None) -> Future[Contest]:
        """Makes the results final. Refusal 409 while the contest runs or a submission has no verdict."""

        def change(tx: Transaction, contest: Contest, now: Instant) -> Contest:
            phase = contest.phase(now)
            if phase is Phase.FINAL:
                return contest
            if phase is not Phase.OVER:
                raise Refusal(409, "The contest is not over; only then can it be made final.")
            waiting = self._judging.unjudged(contest.id)
            if waiting:
                what = "1 submission has" if waiting == 1 else f"{waiting} submissions have"
                raise Refusal(409, f"{what} no verdict yet; the contest can be made final after the last one.")
            if tx.events_after(self._judging.folded, 1, _UNJUDGED):
                # Of the same commit as this command: the count above comes from memory, which hears of it afterwards.
                raise Refusal(409, "Something came in to be judged at this moment; try again after its verdict.")
            tx.append_event(contest.id, Kind.CLOCK, now, {"what": "finalized"})
            return self._put(tx, replace(contest, finalized=now))

        return self._change(contest_id, change)

    def thaw(self, contest_id: ContestId | None = None) -> Future[Contest]:
        """Shows everybody what happened in the freeze. Refusal 409 before the end, or where nothing is frozen."""

        def change(tx: Transaction, contest: Contest, now: Instant) -> Contest:
            if contest.phase(now) not in (Phase.OVER, Phase.FINAL):
                raise Refusal(409, "The board is thawed after the end of the contest.")
            if contest.thawed is not None:
                return contest
            if not contest.freeze_ms:
                raise Refusal(409, "This contest has no freeze; everybody sees everything already.")
            tx.append_event(contest.id, Kind.CLOCK, now, {"what": "thawed"})
            return self._put(tx, replace(contest, thawed=now))

        return self._change(contest_id, change)

    def add_team(self, tx: Transaction, team: Team) -> Team:
        """Adds or changes a team, inside a transaction."""
        tx.put_team(team)
        tx.append_event(team.contest_id, Kind.TEAM, self._clock.now(), team_data(team))
        return team

    def team(self, team_id: TeamId) -> Team | None:
        """A team from memory."""
        return self._book.team(team_id)

    def on_phase_change(self, listener: PhaseListener) -> None:
        """Calls the listener with a contest and its new phase, from the ticker; not for the phases found at the start."""
        with self._lock:
            self._listeners.append(listener)

    def tick(self) -> None:
        """Notices phases that have changed, rings for them and tells the listeners. A few times a second."""
        now = self._clock.now()
        changed: list[tuple[Contest, Phase]] = []
        for contest in self._book.snapshot().contests.values():
            phase = contest.phase(now)
            known = self._phases.get(contest.id)
            self._phases[contest.id] = phase
            if known is not None and known is not phase:
                changed.append((contest, phase))
        if not changed:
            return
        self._bell.ring({"public", "board", "jury", "desk"})
        with self._lock:
            listeners = list(self._listeners)
        for contest, phase in changed:
            for listener in listeners:
                listener(contest, phase)

    def _change(
        self, contest_id: ContestId | None, change: Callable[[Transaction, Contest, Instant], Contest]
    ) -> Future[Contest]:
        try:
            wanted = self._book.contest(contest_id).id
        except Refusal as refusal:
            return failed(refusal)

        def work(tx: Transaction) -> Contest:
            contest = tx.contest(wanted)
            if contest is None:
                raise Refusal(404, "There is no such contest.")
            return change(tx, contest, self._clock.now())

        return self._store.write(work)

    def _put(self, tx: Transaction, contest: Contest) -> Contest:
        tx.put_contest(contest)
        tx.append_event(contest.id, Kind.CONTEST, self._clock.now(), contest_data(contest))
        return contest


def team_data(team: Team) -> dict[str, object]:
    """What the log says of a team."""
    return {
        "id": team.id,
        "name": team.name,
        "organization": team.organization,
        "group": team.group,
        "hidden": team.hidden,
    }


def _check_times(contest: Contest) -> None:
    if not 0 < contest.duration_ms <= _LONGEST_MS:
        raise Refusal(422, "A contest lasts longer than nothing and at most 400 days.")
    if contest.freeze_ms is not None and not 0 <= contest.freeze_ms <= contest.duration_ms:
        raise Refusal(422, "The freeze cannot be longer than the contest.", fields={"freeze_minutes": "too long"})
