"""What needs a person now, one item for each trouble, gathered from the services that know of it.

Urgency: 100 the disk is full · 98 the clock was set back between two starts · 95 no machine is ready · 90 a machine waits to be compared ·
85 and 80 submissions that cannot be judged · 75 a package was refused · 73 jury solutions do not end as promised · 72 a submission was
judged twice with different results · 71 and 70 the backup fails or is old · 68 a trial stopped · 65 and 45 a machine is held back or away ·
60 little disk · 50 the clock jumped · 40 and below: preparing, starting and ending.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.clock import Clock, Instant, iso
from app.core.contest import Contest, Phase
from app.services.clock_watch import JUMP_MS
from app.services.dispatch import Dispatch
from app.services.judging_book import JudgingBook
from app.services.machines import Machines
from app.wire.admin_v1 import DeskItem, Machine, ProblemState

_BACKUP_MS = 180_000
_LITTLE_DISK = 2 * 1024**3
_NO_DISK = 256 * 1024**2
_NEAR_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What only the server's composition knows; sizes in bytes. `backup_age_ms` is None where no backup was asked for.

    `clock_behind_ms` is how far the clock stood behind the log's newest entry when the server started.
    """

    server_id: str
    version: str
    started_ms: int
    people_url: str
    node_url: str
    data: str
    store_bytes: int
    commit_ms: float | None
    backup_age_ms: int | None
    free_bytes: int
    trust_url: str = ""
    trust_words: str = ""
    backup_trouble: str = ""
    clock_behind_ms: int = 0


class DeskItems:
    """Gathers the items. Safe from any thread; from memory but for what it is given."""

    def __init__(self, *, clock: Clock, judging: JudgingBook, machines: Machines, dispatch: Dispatch) -> None:
        self._clock = clock
        self._judging = judging
        self._machines = machines
        self._dispatch = dispatch

    def gather(self, host: HostFacts, contest: Contest | None, problems: Sequence[ProblemState]) -> list[DeskItem]:
        """Everything that needs a person, the most urgent first. `contest` is the present one, with its problems."""
        found = [
            *self._joins(),
            *self._errors(),
            *self._disagreements(),
            *self._machine_items(contest),
            *self._host_items(host),
        ]
        if contest is not None:
            found += self._contest_items(contest, problems)
        return sorted(found, key=lambda item: (-item.urgency, item.since_ms, item.key))

    def _joins(self) -> Iterator[DeskItem]:
        for join in self._machines.pending():
            yield DeskItem(
                key=f"join:{join.request_id}",
                kind="join",
                urgency=90,
                title=f"{join.name} wants to judge"
                if join.kind == "node"
                else f"A console on {join.name} wants to join",
                detail=f"Compare: its own screen has to show {join.code}.",
                since_ms=join.since_ms,
                action="approve",
                target=join.request_id,
            )

    def _errors(self) -> Iterator[DeskItem]:
        for error in self._judging.errors():
            yield DeskItem(
                key=f"judging_error:{error.judgement_id}",
                kind="judging_error",
                urgency=80,
                title=f"Submission {error.submission_id} could not be judged",
                detail=error.reason,
                since_ms=error.since,
                action="again",
                target=str(error.judgement_id),
            )

    def _disagreements(self) -> Iterator[DeskItem]:
        for one in self._judging.disagreements():
            yield DeskItem(
                key=f"difference:{one.judgement_id}",
                kind="difference",
                urgency=72,
                title=f"Submission {one.submission_id} was judged twice with different results",
                detail=one.sentence,
                since_ms=one.since,
                action="show",
                target=str(one.submission_id),
            )

    def _machine_items(self, contest: Contest | None) -> Iterator[DeskItem]:
        now = self._clock.now()
        for task in self._dispatch.stuck():
            yield DeskItem(
                key=f"machine:task:{task.task_id}",
                kind="machine",
                urgency=85,
                title="A submission waits for a machine that can take it",
                detail=task.sentence,
                since_ms=task.since,
            )
        for machine in self._machines.list():
            if machine.state in ("held", "away"):
                yield _machine_item(machine, now)
        if contest is None or self._machines.ready_count() > 0:
            return
        if contest.phase(now).takes_submissions or self._judging.unjudged(contest.id) > 0:
            yield DeskItem(
                key="machine:none",
                kind="machine",
                urgency=95,
                title="No judge machine is ready",
                detail="Start contestbox-judge on a machine of this network; submissions are kept until then.",
                since_ms=now,
            )

    def _host_items(self, host: HostFacts) -> Iterator[DeskItem]:
        now = self._clock.now()
        drift = self._clock.wall_drift_ms()
        if abs(drift) > JUMP_MS:
            yield DeskItem(
                key="clock",
                kind="clock",
                urgency=50,
                title=f"This machine's clock jumped by {drift / 1000:+.1f} s",
                detail="Contest time goes on undisturbed; times shown elsewhere on this machine may be wrong.",
                since_ms=now,
            )
        if host.clock_behind_ms:
            yield DeskItem(
                key="clock:start",
                kind="clock",
                urgency=98,
                title="The contest's clock is slow: this machine's clock was set back",
                detail=f"It stood {host.clock_behind_ms // 1000} s behind the contest's log when the server started."
                " Stop the server, set the clock, start it again.",
                since_ms=host.started_ms,
            )
        if host.backup_trouble:
            yield DeskItem(
                key="backup:trouble",
                kind="backup",
                urgency=71,
                title="Copies for the backup fail",
                detail=host.backup_trouble,
                since_ms=now,
            )
        if host.backup_age_ms is not None and host.backup_age_ms > _BACKUP_MS:
            yield DeskItem(
                key="backup",
                kind="backup",
                urgency=70,
                title="The backup is old",
                detail=f"The newest good copy is {host.backup_age_ms // 60_000} min old; look at its disk.",
                since_ms=now - host.backup_age_ms,
            )
        if host.free_bytes < _LITTLE_DISK:
            yield DeskItem(
                key="store",
                kind="store",
                urgency=100 if host.free_bytes < _NO_DISK else 60,
                title="The disk is nearly full",
                detail=f"{host.free_bytes // 1024**2} MiB are free; make room, or submissions will be refused.",
                since_ms=now,
            )

    def _contest_items(self, contest: Contest, problems: Sequence[ProblemState]) -> Iterator[DeskItem]:
        now = self._clock.now()
        phase = contest.phase(now)
        if phase is Phase.FINAL:
            return
        yield from _package_items(problems, phase, now)
        start = contest.start
        if phase is Phase.NOT_SCHEDULED or (phase is Phase.BEFORE and start is not None and start - now <= _NEAR_MS):
            when = f"It begins at {iso(start)}." if start is not None else "It begins when you say so."
            yield DeskItem(
                key="start",
                kind="start",
                urgency=10,
                title=f"{contest.name} has not begun",
                detail=when,
                since_ms=now,
                action="start",
                target=contest.id,
            )
        if phase is Phase.OVER and not self._judging.unjudged(contest.id):
            yield DeskItem(
                key="finalize",
                kind="start",
                urgency=10,
                title=f"{contest.name} is over",
                detail="Every submission has its verdict: the results can be made final.",
                since_ms=contest.end or now,
                action="finalize",
                target=contest.id,
            )


