"""Jury solutions as tasks of machines (DESIGN 4, kind `measure`): how they are queued, and what a machine is told.

Theory of operation. A task names the package version and the solution's place in its manifest; its language is followed by `@` and a
machine's id where only that machine may take it, since tasks that are alike in language are asked about once (ports/leases). Machines
take them last of all (fitting), so no submission ever waits for one longer than what runs already. The machine judges the solution as it
judges a submission: same limits, same tests, same way; only what becomes of the report is another thing (solution_reports).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.core.clock import Instant
from app.core.ids import ContestId, JudgementId, NodeId, PackageVersion, SubmissionId
from app.core.problem import PackageRecord, Problem
from app.languages.definition import Language
from app.languages.detect import guess_language
from app.ports.leases import Lease, Task, TaskKind, TaskState
from app.ports.store import Transaction, View
from app.services.live_work import LiveLease
from app.services.package_manifest import (
    Manifest,
    hashes_of,
    includes_of,
    kinds_of,
    limits_of,
    tests_of,
    validator_of,
)
from app.services.solution_book import begin, keep_result, unjudged
from app.wire.judge_v1 import LEASE_SECONDS, TaskFile, TaskGrant, TaskLimits

MOST_SOLUTIONS = 100
"""Of one version; results of all are one setting, which is written anew for each."""
_AIR_BYTES = 256 << 20
_NO_LANGUAGE = "It is in no language that these machines judge."


def queue_solutions(
    tx: Transaction,
    contest_id: ContestId,
    record: PackageRecord,
    languages: Mapping[str, Language],
    at: Instant,
    nodes: Sequence[NodeId] = (),
) -> int:
    """Sends the jury solutions of a version (the first MOST_SOLUTIONS) to one machine, or to each of `nodes`; gives how many tasks.

    What waits already is not queued again.
    """
    begin(tx, record.version)
    needs = limits_of(record.manifest).memory_bytes + _AIR_BYTES
    waiting = {(version_of(task), place_of(task), task.language) for task in waiting_or_live(tx)}
    queued = 0
    for place, solution in enumerate(record.manifest.get("solutions", ())[:MOST_SOLUTIONS]):
        language = language_of(record.manifest, solution, languages)
        if language is None:
            keep_result(tx, record.version, place, unjudged(at, _NO_LANGUAGE))
            continue
        for word in [f"{language.id}@{node}" for node in nodes] or [language.id]:
            if (record.version, place, word) in waiting:
                continue
            payload = {"package_version": record.version, "solution": place}
            tx.leases.enqueue(
                contest_id, TaskKind.MEASURE, None, payload, needs_memory_bytes=needs, language=word, at=at
            )
            queued += 1
    return queued


def stop_solutions(tx: Transaction, version: PackageVersion) -> int:
    """Takes out of the queue what waits of a version; what a machine has begun it ends. Gives how many."""
    mine = [task for task in tx.leases.queued(TaskKind.MEASURE) if version_of(task) == version]
    for task in mine:
        tx.leases.change(replace(task, state=TaskState.DONE))
    return len(mine)


def waiting_or_live(view: View) -> list[Task]:
    """All tasks of jury solutions that are not over."""
    live = [task for task, _ in view.leases.live() if task.kind is TaskKind.MEASURE]
    return [*view.leases.queued(TaskKind.MEASURE), *live]


def version_of(task: Task) -> PackageVersion:
    """The package version whose solution a task judges."""
    return PackageVersion(str(task.payload.get("package_version", "")))


def place_of(task: Task) -> int:
    """The solution's place in the manifest."""
    return int(task.payload.get("solution", -1))


def language_of(manifest: Manifest, solution: Mapping[str, Any], languages: Mapping[str, Language]) -> Language | None:
    """The language of a jury solution; None where no definition fits. Outputs that are submitted as they are have any."""
    if solution["language"]:
        return languages.get(solution["language"])
    found = guess_language((one["name"] for one in solution["files"]), languages)
    if found is None and (manifest.get("ways") or {}).get("submit_answer"):
        return next(iter(languages.values()), None)
    return found


def fits_machine(task: Task, node_id: NodeId) -> tuple[str, bool]:
    """The language of a task, and whether this machine is among those that may take it."""
    language, _, only = task.language.partition("@")
    return language, only in ("", node_id)


def solution_grant(
    view: View, task: Task, lease: Lease, languages: Mapping[str, Language]
) -> tuple[TaskGrant, LiveLease] | None:
    """What the machine is told, and the lease's entry among the live ones; None where there is nothing to judge any more."""
    record = view.package(version_of(task))
    solutions = record.manifest.get("solutions", ()) if record is not None else ()
    place = place_of(task)
    language = languages.get(task.language.partition("@")[0])
    if record is None or language is None or not 0 <= place < len(solutions) or not _can_be_judged(record):
        return None
    manifest, solution, validator = record.manifest, solutions[place], validator_of(record.manifest)
    files = [TaskFile(name=one["name"], sha256=one["sha256"]) for one in solution["files"]]
    grant = TaskGrant(
        kind="judge",
        lease_id=lease.id,
        attempt=lease.attempt,
        deadline_seconds=LEASE_SECONDS,
        problem=_label(view, task, record.version),
        language=language.id,
        language_definition=language.as_document(),
        language_hash=language.definition_hash,
        entry_point=solution["entry_point"],
        files=files,
        include=list(includes_of(manifest, language.id)),
        tests=list(tests_of(manifest)),
        limits=limits_now(view, task.contest_id, record),
        validator="custom" if validator.kind == "custom" else "default",
        validator_files=list(validator.files),
        validator_language=validator.language,
        validator_entry_point=validator.entry_point,
        alone=task.alone,
        **kinds_of(manifest),
    )
    return grant, _live(task, lease, grant, hashes_of(manifest) | {one.sha256 for one in files})


def _can_be_judged(record: PackageRecord) -> bool:
    return record.state != "refused" and bool(record.manifest["tests"])


def limits_now(view: View, contest_id: ContestId, record: PackageRecord) -> TaskLimits:
    """What submissions are judged with: the contest's own limits where the version is a problem's, else the package's."""
    limits = limits_of(record.manifest)
    problem = _problem(view, contest_id, record.version)
    if problem is None:
        return limits
    names = ("cpu_seconds", "memory_bytes", "output_bytes")
    return limits.model_copy(update={name: getattr(problem, name) for name in names})


def _problem(view: View, contest_id: ContestId, version: PackageVersion) -> Problem | None:
    return next((one for one in view.problems(contest_id) if one.package_version == version), None)


def _label(view: View, task: Task, version: PackageVersion) -> str:
    problem = _problem(view, task.contest_id, version)
    return problem.label if problem is not None else ""


def _live(task: Task, lease: Lease, grant: TaskGrant, hashes: frozenset[str]) -> LiveLease:
    return LiveLease(
        lease_id=lease.id,
        node_id=lease.node_id,
        judgement_id=JudgementId(-task.id),  # a place of its own beside the judgements
        submission_id=SubmissionId(0),
        team_topic="",
        problem=grant.problem,
        attempt=lease.attempt,
        tests=len(grant.tests),
        granted=Instant(lease.granted),
        alone=task.alone,
        hashes=hashes,
        jury=True,
    )
