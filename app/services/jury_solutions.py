"""Jury solutions on this contest's machines: sending them, following them, and the time limit that follows from them.

Theory of operation. Before a contest begins, `tick` sends the solutions of each problem whose package was checked, once for each version,
as soon as a machine is ready; while it runs only the organiser's word does that. `standing` reads what is stored, what waits and what
machines do now. Nothing here is seen by teams. The proposed limit is the format's rule: the slowest accepted time on any machine, times the
package's multiplier, rounded up to its resolution; the slow solutions must stay above it by the package's margin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from app.core.clock import Clock
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import ContestId, PackageVersion, ProblemId
from app.core.problem import PackageRecord, Problem
from app.core.verdict import Verdict
from app.languages.definition import Language
from app.ports.bell import Bell
from app.ports.leases import TaskKind
from app.ports.store import Store, Transaction, View
from app.services.contest_book import ContestBook
from app.services.futures import then
from app.services.machines import Machines
from app.services.package_tasks import problem_data
from app.services.solution_book import Results, results_of
from app.services.solution_tasks import place_of, queue_solutions, stop_solutions, version_of, waiting_or_live
from app.services.trial_book import trial_of

_SLOWEST_SECONDS = 600.0
_QUICKEST_SECONDS = 0.01
_NO_PROBLEM = "There is no such problem in this contest."


@dataclass(frozen=True, slots=True)
class Proposal:
    """The limit that the jury solutions ask for; `seconds` None: not known yet, `sentence` says why, or what is doubtful about it."""

    seconds: float | None
    slowest_seconds: float
    slowest: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A version's solutions now. `results` None: never sent. `waiting` and `judging` are places in the manifest."""

    results: Results | None
    waiting: frozenset[int]
    judging: frozenset[int]


class JurySolutions:
    """Safe from any thread."""

    def __init__(
        self,
        *,
        store: Store,
        bell: Bell,
        clock: Clock,
        book: ContestBook,
        machines: Machines,
        languages: Mapping[str, Language],
    ) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._book = book
        self._machines = machines
        self._languages = languages
        self._sent: set[PackageVersion] = set()
        self._looked = -1
        self._under_way: Future[None] | None = None

    def judge(
        self, contest_id: ContestId, problem_id: ProblemId, *, everywhere: bool = False, trial: bool = False
    ) -> Future[int]:
        """Sends all jury solutions of a problem's version (or of the one on trial) to one machine, or to each that is ready.

        Gives how many were queued. Refusal 404; 409 without solutions, without a machine for `everywhere`, for an unchecked package.
        """
        nodes = tuple(self._machines.ready()) if everywhere else ()
        if everywhere and not nodes:
            raise Refusal(409, "No judge machine is ready; start contestbox-judge on a machine of this network.")

        def work(tx: Transaction) -> int:
            record = self._record(tx, contest_id, problem_id, trial=trial)
            if record.state != "ready":
                raise Refusal(
                    409, "The package is not checked yet; its jury solutions wait until a machine has done so."
                )
            if not record.manifest.get("solutions"):
                raise Refusal(409, "This package has no jury solutions.")
            if not record.manifest["tests"]:
                raise Refusal(409, "This package has no tests.")
            return queue_solutions(tx, contest_id, record, self._languages, self._clock.now(), nodes)

        return then(self._store.write(work), self._rung)

    def stop(self, contest_id: ContestId, problem_id: ProblemId) -> Future[int]:
        """Takes what waits out of the queue, of the version on trial too; gives how many. Refusal 404."""

        def work(tx: Transaction) -> int:
            problem = _problem(tx, contest_id, problem_id)
            stopped = stop_solutions(tx, problem.package_version)
            try:
                return stopped + stop_solutions(tx, trial_of(tx, contest_id, problem_id).version)
            except Refusal:
                return stopped

        return then(self._store.write(work), self._rung)

    def set_limit(self, contest_id: ContestId, problem_id: ProblemId, cpu_seconds: float) -> Future[Problem]:
        """Another time limit for this contest's problem, from now on; what is judged keeps its verdict. It goes into the log.

        Refusal 404; 422 for a limit that nobody can mean.
        """
        if not (_QUICKEST_SECONDS <= cpu_seconds <= _SLOWEST_SECONDS):
            raise Refusal(422, f"A time limit has between {_QUICKEST_SECONDS:g} and {_SLOWEST_SECONDS:g} seconds.")

        def work(tx: Transaction) -> Problem:
            changed = replace(_problem(tx, contest_id, problem_id), cpu_seconds=round(cpu_seconds, 6))
            tx.put_problem(changed)
            limit = {"cpu_limit_us": round(changed.cpu_seconds * 1_000_000)}
            tx.append_event(contest_id, Kind.PROBLEM, self._clock.now(), {**problem_data(changed), **limit})
            return changed

        return self._store.write(work)

    def tick(self) -> None:
        """Every second from the server's pulse: before the start, sends the solutions of versions that were never sent. Never waits."""
        if self._under_way is not None and not self._under_way.done():
            return
        now = self._clock.now()
        shot, ready = self._book.snapshot(), self._machines.ready_count() > 0
        # A checked package is an event of its problems, so nothing is read while nothing changed.
        if not ready or shot.age == self._looked:
            return
        self._looked = shot.age
        fresh = [
            one
            for one in shot.problems.values()
            if one.package_version not in self._sent and not shot.contests[one.contest_id].phase(now).begun
        ]
        if fresh:
            self._under_way = then(self._store.write(lambda tx: self._send(tx, fresh)), self._sent_some)

    def standing(self, view: View, version: PackageVersion) -> Standing:
        """What is known of a version's solutions."""
        live = {
            place_of(task)
            for task, _ in view.leases.live()
            if task.kind is TaskKind.MEASURE and version_of(task) == version
        }
        mine = {place_of(task) for task in waiting_or_live(view) if version_of(task) == version}
        return Standing(results_of(view, version), frozenset(mine - live), frozenset(live))

    def _send(self, tx: Transaction, problems: Sequence[Problem]) -> list[PackageVersion]:
        sent = []
        for problem in problems:
            record = tx.package(problem.package_version)
            if record is None or record.state != "ready" or not record.manifest["tests"]:
                continue
            sent.append(record.version)
            if results_of(tx, record.version) is None:
                queue_solutions(tx, problem.contest_id, record, self._languages, self._clock.now())
        return sent

    def _sent_some(self, versions: list[PackageVersion]) -> None:
        self._sent.update(versions)
        if versions:
            self._bell.ring(("tasks", "jury"))

    def _rung(self, count: int) -> int:
        self._bell.ring(("tasks", "jury", "desk"))
        return count

    @staticmethod
    def _record(tx: Transaction, contest_id: ContestId, problem_id: ProblemId, *, trial: bool) -> PackageRecord:
        problem = _problem(tx, contest_id, problem_id)
        version = trial_of(tx, contest_id, problem_id).version if trial else problem.package_version
        record = tx.package(version)
        if record is None:
            raise Refusal(404, _NO_PROBLEM)
        return record