def _package_items(problems: Sequence[ProblemState], phase: Phase, now: Instant) -> Iterator[DeskItem]:
    if not problems:
        yield DeskItem(
            key="problem:none",
            kind="problem",
            urgency=40,
            title="The contest has no problems",
            detail="Import a problem package, a folder or a zip file.",
            since_ms=now,
            action="import",
        )
    for state in problems:
        if state.package_state == "refused":
            detail = state.package_notes[0] if state.package_notes else "Its package was refused."
            yield _about(state, "problem", 75, detail, now)
        if state.solutions_wrong:
            yield _about(state, "solutions", 73, state.solution_note, now)
        if state.trial_stopped:
            yield _about(state, "trial", 68, f"The trial of its new version has stopped. {state.trial_stopped}", now)
    waiting = [state for state in problems if state.package_state == "unchecked"]
    if waiting and not phase.begun:
        yield _unchecked(waiting, now)


def _about(state: ProblemState, key: str, urgency: int, detail: str, now: Instant) -> DeskItem:
    return DeskItem(
        key=f"{key}:{state.id}",
        kind="problem",
        urgency=urgency,
        title=f"Problem {state.label}, {state.title}",
        detail=detail,
        since_ms=now,
        target=state.id,
    )


def _unchecked(waiting: Sequence[ProblemState], now: Instant) -> DeskItem:
    """One entry, however many packages wait."""
    if len(waiting) == 1:
        return _about(waiting[0], "problem", 20, "No judge machine has checked its package yet.", now)
    return DeskItem(
        key="problem:unchecked",
        kind="problem",
        urgency=20,
        title=f"{len(waiting)} packages wait for a machine",
        detail=f"No judge machine has checked them yet: {', '.join(state.label for state in waiting)}.",
        since_ms=now,
    )


def _machine_item(machine: Machine, now: Instant) -> DeskItem:
    held = machine.state == "held"
    return DeskItem(
        key=f"machine:{machine.id}",
        kind="machine",
        urgency=65 if held else 45,
        title=f"{machine.name} is {'held back' if held else 'away'}",
        detail=machine.state_sentence,
        since_ms=machine.seen_ms or now,
        target=machine.id,
    )
