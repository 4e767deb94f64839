"""Packages that wait for a node: their task, what the node is told, and what becomes of its answer (DESIGN 4, kind `package`).

Theory of operation. An import stores with the manifest what a node has to look at (`work`) and queues a task; the package stays
"unchecked", and judging with it goes on. A package that lacks tests gets another task first: a node makes them (completions). A node's
answer makes it "ready", or "refused" with the sentences that say why; a limit that was measured becomes the problem's, a converted
statement takes the place of its source, cleaned here. A task that no node can finish (returned_tasks) refuses the package too, so that
nothing waits for ever without a word.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from app.core.clock import Instant
from app.core.events import Kind
from app.core.ids import ContestId, JudgementId, PackageVersion, Sha256, SubmissionId
from app.core.problem import PackageRecord, Problem
from app.ports.leases import Lease, Task, TaskKind, TaskState
from app.ports.store import Transaction, View
from app.services.live_work import LiveLease
from app.services.package_import import ImportedPackage
from app.services.package_manifest import Manifest, kinds_of, limits_of, tests_of, validator_of
from app.services.package_pictures import PICTURES, statement_address
from app.typeset.statement import from_pandoc
from app.wire.judge_v1 import (
    LEASE_SECONDS,
    PackageInput,
    PackageProgram,
    PackageReport,
    PackageStep,
    PackageWork,
    TaskFile,
    TaskGrant,
)

AIR_BYTES = 256 << 20
_MADE_BYTES = 4 << 30
TEX = "tex"


def store_package(tx: Transaction, contest_id: ContestId, imported: ImportedPackage, now: Instant) -> None:
    """Writes a package, and asks a machine for whatever has to be looked at in it."""
    record = PackageRecord(
        version=PackageVersion(imported.package.version),
        contest_id=contest_id,
        short_name=imported.package.short_name,
        state=imported.state,
        manifest=imported.manifest,
        statement_html=imported.statement_html,
        samples=imported.samples,
        created_ms=now,
    )
    tx.put_package(record)
    if record.state == "unchecked":
        queue_package(tx, record, now)


def queue_package(tx: Transaction, record: PackageRecord, at: Instant) -> None:
    """Adds the task of a package that has to be looked at."""
    limits = limits_of(record.manifest)
    # Tasks that are alike are asked about once, so those that want the converter have to look different.
    language = TEX if record.manifest["work"]["statement"] is not None else ""
    payload = {"package_version": record.version}
    needs = max(limits.memory_bytes, limits.validation_memory_bytes) + AIR_BYTES
    tx.leases.enqueue(
        record.contest_id, TaskKind.PACKAGE, None, payload, needs_memory_bytes=needs, language=language, at=at
    )


def package_grant(view: View, task: Task, lease: Lease) -> tuple[TaskGrant, LiveLease] | None:
    """What the node is told, and the lease's entry among the live ones; None where the package is gone or was looked at."""
    record = view.package(PackageVersion(str(task.payload.get("package_version", ""))))
    if record is None or record.state != "unchecked":
        return None
    manifest, work = record.manifest, record.manifest["work"]
    validator = validator_of(manifest)
    package = PackageWork(
        version=record.version,
        input_validators=[_program(one) for one in work["input_validators"]],
        inputs=[_input(one) for one in work["inputs"]],
        answer_validators=[_program(one) for one in work.get("answer_validators", ())],
        answers=[_input(one) for one in work.get("answers", ())],
        solutions=[_program(one) for one in work["solutions"]],
        ac_to_time_limit=work["ac_to_time_limit"],
        time_resolution=work["time_resolution"],
        statement=None if work["statement"] is None else _task_file(work["statement"]),
        steps=[PackageStep(**one) for one in work.get("steps", ())],
        sources=[_task_file(one) for one in work.get("sources", ())],
    )
    grant = TaskGrant(
        kind="package",
        lease_id=lease.id,
        attempt=lease.attempt,
        deadline_seconds=LEASE_SECONDS,
        problem=record.short_name,
        tests=list(tests_of(manifest)) if package.solutions else [],
        limits=limits_of(manifest),
        validator="custom" if validator.kind == "custom" else "default",
        validator_files=list(validator.files),
        validator_language=validator.language,
        validator_entry_point=validator.entry_point,
        alone=task.alone,
        package=package,
        **kinds_of(manifest),
    )
    live = LiveLease(
        lease_id=lease.id,
        node_id=lease.node_id,
        judgement_id=JudgementId(-task.id),  # a place of its own beside the judgements
        submission_id=SubmissionId(0),
        team_topic="",
        problem=record.short_name,
        attempt=lease.attempt,
        tests=0,
        granted=Instant(lease.granted),
        alone=task.alone,
        hashes=frozenset(_hashes(grant)),
        may_give_bytes=_MADE_BYTES if package.steps else 0,
    )
    return grant, live


