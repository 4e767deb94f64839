"""What a machine is told about its task: a grant built from submission, package and language, and the blobs that it may fetch for it."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.core.clock import Instant
from app.core.errors import Fault
from app.core.ids import PackageVersion
from app.core.judgement import Judgement
from app.core.problem import Problem
from app.core.submission import SourceFile, Submission
from app.languages.definition import Language
from app.ports.leases import Lease, Task, TaskKind
from app.ports.store import View
from app.services.live_work import LiveLease
from app.services.package_manifest import (
    Manifest,
    ValidatorRecord,
    hashes_of,
    includes_of,
    kinds_of,
    limits_of,
    tests_of,
    validator_of,
)
from app.wire.judge_v1 import LEASE_SECONDS, KnownRun, TaskFile, TaskGrant, TaskLimits, TaskTest

_KEPT_PACKAGES = 32


@dataclass(frozen=True, slots=True)
class _Parts:
    """A package version taken apart once: versions are immutable."""

    manifest: Manifest
    tests: tuple[TaskTest, ...]
    limits: TaskLimits
    validator: ValidatorRecord
    hashes: frozenset[str]


class Grants:
    """Builds grants; remembers the newest package versions. Any thread."""

    def __init__(self, languages: Mapping[str, Language], is_closed: Callable[[str], bool]) -> None:
        """`is_closed` tells of a contest whose test data no machine may keep."""
        self._languages = languages
        self._is_closed = is_closed
        self._documents = {one.id: (one.as_document(), one.definition_hash) for one in languages.values()}
        self._lock = threading.Lock()
        self._parts: OrderedDict[PackageVersion, _Parts] = OrderedDict()

    def build(self, view: View, task: Task, lease: Lease, judgement: Judgement) -> tuple[TaskGrant, LiveLease]:
        """The grant of a judging task and its entry among the live leases.

        Fault("task") when something that it needs is missing in the store: the task cannot be judged by anybody.
        """
        submission = view.submission(judgement.submission_id)
        if submission is None or submission.language not in self._languages:
            raise Fault("task", f"The language or the submission of judgement {judgement.id} is not there any more.")
        parts = self._package(view, judgement.package_version)
        if not parts.tests:
            raise Fault("task", "The package of this problem has no tests yet; judge again when it has.")
        contest = view.contest(judgement.contest_id)
        problem = view.problem(submission.contest_id, submission.problem_id)
        limits = self._limits(view, parts, judgement.package_version, problem)
        document, digest = self._documents[submission.language]
        grant = TaskGrant(
            kind="judge",
            lease_id=lease.id,
            attempt=lease.attempt,
            deadline_seconds=LEASE_SECONDS,
            submission_id=submission.id,
            judgement_id=judgement.id,
            problem=problem.label if problem is not None else "",
            language=submission.language,
            language_definition=document,
            language_hash=digest,
            entry_point=submission.entry_point,
            files=[_inline(one) for one in view.sources(submission.id)],
            include=list(includes_of(parts.manifest, submission.language)),
            tests=list(parts.tests),
            known=_known(view, judgement),
            first=lease.span.first,
            last=lease.span.last,
            limits=limits,
            validator="custom" if parts.validator.kind == "custom" else "default",
            validator_files=list(parts.validator.files),
            validator_language=parts.validator.language,
            validator_entry_point=parts.validator.entry_point,
            all_tests=contest.all_tests if contest is not None else False,
            alone=task.alone,
            transient=self._is_closed(judgement.contest_id),
            **kinds_of(parts.manifest),
        )
        return grant, self._live(task, lease, submission, parts, grant.problem)

    def live(self, view: View, task: Task, lease: Lease) -> LiveLease | None:
        """The entry of a lease that was granted by an earlier process; None where there is nothing to show."""
        judgement = view.judgement(task.judgement_id) if task.judgement_id is not None else None
        submission = view.submission(judgement.submission_id) if judgement is not None else None
        if judgement is None or submission is None:
            return None
        problem = view.problem(submission.contest_id, submission.problem_id)
        parts = self._package(view, judgement.package_version)
        return self._live(task, lease, submission, parts, problem.label if problem is not None else "")

    @staticmethod
    def _limits(view: View, parts: _Parts, version: PackageVersion, problem: Problem | None) -> TaskLimits:
        """What the organiser set for the contest stands above the problem's package; a version beside it goes by its own limits."""
        if problem is not None and problem.package_version == version:
            names = ("cpu_seconds", "memory_bytes", "output_bytes")
            return parts.limits.model_copy(update={name: getattr(problem, name) for name in names})
        record = view.package(version)  # what is kept of it may be older than the measuring of its limit
        return parts.limits if record is None else limits_of(record.manifest)

    @staticmethod
    def _live(task: Task, lease: Lease, submission: Submission, parts: _Parts, problem: str) -> LiveLease:
        if task.judgement_id is None:
            raise Fault("task", f"Task {task.id} judges nothing.")
        return LiveLease(
            lease_id=lease.id,
            node_id=lease.node_id,
            judgement_id=task.judgement_id,
            submission_id=submission.id,
            team_topic=f"team:{submission.team_id}" if submission.team_id is not None else "",
            problem=problem,
            attempt=lease.attempt,
            tests=len(parts.tests),
            granted=Instant(lease.granted),
            alone=task.alone,
            hashes=parts.hashes,
            trial=task.kind is TaskKind.TRIAL,
            span=lease.span,
            language=submission.language,
        )

    def _package(self, view: View, version: PackageVersion) -> _Parts:
        with self._lock:
            parts = self._parts.get(version)
            if parts is not None:
                self._parts.move_to_end(version)
                return parts
        record = view.package(version)
        if record is None:
            raise Fault("task", f"The package {version[:12]} is not there any more; import the problem again.")
        manifest = record.manifest
        parts = _Parts(manifest, tests_of(manifest), limits_of(manifest), validator_of(manifest), hashes_of(manifest))
        with self._lock:
            self._parts[version] = parts
            if len(self._parts) > _KEPT_PACKAGES:
                self._parts.popitem(last=False)
        return parts


def _known(view: View, judgement: Judgement) -> list[KnownRun]:
    """What counts already: run again it would only be evidence, and where it came out otherwise the verdict would stay open."""
    return [
        KnownRun(number=one.run.number, verdict=one.run.verdict, score_millionths=one.run.score_millionths)
        for one in view.runs(judgement.id)
        if one.counted
    ]


def _inline(source: SourceFile) -> TaskFile:
    return TaskFile(
        name=source.name,
        sha256=hashlib.sha256(source.data).hexdigest(),
        data_base64=base64.b64encode(source.data).decode("ascii"),
    )