def proposal(manifest: Mapping[str, Any], results: Results | None) -> Proposal:
    """The time limit that follows from what the solutions took."""
    solutions, work = manifest.get("solutions", ()), manifest.get("work", {})
    accepted = [place for place, one in enumerate(solutions) if one["expected"] == [Verdict.AC.value]]
    judged = [(solutions[place]["name"], one) for place in accepted for one in (results or {}).get(place, ())]
    missing = [solutions[place]["name"] for place in accepted if not (results or {}).get(place)]
    if not accepted:
        return Proposal(None, 0.0, "", "The package has no accepted solution to measure with.")
    if missing:
        return Proposal(None, 0.0, "", f"Not measured yet: {missing[0]}.")
    failed = [(name, one) for name, one in judged if one.verdict != Verdict.AC.value]
    if failed:
        name, one = failed[0]
        return Proposal(
            None, 0.0, "", f"{name} is to be accepted and ended as {one.verdict}; no limit follows from that."
        )
    name, slowest = max(judged, key=lambda pair: pair[1].cpu_us)
    taken = slowest.cpu_us / 1_000_000
    seconds = _limit_for(taken, work.get("ac_to_time_limit", 2.0), work.get("time_resolution", 1.0))
    margin = work.get("time_limit_to_tle", 1.5)
    return Proposal(seconds, taken, name, _doubt(solutions, results or {}, seconds, margin))


def _limit_for(slowest_seconds: float, multiplier: float, resolution: float) -> float:
    """The smallest positive multiple of the resolution that is at least the slowest time times the multiplier."""
    steps = math.ceil(slowest_seconds * multiplier / resolution - 1e-9)
    return round(max(1, steps) * resolution, 6)


def _doubt(solutions: Sequence[Mapping[str, Any]], results: Results, seconds: float, margin: float) -> str:
    """A sentence where a slow solution would not clearly be too slow with this limit."""
    slow = [
        (one["name"], result)
        for place, one in enumerate(solutions)
        if one["expected"] == [Verdict.TLE.value]
        for result in results.get(place, ())
    ]
    for name, result in slow:
        wanted = seconds * margin
        if result.verdict != Verdict.TLE.value:
            return f"{name} is to be too slow, and is not."
        if result.cpu_us / 1_000_000 < wanted and result.limit_us / 1_000_000 < wanted:
            return f"{name} was stopped before {wanted:g} s, so it is not known whether it stays above that limit by the margin."
    return ""


def _problem(tx: Transaction, contest_id: ContestId, problem_id: ProblemId) -> Problem:
    problem = tx.problem(contest_id, problem_id)
    if problem is None:
        raise Refusal(404, _NO_PROBLEM)
    return problem