def take_package_report(
    tx: Transaction, task: Task, lease: Lease, report: PackageReport, given: Mapping[str, int], at: Instant
) -> None:
    """The node's answer: the package is ready or refused, and the task done. `given` are the blobs that it brought, with their sizes."""
    tx.leases.finish(lease.id, TaskState.DONE)
    record = tx.package(PackageVersion(str(task.payload.get("package_version", ""))))
    if record is None:
        return
    if "incomplete" in record.manifest:
        _take_made(tx, record, report, given, at)
        return
    html, warnings = record.statement_html, tuple[str, ...]()
    if report.statement_html:
        rendered = from_pandoc(report.statement_html, lambda source: _picture(record, source))
        html, warnings = rendered.html, rendered.warnings
    state = "refused" if report.problems else "ready"
    checked = {"problems": list(report.problems), "notes": [*report.notes, *warnings]}
    manifest = {**record.manifest, "checked": checked}
    if report.cpu_seconds is not None and not record.manifest["limits"]["cpu_seconds_known"]:
        # A version that is no problem's yet keeps what was measured, for when it becomes one.
        manifest["limits"] = {**record.manifest["limits"], "cpu_seconds": report.cpu_seconds}
    tx.put_package(replace(record, state=state, statement_html=html, manifest=manifest))
    for problem in _problems_of(tx, record):
        if report.cpu_seconds is not None and not record.manifest["limits"]["cpu_seconds_known"]:
            problem = replace(problem, cpu_seconds=report.cpu_seconds)  # noqa: PLW2901
            tx.put_problem(problem)
        tx.append_event(problem.contest_id, Kind.PROBLEM, at, problem_data(problem))


def _take_made(
    tx: Transaction, record: PackageRecord, report: PackageReport, given: Mapping[str, int], at: Instant
) -> None:
    """The files that a node made: who completes the package (completions) finds them in the manifest."""
    wanted = sorted(step["target"] for step in record.manifest["work"]["steps"])
    problems = list(report.problems)
    if not problems and sorted(one.name for one in report.made) != wanted:
        problems = ["The machine did not make all files that the package lacks."]
    if not problems and not _arrived(report, given):
        problems = ["A file that a judge machine made did not arrive; import the package again."]
    incomplete = {**record.manifest["incomplete"], "made": [one.model_dump() for one in report.made]}
    checked = {"problems": problems, "notes": list(report.notes)}
    manifest = {**record.manifest, "incomplete": incomplete, "checked": checked}
    tx.put_package(replace(record, state="refused" if problems else record.state, manifest=manifest))
    if not problems:
        made = (tx.setting("packages_made") or "").split()
        tx.put_setting("packages_made", " ".join(dict.fromkeys((*made, record.version))))
    for problem in _problems_of(tx, record) if problems else ():
        tx.append_event(problem.contest_id, Kind.PROBLEM, at, problem_data(problem))


