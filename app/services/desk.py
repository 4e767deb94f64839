"""The organiser's desk: what needs a person now, and the small state of the console's first page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from app.core.clock import Clock, Instant, iso
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import JudgementId, SubmissionId
from app.core.problem import PackageRecord, Problem
from app.ports.bell import Bell
from app.ports.leases import TaskKind
from app.ports.store import Store
from app.services.contest_book import ContestBook
from app.services.desk_items import DeskItems, HostFacts
from app.services.dispatch import Dispatch
from app.services.judging_book import JudgingBook
from app.services.machines import Machines
from app.services.package_tasks import checked_of
from app.services.rejudge import Rejudge
from app.services.solution_book import Results, SolutionResult, missed, results_of
from app.services.trial_book import Trial, trials_of
from app.wire.admin_v1 import ContestState, DeskItem, ProblemState, ServerState, State

__all__ = ["TOPICS", "Desk", "HostFacts", "contest_state"]

TOPICS = ("jury", "desk", "tasks")


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
        self._items = DeskItems(clock=clock, judging=judging, machines=machines, dispatch=dispatch)
        self._rejudge = rejudge
        self._host_facts = host_facts

    def seq(self) -> int:
        """The number that /admin/v1/wait takes: it rises whenever one of TOPICS rings. From memory."""
        return sum(self._bell.counter(topic) for topic in TOPICS)

    def items(self) -> list[DeskItem]:
        """What needs a person, the most urgent first; empty when nothing does."""
        contest = self._book.contest() if self._book.snapshot().contests else None
        return self._items.gather(self._host_facts(), contest, self._problems(contest) if contest is not None else ())

    def state(self) -> State:
        """The first page. Refusal 404 while there is no contest."""
        seq = self.seq()
        contest, host = self._book.contest(), self._host_facts()
        problems = self._problems(contest)
        return State(
            seq=seq,
            contest=contest_state(contest, self._clock.now()),
            problems=problems,
            server=self._server(host),
            desk=self._items.gather(host, contest, problems),
            submission_count=self._judging.count(contest.id),
            team_count=len(self._book.teams(contest.id)),
            verdict_seconds=self._judging.verdict_seconds(),
        )

    def again(self, target: str) -> Future[JudgementId]:
        """Judges again what is on the desk; `target` as in the item. Refusal 404, 409."""
        if not (target.isascii() and target.isdigit() and len(target) <= 15):
            raise Refusal(404, "There is no such judgement.")
        return self._rejudge.judging_error(JudgementId(int(target)))

    def rejudge(self, submission_id: SubmissionId, *, final_too: bool = False) -> Future[JudgementId]:
        """Judges a submission again; final_too: also where the results are final. Refusal 404, 409."""
        return self._rejudge.submission(submission_id, final_too=final_too)

    def _problems(self, contest: Contest) -> list[ProblemState]:
        problems = self._book.problems(contest.id)
        with self._store.read() as view:
            trials = trials_of(view)
            return [
                _problem_state(
                    one,
                    view.package(one.package_version),
                    results_of(view, one.package_version),
                    trials.get(f"{contest.id}/{one.id}"),
                )
                for one in problems
            ]

    def _server(self, host: HostFacts) -> ServerState:
        now = self._clock.now()
        with self._store.read() as view:
            queue, oldest = view.leases.waiting(TaskKind.JUDGE)
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
            trust_url=host.trust_url,
            trust_words=host.trust_words,
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
        thawed=contest.thawed is not None,
    )


def _problem_state(
    problem: Problem, record: PackageRecord | None, results: Results | None, trial: Trial | None
) -> ProblemState:
    problems, notes = checked_of(record.manifest) if record is not None else ((), ())
    manifest = record.manifest if record is not None else {}
    wrong = missed(manifest, results)
    return ProblemState(
        id=problem.id,
        label=problem.label,
        title=problem.title,
        rgb=problem.rgb,
        cpu_seconds=problem.cpu_seconds,
        memory_bytes=problem.memory_bytes,
        test_count=problem.test_count,
        package_state=record.state if record is not None else "refused",
        package_notes=[*problems, *notes, *manifest.get("warnings", ())],
        solutions=len(manifest.get("solutions", ())),
        solutions_judged=len(results or {}),
        solutions_wrong=len(wrong),
        solution_note=_wrong_sentence(*wrong[0]) if wrong else "",
        on_trial=trial is not None,
        trial_stopped=trial.stopped if trial is not None else "",
    )


def _wrong_sentence(solution: Mapping[str, Any], result: SolutionResult) -> str:
    """What did not end as the package promises."""
    name, where = solution["name"], f" on {result.machine}" if result.machine else ""
    if result.verdict == "JE":
        return f"{name} could not be judged{where}: {result.message}"
    if result.verdict in solution["expected"]:
        return f"{name} has another score{where} than the package promises."
    wanted = " or ".join(solution["expected"])
    return f"{name} ended as {result.verdict}{where}; the package expects {wanted}."
