"""The organiser's desk: what needs a person now, and the small state of the console's first page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from app.core.clock import Clock, Instant, iso
from app.core.contest import Contest, Phase
from app.core.errors import Refusal
from app.core.ids import JudgementId, SubmissionId
from app.core.problem import Problem
from app.ports.bell import Bell
from app.ports.store import Store
from app.services.contest_book import ContestBook
from app.services.dispatch import Dispatch
from app.services.judging_book import JudgingBook
from app.services.machines import Machines
from app.services.rejudge import Rejudge
from app.wire.admin_v1 import ContestState, DeskItem, Machine, ProblemState, ServerState, State

TOPICS = ("jury", "desk", "tasks")
_DRIFT_MS = 2000
_BACKUP_MS = 180_000
_LITTLE_DISK = 2 * 1024**3
_NO_DISK = 256 * 1024**2
_NEAR_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What only the server's composition knows; sizes in bytes. `backup_age_ms` is None where no backup was asked for."""

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


class Desk:
    """Gathers from the other services. Safe from any thread; looks into the store, so not for the gate's loop."""

    def __init__(
        self,
        *,
        store: Store,
        bell: Bell,
        clock: Clock,
        book: ContestBook,
        judging: JudgingBook,
        machines: Machines,
        dispatch: Dispatch,
        rejudge: Rejudge,
        host_facts: Callable[[], HostFacts],
    ) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._book = book
        self._judging = judging
        self._machines = machines
        self._dispatch = dispatch
        self._rejudge = rejudge
        self._host_facts = host_facts

    def seq(self) -> int:
        """The number that /admin/v1/wait takes: it rises whenever one of TOPICS rings. From memory."""
        return sum(self._bell.counter(topic) for topic in TOPICS)

    def items(self) -> list[DeskItem]:
        """What needs a person, the most urgent first; empty when nothing does."""
        host = self._host_facts()
        found = [
            *self._joins(),
            *self._errors(),
            *self._machine_items(),
            *self._host_items(host),
            *self._contest_items(),
        ]
        return sorted(found, key=lambda item: (-item.urgency, item.since_ms, item.key))

    def state(self) -> State:
        """The first page. Refusal 404 while there is no contest."""
        seq = self.seq()
        contest = self._book.contest()
        return State(
            seq=seq,
            contest=contest_state(contest, self._clock.now()),
            problems=self._problems(contest),
            server=self._server(),
            desk=self.items(),
            submission_count=self._judging.count(contest.id),
            team_count=len(self._book.teams(contest.id)),
            verdict_seconds=self._judging.verdict_seconds(),
        )

    def again(self, target: str) -> Future[JudgementId]:
        """Judges again what is on the desk; `target` as in the item. Refusal 404, 409."""
        if not (target.isascii() and target.isdigit() and len(target) <= 15):
            raise Refusal(404, "There is no such judgement.")
        return self._rejudge.judging_error(JudgementId(int(target)))

    def rejudge(self, submission_id: SubmissionId) -> Future[JudgementId]:
        """Judges a submission again. Refusal 404, 409."""
        return self._rejudge.submission(submission_id)

    def _joins(self) -> Iterator[DeskItem]:
        for join in self._machines.pending():
            yield DeskItem(
                key=f"join:{join.request_id}",
                kind="join",
                urgency=90,
                title=f"{join.name} wants to judge",
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

    def _machine_items(self) -> Iterator[DeskItem]:
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
        machines = self._machines.list()
        for machine in machines:
            if machine.state in ("held", "away"):
                yield _machine_item(machine, now)
        if self._needs_machines(now) and self._machines.ready_count() == 0:
            yield DeskItem(
                key="machine:none",
                kind="machine",
                urgency=95,
                title="No judge machine is ready",
                detail="Start contestbox-judge on a machine of this network; submissions are kept until then.",
                since_ms=now,
            )

    def _needs_machines(self, now: Instant) -> bool:
        if not self._book.snapshot().contests:
            return False
        contest = self._book.contest()
        return contest.phase(now) in (Phase.RUNNING, Phase.FROZEN) or self._judging.unjudged(contest.id) > 0

    def _host_items(self, host: HostFacts) -> Iterator[DeskItem]:
        now = self._clock.now()
        drift = self._clock.wall_drift_ms()
        if abs(drift) > _DRIFT_MS:
            yield DeskItem(
                key="clock",
                kind="clock",
                urgency=50,
                title=f"This machine's clock jumped by {drift / 1000:+.1f} s",
                detail="Contest time goes on undisturbed; times shown elsewhere on this machine may be wrong.",
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

    def _contest_items(self) -> Iterator[DeskItem]:
        if not self._book.snapshot().contests:
            return
        now, contest = self._clock.now(), self._book.contest()
        phase = contest.phase(now)
        if phase is Phase.FINAL:
            return
        yield from self._package_items(contest, phase, now)
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

    def _package_items(self, contest: Contest, phase: Phase, now: Instant) -> Iterator[DeskItem]:
        states = self._problems(contest)
        if not states:
            yield DeskItem(
                key="problem:none",
                kind="problem",
                urgency=40,
                title="The contest has no problems",
                detail="Import a problem package, a folder or a zip file.",
                since_ms=now,
                action="import",
            )
        for state in states:
            refused = state.package_state == "refused"
            if refused or (state.package_state == "unchecked" and not phase.begun):
                detail = "Its package was refused." if refused else "No judge machine has checked its package yet."
                yield DeskItem(
                    key=f"problem:{state.id}",
                    kind="problem",
                    urgency=75 if refused else 20,
                    title=f"Problem {state.label}, {state.title}",
                    detail=detail,
                    since_ms=now,
                    target=state.id,
                )

    def _problems(self, contest: Contest) -> list[ProblemState]:
        problems = self._book.problems(contest.id)
        with self._store.read() as view:
            records = {one.id: view.package(one.package_version) for one in problems}
        return [_problem_state(one, record.state if (record := records[one.id]) else "refused") for one in problems]

    def _server(self) -> ServerState:
        host, now = self._host_facts(), self._clock.now()
        with self._store.read() as view:
            queue, oldest = view.leases.waiting()
        return ServerState(
            server_id=host.server_id,
            version=host.version,
            started_ms=host.started_ms,
            people_url=host.people_url,
            node_url=host.node_url,
            data=host.data,
            store_bytes=host.store_bytes,
            commit_ms=host.commit_ms,
            backup_age_ms=host.backup_age_ms,
            queue=queue,
            oldest_wait_ms=now - oldest if oldest is not None else None,
            machines_ready=self._machines.ready_count(),
            wall_drift_ms=self._clock.wall_drift_ms(),
            free_bytes=host.free_bytes,
        )


def contest_state(contest: Contest, now: Instant) -> ContestState:
    """The clock of a contest as the console and the pages show it."""
    contest_time = contest.contest_time_ms(now) if contest.start is not None else None
    return ContestState(
        id=contest.id,
        name=contest.name,
        phase=contest.phase(now).value,
        now=iso(now),
        now_ms=now,
        start_ms=contest.start,
        end_ms=contest.end,
        duration_ms=contest.duration_ms,
        freeze_ms=contest.freeze_ms,
        contest_time_ms=contest_time,
        remaining_ms=max(0, contest.duration_ms - contest_time) if contest_time is not None else None,
        show_progress=contest.show_progress,
        all_tests=contest.all_tests,
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


def _problem_state(problem: Problem, package_state: str) -> ProblemState:
    return ProblemState(
        id=problem.id,
        label=problem.label,
        title=problem.title,
        rgb=problem.rgb,
        cpu_seconds=problem.cpu_seconds,
        memory_bytes=problem.memory_bytes,
        test_count=problem.test_count,
        package_state=package_state,
    )