def _arrived(report: PackageReport, given: Mapping[str, int]) -> bool:
    """Whether the files consist of what this very lease has brought: a node names no other blobs, and none thousands of times."""
    if any(piece not in given for one in report.made for piece in one.pieces):
        return False
    sizes = [sum(given[piece] for piece in one.pieces) for one in report.made]
    return sizes == [one.size for one in report.made] and sum(sizes) <= _MADE_BYTES


def refuse_package(tx: Transaction, task: Task, reason: str, at: Instant) -> None:
    """No node could finish the task."""
    refuse_version(tx, PackageVersion(str(task.payload.get("package_version", ""))), reason, at)


def refuse_version(tx: Transaction, version: PackageVersion, reason: str, at: Instant) -> None:
    """A package that was waited for cannot be had; whoever shows its problems is told why."""
    record = tx.package(version)
    if record is not None and record.state == "unchecked":
        checked = {"problems": [reason], "notes": []}
        tx.put_package(replace(record, state="refused", manifest={**record.manifest, "checked": checked}))
        for problem in _problems_of(tx, record):
            tx.append_event(problem.contest_id, Kind.PROBLEM, at, problem_data(problem))


def checked_of(manifest: Manifest) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a node said of the package: sentences that refuse it, and notes; both empty before."""
    checked = manifest.get("checked", {})
    return tuple(checked.get("problems", ())), tuple(checked.get("notes", ()))


def problem_data(problem: Problem) -> dict[str, Any]:
    """What the log says of a problem."""
    return {
        "id": problem.id,
        "label": problem.label,
        "title": problem.title,
        "rgb": problem.rgb,
        "ordinal": problem.ordinal,
        "package_version": problem.package_version,
        "test_count": problem.test_count,
    }


def _problems_of(tx: Transaction, record: PackageRecord) -> list[Problem]:
    """In whatever contests: two of them may hold the same package, which is looked at once."""
    every = [problem for contest in tx.contests() for problem in tx.problems(contest.id)]
    return [one for one in every if one.package_version == record.version]


def _picture(record: PackageRecord, source: str) -> str | None:
    """Where a picture is fetched; TeX names it with or without its ending."""
    name = posixpath.basename(unquote(source))
    for entry in record.manifest["statement_files"]:
        stem, ending = posixpath.splitext(entry["name"])
        if ending.lower() in PICTURES and name in (entry["name"], stem):
            return statement_address(record.version, Sha256(entry["sha256"]))
    return None


def _program(entry: Mapping[str, Any]) -> PackageProgram:
    return PackageProgram(
        name=entry["name"],
        files=[_task_file(one) for one in entry["files"]],
        language=entry["language"],
        entry_point=entry["entry_point"],
    )


def _input(entry: Mapping[str, Any]) -> PackageInput:
    return PackageInput(
        name=entry["name"],
        sha256=entry["input"]["sha256"],
        size=entry["input"]["size"],
        valid=entry["valid"],
        arguments=entry["arguments"],
        files=[_task_file(one) for one in entry["files"]],
    )


def _task_file(entry: Mapping[str, Any]) -> TaskFile:
    return TaskFile(name=entry["name"], sha256=entry["sha256"])


def _hashes(grant: TaskGrant) -> Iterator[str]:
    """Every blob that the node may fetch for it."""
    work = grant.package
    yield from (file.sha256 for file in grant.validator_files)
    for own in (grant.grader, grant.static_validator):
        yield from (file.sha256 for file in own.files) if own is not None else ()
    for test in grant.tests:
        yield from (test.input, test.answer, *(file.sha256 for file in test.files))
    if work is None:
        return
    for one in (*work.inputs, *work.answers):
        yield from (one.sha256, *(file.sha256 for file in one.files))
    for program in (*work.input_validators, *work.answer_validators, *work.solutions):
        yield from (file.sha256 for file in program.files)
    yield from (file.sha256 for file in work.sources)
    if work.statement is not None:
        yield work.statement.sha256
